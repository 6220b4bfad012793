package dev.darter.app.up;

import dev.darter.app.config.ConfigException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.IntStream;

/** Finds ports that nobody uses, for clusters that nobody has to find again. */
public final class FreePorts {
    /** Below the range that Linux hands out for outgoing connections, so that none of those comes in between. */
    private static final int LOWEST = 20_000;

    private static final int HIGHEST = 32_000;
    private static final int TRIES = 200;

    private FreePorts() {}

    /** A value for {@code --port-base} all of whose ports are free now. */
    public static int base(int peers) {
        int needed = 20 + 10 * peers;
        for (int i = 0; i < TRIES; i++) {
            int base = ThreadLocalRandom.current().nextInt(LOWEST, HIGHEST - needed) / 10 * 10;
            if (IntStream.range(base, base + needed).allMatch(Plan::isFree)) {
                return base;
            }
        }
        throw new ConfigException("ports: no " + needed + " free ones in a row in " + LOWEST + ".." + HIGHEST
                + " (expected: --port-base P)");
    }
}
