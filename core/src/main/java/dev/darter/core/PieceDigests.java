package dev.darter.core;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.List;

/** What upstream calls the piece MD5 sign: one digest over all piece digests of a task. */
public final class PieceDigests {
    private PieceDigests() {}

    /**
     * SHA-256 over the MD5 hex texts of all pieces in order, without separators.
     *
     * @param md5Hex one bare lower-case hex text a piece; empty texts where digests are switched off
     * @return 64 hex digits, or the empty text when there is no piece
     */
    public static String sign(List<String> md5Hex) {
        if (md5Hex.isEmpty()) {
            return "";
        }
        var sha256 = Digest.Algorithm.SHA256.newMessageDigest();
        md5Hex.forEach(hex -> sha256.update(hex.getBytes(US_ASCII)));
        return Digest.hex(sha256.digest());
    }
}
