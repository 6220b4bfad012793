package dev.darter.core;

import java.util.List;
import java.util.Locale;

/** Locations as upstream writes them: elements from wide to narrow, joined by {@code |}; case does not count. */
public final class Location {
    /** Elements beyond these tell nothing apart. */
    public static final int DEPTH = 5;

    private Location() {}

    /** The elements, in lower case; none of an empty text. */
    public static List<String> elements(String location) {
        return location.isEmpty()
                ? List.of()
                : List.of(location.toLowerCase(Locale.ROOT).split("\\|", -1));
    }

    /** How many leading elements both share, at most {@link #DEPTH}; as many when they are equal, none when one says nothing. */
    public static int sharedDepth(List<String> one, List<String> other) {
        if (one.isEmpty() || other.isEmpty()) {
            return 0;
        }
        if (one.equals(other)) {
            return DEPTH;
        }
        int most = Math.min(DEPTH, Math.min(one.size(), other.size()));
        int depth = 0;
        while (depth < most && one.get(depth).equals(other.get(depth))) {
            depth++;
        }
        return depth;
    }
}
