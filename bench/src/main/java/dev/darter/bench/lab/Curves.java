package dev.darter.bench.lab;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Draws bytes over time, a line for each peer, beside the fluid limit. Plain SVG, readable on light and dark pages. */
public final class Curves {
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

    /**
     * One line.
     *
     * @param aside whether it is not what the picture is about
     * @param points in order of time
     */
    public record Line(String name, boolean aside, List<Point> points) {
        public Line {
            points = List.copyOf(points);
        }
    }

    /** Such a share of the content was there at some time. */
    public record Point(double seconds, double share) {}

    /** @param limit when the last byte could have been there at the soonest, in seconds */
    public static String svg(String title, double limit, List<Line> lines) {
        double end = lines.stream()
                .flatMap(line -> line.points().stream())
                .mapToDouble(Point::seconds)
                .max()
                .orElse(0);
        var curves = new Curves(Math.max(end, limit) * 1.03);
        curves.draw(title, limit, lines);
        return curves.out.toString();
    }

    static String svg(String title, RunResult run) {
        return svg(
                title,
                run.limit(),
                run.peers().stream()
                        .map(peer -> new Line(peer.name(), !peer.counts(), points(peer, run.size())))
                        .toList());
    }

    private void draw(String title, double limit, List<Line> lines) {
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
        line("<path class=\"limit\" d=\"M%s L%s\"/>".formatted(at(0, 0), at(limit, 1)));
        line("<text x=\"%s\" y=\"%s\" text-anchor=\"end\">limit %.1f s</text>"
                .formatted(number(x(limit) - 8), number(y(1) + 16), limit));
        for (Line each : lines) {
            var points = each.points().stream()
                    .map(point -> at(point.seconds(), point.share()))
                    .toList();
            line("<path class=\"%s\" d=\"M%s\"><title>%s</title></path>"
                    .formatted(each.aside() ? "aside" : "peer", String.join(" L", points), escape(each.name())));
        }
        line("</svg>");
    }

    private static List<Point> points(PeerResult peer, long size) {
        var points = new ArrayList<Point>();
        points.add(new Point(peer.start(), 0));
        long last = 0;
        for (var point : peer.curve()) {
            if (point.bytes() != last) {
                points.add(new Point(point.seconds(), point.bytes() / (double) size));
                last = point.bytes();
            }
        }
        points.add(new Point(peer.end(), last / (double) size));
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
