package dev.darter.peer.choice;

/**
 * How a parent has served this peer so far.
 *
 * @param bytesPerSecond moving average over the pieces it gave; 0 while it gave none
 * @param failures pieces that failed since the last one that did not
 */
public record ParentRecord(double bytesPerSecond, int failures) {
    public static final ParentRecord NEW = new ParentRecord(0, 0);

    /** Weight of the latest piece: three or four pieces tell a change of speed from chance. */
    private static final double LATEST = 0.3;

    public ParentRecord gave(long bytes, long nanos) {
        double rate = bytes * 1e9 / Math.max(1, nanos);
        return new ParentRecord(bytesPerSecond == 0 ? rate : bytesPerSecond + LATEST * (rate - bytesPerSecond), 0);
    }

    public ParentRecord failed() {
        return new ParentRecord(bytesPerSecond, failures + 1);
    }
}
