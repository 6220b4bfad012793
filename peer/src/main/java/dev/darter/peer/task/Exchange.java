package dev.darter.peer.task;

import dev.darter.core.Block;
import dev.darter.core.CodedException;
import dev.darter.core.ErrorCode;
import dev.darter.core.Integrity;
import dev.darter.core.NetAddress;
import dev.darter.core.OriginException;
import dev.darter.core.PeerId;
import dev.darter.core.Piece;
import dev.darter.core.SeedShare;
import dev.darter.peer.scheduler.Conversation;
import dev.darter.peer.scheduler.Instruction;
import dev.darter.peer.storage.Claim;
import dev.darter.peer.storage.TaskContent;
import dev.darter.peer.transfer.RateLimiter;
import dev.darter.source.SourceRequest;
import dev.darter.wire.client.Answer;
import dev.darter.wire.client.PieceStream;
import dev.darter.wire.client.Registration;
import dev.darter.wire.rpc.RpcErrors;
import java.io.IOException;
import java.time.Duration;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The part of a download that fetches from parents: one thread takes events in turn, starts fetches, reports them. Ends when
 * all bytes are here, or when they have to come from the origin.
 */
final class Exchange implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Exchange.class);
    private static final int MOST_AT_ONCE = 32;
    private static final long BLOCK_NANOS = Duration.ofMillis(20).toNanos();
    private static final long SIGN_NANOS = Duration.ofSeconds(1).toNanos();

    /** How long a scheduler that went away is waited for: a restart takes seconds, and must not send everybody to the origin. */
    private static final Duration LOST_SCHEDULER = Duration.ofSeconds(10);

    enum Outcome {
        WHOLE,
        TO_ORIGIN
    }

    private final Environment env;
    private final KnownParents known;
    private final TaskContent content;
    private final Tally tally;
    private final BooleanSupplier mayHelpItself;
    private final Consumer<Instruction.BackToSource> toOrigin;
    private final ExchangeEvents events = new ExchangeEvents();
    private final Parents parents;
    private final Fetches fetches;
    private final Mesh mesh;
    private final OriginShare origin;
    private final PieceSigns signs;
    private final Patience patience;
    private final PieceAsking asking;
    private final PieceReports reports;
    private final BitSet stored = new BitSet();

    /** Peers that the scheduler takes for v2.1.28's, and that are ours. */
    private final Set<String> recognised = new HashSet<>();

    private boolean alone;
    private OptionalLong signAwaitedUntil = OptionalLong.empty();

    /**
     * What is fetched, and as whom.
     *
     * @param rate of this task, besides that of the host
     * @param source what the origin is asked for
     * @param seed for a seed peer, which reads the origin rather than to ask others for what nobody has
     */
    record Order(PeerId me, RateLimiter rate, SourceRequest source, Optional<SeedShare> seed) {}

    /**
     * @param conversation empty when no scheduler takes part
     * @param mayHelpItself whether the download may go to the origin without being told to
     * @param toOrigin takes the order to go to the origin
     */
    Exchange(
            Shared shared,
            TaskContent content,
            TaskProofs proofs,
            Order order,
            Tally tally,
            Optional<Conversation> conversation,
            BooleanSupplier mayHelpItself,
            Consumer<Instruction.BackToSource> toOrigin) {
        this.env = shared.env();
        this.known = shared.known();
        this.content = content;
        this.tally = tally;
        this.mayHelpItself = mayHelpItself;
        this.toOrigin = toOrigin;
        this.alone = conversation.isEmpty();
        this.parents = new Parents(content.task(), order.me(), shared.channels(), events::add);
        this.fetches = new Fetches(
                env.pieces(), content.task(), order.rate(), env.config().calculateDigest(), events::add);
        this.mesh = new Mesh(
                env.neighbours(),
                env.blocks(),
                content,
                proofs,
                env.trust().bans(),
                order.me(),
                env.host().get().rpcPort(),
                order.rate(),
                this::happened,
                new MeshNews());
        this.origin = new OriginShare(
                env,
                content,
                mesh,
                order,
                tally,
                conversation,
                event -> events.add(new ExchangeEvent.AtOrigin(event)),
                System.nanoTime());
        this.asking = new PieceAsking(content, order.me(), parents, fetches, mesh, stored);
        this.reports = new PieceReports(env, content, conversation, stored);
        this.signs = new PieceSigns(content);
        this.patience = new Patience(
                env.config().watchdogTimeout(),
                env.schedulerConfig().scheduleTimeout(),
                conversation.isPresent() ? LOST_SCHEDULER : Duration.ZERO,
                System.nanoTime());
        content.pieces(0, Integer.MAX_VALUE).forEach(piece -> stored.set(piece.number()));
    }

    /** Another Darter peer of the task can be followed; any thread may say so. */
    void met(String peer, NetAddress address) {
        events.add(new ExchangeEvent.Met(peer, address));
    }

    private void happened(Mesh.Event event) {
        var inMesh = new ExchangeEvent.InMesh(event);
        if (event.isQuiet()) {
            events.addQuietly(inMesh);
        } else {
            events.add(inMesh);
        }
    }

    /** Tells the download what to do; any thread may. */
    void instruct(Instruction instruction) {
        events.add(new ExchangeEvent.Told(instruction));
    }

    /**
     * Fetches until nothing more is to be fetched from parents.
     *
     * @throws CodedException why the download cannot succeed
     * @throws IOException if storage fails
     */
    Outcome run() throws IOException, InterruptedException {
        while (true) {
            startFetches(); // first: it may find that the last piece is here already
            if (isWhole() && isSignSettled()) {
                return Outcome.WHOLE;
            }
            mesh.followMore(System.nanoTime());
            if (!origin.comesFirst(System.nanoTime())) {
                mesh.startFetches(fetches.numbers(), System.nanoTime());
            }
            origin.waits(System.nanoTime());
            Optional<ExchangeEvent> event = events.take(nanosToWait(), mesh.isBusy());
            Optional<Outcome> outcome = Optional.empty();
            // What happened at the same time is taken in one go: what to do next is chosen once for all of it.
            for (int taken = 0; event.isPresent() && outcome.isEmpty(); taken++) {
                outcome = take(event.get());
                event = taken < MOST_AT_ONCE ? events.poll() : Optional.empty();
            }
            if (outcome.isEmpty()) {
                outcome = lookAtClocks();
            }
            if (outcome.isPresent()) {
                return outcome.get();
            }
        }
    }

    /** Stops all fetches and leaves all parents. */
    @Override
    public void close() {
        origin.close();
        mesh.close();
        fetches.close();
        parents.close();
    }

    // ---- what happened

    private Optional<Outcome> take(ExchangeEvent event) throws IOException {
        switch (event) {
            case ExchangeEvent.Told(var instruction) -> {
                return follow(instruction);
            }
            case ExchangeEvent.Met(var peer, var address) -> mesh.meetFollower(address, peer);
            case ExchangeEvent.InMesh(var inMesh) -> {
                if (mesh.take(inMesh, System.nanoTime())) {
                    patience.progress(System.nanoTime());
                    reports.newPieces();
                }
            }
            case ExchangeEvent.AtOrigin(var atOrigin) -> {
                if (origin.take(atOrigin, System.nanoTime())) {
                    reports.gave(PieceReports.ORIGIN);
                    patience.progress(System.nanoTime());
                    reports.newPieces();
                }
            }
            case ExchangeEvent.Heard(var link, var news) -> {
                if (parents.contains(link)) {
                    hear(link, news);
                }
            }
            case ExchangeEvent.Fetched fetched -> noteFetched(fetched);
            case ExchangeEvent.Failed failed -> noteFailed(failed);
            case ExchangeEvent.StorageFailed(var cause) -> throw cause;
        }
        return Optional.empty();
    }

    private Optional<Outcome> follow(Instruction instruction) throws IOException {
        switch (instruction) {
            case Instruction.Parents(var all, var integrity) -> {
                mesh.integrity(integrity);
                List<Answer.Parent> named =
                        all.stream().filter(peer -> !isBanned(peer)).toList();
                all.stream().filter(this::isBanned).forEach(peer -> mesh.shun(peer.peerId()));
                known.note(content.task(), new Instruction.Parents(named, integrity));
                named.stream()
                        .filter(this::isOurs)
                        .forEach(peer ->
                                mesh.meet(new NetAddress(peer.ip(), peer.rpcPort()), peer.peerId(), peer.elsewhere()));
                parents.replace(named.stream().filter(peer -> !isOurs(peer)).toList(), stored.nextClearBit(0));
                patience.progress(System.nanoTime());
            }
            case Instruction.BackToSource order -> {
                toOrigin.accept(order);
                return origin.goesOn(System.nanoTime()) ? Optional.empty() : Optional.of(Outcome.TO_ORIGIN);
            }
            case Instruction.MayRead(var grant, var warrant) -> origin.granted(grant, warrant);
            case Instruction.GiveUp(var reason) -> throw reason;
            case Instruction.Lost _ -> alone = true;
            case Instruction.Found(var registration, var integrity) -> {
                alone = false;
                mesh.integrity(integrity);
                mesh.askAnew(); // it may sign with a key that was not known before
                patience.progress(System.nanoTime());
                begin(registration);
            }
        }
        return Optional.empty();
    }

    private boolean isBanned(Answer.Parent peer) {
        return env.trust().bans().contains(new NetAddress(peer.ip(), peer.rpcPort()));
    }

    /** What the scheduler said of the task when the peer registered. */
    void begin(Integrity integrity) throws IOException {
        mesh.integrity(integrity);
    }

    /**
     * Takes what a registration brought.
     *
     * @throws IOException if storage fails
     */
    void begin(Registration registration) throws IOException {
        switch (registration) {
            case Registration.Normal _ -> {} // parents come as instructions
            case Registration.Empty _ -> content.describe(OptionalLong.of(0), Map.of());
            case Registration.Tiny(var bytes) -> {
                content.describe(OptionalLong.of(bytes.remaining()), Map.of());
                if (content.claim(0) instanceof Claim.Mine(var writer)) {
                    try (writer) {
                        tally.peer(bytes.remaining());
                        writer.write(bytes.duplicate());
                        mesh.brought(writer.commit(Optional.empty()));
                        stored.set(0);
                    }
                }
            }
            case Registration.Small(var parent, var address, var piece) -> {
                content.describe(OptionalLong.of(piece.length()), Map.of());
                start(new Fetch(Optional.empty(), parent, parent, address, piece, reports.now()));
            }
        }
    }

    private void hear(ParentLink link, PieceStream.News news) throws IOException {
        switch (news) {
            case PieceStream.News.Pieces pieces -> {
                if (pieces.darter()) {
                    recognise(link);
                    return;
                }
                if (pieces.contentLength() >= 0) {
                    content.describe(OptionalLong.of(pieces.contentLength()), pieces.header());
                }
                signs.hear(pieces.pieceMd5Sign());
                if (link.hear(pieces)) {
                    patience.progress(System.nanoTime());
                }
            }
            case PieceStream.News.Ended(var failure) -> {
                ErrorCode code = failure.map(cause -> codeOf(link, cause)).orElse(ErrorCode.CLIENT_PIECE_REQUEST_FAIL);
                blame(link, code, failure.map(RuntimeException::getMessage).orElse("the parent ended the stream"));
            }
        }
    }

    private boolean isOurs(Answer.Parent parent) {
        return parent.darter() || recognised.contains(parent.peerId());
    }

    /** A scheduler of the field does not know which of the peers it names are ours; their first words tell. */
    private void recognise(ParentLink link) {
        recognised.add(link.id());
        parents.leave(link);
        mesh.meet(link.address(), link.id(), false);
    }

    /** Upstream's table of what a child reports for the failure of a stream of piece announcements. */
    private static ErrorCode codeOf(ParentLink link, RuntimeException failure) {
        if (failure instanceof CodedException coded && !(failure instanceof OriginException)) {
            return coded.code();
        }
        return RpcErrors.isUnavailable(failure) && !link.hasBeenHeard()
                ? ErrorCode.CLIENT_CONNECTION_ERROR
                : ErrorCode.CLIENT_PIECE_REQUEST_FAIL;
    }

    private void noteFetched(ExchangeEvent.Fetched fetched) {
        Fetch fetch = fetched.fetch();
        Piece piece = fetched.piece();
        fetches.ended(fetch);
        fetch.link().ifPresent(link -> link.gave(piece.length(), fetched.nanos()));
        tally.peer(piece.length());
        env.metrics().pieceFetched();
        signs.fetched(fetch.announced());
        reports.ended(fetch, ErrorCode.SUCCESS, fetched.nanos());
        stored.set(piece.number());
        mesh.brought(piece);
        patience.progress(System.nanoTime());
    }

    /** The mesh brings blocks; whoever counts in pieces hears of those that are whole. */
    private final class MeshNews implements Mesh.Listener {
        @Override
        public void stored(MeshLink from, Block block) {
            reports.gave(from.peer());
            tally.peer(block.length());
            origin.got(block, System.nanoTime());
            reports.newPieces();
        }

        @Override
        public void left(MeshLink link, ErrorCode code, String reason, boolean lied) {
            reports.left(link.peer(), code, lied ? reason : "");
        }
    }

    private void noteFailed(ExchangeEvent.Failed failed) {
        Fetch fetch = failed.fetch();
        fetches.ended(fetch);
        env.metrics().pieceFailed();
        LOG.atDebug()
                .addKeyValue("task", content.task())
                .addKeyValue("parent", fetch.parent())
                .addKeyValue("piece", fetch.announced().number())
                .addKeyValue("reason", failed.reason())
                .log("piece not fetched");
        reports.ended(fetch, failed.code(), failed.nanos());
        fetch.link().ifPresent(link -> parents.failed(link, fetch.announced().number(), System.nanoTime()));
    }

    /** Leaves a parent, and tells the scheduler why, so that it names another one. */
    private void blame(ParentLink link, ErrorCode code, String reason) {
        LOG.atInfo()
                .addKeyValue("task", content.task())
                .addKeyValue("parent", link.id())
                .addKeyValue("reason", reason)
                .log("parent left");
        parents.leave(link);
        reports.left(link.id(), code, "");
    }

    // ---- what to fetch

    private void startFetches() throws IOException {
        Optional<PieceAsking.Request> next = asking.next(System.nanoTime());
        while (next.isPresent()) {
            ParentLink link = next.get().parent();
            start(new Fetch(
                    Optional.of(link),
                    link.id(),
                    link.holder(),
                    link.uploadAddress(),
                    next.get().piece(),
                    reports.now()));
            next = asking.next(System.nanoTime());
        }
    }

    private void start(Fetch fetch) throws IOException {
        Claim claim;
        try {
            claim = content.claim(fetch.announced());
        } catch (CodedException e) {
            if (content.failure().isPresent()) {
                throw e;
            }
            // A parent whose pieces do not fit together with those of others is no parent.
            fetch.link()
                    .ifPresent(
                            link -> blame(link, ErrorCode.CLIENT_PIECE_REQUEST_FAIL, String.valueOf(e.getMessage())));
            return;
        }
        switch (claim) {
            case Claim.Stored(var piece) -> stored.set(piece.number());
            case Claim.InFlight _ ->
                // A block of it is being written at this moment.
                fetch.link().ifPresent(link -> link.pause(System.nanoTime() + BLOCK_NANOS));
            case Claim.Mine(var writer) -> {
                fetch.link().ifPresent(ParentLink::begin);
                fetches.start(fetch, writer);
            }
        }
    }

    private boolean isWhole() throws IOException {
        if (!mesh.isUpToDate()) {
            return false;
        }
        if ((!mesh.isEmpty() || origin.isUsed())
                && content.length().isPresent()
                && content.readableBytes() == content.length().getAsLong()) {
            content.finishPieces();
            reports.newPieces();
        }
        if (content.length().isEmpty() || !fetches.isEmpty()) {
            return false;
        }
        return content.length().getAsLong() == 0
                || (!stored.isEmpty()
                        && content.finishedPieces() == content.totalPieces().orElse(-1));
    }

    /** Whether the pieces were checked against the parents' sign, or no parent has one. */
    private boolean isSignSettled() {
        if (!env.config().calculateDigest() || content.finishedPieces() == 0) {
            return true;
        }
        if (signs.isKnown()) {
            signs.check();
            return true;
        }
        int total = content.finishedPieces();
        List<ParentLink> whole =
                parents.all().stream().filter(link -> link.isWhole(total)).toList();
        if (whole.isEmpty()) {
            return true;
        }
        long now = System.nanoTime();
        if (signAwaitedUntil.isEmpty()) {
            // A parent that was not whole when it announced its last piece had no sign then.
            signAwaitedUntil = OptionalLong.of(now + SIGN_NANOS);
            whole.forEach(link -> link.ask(total - 1, 1));
        }
        return now - signAwaitedUntil.getAsLong() >= 0;
    }

    // ---- clocks

    private long nanosToWait() {
        long now = System.nanoTime();
        boolean any = !parents.isEmpty() || !mesh.isEmpty();
        long wait = isIdle() ? patience.left(now, any, alone) : Long.MAX_VALUE;
        wait = Math.min(wait, Math.min(asking.nanosToWait(now), mesh.nanosToWait(now)));
        wait = Math.min(wait, origin.nanosToWait(now));
        if (signAwaitedUntil.isPresent()) {
            wait = Math.min(wait, signAwaitedUntil.getAsLong() - now);
        }
        for (ParentLink link : parents.all()) {
            if (link.isPaused(now)) {
                wait = Math.min(wait, link.pausedUntil() - now);
            }
            if (!link.hasBeenHeard()) {
                wait = Math.min(
                        wait, link.openedAt() + env.config().grpcDialTimeout().toNanos() - now);
            }
        }
        return Math.max(1, wait);
    }

    private boolean isIdle() {
        return fetches.isEmpty() && !mesh.isFetching() && !origin.isReading();
    }

    private Optional<Outcome> lookAtClocks() {
        long now = System.nanoTime();
        for (ParentLink link : parents.all()) {
            if (!link.hasBeenHeard()
                    && now - link.openedAt() >= env.config().grpcDialTimeout().toNanos()) {
                blame(link, ErrorCode.CLIENT_CONNECTION_ERROR, "no answer");
            }
        }
        mesh.lookAtClocks(now);
        origin.look(!parents.isEmpty(), now);
        if (origin.isInVain(now) && mayHelpItself.getAsBoolean()) {
            return Optional.of(Outcome.TO_ORIGIN);
        }
        if (!isIdle()) {
            return Optional.empty(); // a fetch has its own clock
        }
        boolean any = !parents.isEmpty() || !mesh.isEmpty();
        return switch (patience.look(now, any, parents.haveAllAnswered(), alone)) {
            case WAIT -> Optional.empty();
            case PROBE -> {
                parents.all().forEach(link -> link.probe(stored.nextClearBit(0)));
                yield Optional.empty();
            }
            case BLAME -> {
                List<ParentLink> silent = parents.all().stream()
                        .filter(link -> !link.answeredLastQuestion())
                        .toList();
                (silent.isEmpty() ? parents.main().stream().toList() : silent)
                        .forEach(link -> blame(link, ErrorCode.CLIENT_PIECE_REQUEST_FAIL, "no progress"));
                mesh.leaveSilent();
                yield Optional.empty();
            }
            case HELP_YOURSELF -> {
                if (!mayHelpItself.getAsBoolean()) {
                    throw new CodedException(
                            ErrorCode.CLIENT_SCHEDULE_TIMEOUT,
                            "no parent was found in time, and the daemon may not go to the origin of its own accord");
                }
                yield Optional.of(Outcome.TO_ORIGIN);
            }
        };
    }
}
