package dev.darter.peer.task;

import dev.darter.core.Block;
import dev.darter.core.BlockLength;
import dev.darter.core.CodedException;
import dev.darter.core.ErrorCode;
import dev.darter.core.Integrity;
import dev.darter.core.NetAddress;
import dev.darter.core.PeerId;
import dev.darter.core.Piece;
import dev.darter.peer.choice.MeshRules;
import dev.darter.peer.choice.Offer;
import dev.darter.peer.choice.ParentRecord;
import dev.darter.peer.fetch.BlockFetcher;
import dev.darter.peer.neighbour.Neighbours;
import dev.darter.peer.storage.TaskContent;
import dev.darter.peer.storage.WrongBlock;
import dev.darter.peer.storage.WrongPiece;
import dev.darter.peer.transfer.RateLimiter;
import dev.darter.peer.trust.Bans;
import dev.darter.wire.client.BlockStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The blocks of one download that come from Darter peers. Everybody may give to everybody: there is no tree, only neighbours who tell each
 * other what they have. Used by the download's thread alone; what happens elsewhere reaches it as {@link Event}.
 *
 * <p><b>Slow neighbours.</b> A request that takes longer than {@link MeshRules#patience} is <em>overdue</em>: its blocks are wanted again, and the
 * neighbour gets no more requests until it has answered. What is asked of whom says {@link Asking}.
 *
 * <p><b>Whom to believe.</b> What neighbours say of bytes proves nothing. Where the task is signed, a block is asked for when its digest is proven
 * ({@link TaskProofs}), and who sends other bytes is banned: he checked that digest before he passed it on. Only a block that is handed out
 * may come before its proof; it waits in storage, unread. Where nobody signs, a piece counts when its blocks, from whomever, have the MD5 that
 * a neighbour told ({@link DoubtfulPieces}).
 */
final class Mesh implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Mesh.class);

    private static final MeshRules RULES = MeshRules.DEFAULT;
    private static final int MOST_FAILURES = 5;
    private static final long FIRST_PAUSE = TimeUnit.MILLISECONDS.toNanos(50);

    /** What happens to a mesh. */
    sealed interface Event {
        record Heard(MeshLink link, BlockStream.News news) implements Event {
            @Override
            public boolean isQuiet() {
                return news instanceof BlockStream.News.Blocks;
            }
        }

        /** Always followed by the end of its flight. */
        record Came(Flight flight, Block block, TaskContent.Stored stored) implements Event {
            @Override
            public boolean isQuiet() {
                return true;
            }
        }

        record Ended(Flight flight, Result result) implements Event {}

        /** Whether it changes nothing while {@link Mesh#isBusy}. */
        default boolean isQuiet() {
            return false;
        }
    }

    /** How a request ended. */
    sealed interface Result {
        record Done() implements Result {}

        record Busy() implements Result {}

        record NothingMore() implements Result {}

        record Failed(CodedException cause) implements Result {}

        record StorageFailed(IOException cause) implements Result {}

        record Stopped() implements Result {}
    }

    /** What became of the download by an event. */
    interface Listener {
        /** A block is here that was not. */
        void stored(MeshLink from, Block block) throws IOException;

        /**
         * A neighbour is of no use any more.
         *
         * @param lied whether it sent what it must know to be wrong
         */
        void left(MeshLink link, ErrorCode code, String reason, boolean lied);
    }

    private final Neighbours neighbours;
    private final TaskContent content;
    private final PeerId me;
    private final int rpcPort;
    private final Consumer<Event> out;
    private final Listener listener;
    private final MeshLinks links;
    private final Asking asking;
    private final TaskProofs proofs;
    private final Leaving leaving;
    private final DoubtfulPieces doubtful = new DoubtfulPieces();

    /** Who gave the blocks whose bytes wait for a proof. */
    private final Map<Integer, MeshLink> givers = new HashMap<>();

    private Integrity integrity = Integrity.UNKNOWN;
    private final Flights flights = new Flights();
    private final BitSet have;

    Mesh(
            Neighbours neighbours,
            BlockFetcher fetcher,
            TaskContent content,
            TaskProofs proofs,
            Bans bans,
            PeerId me,
            int rpcPort,
            RateLimiter rate,
            Consumer<Event> out,
            Listener listener) {
        this.neighbours = neighbours;
        this.content = content;
        this.proofs = proofs;
        this.me = me;
        this.rpcPort = rpcPort;
        this.out = out;
        this.listener = listener;
        this.have = content.readableBlocks();
        this.links = new MeshLinks(RULES, me, bans, this::follow, doubtful::left);
        this.leaving = new Leaving(content, bans, links, flights, doubtful, listener);
        this.asking = new Asking(fetcher, content, me, rate, links, flights, doubtful, have, out);
        addWhatWaitsForItsProof();
    }

    /** Bytes that an earlier mesh of this content brought. */
    private void addWhatWaitsForItsProof() {
        if (content.blockLength() == 0 || content.length().isEmpty()) {
            return;
        }
        int blocks = BlockLength.count(content.length().getAsLong(), content.blockLength());
        for (int block = have.nextClearBit(0); block < blocks; block = have.nextClearBit(block + 1)) {
            if (content.isStaged(block)) {
                have.set(block);
            }
        }
    }

    boolean isEmpty() {
        return links.all().isEmpty();
    }

    /** Whether what nobody signed is believed where it agrees with itself. */
    private boolean believesTheUnsigned() {
        return integrity == Integrity.UNSIGNED || (integrity == Integrity.UNKNOWN && proofs.isEmpty());
    }

    /** Nothing that was not signed counts. */
    boolean isStrict() {
        return !believesTheUnsigned();
    }

    /** What the scheduler says of the task; neighbours are heard again where that changes what counts. */
    void integrity(Integrity told) throws IOException {
        boolean before = believesTheUnsigned();
        integrity = told;
        if (!before && believesTheUnsigned()) {
            for (MeshLink link : List.copyOf(links.all())) {
                var _ = hear(link, () -> believe(link, List.copyOf(link.pieces().values())));
            }
        }
    }

    /** A scheduler's key is known that was not: what could not be checked is asked for again. */
    void askAnew() {
        links.followAnew();
    }

    /**
     * Somebody who has the task, as the scheduler says.
     *
     * @param far whether it is at another place
     */
    void meet(NetAddress address, String peer, boolean far) {
        links.meet(address, peer, far, System.nanoTime());
    }

    /** Somebody who follows us. */
    void meetFollower(NetAddress address, String peer) {
        leaving.shunIfBanned(address, peer);
        links.meetFollower(address, peer);
    }

    /** Nothing is taken from that peer of the task. */
    void shun(String peer) {
        leaving.shun(peer);
    }

    /** Who is elsewhere is not asked to follow in turn: a few from there whom the scheduler names are enough. */
    private void follow(MeshLink link) {
        link.follow(neighbours.follow(
                link.address(),
                content.task(),
                link.peer(),
                me,
                link.isFar() ? 0 : rpcPort,
                (BitSet) have.clone(),
                news -> out.accept(new Event.Heard(link, news))));
        leaving.tell(link);
    }

    /** Whether every block that is here was heard of: bytes are counted when their event is taken. */
    boolean isUpToDate() {
        if (links.all().isEmpty() && flights.isEmpty()) {
            return true;
        }
        BitSet unheard = content.readableBlocks();
        unheard.andNot(have);
        return unheard.isEmpty();
    }

    /** A piece that another part of the download brought. */
    void brought(Piece piece) {
        int blockLength = content.blockLength();
        int end = (int) Math.ceilDiv(piece.end(), (long) blockLength);
        have.set((int) (piece.offset() / blockLength), end);
    }

    /** A block that another part of the download brought. */
    void brought(int block) {
        have.set(block);
        givers.remove(block);
    }

    /** Whether a neighbour gives out, or gave out a moment ago, what nobody else has. */
    boolean isHandedOut() {
        return links.all().stream().anyMatch(MeshLink::keepsBack);
    }

    /** Whether no block is asked for by its number, which is when no neighbour has one that is missing. */
    boolean asksNobody() {
        return asking.asksNobody();
    }

    /** Whether what the content is was signed by somebody, and only that counts. */
    boolean isProven() {
        return isStrict() && !proofs.isEmpty();
    }

    /** How many blocks the content has; its length and cut must be known. */
    int blocks() {
        return BlockLength.count(content.length().orElseThrow(), content.blockLength());
    }

    /**
     * Blocks that no neighbour has and none is asked for. What waits here for its proof counts among them unless somebody gives content
     * out: whoever gave it may be gone with the proof.
     */
    BitSet nowhere() {
        var nowhere = new BitSet();
        nowhere.set(0, blocks());
        nowhere.andNot(isHandedOut() ? have : content.readableBlocks());
        nowhere.andNot(flights.blocks());
        links.all().forEach(link -> nowhere.andNot(link.blocks()));
        return nowhere;
    }

    /**
     * The neighbours as they count when peers take turns at a seed peer of the field, which gives pieces: one that has begun a piece has it.
     */
    List<Offer> siblings(int blocksInPiece) {
        var siblings = new ArrayList<Offer>();
        for (MeshLink link : links.all()) {
            if (link.uploadAddress().isEmpty() || link.handsOut()) {
                continue;
            }
            var pieces = new BitSet();
            for (int block = link.blocks().nextSetBit(0); block >= 0; ) {
                int piece = block / blocksInPiece;
                pieces.set(piece);
                block = link.blocks().nextSetBit((piece + 1) * blocksInPiece);
            }
            siblings.add(new Offer(link.peer(), false, pieces, 0, ParentRecord.NEW));
        }
        return siblings;
    }

    /** Blocks that are being fetched here: others keep away from their pieces. */
    boolean touches(int firstBlock, int endBlock) {
        int flying = flights.blocks().nextSetBit(firstBlock);
        int here = have.nextSetBit(firstBlock);
        return (flying >= 0 && flying < endBlock) || (here >= 0 && here < endBlock);
    }

    /** @return whether the download moved on */
    boolean take(Event event, long now) throws IOException {
        return switch (event) {
            case Event.Heard(var link, var news) -> links.include(link) && hear(link, news);
            case Event.Came(var flight, var block, var stored) -> came(flight, block, stored);
            case Event.Ended(var flight, var result) -> {
                ended(flight, result, now);
                yield false;
            }
        };
    }

    private boolean hear(MeshLink link, BlockStream.News news) throws IOException {
        switch (news) {
            case BlockStream.News.Blocks blocks -> {
                return hear(link, () -> hear(link, blocks));
            }
            case BlockStream.News.Forged(int _, var reason) -> leaving.lied(link, reason);
            case BlockStream.News.Gone _ ->
                leaving.leave(link, ErrorCode.PEER_TASK_NOT_FOUND, "it has not got the task");
            case BlockStream.News.Ended(var reason) -> leaving.leave(link, ErrorCode.CLIENT_CONNECTION_ERROR, reason);
        }
        return false;
    }

    /** What a neighbour says may be nonsense. */
    private interface Hearing {
        boolean hear() throws IOException;
    }

    private boolean hear(MeshLink link, Hearing hearing) throws IOException {
        try {
            return hearing.hear();
        } catch (OtherContent e) {
            throw e;
        } catch (CodedException e) {
            if (content.failure().isPresent()) {
                throw e;
            }
            leaving.leave(link, e.code(), String.valueOf(e.getMessage())); // it has other content, or cut it otherwise
            return false;
        }
    }

    private boolean hear(MeshLink link, BlockStream.News.Blocks news) throws IOException {
        TaskProofs.Heard heard = proofs.hear(news);
        for (int block : heard.wrong()) {
            have.clear(block);
            MeshLink giver = givers.remove(block);
            if (giver != null) {
                leaving.lied(giver, "block " + block + ": other bytes (expected: those that are signed)");
            }
        }
        if (heard.lie().isPresent()) {
            leaving.lied(link, heard.lie().get());
            return heard.any();
        }
        if (heard.useless().isPresent()) {
            leaving.leave(
                    link, ErrorCode.CLIENT_PIECE_REQUEST_FAIL, heard.useless().get());
            return heard.any();
        }
        link.hear(news);
        if (believesTheUnsigned()) {
            believe(link, news.pieces());
        }
        return heard.any() || !news.blocks().isEmpty() || !news.pieces().isEmpty();
    }

    /** Takes from a neighbour what nobody signed. */
    private boolean believe(MeshLink link, List<Piece> pieces) throws IOException {
        MeshLink.Whole whole = link.whole();
        if (whole.contentLength() >= 0) {
            content.describe(OptionalLong.of(whole.contentLength()), whole.header());
        }
        if (whole.blockLength() > 0) {
            content.cut(whole.blockLength(), whole.pieceLength());
        }
        for (Piece piece : pieces) {
            if (!doubtful.contains(piece.number())) {
                note(piece);
            }
        }
        return true;
    }

    private void note(Piece piece) throws IOException {
        try {
            content.note(piece, false);
        } catch (WrongPiece e) {
            doubt(e, Set.of());
        }
    }

    private boolean came(Flight flight, Block block, TaskContent.Stored stored) throws IOException {
        flight.brought(block.length());
        int number = block.number();
        flights.came(number);
        boolean readable = content.block(number).isPresent();
        if (!readable && !content.isStaged(number)) {
            if (stored == TaskContent.Stored.STAGED && content.provenBlocks().get(number)) {
                leaving.lied(flight.link(), "block " + number + ": other bytes (expected: those that are signed)");
            }
            return false; // somebody is writing its piece, or it turned out wrong: it comes from there or is asked for
            // again
        }
        if (stored == TaskContent.Stored.HERE) {
            // Whoever stored it says so in an event that may still be on its way, and is counted by that.
            if (!have.get(number)) {
                flights.leaveToOthers(number, flight);
            }
            return false;
        }
        if (have.get(number)) {
            return stored == TaskContent.Stored.NEW; // the same bytes a second time, which may be read only now
        }
        have.set(number);
        if (!readable) {
            givers.put(number, flight.link());
        }
        flights.stopOthersFor(number, flight);
        listener.stored(flight.link(), block);
        return true;
    }

    private void ended(Flight flight, Result result, long now) throws IOException {
        flights.remove(flight);
        MeshLink link = flight.link();
        link.ended(flight.isForAny());
        if (flight.isOverdue()) {
            link.answered();
        }
        switch (result) {
            case Result.Done _ -> link.gave(flight.bytes(), now - flight.began());
            case Result.Busy _ -> busy(link, flight, now);
            case Result.NothingMore _ -> link.handsOutNoMore();
            case Result.Stopped _ -> {}
            case Result.StorageFailed(var cause) -> throw cause;
            case Result.Failed(var cause) -> failed(flight, cause, now);
        }
    }

    private void busy(MeshLink link, Flight flight, long now) {
        if (flight.isForAny()) {
            link.pause(now + FIRST_PAUSE);
        } else {
            link.rest(now + MeshRules.rest(content.blockLength(), link.bytesPerSecond()));
        }
    }

    private void failed(Flight flight, CodedException cause, long now) {
        if (content.failure().isPresent()) {
            throw cause;
        }
        MeshLink link = flight.link();
        if (cause instanceof WrongPiece wrong) {
            doubt(wrong, Set.of(link));
            return;
        }
        if (cause instanceof WrongBlock wrong && wrong.isProven()) {
            leaving.lied(link, String.valueOf(cause.getMessage()));
            return;
        }
        LOG.atDebug()
                .addKeyValue("task", content.task())
                .addKeyValue("neighbour", link.peer())
                .addKeyValue("reason", cause.getMessage())
                .log("blocks not fetched");
        link.failed();
        link.pause(now + (FIRST_PAUSE << Math.min(link.failures(), MOST_FAILURES)));
        boolean hopeless = cause instanceof WrongBlock || cause.code() == ErrorCode.CLIENT_CONNECTION_ERROR;
        if (hopeless || link.failures() >= MOST_FAILURES) {
            leaving.leave(link, cause.code(), String.valueOf(cause.getMessage()));
        }
    }

    /** A piece that nobody signed is not what was said of it; who is wrong is found out by asking one neighbour alone. */
    private void doubt(WrongPiece wrong, Set<MeshLink> last) {
        int first = doubtful.first(wrong.number(), content);
        Set<MeshLink> gave = new HashSet<>(last);
        for (int block = first; block < doubtful.end(wrong.number(), content); block++) {
            if (content.block(block).isEmpty()) {
                have.clear(block);
                MeshLink giver = givers.remove(block);
                if (giver != null) {
                    gave.add(giver);
                }
            }
        }
        doubtful.add(wrong.number(), gave)
                .ifPresent(liar -> leaving.lied(liar, String.valueOf(wrong.getMessage()) + ", as it said itself"));
    }

    /** Leaves those that gave nothing for so long that somebody has to go. */
    void leaveSilent() {
        leaving.leaveSilent();
    }

    // ---- what to ask for

    /** Follows more of those that are known, where it is time for that. */
    void followMore(long now) {
        links.followMore(now);
    }

    /**
     * Sends what requests may be sent.
     *
     * @param elsewhere pieces that another part of the download is bringing: their blocks would be thrown away
     */
    void startFetches(BitSet elsewhere, long now) throws IOException {
        if (content.blockLength() == 0) {
            return; // nobody has told how the content is cut
        }
        for (Piece piece : doubtful.assign(List.copyOf(links.all()), content, flights::isBeingFetched)) {
            note(piece);
        }
        asking.start(wanted(elsewhere), now);
    }

    /** Whether nothing more would be asked for, whatever neighbours had to give. */
    boolean isBusy() {
        return asking.isBusy();
    }

    /** Number of the first block of a piece; the content's cut must be known. */
    int firstBlock(int piece) {
        return doubtful.first(piece, content);
    }

    int endBlock(int piece) {
        return doubtful.end(piece, content);
    }

    private BitSet wanted(BitSet elsewhere) {
        var wanted = new BitSet();
        links.all().forEach(link -> wanted.or(link.blocks()));
        wanted.andNot(have);
        elsewhere.stream().forEach(piece -> wanted.clear(firstBlock(piece), endBlock(piece)));
        if (isStrict()) {
            wanted.and(content.provenBlocks());
        }
        if (content.length().isPresent()) {
            wanted.clear(BlockLength.count(content.length().getAsLong(), content.blockLength()), Integer.MAX_VALUE);
        } else {
            links.all().forEach(link -> wanted.andNot(link.shortBlocks()));
        }
        return wanted;
    }

    // ---- clocks

    /** Looks for requests that take too long. */
    void lookAtClocks(long now) {
        flights.lookAtClocks(now);
    }

    /** Nanoseconds until {@link #lookAtClocks} or {@link #startFetches} may do something by the clock alone. */
    long nanosToWait(long now) {
        long wait = flights.nanosToDeadline(now).orElse(Long.MAX_VALUE);
        for (MeshLink link : links.all()) {
            wait = Math.min(wait, link.pausedFor(now));
        }
        return wait;
    }

    /** Whether any request is open that is not hopeless. */
    boolean isFetching() {
        return flights.requests() > 0;
    }

    /** Breaks off all requests and leaves all neighbours. What comes after this is thrown away. */
    @Override
    public void close() {
        flights.stopAll();
        links.close();
    }
}
