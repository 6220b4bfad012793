package dev.darter.peer.task;

import dev.darter.core.Block;
import dev.darter.core.CodedException;
import dev.darter.core.ErrorCode;
import dev.darter.core.NetAddress;
import dev.darter.core.PeerId;
import dev.darter.peer.choice.BlockChoice;
import dev.darter.peer.choice.BlockOffer;
import dev.darter.peer.choice.Offer;
import dev.darter.peer.choice.ParentRecord;
import dev.darter.peer.fetch.BlockFetcher;
import dev.darter.peer.neighbour.Neighbours;
import dev.darter.peer.storage.TaskContent;
import dev.darter.peer.storage.WrongBlock;
import dev.darter.peer.transfer.Breaker;
import dev.darter.peer.transfer.RateLimiter;
import dev.darter.wire.client.BlockStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
 * <p><b>Two ways to get a block.</b> A neighbour that <em>hands out</em> (it reads the origin, or was the first to have the content) gives each
 * block to one child before it gives any twice, so there are always two requests open there for whatever comes next. Everything else is asked
 * for by number, rarest first ({@link BlockChoice}).
 *
 * <p><b>Slow neighbours.</b> A request that takes longer than {@code max(2 s, 4 × expected)} is <em>overdue</em>: its blocks are wanted again, and the
 * neighbour gets no more requests until it has answered. When all that is missing is on its way, the oldest is asked for once more of somebody
 * else (the endgame); the first to come counts, the other is broken off.
 */
