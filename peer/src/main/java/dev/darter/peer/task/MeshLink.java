package dev.darter.peer.task;

import dev.darter.core.Block;
import dev.darter.core.NetAddress;
import dev.darter.core.Piece;
import dev.darter.peer.choice.ParentRecord;
import dev.darter.peer.neighbour.Neighbours;
import dev.darter.wire.client.BlockStream;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** One Darter neighbour of one download: what it has, how it serves. Used by the download's thread alone. */
final class MeshLink implements AutoCloseable {
    private final NetAddress address;
    private final String peer;
    private final boolean named;
    private final boolean far;
    private final BitSet blocks = new BitSet();

    /** Blocks that it said are shorter than others, while the length of the content is unknown. */
    private final BitSet shortBlocks = new BitSet();

    private final Map<Integer, Piece> pieces = new HashMap<>();
    private Whole whole = new Whole(-1, 0, 0, Map.of());
    private Optional<Neighbours.Following> following = Optional.empty();
    private String holder;
    private String uploadAddress = "";
    private boolean handsOut;

    /** It has said nothing yet, or has given all away and has yet to tell what it has. */
    private boolean tellsSoon = true;

    private ParentRecord history = ParentRecord.NEW;
    private int requests;
    private int nextRequests;
    private int overdue;
    private long pausedUntil;
    private boolean paused;
    private long restsUntil;
    private boolean rests;

    /**
     * One that says nothing yet.
     *
     * @param named whether the scheduler named it; otherwise it came by itself
     * @param far whether it is at another place
     */
    MeshLink(NetAddress address, String peer, boolean named, boolean far) {
        this.address = address;
        this.peer = peer;
        this.named = named;
        this.far = far;
        this.holder = peer;
    }

    /**
     * The content as a whole, as a neighbour says.
     *
     * @param contentLength -1 while unknown
     * @param blockLength 0 while unknown
     * @param pieceLength 0 while unknown
     * @param header of the origin
     */
    record Whole(long contentLength, int blockLength, long pieceLength, Map<String, String> header) {}

    void follow(Neighbours.Following news) {
        following = Optional.of(news);
    }

    NetAddress address() {
        return address;
    }

    /** Under which the scheduler knows it. */
    String peer() {
        return peer;
    }

    /** Peer id to name when something is fetched. */
    String holder() {
        return holder;
    }

    boolean wasNamed() {
        return named;
    }

    boolean isFar() {
        return far;
    }

    /** Says that nothing is taken from another peer of the task. */
    void shun(String other) {
        following.ifPresent(news -> news.shun(other));
    }

    String uploadAddress() {
        return uploadAddress;
    }

    BitSet blocks() {
        return blocks;
    }

    boolean handsOut() {
        return handsOut;
    }

    int requests() {
        return requests;
    }

    /** Whether nothing is being fetched from it. */
    boolean isIdle() {
        return requests == 0 && nextRequests == 0;
    }

    double bytesPerSecond() {
        return history.bytesPerSecond();
    }

    int failures() {
        return history.failures();
    }

    void hear(BlockStream.News.Blocks news) {
        holder = news.holder().isEmpty() ? peer : news.holder();
        uploadAddress = news.address();
        handsOut = news.handsOut();
        tellsSoon = false;
        whole = new Whole(
                news.contentLength(),
                news.blockLength(),
                news.pieceLength(),
                news.header().isEmpty() ? whole.header() : news.header());
        if (news.contentLength() >= 0) {
            shortBlocks.clear();
        }
        for (Block block : news.blocks()) {
            blocks.set(block.number());
            if (news.contentLength() < 0 && block.length() != news.blockLength()) {
                shortBlocks.set(block.number());
            }
        }
        news.pieces().forEach(piece -> pieces.put(piece.number(), piece));
    }

    /** What it said last of the content as a whole. */
    Whole whole() {
        return whole;
    }

    /** Pieces as it says they are. */
    Map<Integer, Piece> pieces() {
        return pieces;
    }

    BitSet shortBlocks() {
        return shortBlocks;
    }

    void handsOutNoMore() {
        handsOut = false;
        tellsSoon = true;
    }

    /** Whether it may have what it has not told of. */
    boolean keepsBack() {
        return handsOut || tellsSoon;
    }

    /** Whether requests by number may be sent to it. */
    boolean mayAsk(long now) {
        return isInReach(now) && !rests(now);
    }

    /** Whether it will take requests by number, be it only in a moment. */
    boolean isInReach(long now) {
        return overdue == 0 && !isPaused(now) && !uploadAddress.isEmpty();
    }

    /** Whether one more request for whatever it gives away may be sent to it. */
    boolean mayAskNext(long now, int most) {
        return handsOut && nextRequests < most && !isPaused(now);
    }

    private boolean isPaused(long now) {
        paused &= pausedUntil - now > 0;
        return paused;
    }

    private boolean rests(long now) {
        rests &= restsUntil - now > 0;
        return rests;
    }

    /** Nanoseconds until it may be asked again; for ever when it may be now. */
    long pausedFor(long now) {
        long pause = isPaused(now) ? pausedUntil - now : Long.MAX_VALUE;
        return Math.min(pause, rests(now) ? restsUntil - now : Long.MAX_VALUE);
    }

    /** It is busy: it gets no requests by number for a while. */
    void rest(long until) {
        rests = true;
        restsUntil = until;
    }

    /** It is left alone. */
    void pause(long until) {
        paused = true;
        pausedUntil = until;
    }

    void began(boolean next) {
        if (next) {
            nextRequests++;
        } else {
            requests++;
        }
    }

    void ended(boolean next) {
        if (next) {
            nextRequests--;
        } else {
            requests--;
        }
    }

    void overdue() {
        overdue++;
    }

    /** A request that was overdue has ended after all. */
    void answered() {
        overdue--;
    }

    void gave(long bytes, long nanos) {
        history = history.gave(bytes, nanos);
    }

    void failed() {
        history = history.failed();
    }

    @Override
    public void close() {
        following.ifPresent(Neighbours.Following::close);
    }
}
