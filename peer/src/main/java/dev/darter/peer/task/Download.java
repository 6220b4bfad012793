package dev.darter.peer.task;

import dev.darter.core.BlockLength;
import dev.darter.core.CodedException;
import dev.darter.core.ErrorCode;
import dev.darter.core.Integrity;
import dev.darter.core.NetAddress;
import dev.darter.core.OriginException;
import dev.darter.core.PeerId;
import dev.darter.core.SeedShare;
import dev.darter.core.SignedWarrant;
import dev.darter.core.TaskId;
import dev.darter.core.VerifyKey;
import dev.darter.peer.scheduler.Conversation;
import dev.darter.peer.scheduler.Instruction;
import dev.darter.peer.storage.TaskContent;
import dev.darter.peer.transfer.RateLimiter;
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

    private final Shared shared;
    private final Environment env;
    private final TaskSpec spec;
    private final Optional<SeedShare> seed;
    private final SchedulerSide scheduler;
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

    /** @param seed how much a scheduler told this host to read at the origin for all; empty where it is a peer like others */
    Download(Shared shared, TaskSpec spec, Wish wish, Optional<SeedShare> seed, ContentCheck check) {
        this.shared = shared;
        this.env = shared.env();
        this.spec = spec;
        this.seed = seed;
        this.check = check;
        this.peer = freshPeer();
        this.rate = RateLimiter.of(
                wish.bytesPerSecond() > 0 ? wish.bytesPerSecond() : env.config().perPeerRateLimit());
        this.mayHelpItself = wish.backToSource() && !helps();
        this.scheduler = new SchedulerSide(
                env,
                spec,
                tally,
                () -> mayHelpItself()
                        || (!helps() && !shared.known().of(spec.id()).parents().isEmpty()));
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
            peer = seed.isPresent() ? peer : freshPeer(); // the scheduler knows a seed by the id it was told first
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
        Optional<Conversation> conversation = bringsIn() ? Optional.empty() : scheduler.register(peer);
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
            if (conversation.isPresent() && scheduler.tellSuccess(conversation.get(), here, peer, began)) {
                env.holdings().told(spec.id(), peer);
            }
        } catch (CodedException e) {
            returns = mayReturn && canOnlyHereNot(e);
            if (last && !returns && !(e instanceof OtherContent)) {
                fail(e);
            }
            if (conversation.isPresent()) {
                scheduler.tellFailure(conversation.get(), here, peer, e, triedOrigin, began);
            }
            if (!returns) {
                scheduler.leave(peer);
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

    private boolean mayHelpItself() {
        return orderedToOrigin || (mayHelpItself && !env.schedulerConfig().disableAutoBackSource());
    }

    // ---- the bytes

    /** Storage failures end the download like any other. */
    private void fetch(TaskContent here, Optional<Conversation> conversation) throws InterruptedException {
        try {
            if (bringsIn()) {
                bringIn(here, seed.get());
            } else if (fetchFromParents(here, conversation, seed) == Exchange.Outcome.TO_ORIGIN) {
                fetchFromOrigin(here, conversation, SeedShare.ALONE);
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

    /** Whether another seed peer does: without a scheduler there is nothing to help with. */
    private boolean helps() {
        return seed.isPresent() && seed.get().helps();
    }

    /** Whether it begins at the origin, without a word to a scheduler: one has told it to. */
    private boolean bringsIn() {
        return seed.isPresent() && !helps();
    }

    /** Reads the origin from the front; where other seed peers read the rest of it, what it shares with them. */
    private void bringIn(TaskContent here, SeedShare share) throws IOException, InterruptedException {
        if (fetchFromOrigin(here, Optional.empty(), share)) {
            return;
        }
        Optional<Conversation> conversation = scheduler.register(peer);
        try {
            if (conversation.isEmpty() || fetchFromParents(here, conversation, seed) == Exchange.Outcome.TO_ORIGIN) {
                fetchFromOrigin(here, conversation, SeedShare.ALONE);
            }
            if (conversation.isPresent()) {
                conversation.get().end(here.finishedPieces());
            }
        } finally {
            conversation.ifPresent(Conversation::close);
        }
    }

    private Exchange.Outcome fetchFromParents(
            TaskContent here, Optional<Conversation> conversation, Optional<SeedShare> share)
            throws IOException, InterruptedException {
        var proofs = new TaskProofs(here, env.trust().schedulers()::contains, leastGeneration, !beganAnew);
        try (var running = new Exchange(
                shared,
                here,
                proofs,
                new Exchange.Order(peer, rate, spec.toSource(), share),
                tally,
                conversation,
                this::mayHelpItself,
                this::sentToOrigin)) {
            exchange = Optional.of(running);
            if (orderedToOrigin && !bringsIn()) {
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

    /** @return whether all of it is here: of what is shared only the front is read, where the origin can be read in parts */
    private boolean fetchFromOrigin(TaskContent here, Optional<Conversation> conversation, SeedShare share)
            throws IOException, InterruptedException {
        if (mayReturn && !mayHelpItself()) {
            throw new CodedException(
                    ErrorCode.CLIENT_BACK_SOURCE_ERROR,
                    "origin: not to be read by this host (expected: a seed peer's turn)");
        }
        triedOrigin = true;
        env.handOuts().begin(here);
        var _ = new TaskProofs(here, _ -> false, leastGeneration, false); // storage hears what was proven before
        if (warrant.isPresent() && (seed.isPresent() || integrity == Integrity.SIGNED)) {
            here.forgetUnproven(); // others take nothing unproven, and we swear to what we read ourselves only
        }
        try (var _ = OriginReports.start(here, conversation, env.clock());
                var _ = OriginSigner.start(here, env.trust().key(), () -> warrant)) {
            long whole = env.origin()
                    .fetch(
                            here,
                            spec.toSource(),
                            RateLimiter.UNLIMITED,
                            !mayReturn,
                            length -> warrant.isPresent() ? share.front(length) : length, // it may have come meanwhile
                            tally::origin);
            here.describe(OptionalLong.of(whole), Map.of());
            return here.readableBytes() == whole;
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
        return seed.isPresent() ? PeerId.v1Seed(ip) : PeerId.v1(ip);
    }
}
