package dev.darter.app.cli;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A command line, taken apart as upstream's tools do it: {@code --flag value}, {@code --flag=value}, {@code -f value}, {@code -fvalue},
 * switches in one word ({@code -rb}), anything after {@code --} is no flag. By hand: loading a library for it takes longer than a
 * small download.
 *
 * @param operands what is no flag
 * @param unknown flags that the tool does not have, as written
 */
record Arguments(EnumMap<Flag, List<String>> flags, List<String> operands, List<String> unknown) {
    /** @throws UsageException if a flag lacks its value or has one that it cannot have */
    static Arguments parse(List<String> words, Flag.Tool tool) {
        var parsing = new Parsing(words, tool);
        while (parsing.next < words.size()) {
            parsing.take(words.get(parsing.next++));
        }
        return new Arguments(parsing.flags, parsing.operands, parsing.unknown);
    }

    /** The last value given; empty when none was. */
    String text(Flag flag) {
        List<String> values = all(flag);
        return values.isEmpty() ? "" : values.getLast();
    }

    List<String> all(Flag flag) {
        return flags.getOrDefault(flag, List.of());
    }

    boolean on(Flag flag) {
        return text(flag).equals("true");
    }

    boolean has(Flag flag) {
        return flags.containsKey(flag);
    }

    /** Whether a lone dash stands behind the URL. */
    boolean toStandardOutput() {
        return operands.size() == 2 && operands.getLast().equals(Pipe.STANDARD_OUTPUT);
    }

    /** The one thing to download. */
    String url() {
        if (operands.size() > (toStandardOutput() ? 2 : 1)) {
            throw new UsageException("arguments: " + operands.size() + " (expected: one URL)");
        }
        String url = operands.isEmpty() ? text(Flag.URL) : operands.getFirst();
        if (url.isEmpty()) {
            throw new UsageException("url: none given (expected: one, such as http://host/path)");
        }
        return url;
    }

    /** Walks over the words once. */
    private static final class Parsing {
        private final List<String> words;
        private final Flag.Tool tool;
        private final EnumMap<Flag, List<String>> flags = new EnumMap<>(Flag.class);
        private final List<String> operands = new ArrayList<>();
        private final List<String> unknown = new ArrayList<>();
        private int next;
        private boolean flagsEnded;

        Parsing(List<String> words, Flag.Tool tool) {
            this.words = words;
            this.tool = tool;
        }

        void take(String word) {
            if (flagsEnded || word.length() < 2 || word.charAt(0) != '-') {
                operands.add(word);
            } else if (word.equals("--")) {
                flagsEnded = true;
            } else if (word.startsWith("--")) {
                takeLong(word);
            } else {
                takeLetters(word);
            }
        }

        private void takeLong(String word) {
            int equals = word.indexOf('=');
            String name = equals < 0 ? word.substring(2) : word.substring(2, equals);
            for (Flag flag : Flag.values()) {
                if (flag.word().equals(name) && flag.isFor(tool)) {
                    if (equals >= 0) {
                        add(flag, word.substring(equals + 1));
                    } else {
                        add(flag, flag.isSwitch() ? "true" : valueOf(word));
                    }
                    return;
                }
            }
            unknown.add(equals < 0 ? word : word.substring(0, equals));
            if (equals < 0) {
                skipValue();
            }
        }

        private void takeLetters(String word) {
            for (int i = 1; i < word.length(); i++) {
                Flag flag = byLetter(word.charAt(i));
                if (flag == null) {
                    unknown.add("-" + word.charAt(i));
                    if (i + 1 == word.length()) {
                        skipValue();
                    }
                    return;
                }
                if (!flag.isSwitch()) {
                    String rest = word.substring(i + 1);
                    add(flag, rest.isEmpty() ? valueOf("-" + flag.letter()) : withoutEquals(rest));
                    return;
                }
                add(flag, "true");
            }
        }

        private @Nullable Flag byLetter(char letter) {
            // wget's letter and curl's
            char known = letter == 'o' && tool == Flag.Tool.GET ? Flag.OUTPUT.letter() : letter;
            for (Flag flag : Flag.values()) {
                if (flag.letter() == known && flag.isFor(tool)) {
                    return flag;
                }
            }
            return null;
        }

        private static String withoutEquals(String rest) {
            return rest.charAt(0) == '=' ? rest.substring(1) : rest;
        }

        private String valueOf(String flag) {
            if (next >= words.size()) {
                throw new UsageException(flag + ": nothing follows (expected: a value)");
            }
            return words.get(next++);
        }

        /** What follows an unknown flag is taken for its value, as upstream does it; what looks like a URL is not. */
        private void skipValue() {
            if (next < words.size()
                    && !words.get(next).startsWith("-")
                    && !words.get(next).contains("://")) {
                next++;
            }
        }

        private void add(Flag flag, String value) {
            String taken = flag.isSwitch() ? truth(flag, value) : value;
            flags.computeIfAbsent(flag, _ -> new ArrayList<>()).add(taken);
        }

        private static String truth(Flag flag, String value) {
            return switch (value.toLowerCase(Locale.ROOT)) {
                case "true", "t", "1" -> "true";
                case "false", "f", "0" -> "false";
                default -> throw new UsageException(flag.written() + ": " + value + " (expected: true or false)");
            };
        }
    }
}
