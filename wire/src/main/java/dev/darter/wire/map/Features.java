package dev.darter.wire.map;

/** What a Darter process says of itself beyond v2.1.28; other processes ignore the field. */
public final class Features {
    /** Present in every list of features: this is a Darter process. */
    public static final String MARK = "darter";

    private Features() {}
}
