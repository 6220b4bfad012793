package dev.darter.core;

/** Who fetches a task that nobody has yet; the ordinal is the number on the wire. */
public enum Priority {
    /** Not set; an application's priority may apply, else like {@link #LEVEL6}. */
    LEVEL0,
    /** Forbidden while nobody has the task. */
    LEVEL1,
    /** Never from the source on the first download. */
    LEVEL2,
    /** The asking peer goes to the source. */
    LEVEL3,
    /** A weak seed peer first; in the v1 family like {@link #LEVEL3}. */
    LEVEL4,
    /** A strong seed peer first; in the v1 family like {@link #LEVEL3}. */
    LEVEL5,
    /** A super seed peer first. */
    LEVEL6
}
