package dev.darter.core;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;

/**
 * What some bytes must hash to.
 *
 * @param algorithm how the bytes are hashed
 * @param hex lower-case hex digits, as many as the algorithm gives
 */
public record Digest(Algorithm algorithm, String hex) {
    /** The algorithms that a digest may name on the wire. */
    public enum Algorithm {
        MD5("md5", "MD5", 32),
        SHA1("sha1", "SHA-1", 40),
        SHA256("sha256", "SHA-256", 64),
        SHA512("sha512", "SHA-512", 128);

        private final String wireName;
        private final String jdkName;
        private final int hexDigits;

        /** Copies of it are handed out: to look through the providers takes longer than to hash a small message. */
        @SuppressWarnings("ImmutableEnumChecker") // never fed
        private volatile Optional<MessageDigest> unused = Optional.empty();

        Algorithm(String wireName, String jdkName, int hexDigits) {
            this.wireName = wireName;
            this.jdkName = jdkName;
            this.hexDigits = hexDigits;
        }

        public String wireName() {
            return wireName;
        }

        /** A fresh hasher; every JDK has all four. */
        public MessageDigest newMessageDigest() {
            try {
                return (MessageDigest) unused.orElseGet(this::look).clone();
            } catch (CloneNotSupportedException e) {
                return look(); // a provider that somebody put before the JDK's own
            }
        }

        private MessageDigest look() {
            try {
                var found = MessageDigest.getInstance(jdkName);
                unused = Optional.of(found);
                return found;
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("this JDK has no " + jdkName, e);
            }
        }
    }

    public Digest {
        hex = hex.toLowerCase(Locale.ROOT);
        if (hex.length() != algorithm.hexDigits || !hex.chars().allMatch(Digest::isHexDigit)) {
            throw new IllegalArgumentException("digest: " + Texts.shorten(hex) + " (expected: " + algorithm.hexDigits
                    + " hex digits for " + algorithm.wireName + ")");
        }
    }

    /**
     * Reads {@code algorithm:hex}, either case.
     *
     * @throws IllegalArgumentException if the algorithm is unknown or the digits do not fit it
     */
    public static Digest parse(String text) {
        int colon = text.indexOf(':');
        if (colon > 0) {
            String name = text.substring(0, colon).toLowerCase(Locale.ROOT);
            for (Algorithm algorithm : Algorithm.values()) {
                if (algorithm.wireName.equals(name)) {
                    return new Digest(algorithm, text.substring(colon + 1));
                }
            }
        }
        throw new IllegalArgumentException("digest: " + Texts.shorten(text)
                + " (expected: md5:, sha1:, sha256: or sha512: followed by hex digits)");
    }

    public static Digest md5(String hex) {
        return new Digest(Algorithm.MD5, hex);
    }

    public static Digest sha256(String hex) {
        return new Digest(Algorithm.SHA256, hex);
    }

    public static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    private static boolean isHexDigit(int c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    }

    /** {@code algorithm:hex}, the form that the wire and the user see. */
    @Override
    public String toString() {
        return algorithm.wireName + ":" + hex;
    }
}
