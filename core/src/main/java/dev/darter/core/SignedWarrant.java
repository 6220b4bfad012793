package dev.darter.core;

/**
 * A warrant as it travels. Nothing here was checked yet.
 *
 * @param id SHA-256 of the signed bytes
 * @param signer the scheduler's key, as whoever sent this says
 * @param payload the signed bytes, of which {@code warrant} was read
 * @param raw all of it, as it is passed on
 */
@SuppressWarnings("ArrayRecordComponent") // passed on as they came, compared by id
public record SignedWarrant(
        Sha256 id, Warrant warrant, VerifyKey signer, byte[] payload, byte[] signature, byte[] raw) {
    /** What its signature is for. */
    public static final String KIND = "darter.v1.Warrant";

    /** Whether {@code signer} really signed it; who that is, is another question. */
    public boolean isSigned() {
        return signer.verify(KIND, payload, signature);
    }
}
