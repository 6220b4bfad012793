package dev.darter.bench.lab;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What goes wrong during a run.
 *
 * @param share of the peers, for faults of peers; 0 for one of them
 * @param at when
 */
record Fault(Kind kind, double share, Moment at) {
    private static final Pattern FORM = Pattern.compile("([a-z-]+)(?::(\\d{1,2})%)?@(\\d+(?:\\.\\d+)?)(s|%)");

    /** Which. */
    enum Kind {
        /** {@code kill -9}. */
        KILL_PEER,
        /** SIGSTOP: its connections stay open and nothing comes. */
        STOP_PEER,
        /** Its stored bytes are overwritten, from then on again and again. */
        CORRUPT_PEER,
        KILL_SEED,
        KILL_SCHEDULER,
        /** {@code kill -9}, and a new one at once. */
        RESTART_SCHEDULER,
        KILL_MANAGER,
        KILL_ORIGIN;

        boolean ofPeers() {
            return this == KILL_PEER || this == STOP_PEER || this == CORRUPT_PEER;
        }

        String text() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /**
     * A point of a run.
     *
     * @param value seconds, or a share of the limit
     */
    record Moment(double value, boolean ofLimit) {
        double seconds(double limit) {
            return ofLimit ? value * limit : value;
        }
    }

    /** Reads {@code kill-peer:30%@50%} or {@code kill-seed@4s}; the percentage after {@code @} is of the limit. */
    static Fault parse(String text) {
        Matcher matcher = FORM.matcher(text);
        if (matcher.matches()) {
            for (Kind kind : Kind.values()) {
                if (kind.text().equals(matcher.group(1)) && (matcher.group(2) == null || kind.ofPeers())) {
                    boolean ofLimit = matcher.group(4).equals("%");
                    double value = Double.parseDouble(matcher.group(3));
                    return new Fault(
                            kind,
                            matcher.group(2) == null ? 0 : Integer.parseInt(matcher.group(2)) / 100.0,
                            new Moment(ofLimit ? value / 100 : value, ofLimit));
                }
            }
        }
        throw new LabException("--fault: " + text
                + " (expected: such as kill-peer:30%@50%, stop-peer@4s, corrupt-peer@25%, kill-seed@50%, kill-scheduler@50%,"
                + " restart-scheduler@50%, kill-manager@0s or kill-origin@50%)");
    }

    /** How many of so many peers it hits. */
    int victims(int peers) {
        if (!kind.ofPeers()) {
            return 0;
        }
        return Math.min(peers - 1, Math.max(1, (int) Math.ceil(share * peers)));
    }
}