final class Mesh implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Mesh.class);

    private static final int MOST_LINKS = 24;
    private static final int REQUESTS_PER_LINK = 2;
    private static final int NEXT_PER_LINK = 2;
    private static final int MOST_REQUESTS = 10;
    private static final int MOST_FAILURES = 5;
    private static final int MOST_RACERS = 2;
    private static final long LEAST_DEADLINE = TimeUnit.SECONDS.toNanos(2);
    private static final int DEADLINE_FACTOR = 4;
    private static final double ENDGAME_FACTOR = 1.5;
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
        record Came(Flight flight, Block block, boolean fresh) implements Event {
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

    /** One request: for a run of blocks, or, with none named, for whatever the neighbour gives away. */
    static final class Flight {
        private final MeshLink link;
        private final List<Block> run;
        private final long began;
        private final long deadline;
        private boolean overdue;
        private long bytes;
        private final Breaker breaker = new Breaker();

        Flight(MeshLink link, List<Block> run, long began, long deadline) {
            this.link = link;
            this.run = run;
            this.began = began;
            this.deadline = deadline;
        }

        void stop() {
            breaker.breakOff();
        }
    }

    /** What became of the download by an event. */
    interface Listener {
        /** A block is here that was not. */
        void stored(MeshLink from, Block block) throws IOException;

        /** A neighbour is of no use any more. */
        void left(MeshLink link, ErrorCode code, String reason);
    }

    private final Neighbours neighbours;
    private final BlockFetcher fetcher;
    private final TaskContent content;
    private final PeerId me;
    private final int rpcPort;
    private final RateLimiter rate;
    private final Consumer<Event> out;
    private final Listener listener;
    private final BlockChoice choice;
    private final Map<NetAddress, MeshLink> links = new LinkedHashMap<>();
    private final Map<Integer, Block> known = new HashMap<>();
    private final Set<Flight> flights = new LinkedHashSet<>();
    private final BitSet have;

    /** Blocks that came with other bytes than expected. */
    private final Set<Integer> suspected = new HashSet<>();

    /** Blocks that somebody is fetching, without those that are overdue. */
    private final BitSet inFlight = new BitSet();

    Mesh(
            Neighbours neighbours,
            BlockFetcher fetcher,
            TaskContent content,
            PeerId me,
            int rpcPort,
            RateLimiter rate,
            Consumer<Event> out,
            Listener listener) {
        this.neighbours = neighbours;
        this.fetcher = fetcher;
        this.content = content;
        this.me = me;
        this.rpcPort = rpcPort;
        this.rate = rate;
        this.out = out;
        this.listener = listener;
        this.choice = new BlockChoice(REQUESTS_PER_LINK, me.value().hashCode());
        this.have = content.readableBlocks();
    }

    boolean isEmpty() {
        return links.isEmpty();
    }

    /** Takes up a neighbour, unless it is one already or there are enough. */
    void meet(NetAddress address, String peer) {
        if (peer.equals(me.value()) || links.size() >= MOST_LINKS || links.containsKey(address)) {
            return;
        }
        var link = new MeshLink(address, peer);
        links.put(address, link);
        link.follow(neighbours.follow(
                address,
                content.task(),
                peer,
                me,
                rpcPort,
                (BitSet) have.clone(),
                news -> out.accept(new Event.Heard(link, news))));
    }

    /** Whether every block that is here was heard of: bytes are counted when their event is taken. */
    boolean isUpToDate() {
        BitSet unheard = content.readableBlocks();
        unheard.andNot(have);
        return unheard.isEmpty();
    }

    /** Blocks that another part of the download brought. */
    void brought(BitSet blocks) {
        have.or(blocks);
    }

    /**
     * The neighbours as they count when peers take turns at a seed peer of the field, which gives pieces: one that has begun a piece has it.
     */
    List<Offer> siblings(int blocksInPiece) {
        var siblings = new ArrayList<Offer>();
        for (MeshLink link : links.values()) {
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
        int flying = inFlight.nextSetBit(firstBlock);
        int here = have.nextSetBit(firstBlock);
        return (flying >= 0 && flying < endBlock) || (here >= 0 && here < endBlock);
    }

    /** @return whether the download moved on */
    boolean take(Event event, long now) throws IOException {
        return switch (event) {
            case Event.Heard(var link, var news) -> links.get(link.address()) == link && hear(link, news);
            case Event.Came(var flight, var block, var fresh) -> came(flight, block, fresh);
            case Event.Ended(var flight, var result) -> {
                ended(flight, result, now);
                yield false;
            }
        };
    }

    private boolean hear(MeshLink link, BlockStream.News news) throws IOException {
        switch (news) {
            case BlockStream.News.Blocks blocks -> {
                try {
                    return hear(link, blocks);
                } catch (CodedException e) {
                    if (content.failure().isPresent()) {
                        throw e;
                    }
                    leave(link, e.code(), String.valueOf(e.getMessage())); // it has other content, or cut it otherwise
                    return false;
                }
            }
            case BlockStream.News.Gone _ -> leave(link, ErrorCode.PEER_TASK_NOT_FOUND, "it has not got the task");
            case BlockStream.News.Ended(var reason) -> leave(link, ErrorCode.CLIENT_CONNECTION_ERROR, reason);
        }
        return false;
    }

    private boolean hear(MeshLink link, BlockStream.News.Blocks news) throws IOException {
        if (news.contentLength() >= 0) {
            content.describe(OptionalLong.of(news.contentLength()), news.header());
        }
        if (news.blockLength() > 0) {
            content.cut(news.blockLength(), news.pieceLength());
        }
        link.hear(news);
        for (Block block : news.blocks()) {
            known.putIfAbsent(block.number(), block);
        }
        for (var piece : news.pieces()) {
            content.note(piece);
        }
        return !news.blocks().isEmpty() || !news.pieces().isEmpty();
    }

    private boolean came(Flight flight, Block block, boolean fresh) throws IOException {
        flight.bytes += block.length();
        if (!fresh && !content.block(block.number()).isPresent()) {
            inFlight.clear(block.number()); // somebody is writing its piece; it comes from there or is asked for again
            return false;
        }
        inFlight.clear(block.number());
        have.set(block.number());
        known.putIfAbsent(block.number(), block);
        for (Flight other : List.copyOf(flights)) {
            if (other != flight && other.run.size() == 1 && other.run.getFirst().number() == block.number()) {
                other.stop();
            }
        }
        if (fresh) {
            listener.stored(flight.link, block);
        }
        return fresh;
    }

    private void ended(Flight flight, Result result, long now) throws IOException {
        flights.remove(flight);
        MeshLink link = flight.link;
        link.ended(flight.run.isEmpty());
        if (flight.overdue) {
            link.answered();
        }
        for (Block block : flight.run) {
            if (!flight.overdue && flights.stream().noneMatch(other -> other.run.contains(block))) {
                inFlight.clear(block.number());
            }
        }
        switch (result) {
            case Result.Done _ -> link.gave(flight.bytes, now - flight.began);
            case Result.Busy _ -> link.pause(now + FIRST_PAUSE);
            case Result.NothingMore _ -> link.handsOutNoMore();
            case Result.Stopped _ -> {}
            case Result.StorageFailed(var cause) -> throw cause;
            case Result.Failed(var cause) -> failed(flight, cause, now);
        }
    }

    private void failed(Flight flight, CodedException cause, long now) {
        if (content.failure().isPresent()) {
            throw cause;
        }
        MeshLink link = flight.link;
        LOG.atDebug()
                .addKeyValue("task", content.task())
                .addKeyValue("neighbour", link.peer())
                .addKeyValue("reason", cause.getMessage())
                .log("blocks not fetched");
        link.failed();
        link.pause(now + (FIRST_PAUSE << Math.min(link.failures(), MOST_FAILURES)));
        boolean hopeless = cause instanceof WrongBlock || cause.code() == ErrorCode.CLIENT_CONNECTION_ERROR;
        if (hopeless || link.failures() >= MOST_FAILURES) {
            leave(link, cause.code(), String.valueOf(cause.getMessage()));
        }
        if (cause instanceof WrongBlock wrong && !suspected.add(wrong.number())) {
            askAnew(wrong.number());
        }
    }

    /** Two neighbours had other bytes for a block than we expected: whoever told us what to expect may be the liar. */
    private void askAnew(int block) {
        known.remove(block);
        var all = List.copyOf(links.values());
        links.clear();
        all.forEach(link -> {
            link.close();
            meet(link.address(), link.peer());
        });
    }

    private void leave(MeshLink link, ErrorCode code, String reason) {
        if (!links.remove(link.address(), link)) {
            return;
        }
        LOG.atInfo()
                .addKeyValue("task", content.task())
                .addKeyValue("neighbour", link.peer())
                .addKeyValue("reason", reason)
                .log("neighbour left");
        link.close();
        for (Flight flight : List.copyOf(flights)) {
            if (flight.link == link) {
                flight.stop();
            }
        }
        listener.left(link, code, reason);
    }

    /** Leaves those that gave nothing for so long that somebody has to go. */
    void leaveSilent() {
        List.copyOf(links.values()).forEach(link -> leave(link, ErrorCode.CLIENT_PIECE_REQUEST_FAIL, "no progress"));
    }

    // ---- what to ask for

    void startFetches(long now) {
        if (content.blockLength() == 0) {
            return; // nobody has told how the content is cut
        }
        for (MeshLink link : links.values()) {
            while (link.mayAskNext(now, NEXT_PER_LINK)) {
                start(new Flight(link, List.of(), now, Long.MAX_VALUE));
            }
        }
        List<MeshLink> all = List.copyOf(links.values());
        while (requests() < MOST_REQUESTS) {
            Optional<BlockChoice.Request> request =
                    choice.next(wanted(), List.of(), offers(all, now), content.blockLength());
            if (request.isEmpty()) {
                endgame(all, now);
                return;
            }
            MeshLink link = all.get(request.get().neighbour());
            List<Block> run = new ArrayList<>();
            for (int i = 0; i < request.get().count(); i++) {
                Block block = known.get(request.get().first() + i);
                if (block == null) {
                    break;
                }
                run.add(block);
            }
            if (run.isEmpty()) {
                link.forget(request.get().first()); // its digest turned out wrong; it is told again
                continue;
            }
            start(link, run, now);
        }
    }

    /** Whether nothing more would be asked for, whatever neighbours had to give. */
    boolean isBusy() {
        return requests() >= MOST_REQUESTS;
    }

    private int requests() {
        int numbered = 0;
        for (Flight flight : flights) {
            numbered += flight.run.isEmpty() || flight.overdue ? 0 : 1;
        }
        return numbered;
    }

    private BitSet wanted() {
        var wanted = new BitSet();
        links.values().forEach(link -> wanted.or(link.blocks()));
        wanted.andNot(have);
        wanted.andNot(inFlight);
        return wanted;
    }

    private static List<BlockOffer> offers(List<MeshLink> all, long now) {
        var offers = new ArrayList<BlockOffer>();
        for (int i = 0; i < all.size(); i++) {
            MeshLink link = all.get(i);
            if (link.mayAsk(now)) {
                offers.add(new BlockOffer(i, link.blocks(), link.requests(), link.bytesPerSecond(), link.handsOut()));
            }
        }
        return offers;
    }

    private void start(MeshLink link, List<Block> run, long now) {
        run.forEach(block -> inFlight.set(block.number()));
        long bytes = run.stream().mapToLong(Block::length).sum();
        double expected = link.bytesPerSecond() == 0 ? 0 : bytes * 1e9 / link.bytesPerSecond();
        long patience = Math.max(LEAST_DEADLINE, (long) (DEADLINE_FACTOR * expected));
        start(new Flight(link, run, now, now + patience));
    }

    /** Everything that is missing is on its way: the slowest is asked for once more, of somebody else. */
    private void endgame(List<MeshLink> all, long now) {
        for (Flight flight : List.copyOf(flights)) {
            if (flight.run.size() != 1 || flight.overdue) {
                continue;
            }
            Block block = flight.run.getFirst();
            long racers = flights.stream()
                    .filter(other ->
                            other.run.size() == 1 && other.run.getFirst().number() == block.number())
                    .count();
            if (racers >= MOST_RACERS || have.get(block.number())) {
                continue;
            }
            for (MeshLink link : all) {
                boolean sooner = link != flight.link
                        && link.mayAsk(now)
                        && link.requests() == 0
                        && !link.handsOut()
                        && link.bytesPerSecond() > 0
                        && link.blocks().get(block.number())
                        && now - flight.began > ENDGAME_FACTOR * block.length() * 1e9 / link.bytesPerSecond();
                if (sooner) {
                    start(link, List.of(block), now);
                    return;
                }
            }
        }
    }

    private void start(Flight flight) {
        flights.add(flight);
        flight.link.began(flight.run.isEmpty());
        fetcher.run(() -> {
            Result result = flight.breaker.isBroken() ? new Result.Stopped() : fetch(flight);
            out.accept(new Event.Ended(flight, result));
        });
    }

    private Result fetch(Flight flight) {
        MeshLink link = flight.link;
        BlockFetcher.Progress progress = (block, fresh) -> out.accept(new Event.Came(flight, block, fresh));
        try {
            if (flight.run.isEmpty()) {
                return switch (fetcher.next(
                        link.uploadAddress(), content, me.value(), rate, flight.breaker, progress)) {
                    case BLOCK -> new Result.Done();
                    case LATER -> new Result.Stopped();
                    case NOTHING_MORE -> new Result.NothingMore();
                };
            }
            int came = fetcher.fetch(
                    link.uploadAddress(), link.holder(), content, flight.run, rate, flight.breaker, progress);
            return came == flight.run.size() ? new Result.Done() : new Result.Busy();
        } catch (CodedException e) {
            return flight.breaker.isBroken() ? new Result.Stopped() : new Result.Failed(e);
        } catch (IOException e) {
            return flight.breaker.isBroken() ? new Result.Stopped() : new Result.StorageFailed(e);
        } catch (InterruptedException e) {
            return new Result.Stopped();
        }
    }

    // ---- clocks

    /** Looks for requests that take too long. */
    void lookAtClocks(long now) {
        for (Flight flight : flights) {
            if (!flight.overdue && now - flight.deadline >= 0 && !flight.run.isEmpty()) {
                flight.overdue = true;
                flight.link.overdue();
                flight.run.forEach(block -> inFlight.clear(block.number()));
            }
        }
    }

    /** Nanoseconds until {@link #lookAtClocks} or {@link #startFetches} may do something by the clock alone. */
    long nanosToWait(long now) {
        long wait = Long.MAX_VALUE;
        for (Flight flight : flights) {
            if (!flight.overdue && !flight.run.isEmpty()) {
                wait = Math.min(wait, flight.deadline - now);
            }
        }
        for (MeshLink link : links.values()) {
            wait = Math.min(wait, link.pausedFor(now));
        }
        return wait;
    }

    /** Whether any request is open that is not hopeless. */
    boolean isFetching() {
        return flights.stream().anyMatch(flight -> !flight.overdue && !flight.run.isEmpty());
    }

    /** Breaks off all requests and leaves all neighbours. What comes after this is thrown away. */
    @Override
    public void close() {
        flights.forEach(Flight::stop);
        links.values().forEach(MeshLink::close);
        links.clear();
    }
}
