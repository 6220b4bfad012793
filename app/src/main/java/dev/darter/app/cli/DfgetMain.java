package dev.darter.app.cli;

import java.io.PrintStream;
import java.util.Arrays;
import java.util.List;

/** Upstream's dfget under its own name. A download loads nothing but what it needs; everything else may. */
public final class DfgetMain {
    private DfgetMain() {}

    public static void main(String[] words) {
        System.exit(run(List.of(words), System.out, System.err));
    }

    static int run(List<String> words, PrintStream out, PrintStream err) {
        List<String> rest = words.isEmpty() ? words : words.subList(1, words.size());
        return switch (words.isEmpty() ? "help" : words.getFirst()) {
            case "daemon" -> DfgetDaemon.run(rest, out, err);
            case "version" -> {
                version(out);
                yield 0;
            }
            case "plugin" -> {
                out.println("no plugins: what can be read is built in (http, https)");
                yield 0;
            }
            case "help", "doc", "completion" -> {
                out.print(Dfget.help());
                yield 0;
            }
            default -> Dfget.run(words, out, err);
        };
    }

    /** One {@code Name:<TAB>value} a line, as scripts read it. */
    private static void version(PrintStream out) {
        for (String[] line : new String[][] {
            {"MajorVersion", Version.MAJOR},
            {"MinorVersion", Version.MINOR},
            {"GitVersion", Version.GIT},
            {"GitCommit", "unknown"},
            {"Platform", System.getProperty("os.name") + "/" + System.getProperty("os.arch")},
            {"BuildTime", "unknown"},
            {"JavaVersion", System.getProperty("java.version")}
        }) {
            out.println(String.join(":\t", Arrays.asList(line)));
        }
    }
}
