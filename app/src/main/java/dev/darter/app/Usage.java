package dev.darter.app;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** How {@code darter} explains itself: commands by what one wants to do, and one line for what cannot be understood. */
final class Usage {
    private static final int USAGE = 2;
    private static final int NAME_WIDTH = 12;

    /** Two letters that changed places are two changes. */
    private static final int NEAR = 2;

    /** Heading to commands; a command that is in no group comes under the last heading. */
    private static final Map<String, List<String>> GROUPS = groups();

    private static final String OTHERS = "Besides";

    private Usage() {}

    private static Map<String, List<String>> groups() {
        var groups = new LinkedHashMap<String, List<String>>();
        groups.put("See it work, on this machine", List.of("demo", "up"));
        groups.put("Move files", List.of("get", "cache", "store", "preheat", "task"));
        groups.put("Run one service", List.of("manager", "scheduler", "daemon"));
        return groups;
    }

    /** The list of commands; a subcommand's own help has none. */
    static String commands(Help help) {
        var left = new LinkedHashMap<>(help.subcommands());
        var text = new StringBuilder();
        GROUPS.forEach((heading, names) -> {
            var group = new ArrayList<String>(names);
            group.retainAll(left.keySet());
            append(text, heading, group, left);
        });
        append(text, OTHERS, List.copyOf(left.keySet()), left);
        return text.toString();
    }

    private static void append(StringBuilder text, String heading, List<String> names, Map<String, Help> from) {
        if (names.isEmpty()) {
            return;
        }
        text.append(String.format(Locale.ROOT, "%n%s:%n", heading));
        for (String name : names) {
            Help command = from.remove(name);
            if (command != null) {
                text.append(String.format(Locale.ROOT, "  %-" + NAME_WIDTH + "s%s%n", name, describe(name, command)));
            }
        }
    }

    private static String describe(String name, Help command) {
        if (name.equals("help")) {
            return "Say this, or tell more of one command.";
        }
        String[] lines = command.commandSpec().usageMessage().description();
        return lines.length == 0 ? "" : lines[0];
    }

    /** One line for what is wrong, one for where to read on. */
    static int complain(ParameterException e, String[] arguments) {
        CommandLine command = e.getCommandLine();
        var err = command.getErr();
        String name = command.getCommandSpec().qualifiedName();
        if (e instanceof UnmatchedArgumentException unmatched
                && command.getParent() == null
                && !unmatched.getUnmatched().isEmpty()) {
            String word = unmatched.getUnmatched().getFirst();
            String what = word.startsWith("-") ? "an option" : "a command";
            String near = command.getSubcommands().keySet().stream()
                    .filter(known -> distance(word, known) <= NEAR)
                    .min(Comparator.comparingInt(known -> distance(word, known)))
                    .map(known -> "; did you mean " + known + "?")
                    .orElse("");
            err.println(name + ": " + word + " (expected: " + what + near + ")");
        } else {
            err.println(name + ": " + e.getMessage());
        }
        err.println("`" + name + " --help` says what there is.");
        return USAGE;
    }

    /** How many letters have to change, come or go. */
    private static int distance(String a, String b) {
        int[] above = new int[b.length() + 1];
        Arrays.setAll(above, j -> j);
        for (int i = 1; i <= a.length(); i++) {
            int[] row = new int[b.length() + 1];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int same = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
                row[j] = Math.min(Math.min(row[j - 1], above[j]) + 1, above[j - 1] + same);
            }
            above = row;
        }
        return above[b.length()];
    }
}
