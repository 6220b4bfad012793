package dev.darter.peer.announce;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads the kernel's text files under one root, which is {@code /} outside of tests. What is not there reads as nothing. */
final class ProcFiles {
    private final Path root;

    ProcFiles(Path root) {
        this.root = root;
    }

    /** Lines of a file; none when it cannot be read. */
    List<String> lines(String path) {
        try {
            return Files.readAllLines(root.resolve(path));
        } catch (IOException e) {
            return List.of(); // not Linux, or not for us to see: the report says 0 there
        }
    }

    /** {@code Name:   value kB} lines, as in {@code /proc/meminfo}; values in bytes. */
    Map<String, Long> kibibytes(String path) {
        var values = new HashMap<String, Long>();
        for (String line : lines(path)) {
            String[] words = line.split("\\s+");
            if (words.length >= 2 && words[0].endsWith(":") && words[1].matches("\\d{1,15}")) {
                values.put(words[0].substring(0, words[0].length() - 1), Long.parseLong(words[1]) * 1024);
            }
        }
        return values;
    }

    /** {@code NAME="value"} lines, as in {@code /etc/os-release}. */
    Map<String, String> assignments(String path) {
        var values = new HashMap<String, String>();
        for (String line : lines(path)) {
            int equals = line.indexOf('=');
            if (equals > 0) {
                values.put(line.substring(0, equals), line.substring(equals + 1).replaceAll("^\"|\"$", ""));
            }
        }
        return values;
    }
}
