package dev.darter.core;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

/** An Ed25519 public key: who somebody is, to those who check what he signed. Two keys are equal when their bytes are. */
public final class VerifyKey {
    public static final int BYTES = 32;
    public static final int SIGNATURE_BYTES = 64;

    /** What DER puts before the bytes of an Ed25519 public key (RFC 8410). */
    private static final byte[] PREFIX = HexFormat.of().parseHex("302a300506032b6570032100");

    private static final int SHOWN = 16;

    private final byte[] bytes;
    private final PublicKey key;

    private VerifyKey(byte[] bytes, PublicKey key) {
        this.bytes = bytes;
        this.key = key;
    }

    /** @throws IllegalArgumentException if the bytes are no key */
    public static VerifyKey of(byte[] bytes) {
        if (bytes.length != BYTES) {
            throw new IllegalArgumentException("public key: " + bytes.length + " bytes (expected: " + BYTES + ")");
        }
        byte[] encoded = Arrays.copyOf(PREFIX, PREFIX.length + BYTES);
        System.arraycopy(bytes, 0, encoded, PREFIX.length, BYTES);
        try {
            return new VerifyKey(
                    bytes.clone(), KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(encoded)));
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("public key: no point of the curve (expected: an Ed25519 key)", e);
        }
    }

    /** Of a field that need not be filled; empty when it is not, or holds no key. */
    public static Optional<VerifyKey> optional(byte[] bytes) {
        try {
            return bytes.length == 0 ? Optional.empty() : Optional.of(of(bytes));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /**
     * Whether the owner of this key signed {@code payload} as a thing of that kind.
     *
     * @param kind as it was given to {@link SigningKey#sign}
     */
    public boolean verify(String kind, byte[] payload, byte[] signature) {
        if (signature.length != SIGNATURE_BYTES) {
            return false;
        }
        try {
            Signature check = Signature.getInstance("Ed25519");
            check.initVerify(key);
            feed(check, kind, payload);
            return check.verify(signature);
        } catch (GeneralSecurityException e) {
            return false; // not a signature at all, or a key that can sign nothing
        }
    }

    /** A kind is ASCII without a zero byte, so that no two kinds and payloads read the same. */
    static void feed(Signature signature, String kind, byte[] payload) throws GeneralSecurityException {
        signature.update(kind.getBytes(US_ASCII));
        signature.update((byte) 0);
        signature.update(payload);
    }

    public byte[] toBytes() {
        return bytes.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof VerifyKey that && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    /** The first 16 of its 64 hex digits. */
    @Override
    public String toString() {
        return Digest.hex(bytes).substring(0, SHOWN);
    }
}
