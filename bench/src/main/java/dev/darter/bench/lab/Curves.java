package dev.darter.bench.lab;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Draws bytes over time, a line for each peer, beside the fluid limit. Plain SVG, readable on light and dark pages. */
final class Curves {
    private static final int WIDTH = 720;
    private static final int HEIGHT = 400;
    private static final int LEFT = 56;
    private static final int RIGHT = 20;
    private static final int TOP = 44;
    private static final int BOTTOM = 44;
    private static final int TICKS = 6;

    private final double seconds;
    private final StringBuilder out = new StringBuilder();

    private Curves(double seconds) {
        this.seconds = seconds;
    }

    static String svg(String title, RunResult run) {
        double end = run.peers().stream().mapToDouble(PeerResult::end).max().orElse(0);
        var curves = new Curves(Math.max(end, run.limit()) * 1.03);
        curves.draw(title, run);
        return curves.out.toString();
    }

    private void draw(String title, RunResult run) {
        line("""
                <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="system-ui, sans-serif" font-size="12">""".formatted(WIDTH, HEIGHT));
        line("""
                <style>
                text { fill: #24292f } .grid { stroke: #d0d7de } .peer { fill: none; stroke: #0969da; stroke-opacity: .55; stroke-width: 1.5 }
                .aside { fill: none; stroke: #8c959f; stroke-width: 1.5 } .limit { stroke: #cf222e; stroke-width: 2; stroke-dasharray: 6 4 }
                @media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .grid { stroke: #3d444d } .peer { stroke: #58a6ff } .limit { stroke: #ff7b72 } }
                </style>""");
        line("<title>%s</title>".formatted(escape(title)));
        line("<text x=\"%d\" y=\"22\" font-size=\"14\">%s</text>".formatted(LEFT, escape(title)));
        grid();
        line("<path class=\"limit\" d=\"M%s L%s\"/>".formatted(at(0, 0), at(run.limit(), 1)));
        line("<text x=\"%s\" y=\"%s\" text-anchor=\"end\">limit %.1f s</text>"
                .formatted(number(x(run.limit()) - 8), number(y(1) + 16), run.limit()));
        for (PeerResult peer : run.peers()) {
            line("<path class=\"%s\" d=\"M%s\"><title>%s</title></path>"
                    .formatted(
                            peer.counts() ? "peer" : "aside",
                            String.join(" L", points(peer, run.size())),
                            escape(peer.name())));
        }
        line("</svg>");
    }

    private List<String> points(PeerResult peer, long size) {
        var points = new ArrayList<String>();
        points.add(at(peer.start(), 0));
        long last = 0;
        for (var point : peer.curve()) {
            if (point.bytes() != last) {
                points.add(at(point.seconds(), point.bytes() / (double) size));
                last = point.bytes();
            }
        }
        points.add(at(peer.end(), last / (double) size));
        return points;
    }

    private void grid() {
        for (int percent = 0; percent <= 100; percent += 25) {
            double y = y(percent / 100.0);
            line("<path class=\"grid\" d=\"M%d %s H%d\"/>".formatted(LEFT, number(y), WIDTH - RIGHT));
            line("<text x=\"%d\" y=\"%s\" text-anchor=\"end\">%d %%</text>"
                    .formatted(LEFT - 8, number(y + 4), percent));
        }
        double step = step(seconds);
        for (int i = 0; i * step <= seconds; i++) {
            line("<text x=\"%s\" y=\"%d\" text-anchor=\"middle\">%s s</text>"
                    .formatted(number(x(i * step)), HEIGHT - BOTTOM + 20, number(i * step)));
        }
    }

    /** 1, 2 or 5 times a power of ten, so that about six of them make the whole. */
    static double step(double whole) {
        double rough = whole / TICKS;
        double power = Math.pow(10, Math.floor(Math.log10(rough)));
        for (int factor : new int[] {1, 2, 5}) {
            if (factor * power >= rough) {
                return factor * power;
            }
        }
        return 10 * power;
    }

    private String at(double time, double share) {
        return number(x(time)) + " " + number(y(share));
    }

    private double x(double time) {
        return LEFT + (WIDTH - LEFT - RIGHT) * time / seconds;
    }

    private static double y(double share) {
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * share;
    }

    private void line(String text) {
        out.append(text).append('\n');
    }

    /** At most one digit after the point. */
    private static String number(double value) {
        double rounded = Math.round(value * 10) / 10.0;
        return rounded == Math.rint(rounded)
                ? Long.toString((long) rounded)
                : String.format(Locale.ROOT, "%.1f", rounded);
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
