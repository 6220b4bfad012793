package dev.darter.peer.storage;

import dev.darter.core.Block;
import dev.darter.core.CodedException;
import dev.darter.core.PeerId;
import dev.darter.core.Piece;
import dev.darter.core.Sha256;
import dev.darter.core.TaskId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * The content of one task on this host, shared by the one download that fills it and by any number of readers. Any thread
 * may call it.
 *
 * <p>Bytes become readable block by block: at once when they come from the origin, with their whole piece when they come
 * from a parent whose digest covers the piece. A piece is listed when all its blocks are readable.
 */
public interface TaskContent {
    /** Where the content stands. */
    enum State {
        /** More may come; also the state of a download that was interrupted. */
        PARTIAL,
        /** Every byte is here and was verified; nothing changes any more. */
        COMPLETE,
        /** The download failed or the content was found damaged; it is served to nobody and will be dropped. */
        FAILED
    }

    TaskId task();

    PeerId peer();

    State state();

    /** Bytes of the whole content; empty while unknown. */
    OptionalLong length();

    /** Number of v1 pieces; empty while the length is unknown. */
    OptionalInt totalPieces();

    /** The few response headers of the origin that travel with the content; empty when none are known. */
    Map<String, String> header();

    /** Bytes that are readable now, wherever they lie. */
    long readableBytes();

    /**
     * Notes what is now known of the content. The first length and the first non-empty header win.
     *
     * @throws CodedException CLIENT_ERROR if another length was known before: the content changed or a parent lies
     * @throws IOException if the file cannot be sized
     */
    void describe(OptionalLong length, Map<String, String> header) throws IOException;

    /**
     * Asks for the right to fetch a piece from the origin; its bounds follow from the length of the content.
     *
     * @param number from 0, below {@link #totalPieces} where that is known
     */
    Claim claim(int number) throws IOException;

    /**
     * Asks for the right to fetch a piece that a parent announced, with the bounds that the parent names. Content of which nobody knew the
     * length when it was read is cut otherwise than its length says.
     *
     * @throws CodedException CLIENT_ERROR if the bounds do not fit those of other pieces or the content
     */
    Claim claim(Piece announced) throws IOException;

    /** Bytes of every block but the last; 0 until the first claim, block or {@link #cut} fixes it. */
    int blockLength();

    /** Bytes of every piece but the last; 0 until fixed, as with {@link #blockLength}. */
    long pieceLength();

    /**
     * Notes how others have cut the content.
     *
     * @throws CodedException CLIENT_ERROR if it is cut otherwise here
     */
    void cut(int blockLength, long pieceLength) throws IOException;

    /** Numbers of the blocks that are readable now; the caller may change the set. */
    BitSet readableBlocks();

    /**
     * Blocks that are missing to those who read in order ({@link ContentReader#await}), the most urgent first.
     *
     * @param each how many for one reader
     * @return empty when nobody reads, or it is not known how the content is cut
     */
    List<Integer> awaitedBlocks(int each);

    /** A block that is readable, as others are told of it; empty when it is not, or its digest is not known. */
    Optional<Block> block(int number);

    /**
     * Takes a whole block from another peer: hashes it and writes it. It becomes readable when it is proven, or its whole piece has the MD5 that
     * was told of it; which may be now.
     *
     * @param block its digest counts only where none is proven, and then proves nothing: bytes that do not fit it are refused
     * @param bytes all of the block, and nothing else
     * @throws WrongBlock if the bytes are not those of the digest
     * @throws WrongPiece if it was the last one of its piece, and that has another MD5
     * @throws CodedException CLIENT_ERROR if there can be no such block
     * @throws IOException if it cannot be written
     */
    Stored store(Block block, ByteBuffer bytes) throws IOException;

    /**
     * Takes a whole block that this host read at the origin: it is readable at once.
     *
     * @param block without a digest
     * @param bytes all of the block, and nothing else
     * @return whether it was written; false when it was here, or somebody else is at work there
     * @throws CodedException CLIENT_ERROR if there can be no such block, or it was proven to be another: the origin's content has changed
     * @throws IOException if it cannot be written
     */
    boolean storeFromOrigin(Block block, ByteBuffer bytes) throws IOException;

