package dev.darter.peer.transfer;

import java.time.Duration;

/**
 * How long a reader leaves a socket alone, so that more gathers there. On a slow link a blocked read wakes up for every few packets, some eighty
 * times for a block of 256 KiB, and with many neighbours these wake-ups cost more than all else that is done with the block. What
 * gathers is little beside a receive buffer, so the sender is not held up. Towards the end of a block each read waits for half of what is
 * missing: the last one comes when the rest is nearly here.
 */
final class Gathering {
    /** Bytes worth a wake-up. */
    private static final int WORTH = 32 << 10;

    private static final long SHORTEST = Duration.ofMillis(1).toNanos();
    private static final long LONGEST = Duration.ofMillis(200).toNanos();

    private final long began;
    private long bytes;

    /** @param now nanoseconds, when the first bytes came */
    Gathering(long now) {
        began = now;
    }

    /**
     * Nanoseconds until the next read.
     *
     * @param came bytes that the last one brought
     * @param missing bytes of the block that are still to come
     */
    long pause(int came, int missing, long now) {
        bytes += came;
        if (came >= WORTH) {
            return 0;
        }
        int worth = Math.min(WORTH, missing / 2);
        double needed = (double) (now - began) / bytes * worth;
        return needed < SHORTEST ? 0 : (long) Math.min(needed, LONGEST);
    }
}
