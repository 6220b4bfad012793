package dev.darter.core;

/** What several ids share when they look at text from outside. */
public final class Texts {
    private static final int SHOWN = 80;

    private Texts() {}

    /** Letters, digits and the few marks that mean nothing to a file system or a URL path. */
    static boolean isFileNameCharacter(int c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || c == '-'
                || c == '_'
                || c == '.'
                || c == ':';
    }

    /** For messages: quoted, and cut so that a hostile value cannot flood a log. */
    public static String shorten(String value) {
        String shown = value.length() <= SHOWN ? value : value.substring(0, SHOWN) + "…";
        return '"' + shown.replaceAll("\\p{Cntrl}", "?") + '"';
    }
}