    /** What became of a block's bytes. */
    enum Stored {
        /** It can be read. */
        NEW,
        /** Its bytes are kept, and nobody can say yet whether they are right. */
        STAGED,
        /** It was here, somebody else is writing its piece, or other bytes wait for its proof; it was not written. */
        HERE
    }

    /** What a proven digest says of what is here. */
    enum Proven {
        /** The block is not here. */
        NOTED,
        /** It was here and is what it should be; it can be read from now on. */
        PUBLISHED,
        /** Bytes that waited were others; they are gone. */
        WRONG,
        /** It can be read, and is the same. */
        AGREES,
        /** It can be read and is another, or another digest was proven before: this is other content. */
        CONTRADICTED
    }

    /** Notes what a block is, by somebody who may say so. */
    Proven prove(int number, Sha256 digest) throws IOException;

    /** Numbers of all blocks, here or not, whose digests are proven; the caller may change the set. */
    BitSet provenBlocks();

    /** Whether a block's bytes wait for a proof. */
    boolean isStaged(int block);

    /** Numbers of the blocks that this process read from the origin; the caller may change the set. */
    BitSet originBlocks();

    /** What makes others believe the blocks, as it travels. */
    Proofs proofs();

    /** Adds to {@link #proofs} what was checked. */
    void add(Proofs.Proof proof) throws IOException;

    /** Readable blocks that nothing proves become missing: they are read again by somebody who may say what they are. */
    void forgetUnproven();

    /**
     * Notes the MD5 of a piece that another peer announced. The piece is listed as soon as all its blocks are readable.
     *
     * @param proof whether somebody who may say so said it; else the bytes are held against it, and where they agree, blocks that waited
     *     become readable
     * @throws CodedException CLIENT_ERROR if the content is cut otherwise
     * @throws WrongPiece if all its blocks are here, and have another MD5
     */
    void note(Piece announced, boolean proof) throws IOException;

    /** Lists pieces whose blocks are all readable though nobody told their MD5: it is computed from the blocks. */
    void finishPieces() throws IOException;

    /** As {@link #finishPieces}, one piece; nothing where a block of it is missing. */
    void finishPiece(int number) throws IOException;

    /** All readable pieces at or after number {@code from}, ascending, at most {@code limit}. */
    List<Piece> pieces(int from, int limit);

    /** How many pieces are readable in full. */
    int finishedPieces();

    /** Digest over all piece digests; empty until every piece is here, and for empty content. */
    Optional<String> pieceMd5Sign();

    /**
     * Ends the download. All bytes must be readable; the metadata file is written, and the state becomes COMPLETE.
     *
     * @param length bytes of the whole content, which may have been unknown until now
     * @throws CodedException CLIENT_ERROR if a byte is missing or the length differs from the one known
     */
    void complete(long length) throws IOException;

    /** Ends the content: every reader and waiter gets {@code cause}, and storage forgets it. Does nothing when complete. */
    void fail(CodedException cause);

    /** What {@link #fail} was given; empty in any other state. */
    Optional<CodedException> failure();

    /**
     * Takes a second look at what an earlier process left and nobody has read since. What is damaged becomes missing, and the content
     * PARTIAL.
     *
     * @return whether the content is whole
     */
    boolean verify();

    /** Grows with every change that a waiter may care for: block or piece readable, length known, state changed. */
    long version();

    /**
     * Waits until {@link #version} is no longer {@code seen}, or the time is over.
     *
     * @return the version now
     */
    long awaitChange(long seen, Duration timeout) throws InterruptedException;

    /**
     * Begins to put the content, or a part of it, where a user wants it; the content is not collected meanwhile. Nothing is touched before
     * the first byte is to be written.
     *
     * @throws IOException if the content was dropped
     */
    Output placing(Placement placement) throws IOException;

    /** Opens the content for reading; it is not collected while a reader is open. */
    ContentReader read() throws IOException;

    /** Moves the content to the young end of the collection order. */
    void touch();
}
