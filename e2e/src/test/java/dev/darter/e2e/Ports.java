package dev.darter.e2e;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/** Ports that nobody uses. */
final class Ports {
    /** Below the range from which the kernel gives ports to outgoing connections, so that none is taken between look and use. */
    private static final int FIRST = 20_000;

    private static final int LAST = 32_000;
    private static final AtomicInteger NEXT =
            new AtomicInteger(FIRST + (int) (ProcessHandle.current().pid() * 131 % (LAST - FIRST)));

    private Ports() {}

    static int free() {
        return block(1);
    }

    /** The first of so many free ports in a row. */
    static int block(int count) {
        while (true) {
            int first = NEXT.getAndAdd(count);
            if (first + count > LAST) {
                NEXT.set(FIRST);
            } else if (areFree(first, count)) {
                return first;
            }
        }
    }

    private static boolean areFree(int first, int count) {
        return IntStream.range(first, first + count).allMatch(Ports::isFree);
    }

    private static boolean isFree(int port) {
        try (var socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return socket.isBound();
        } catch (IOException e) {
            return false;
        }
    }
}
