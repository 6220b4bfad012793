package dev.darter.peer.transfer;

import java.nio.ByteBuffer;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;

/**
 * The direct buffers through which bytes come from sockets: 256 KiB each, a bounded number, reused. Who asks for one more than there are
 * waits. Any thread may call it.
 */
public final class Buffers {
    /** Bytes of each buffer where nothing else is said. */
    public static final int SIZE = 256 << 10;

    private final int size;
    private final Semaphore free;
    private final ConcurrentLinkedQueue<ByteBuffer> idle = new ConcurrentLinkedQueue<>();

    /** @param bytes that all buffers together may take */
    public Buffers(long bytes) {
        this(bytes, SIZE);
    }

    /** @param size bytes of each */
    public Buffers(long bytes, int size) {
        this.size = size;
        this.free = new Semaphore(Math.max(1, (int) (bytes / size)));
    }

    /** A buffer, empty, for as long as the lease is open. */
    public Lease take() throws InterruptedException {
        free.acquire();
        ByteBuffer buffer = idle.poll();
        return new Lease(buffer == null ? ByteBuffer.allocateDirect(size) : buffer.clear());
    }

    /** One buffer on loan. */
    public final class Lease implements AutoCloseable {
        private final ByteBuffer buffer;

        private Lease(ByteBuffer buffer) {
            this.buffer = buffer;
        }

        public ByteBuffer buffer() {
            return buffer;
        }

        @Override
        public void close() {
            idle.add(buffer);
            free.release();
        }
    }
}
