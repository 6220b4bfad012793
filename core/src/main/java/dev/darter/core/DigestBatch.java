package dev.darter.core;

import java.util.List;
import java.util.Map;

/**
 * What a reader found at the origin: digests of some blocks, and what it knew of the whole at that time.
 *
 * @param warrant {@link SignedWarrant#id} of the reader's leave
 * @param version of the origin's content; empty when the origin names none
 * @param contentLength -1 while unknown
 * @param header of the origin; may be empty in all batches but a reader's first
 * @param runs never overlapping, ascending
 * @param pieces MD5s of pieces that became whole
 */
public record DigestBatch(
        Sha256 warrant,
        String version,
        long contentLength,
        int blockLength,
        long pieceLength,
        Map<String, String> header,
        List<Run> runs,
        List<PieceMd5> pieces) {
    /** Blocks that one batch may speak of. */
    public static final int MOST_BLOCKS = 4096;

    private static final int MOST_PIECES = 4096;
    private static final int LONGEST_VERSION = 1024;

    /** No block or piece lies above it: 1 TiB in the smallest blocks, 4 TiB in the others. Tables grow with the greatest number. */
    public static final int MOST_NUMBER = 1 << 22;

    /** Digests of blocks that follow each other. */
    public record Run(int first, List<Sha256> digests) {
        public Run {
            digests = List.copyOf(digests);
            if (first < 0 || digests.isEmpty() || first > MOST_NUMBER) {
                throw new IllegalArgumentException(
                        "run: " + digests.size() + " blocks from " + first + " (expected: from 0, at least one)");
            }
        }

        public int end() {
            return first + digests.size();
        }
    }

    /** The MD5 of one v1 piece. */
    public record PieceMd5(int number, Digest md5) {
        public PieceMd5 {
            if (number < 0 || number > MOST_NUMBER) {
                throw new IllegalArgumentException("piece: " + number + " (expected: 0.." + MOST_NUMBER + ")");
            }
        }
    }

    public DigestBatch {
        header = Map.copyOf(header);
        runs = List.copyOf(runs);
        pieces = List.copyOf(pieces);
        int blocks = runs.stream().mapToInt(run -> run.digests().size()).sum();
        if (blocks > MOST_BLOCKS || pieces.size() > MOST_PIECES) {
            throw new IllegalArgumentException("batch: " + blocks + " blocks and " + pieces.size()
                    + " pieces (expected: at most " + MOST_BLOCKS + " each)");
        }
        if (version.length() > LONGEST_VERSION) {
            throw new IllegalArgumentException(
                    "version: " + version.length() + " characters (expected: at most " + LONGEST_VERSION + ")");
        }
        boolean cut = (blockLength == BlockLength.SMALL || blockLength == BlockLength.LARGE)
                && pieceLength > 0
                && pieceLength % blockLength == 0;
        if (!cut || contentLength < -1) {
            throw new IllegalArgumentException("batch: blocks of " + blockLength + " in pieces of " + pieceLength
                    + " in content of " + contentLength + " (expected: lengths that fit together)");
        }
        int next = 0;
        for (Run run : runs) {
            boolean behindEnd = contentLength >= 0 && run.end() > Math.ceilDiv(contentLength, (long) blockLength);
            if (run.first() < next || behindEnd) {
                throw new IllegalArgumentException("run: blocks " + run.first() + ".." + run.end()
                        + " (expected: ascending, within content of " + contentLength + ")");
            }
            next = run.end();
        }
        for (PieceMd5 piece : pieces) {
            if (contentLength >= 0 && piece.number() >= Math.ceilDiv(contentLength, pieceLength)) {
                throw new IllegalArgumentException(
                        "piece: " + piece.number() + " (expected: within content of " + contentLength + ")");
            }
        }
    }

    public int blocks() {
        return runs.stream().mapToInt(run -> run.digests().size()).sum();
    }
}
