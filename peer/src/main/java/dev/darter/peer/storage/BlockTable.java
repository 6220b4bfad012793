package dev.darter.peer.storage;

import dev.darter.core.Sha256;
import dev.darter.peer.storage.TaskContent.Proven;
import java.util.BitSet;
import java.util.Optional;

/**
 * What is known of each block of one content. Not thread-safe: {@link Ledger} guards it.
 *
 * <p>A block is <em>readable</em>, <em>staged</em> or neither, never both: the bytes of a staged one are in the file, but nobody knows yet
 * whether they are right, and nobody reads them. A readable one has a digest; it is <em>doubtful</em> when an earlier process wrote it and
 * may have died before the bytes reached the disk. So is one that was forgotten: the journal says that it is here, and it is not. What
 * signed lists say of a block is <em>proven</em>, whether it is here or not; where it is readable and proven, both digests are the same.
 */
final class BlockTable {
    private final BitSet readable = new BitSet();
    private final BitSet doubtful = new BitSet();
    private final BitSet fromOrigin = new BitSet();
    private final DigestTable digests = new DigestTable();
    private final DigestTable proven = new DigestTable();
    private final DigestTable staged = new DigestTable();

    void publish(int block, Sha256 digest) {
        readable.set(block);
        doubtful.clear(block);
        digests.put(block, digest);
        staged.remove(block);
    }

    /** The journal goes on to tell of it: it stays in doubt until it comes anew. */
    void forget(int block) {
        readable.clear(block);
        doubtful.set(block);
        digests.remove(block);
    }

    void stage(int block, Sha256 digest) {
        staged.put(block, digest);
    }

    void unstage(int first, int end) {
        staged.removeAll(first, end);
    }

    void cameFromOrigin(int block) {
        fromOrigin.set(block);
    }

    /** Every readable block is to be hashed before its first read. */
    void doubtAll() {
        doubtful.or(readable);
    }

    void trust(int block) {
        doubtful.clear(block);
    }

    /**
     * Notes what a block is.
     *
     * @return PUBLISHED if its bytes are staged and right: the caller publishes it
     */
    Proven prove(int block, Sha256 digest) {
        if (!agrees(block, digest) || (readable.get(block) && !digest(block).equals(Optional.of(digest)))) {
            return Proven.CONTRADICTED;
        }
        proven.put(block, digest);
        if (readable.get(block)) {
            return Proven.AGREES;
        }
        Optional<Sha256> waiting = staged.get(block);
        if (waiting.isEmpty()) {
            return Proven.NOTED;
        }
        staged.remove(block);
        return waiting.get().equals(digest) ? Proven.PUBLISHED : Proven.WRONG;
    }

    /** Whether nothing that is proven speaks against {@code digest}. */
    boolean agrees(int block, Sha256 digest) {
        return proven.get(block).map(digest::equals).orElse(true);
    }

    boolean isReadable(int block) {
        return readable.get(block);
    }

    boolean areReadable(int first, int end) {
        return firstGap(first) >= end;
    }

    boolean areHere(int first, int end) {
        for (int block = first; block < end; block++) {
            if (!readable.get(block) && staged.get(block).isEmpty()) {
                return false;
            }
        }
        return true;
    }

    /** The first readable block from {@code from} on; -1 if there is none. */
    int firstReadable(int from) {
        return readable.nextSetBit(from);
    }

    /** The first block from {@code from} on that is not readable. */
    int firstGap(int from) {
        return readable.nextClearBit(from);
    }

    /** The first doubtful block from {@code from} on; -1 if there is none. */
    int firstDoubt(int from) {
        return doubtful.nextSetBit(from);
    }

    int countReadable() {
        return readable.cardinality();
    }

    /** Digest of a readable block. */
    Optional<Sha256> digest(int block) {
        return digests.get(block);
    }

    Optional<Sha256> proven(int block) {
        return proven.get(block);
    }

    /** Digest of the bytes that wait. */
    Optional<Sha256> staged(int block) {
        return staged.get(block);
    }

    /** The caller may change the set; as with those below. */
    BitSet readable() {
        return (BitSet) readable.clone();
    }

    BitSet proven() {
        return proven.numbers();
    }

    BitSet unproven() {
        BitSet unproven = readable();
        unproven.andNot(proven.numbers());
        return unproven;
    }

    BitSet fromOrigin() {
        return (BitSet) fromOrigin.clone();
    }
}
