package dev.darter.app.demo;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What a demo came to, and the table that says so.
 *
 * @param nanos from the first request to the last verified file's last byte
 * @param originBytes that left the origin
 * @param uploaded bytes that each daemon handed to others, by its name
 * @param bytesPerSecond of the origin's link
 */
record Outcome(
        List<PeerDownload> downloads,
        long size,
        long nanos,
        long originBytes,
        Map<String, Long> uploaded,
        long bytesPerSecond) {
    private static final int WIDTH = 74;

    boolean isWell() {
        return downloads.stream().allMatch(PeerDownload::verified);
    }

    String table(Style style) {
        var table = new StringBuilder("\n");
        row(table, style.bold(pad("")), style, "time", "from peers", "from origin", "gave to others", "sha256");
        table.append("  ").append(style.rule(WIDTH)).append('\n');
        uploaded.forEach((name, gave) -> {
            if (downloads.stream().noneMatch(download -> download.peer().equals(name))) {
                row(table, style.bold(pad(name)), style, "", "", Style.bytes(seedBytes()), Style.bytes(gave), "");
            }
        });
        for (PeerDownload download : downloads) {
            var progress = download.progress();
            row(
                    table,
                    style.bold(pad(download.peer())),
                    style,
                    Style.seconds(download.nanos()),
                    Style.bytes(progress.peer() + progress.local()),
                    Style.bytes(progress.origin()),
                    Style.bytes(uploaded.getOrDefault(download.peer(), 0L)),
                    style.tick(download.verified()));
        }
        table.append("  ").append(style.rule(WIDTH)).append("\n\n");
        long plainBytes = size * downloads.size();
        long plainNanos = (long) (plainBytes * 1e9 / bytesPerSecond);
        String heading = String.format(Locale.ROOT, "%d x %s", downloads.size(), Style.bytes(size));
        table.append(String.format(
                Locale.ROOT,
                "  %s%n",
                style.bold(String.format(Locale.ROOT, "%-38s %16s %14s", heading, "origin sends", "all done in"))));
        line(table, "plain downloads (bytes / link's rate)", plainBytes, plainNanos);
        line(table, "with Darter (measured)", originBytes, nanos);
        long saved = plainBytes - originBytes;
        String verdict = String.format(
                Locale.ROOT,
                "%-38s %16s %14s",
                "saved",
                Style.bytes(Math.max(0, saved)),
                String.format(Locale.ROOT, "%.1fx faster", (double) plainNanos / nanos));
        table.append("  ").append(style.green(style.bold(verdict))).append('\n');
        return table.toString();
    }

    /** What the origin sent to others than the peers. */
    private long seedBytes() {
        return Math.max(
                0,
                originBytes
                        - downloads.stream()
                                .mapToLong(download -> download.progress().origin())
                                .sum());
    }

    private static void line(StringBuilder table, String what, long bytes, long nanos) {
        table.append(String.format(Locale.ROOT, "  %-38s %16s %14s%n", what, Style.bytes(bytes), Style.seconds(nanos)));
    }

    private static String pad(String name) {
        return String.format(Locale.ROOT, "%-8s", name);
    }

    private static void row(
            StringBuilder table,
            String name,
            Style style,
            String time,
            String peers,
            String origin,
            String gave,
            String sha256) {
        String cells = String.format(Locale.ROOT, "%10s %14s %14s %16s   ", time, peers, origin, gave);
        table.append("  ")
                .append(name)
                .append(name.isBlank() || name.contains(pad("")) ? style.bold(cells) : cells)
                .append(sha256)
                .append('\n');
    }
}
