package dev.darter.peer.task;

import dev.darter.core.BlockLength;
import dev.darter.core.CodedException;
import dev.darter.core.ErrorCode;
import dev.darter.core.Integrity;
import dev.darter.core.NetAddress;
import dev.darter.core.OriginException;
import dev.darter.core.OriginFailure;
import dev.darter.core.PeerHost;
import dev.darter.core.PeerId;
import dev.darter.core.SignedWarrant;
import dev.darter.core.TaskId;
import dev.darter.core.VerifyKey;
import dev.darter.peer.scheduler.Conversation;
import dev.darter.peer.scheduler.Instruction;
import dev.darter.peer.storage.TaskContent;
import dev.darter.peer.transfer.RateLimiter;
import dev.darter.wire.client.PeerOutcome;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One task on its way to this host, from the first word to the scheduler to the last. {@link #run} is the whole story, on one
 * thread; everything else may be called by any.
 */
final class Download implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(Download.class);
    private static final Duration FIRST_LOOK = Duration.ofSeconds(15);

    private final Shared shared;
    private final Environment env;
    private final TaskSpec spec;
    private final boolean seed;
    private final RateLimiter rate;
    private final ContentCheck check;
    private final Tally tally = new Tally();
    private final CompletableFuture<Void> done = new CompletableFuture<>();
    private volatile CompletableFuture<TaskContent> content = new CompletableFuture<>();
    private volatile PeerId peer;
    private volatile boolean mayHelpItself;
    private volatile boolean orderedToOrigin;
    private volatile Optional<Exchange> exchange = Optional.empty();
    private volatile Optional<Thread> thread = Optional.empty();
    private volatile boolean stopped;
    private volatile boolean triedOrigin;
    private volatile boolean mayReturn;
    private volatile Optional<SignedWarrant> warrant = Optional.empty();

    /** Content of a lesser generation was given up. */
    private long leastGeneration;

    private boolean beganAnew;
    private Integrity integrity = Integrity.UNKNOWN;

    /** @param seed whether a scheduler told this host to fetch from the origin for all */
    Download(Shared shared, TaskSpec spec, Wish wish, boolean seed, ContentCheck check) {
        this.shared = shared;
        this.env = shared.env();
        this.spec = spec;
        this.seed = seed;
        this.check = check;
        this.peer = freshPeer();
        this.rate = RateLimiter.of(
                wish.bytesPerSecond() > 0 ? wish.bytesPerSecond() : env.config().perPeerRateLimit());
        this.mayHelpItself = wish.backToSource();
    }

    TaskId task() {
        return spec.id();
    }

    PeerId peer() {
        return peer;
    }

    boolean isOver() {
        return done.isDone();
    }

    /** Waits until storage has a place for the content. */
    TaskContent content() throws IOException, InterruptedException {
        try {
            return content.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
        }
    }

    BytesBySource sources() {
        return tally.now();
    }

    /**
     * @return whether it ended well; false when the time is over
     * @throws CodedException what it failed with
     */
    boolean await(Duration timeout) throws InterruptedException {
        try {
            done.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw e.getCause() instanceof CodedException coded
                    ? coded
                    : new CodedException(ErrorCode.UNKNOWN_ERROR, String.valueOf(e.getCause()), e);
        }
    }

    /** Somebody joined who allows what the first one may not have allowed. */
    void allow(Wish wish) {
        mayHelpItself |= wish.backToSource();
    }

    /** Another peer of the task can be followed. */
    void met(String other, NetAddress address) {
        exchange.ifPresent(running -> running.met(other, address));
    }

    /** A scheduler wants this host to fetch from the origin: nobody else will. */
    void orderToOrigin(Optional<SignedWarrant> given) {
        entrust(given);
        orderedToOrigin = true;
        exchange.ifPresent(running -> running.instruct(new Instruction.BackToSource(given, false)));
    }

    private void sentToOrigin(Instruction.BackToSource order) {
        entrust(order.warrant());
        mayReturn = order.mayReturn();
    }

    /** Whether what this host reads at the origin is signed. */
    boolean signs() {
        return warrant.isPresent();
    }

    /** One that names another key than this host's is of no use: the scheduler knows an earlier one, or another host. */
    private void entrust(Optional<SignedWarrant> given) {
        VerifyKey me = env.trust().key().verifyKey();
        boolean fits = given.isPresent()
                && given.get().warrant().reader().equals(me)
                && given.get().warrant().task().equals(spec.id());
        if (fits) {
            warrant = given;
        } else if (given.isPresent()) {
            LOG.atWarn()
                    .addKeyValue("task", spec.id())
                    .addKeyValue("reader", given.get().warrant().reader())
                    .addKeyValue("expected", me)
                    .log("a warrant for somebody else came; what is read is not signed");
        }
    }

    /** Ends it as it is; what is here is kept for the next time. Returns when it has ended. */
    void stop() throws InterruptedException {
        stopped = true;
        if (thread.isPresent()) {
            thread.get().interrupt();
            thread.get().join();
        }
    }

    @Override
    public void run() {
        thread = Optional.of(Thread.currentThread());
        long began = System.nanoTime();
        try {
            if (stopped) {
                throw new InterruptedException();
            }
            fetchAll(began);
            done.complete(null);
        } catch (CodedException e) {
            fail(e);
        } catch (InterruptedException e) {
            interrupted(e);
        } catch (IOException e) {
            fail(new CodedException(ErrorCode.CLIENT_ERROR, "storage: " + e.getMessage(), e));
        } catch (RuntimeException e) {
            if (stopped) {
                interrupted(e);
                return;
            }
            LOG.atError().addKeyValue("task", spec.id()).setCause(e).log("download failed in a way nobody foresaw");
            fail(new CodedException(ErrorCode.UNKNOWN_ERROR, "internal error: " + e, e));
        }
    }

    private void fetchAll(long began) throws IOException, InterruptedException {
        TaskContent here = open();
        if (here.verify()) {
            tally.local(here.readableBytes());
            return;
        }
        boolean resumed = here.finishedPieces() > 0;
        tally.local(here.readableBytes());
        try {
            fetchOnce(here, began, !resumed);
        } catch (CodedException e) {
            boolean other = e instanceof OtherContent;
            if (!other && (!resumed || e.code() != ErrorCode.CLIENT_ERROR)) {
                throw e;
            }
            leastGeneration = e instanceof OtherContent newer ? newer.generation() : leastGeneration;
            beganAnew = true;
            LOG.atInfo()
                    .addKeyValue("task", spec.id())
                    .addKeyValue("reason", e.getMessage())
                    .log("what was here belongs to another version; downloading anew");
            here.fail(e);
            env.storage().drop(spec.id());
            content = new CompletableFuture<>();
            peer = seed ? peer : freshPeer(); // the scheduler knows a seed by the id it was told first
            fetchOnce(open(), began, true);
        }
    }

    private TaskContent open() throws IOException {
        try {
            TaskContent opened = env.storage().open(spec.id(), peer);
            content.complete(opened);
            return opened;
        } catch (IOException e) {
            content.completeExceptionally(e);
            throw e;
        }
    }

    /**
     * Registers, fetches, verifies, completes, and tells the scheduler how it ended; whoever waits hears it first.
     *
     * @param last whether a failure is the end
     */
    private void fetchOnce(TaskContent here, long began, boolean last) throws InterruptedException {
        Optional<Conversation> conversation = seed ? Optional.empty() : register();
        boolean returns = false;
        try {
            fetch(here, conversation);
            LOG.atInfo()
                    .addKeyValue("task", spec.id())
                    .addKeyValue("peer", peer)
                    .addKeyValue("bytes", here.length().getAsLong())
                    .addKeyValue("sources", tally.now())
                    .log("peer task done, cost: {}ms", (System.nanoTime() - began) / 1_000_000);
            done.complete(null);
            if (conversation.isPresent()
                    && tell(conversation.get(), here, ErrorCode.SUCCESS, Optional.empty(), began)) {
                env.holdings().told(spec.id(), peer);
            }
        } catch (CodedException e) {
            returns = mayReturn && canOnlyHereNot(e);
            if (last && !returns && !(e instanceof OtherContent)) {
                fail(e);
            }
            if (conversation.isPresent()) {
                tellFailure(conversation.get(), here, e, began);
            }
            if (!returns) {
                leave();
                throw e;
            }
            LOG.atInfo()
                    .addKeyValue("task", spec.id())
                    .addKeyValue("reason", e.getMessage())
                    .log("this host cannot read the origin; a seed peer is to do it");
        } finally {
            conversation.ifPresent(Conversation::close);
        }
        if (returns) {
            env.handOuts().end(here);
            triedOrigin = false;
            mayReturn = false;
            fetchOnce(here, began, last);
        }
    }

    private static boolean canOnlyHereNot(CodedException failure) {
        return failure.code() == ErrorCode.CLIENT_BACK_SOURCE_ERROR
                && (!(failure instanceof OriginException refused)
                        || refused.failure().mayBeOnlyHere());
    }

    // ---- the scheduler

    /** Empty when no scheduler takes part and the download may do without. */
    private Optional<Conversation> register() throws InterruptedException {
        RuntimeException reason;
        if (env.schedulers().awaitFirstRound(FIRST_LOOK)) {
            try {
                PeerHost host = env.host().get();
                return Optional.of(Conversation.open(
                        env.schedulers().client(),
                        new Conversation.Subject(spec.id(), spec.url(), spec.meta(), peer, host),
                        env.schedulerConfig().scheduleTimeout(),
                        env.trust().schedulers()::add));
            } catch (RuntimeException e) {
                reason = e;
            }
        } else {
            reason = new CodedException(ErrorCode.SERVER_UNAVAILABLE, "no scheduler answers");
        }
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        LOG.atWarn()
                .addKeyValue("task", spec.id())
                .addKeyValue("reason", reason.getMessage())
                .log("not registered with a scheduler");
        if (!mayHelpItself() && shared.known().of(spec.id()).parents().isEmpty()) {
            throw reason instanceof CodedException coded
                    ? coded
                    : new CodedException(
                            ErrorCode.CLIENT_SCHEDULE_TIMEOUT,
                            "scheduler: " + reason.getMessage()
                                    + " (expected: one that answers, or leave to go to the origin)",
                            reason);
        }
        return Optional.empty();
    }

    private boolean mayHelpItself() {
        return orderedToOrigin || (mayHelpItself && !env.schedulerConfig().disableAutoBackSource());
    }

    /** Whether the scheduler heard it. */
    private boolean tell(
            Conversation scheduler, TaskContent here, ErrorCode code, Optional<OriginFailure> origin, long began)
            throws InterruptedException {
        scheduler.end(here.finishedPieces());
        PeerHost host = env.host().get();
        return scheduler.finish(new PeerOutcome(
                spec.id(),
                peer,
                host.ip(),
                host.idc(),
                spec.url(),
                here.length().orElse(-1),
                tally.now().origin(),
                Duration.ofNanos(System.nanoTime() - began),
                code,
                here.totalPieces().orElse(-1),
                origin));
    }

    private void tellFailure(Conversation scheduler, TaskContent here, CodedException cause, long began)
            throws InterruptedException {
        Optional<OriginFailure> origin =
                cause instanceof OriginException refused ? Optional.of(refused.failure()) : Optional.empty();
        // Upstream's code for a refusal that the scheduler passed on is another one than for one's own try.
        boolean passedOn = origin.isPresent() && !triedOrigin;
        var _ = tell(scheduler, here, passedOn ? ErrorCode.UNKNOWN_ERROR : cause.code(), origin, began);
    }

    /** Says that this host will not have the task after all. */
    private void leave() {
        if (!env.schedulers().client().isReady()) {
            return;
        }
        try {
            env.schedulers().client().leaveTask(spec.id(), peer);
        } catch (RuntimeException e) {
            LOG.atDebug()
                    .addKeyValue("task", spec.id())
                    .addKeyValue("reason", e.getMessage())
                    .log("the scheduler was not told that the task is left");
        }
    }

    // ---- the bytes

    /** Storage failures end the download like any other. */
    private void fetch(TaskContent here, Optional<Conversation> conversation) throws InterruptedException {
        try {
            if (seed || fetchFromParents(here, conversation) == Exchange.Outcome.TO_ORIGIN) {
                fetchFromOrigin(here, conversation);
            }
            if (spec.digest().isPresent()) {
                check.check(here, spec.digest().get());
            }
            here.complete(here.length().orElseThrow());
            noteWhole(here);
        } catch (InterruptedIOException e) {
            throw interruption(e);
        } catch (IOException e) {
            if (Thread.interrupted()) {
                throw interruption(e);
            }
            throw new CodedException(ErrorCode.CLIENT_ERROR, "storage: " + e.getMessage(), e);
        }
    }

    private static void noteWhole(TaskContent here) throws IOException {
        if (here.blockLength() > 0) {
            int blocks = BlockLength.count(here.length().orElseThrow(), here.blockLength());
            if (here.provenBlocks().nextClearBit(0) >= blocks) {
                here.proofs().whole();
            }
        }
    }

    private static InterruptedException interruption(IOException cause) {
        var interruption = new InterruptedException(cause.getMessage());
        interruption.initCause(cause);
        return interruption;
    }

    private Exchange.Outcome fetchFromParents(TaskContent here, Optional<Conversation> conversation)
            throws IOException, InterruptedException {
        var proofs = new TaskProofs(here, env.trust().schedulers()::contains, leastGeneration, !beganAnew);
        try (var running = new Exchange(
                shared,
                here,
                proofs,
                peer,
                rate,
                tally,
                spec.toSource(),
                conversation,
                this::mayHelpItself,
                this::sentToOrigin)) {
            exchange = Optional.of(running);
            if (orderedToOrigin) {
                return Exchange.Outcome.TO_ORIGIN;
            }
            if (conversation.isPresent()) {
                integrity = conversation.get().integrity();
                running.begin(integrity);
                running.begin(conversation.get().registration());
                conversation.get().listen(running::instruct);
            } else {
                Instruction.Parents known = shared.known().of(spec.id());
                integrity = known.integrity();
                running.instruct(known);
            }
            return running.run();
        } finally {
            exchange = Optional.empty();
        }
    }

    private void fetchFromOrigin(TaskContent here, Optional<Conversation> conversation)
            throws IOException, InterruptedException {
        if (mayReturn && !mayHelpItself()) {
            throw new CodedException(
                    ErrorCode.CLIENT_BACK_SOURCE_ERROR,
                    "origin: not to be read by this host (expected: a seed peer's turn)");
        }
        triedOrigin = true;
        env.handOuts().begin(here);
        var _ = new TaskProofs(here, _ -> false, leastGeneration, false); // storage hears what was proven before
        if (warrant.isPresent() && (seed || integrity == Integrity.SIGNED)) {
            here.forgetUnproven(); // others take nothing unproven, and we swear to what we read ourselves only
        }
        try (var _ = OriginReports.start(here, conversation, env.clock());
                var _ = OriginSigner.start(here, env.trust().key(), () -> warrant)) {
            long length = env.origin().fetch(here, spec.toSource(), RateLimiter.UNLIMITED, !mayReturn, tally::origin);
            here.describe(OptionalLong.of(length), Map.of());
        }
    }

    // ---- the end

    private void fail(CodedException cause) {
        if (done.isDone()) {
            return;
        }
        env.metrics().failed(stage());
        LOG.atWarn()
                .addKeyValue("task", spec.id())
                .addKeyValue("peer", peer)
                .addKeyValue("code", cause.code().number())
                .addKeyValue("reason", cause.getMessage())
                .log("download failed");
        if (content.isDone() && !content.isCompletedExceptionally()) {
            content.join().fail(cause);
        }
        env.storage().drop(spec.id());
        content.completeExceptionally(cause);
        done.completeExceptionally(cause);
    }

    private void interrupted(Exception cause) {
        var stop = new CodedException(
                ErrorCode.CLIENT_CONTEXT_CANCELED,
                "download interrupted: the daemon stops (it goes on after a restart)",
                cause);
        content.completeExceptionally(stop);
        done.completeExceptionally(stop);
    }

    private TaskMetrics.Stage stage() {
        if (triedOrigin) {
            return TaskMetrics.Stage.SOURCE;
        }
        return content.isDone() && !content.isCompletedExceptionally() ? TaskMetrics.Stage.P2P : TaskMetrics.Stage.INIT;
    }

    private PeerId freshPeer() {
        String ip = env.host().get().ip();
        return seed ? PeerId.v1Seed(ip) : PeerId.v1(ip);
    }
}
