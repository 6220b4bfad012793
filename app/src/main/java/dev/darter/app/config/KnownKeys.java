package dev.darter.app.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The keys of one of upstream's files: which there are, and which of them this version acts on. A key that ends in {@code .**} stands for
 * everything below it. Immutable.
 */
final class KnownKeys {
    private static final String BELOW = ".**";

    private final Map<String, String> spelled = new LinkedHashMap<>();
    private final Map<String, String> reasons = new LinkedHashMap<>();

    private KnownKeys() {}

    /**
     * Reads a table.
     *
     * @param acts keys that act, one a line
     * @param ignored reason to keys that upstream has and this version does not act on
     */
    static KnownKeys of(String acts, Map<String, String> ignored) {
        var known = new KnownKeys();
        acts.lines().filter(key -> !key.isBlank()).forEach(key -> known.spelled.put(lower(key.strip()), key.strip()));
        ignored.forEach((reason, keys) -> keys.lines()
                .filter(key -> !key.isBlank())
                .forEach(key -> {
                    known.spelled.put(lower(key.strip()), key.strip());
                    known.reasons.put(lower(key.strip()), reason);
                }));
        return known;
    }

    /** The key as upstream spells it; empty when nobody knows it. */
    Optional<String> spelling(String path) {
        return entry(path).map(spelled::get);
    }

    /** Whether known keys lie below this one. */
    boolean isSection(String path) {
        String prefix = lower(path) + ".";
        return spelled.keySet().stream().anyMatch(key -> key.startsWith(prefix));
    }

    /** Why a known key does nothing here; empty when it acts. */
    Optional<String> reason(String path) {
        return entry(path).map(reasons::get);
    }

    /** The known key that looks most like this one, if any comes near. */
    Optional<String> nearest(String path) {
        String lower = lower(path);
        String best = null;
        int bestDistance = Math.max(2, lower.length() / 4) + 1;
        for (String key : spelled.keySet()) {
            int distance = distance(lower, key.endsWith(BELOW) ? key.substring(0, key.length() - BELOW.length()) : key);
            if (distance < bestDistance) {
                bestDistance = distance;
                best = key;
            }
        }
        return Optional.ofNullable(best).map(spelled::get);
    }

    private Optional<String> entry(String path) {
        String lower = lower(path);
        if (spelled.containsKey(lower)) {
            return Optional.of(lower);
        }
        for (int dot = lower.lastIndexOf('.'); dot > 0; dot = lower.lastIndexOf('.', dot - 1)) {
            String above = lower.substring(0, dot) + BELOW;
            if (spelled.containsKey(above)) {
                return Optional.of(above);
            }
        }
        return spelled.containsKey(lower + BELOW) ? Optional.of(lower + BELOW) : Optional.empty();
    }

    private static String lower(String key) {
        return key.toLowerCase(Locale.ROOT);
    }

    /** How many letters have to change, come or go. */
    private static int distance(String a, String b) {
        List<Integer> above = new ArrayList<>();
        for (int j = 0; j <= b.length(); j++) {
            above.add(j);
        }
        for (int i = 1; i <= a.length(); i++) {
            List<Integer> row = new ArrayList<>();
            row.add(i);
            for (int j = 1; j <= b.length(); j++) {
                int same = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
                row.add(Math.min(Math.min(row.get(j - 1), above.get(j)) + 1, above.get(j - 1) + same));
            }
            above = row;
        }
        return above.getLast();
    }
}
