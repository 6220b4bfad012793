package dev.darter.core;

/** Numbers that look drawn by chance and are the same each time: for lots that equals draw. */
public final class Mixing {
    private Mixing() {}

    /** Every bit of {@code x} changes about half of the result's. The finalizer of MurmurHash3 (public domain). */
    public static int mix(int x) {
        int mixed = (x ^ (x >>> 16)) * 0x85EBCA6B;
        mixed = (mixed ^ (mixed >>> 13)) * 0xC2B2AE35;
        return mixed ^ (mixed >>> 16);
    }
}
