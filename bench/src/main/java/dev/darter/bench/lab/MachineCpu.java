package dev.darter.bench.lab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * How busy all cores were since the machine started; two of them give a share.
 *
 * @param busy ticks that were neither idle nor waiting for a disk
 * @param total all ticks
 */
record MachineCpu(long busy, long total) {
    private static final int IDLE = 3;
    private static final int WAITING = 4;
    /** Guest time is part of user time already. */
    private static final int COUNTED = 8;

    static MachineCpu now() throws IOException {
        return parse(Files.readString(Path.of("/proc/stat")));
    }

    static MachineCpu parse(String text) {
        String[] fields = text.lines().findFirst().orElse("").split("\\s+");
        if (fields.length <= COUNTED || !fields[0].equals("cpu")) {
            throw new LabException("/proc/stat: unreadable (expected: a first line that sums all cpus)");
        }
        long busy = 0;
        long total = 0;
        for (int i = 0; i < COUNTED; i++) {
            long ticks = Long.parseLong(fields[i + 1]);
            total += ticks;
            busy += i == IDLE || i == WAITING ? 0 : ticks;
        }
        return new MachineCpu(busy, total);
    }

    /** 0..1 of all cores. */
    double shareSince(MachineCpu before) {
        return total == before.total ? 0 : (busy - before.busy) / (double) (total - before.total);
    }
}
