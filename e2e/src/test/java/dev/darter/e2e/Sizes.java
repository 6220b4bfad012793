package dev.darter.e2e;

/** How much is moved: little where every build runs it, and what {@code -Ddarter.e2e.mib} says where figures are taken. */
final class Sizes {
    private static final int MIB = Integer.getInteger("darter.e2e.mib", 64);

    private Sizes() {}

    static long file() {
        return (long) MIB << 20;
    }
}
