package dev.darter.core;

/**
 * A batch of digests as it travels. Nothing here was checked yet.
 *
 * @param id SHA-256 of the signed bytes
 * @param payload the signed bytes, of which {@code batch} was read
 * @param raw all of it, as it is passed on
 */
@SuppressWarnings("ArrayRecordComponent") // passed on as they came, compared by id
public record SignedBatch(Sha256 id, DigestBatch batch, byte[] payload, byte[] signature, byte[] raw) {
    /** What its signature is for. */
    public static final String KIND = "darter.v1.DigestBatch";

    /** Bytes of {@link #raw} that nobody needs more than. */
    public static final int LONGEST = 256 << 10;

    public boolean isSignedBy(VerifyKey reader) {
        return reader.verify(KIND, payload, signature);
    }
}
