package dev.darter.peer.scheduler;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.darter.core.CodedException;
import dev.darter.core.ErrorCode;
import dev.darter.core.Integrity;
import dev.darter.core.OriginException;
import dev.darter.core.OriginFailure;
import dev.darter.core.OriginWish;
import dev.darter.core.PeerHost;
import dev.darter.core.PeerId;
import dev.darter.core.TaskId;
import dev.darter.core.UrlMeta;
import dev.darter.core.VerifyKey;
import dev.darter.wire.client.Answer;
import dev.darter.wire.client.PeerOutcome;
import dev.darter.wire.client.PieceReport;
import dev.darter.wire.client.Registration;
import dev.darter.wire.client.ReportStream;
import dev.darter.wire.client.SchedulerClient;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one download and its scheduler say to each other. Outlives the stream, the scheduler and the scheduler's memory: when
 * the stream breaks or the scheduler does not know the peer, the peer registers again under the same id with whoever owns
 * the task now, and repeats what it had reported. Any thread may report; instructions come on a thread of its own.
 */
public final class Conversation implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Conversation.class);
    private static final Duration FOR_EVER = Duration.ofDays(1);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);
    private static final Duration TAKE_IN = Duration.ofMillis(500);

    /** Pieces that came within this time are told of together; only the first one goes at once, since others may fetch from then on. */
    private static final Duration GATHER = Duration.ofMillis(500);

    /** After these a scheduler has nothing more to say to a peer. */
    private static final Set<ErrorCode> FATAL = EnumSet.of(
            ErrorCode.RESOURCE_LACKED,
            ErrorCode.BAD_REQUEST,
            ErrorCode.PEER_TASK_NOT_FOUND,
            ErrorCode.UNKNOWN_ERROR,
            ErrorCode.REQUEST_TIMEOUT,
            ErrorCode.SCHED_ERROR,
            ErrorCode.SCHED_PEER_GONE,
            ErrorCode.SCHED_PEER_NOT_FOUND,
            ErrorCode.SCHED_TASK_STATUS_ERROR,
            ErrorCode.SCHED_FORBIDDEN,
            ErrorCode.CDN_TASK_REGISTRY_FAIL);

    /** Who talks about what. */
    public record Subject(TaskId task, String url, UrlMeta meta, PeerId peer, PeerHost host) {
        /** The host of the URL, for people. */
        private String origin() {
            try {
                return String.valueOf(new URI(url).getHost());
            } catch (URISyntaxException _) {
                return "of " + task.prefix();
            }
        }
    }

    private final SchedulerClient client;
    private final Subject subject;
    private final Duration timeout;
    private final Registration registration;
    private final Integrity integrity;
    private final Consumer<VerifyKey> onKey;
    private final Object lock = new Object();

    @GuardedBy("lock")
    private SchedulerClient.Conversation with;

    @GuardedBy("lock")
    private ReportStream stream;

    @GuardedBy("lock")
    private final List<PieceReport> reported = new ArrayList<>();

    /** Whether the scheduler signs warrants: then it also says where a task is unsigned. */
    @GuardedBy("lock")
    private boolean signs;

    /** Finished pieces that the scheduler has yet to be told of. */
    @GuardedBy("lock")
    private final List<PieceReport> gathered = new ArrayList<>();

    @GuardedBy("lock")
    private boolean ended;

    private volatile Optional<Thread> listener = Optional.empty();

    private Conversation(
            SchedulerClient client,
            Subject subject,
            Duration timeout,
            SchedulerClient.Registered registered,
            Consumer<VerifyKey> onKey) {
        this.client = client;
        this.subject = subject;
        this.timeout = timeout;
        this.registration = registered.registration();
        this.integrity = integrityOf(registered);
        this.onKey = onKey;
        this.signs = registered.schedulerKey().isPresent();
        this.with = registered.conversation();
        this.stream = with.report();
    }

    /**
     * Registers the peer and opens the stream of reports.
     *
     * @param timeout for each registration, this one and later ones
     * @param onKey told under which key the scheduler signs, if it does
     * @throws CodedException what the scheduler answered
     * @throws RuntimeException if no scheduler took the call
     */
    public static Conversation open(
            SchedulerClient client, Subject subject, Duration timeout, Consumer<VerifyKey> onKey) {
        var registered =
                client.register(subject.task(), subject.url(), subject.meta(), subject.peer(), subject.host(), timeout);
        registered.schedulerKey().ifPresent(onKey);
        return new Conversation(client, subject, timeout, registered, onKey);
    }

    /** How the first registration was answered. */
    public Registration registration() {
        return registration;
    }

    /** Of the task, as far as the scheduler knew at the first registration. */
    public Integrity integrity() {
        return integrity;
    }

    private static Integrity integrityOf(SchedulerClient.Registered registered) {
        return known(registered.integrity(), registered.schedulerKey().isPresent());
    }

    private Integrity known(Integrity told) {
        synchronized (lock) {
            return known(told, signs);
        }
    }

    /** A scheduler that signs warrants says so when somebody reads without: until then nothing unsigned is believed. */
    private static Integrity known(Integrity told, boolean signs) {
        return signs && told == Integrity.UNKNOWN ? Integrity.SIGNED : told;
    }

    /** Begins to pass on what the scheduler says, until an instruction that ends the download or {@link #close}. */
    public void listen(Consumer<Instruction> out) {
        listener = Optional.of(
                Thread.ofVirtual().name("conversation-" + subject.peer()).start(() -> passOn(out)));
    }

    /** Tells what became of a piece or a parent; of finished pieces several at a time, where the scheduler understands it. */
    public void report(PieceReport report) {
        synchronized (lock) {
            if (report.code() != ErrorCode.SUCCESS) {
                tellGathered();
                stream.report(report);
                return;
            }
            reported.add(report);
            if (reported.size() == 1 || !with.takesBatches()) {
                stream.report(report);
                return;
            }
            gathered.add(report);
            if (gathered.size() == 1 && !ended) {
                Thread.ofVirtual().name("gathered-" + subject.peer()).start(this::tellSoon);
            }
        }
    }

    /** Whether the scheduler may let this peer read blocks from the origin beside what others give it. */
    public boolean takesWishes() {
        synchronized (lock) {
            return with.takesBatches() && signs;
        }
    }

    /** Says what this peer would read from the origin; only where {@link #takesWishes}. */
    public void wish(OriginWish wish) {
        synchronized (lock) {
            if (!ended) {
                stream.wish(wish);
            }
        }
    }

    private void tellSoon() {
        try {
            Thread.sleep(GATHER);
        } catch (InterruptedException e) {
            return; // nobody does that: the thread is known to nobody
        }
        synchronized (lock) {
            tellGathered();
        }
    }

    @GuardedBy("lock")
    private void tellGathered() {
        if (!gathered.isEmpty()) {
            stream.reportAll(List.copyOf(gathered));
            gathered.clear();
        }
    }

    /**
     * Says that no further piece will be reported, and gives the scheduler a moment to take in what was: the result travels
     * on another stream, and should not overtake the reports.
     */
    public void end(int finishedPieces) throws InterruptedException {
        synchronized (lock) {
            ended = true;
            tellGathered();
            stream.end(finishedPieces);
        }
        if (listener.isPresent()) {
            var _ = listener.get().join(TAKE_IN);
        }
    }

    /**
     * Tells how the download ended.
     *
     * @return whether the scheduler heard it and knew the peer
     */
    public boolean finish(PeerOutcome outcome) {
        SchedulerClient.Conversation now;
        synchronized (lock) {
            now = with;
        }
        try {
            now.finish(outcome);
            return true;
        } catch (RuntimeException e) {
            LOG.atWarn()
                    .addKeyValue("task", subject.task())
                    .addKeyValue("peer", subject.peer())
                    .addKeyValue("reason", e.getMessage())
                    .log("the scheduler did not take the result");
            return false;
        }
    }

    @Override
    public void close() {
        listener.ifPresent(Thread::interrupt);
        synchronized (lock) {
            ended = true;
            stream.close();
        }
    }

    private void passOn(Consumer<Instruction> out) {
        try {
            while (true) {
                ReportStream now;
                synchronized (lock) {
                    now = stream;
                }
                Answer answer = now.take(FOR_EVER).orElse(new Answer.Parents(List.of(), Integrity.UNKNOWN));
                switch (answer) {
                    case Answer.Parents(var parents, var integrity)
                    when !parents.isEmpty() -> out.accept(new Instruction.Parents(parents, known(integrity)));
                    case Answer.Parents _ -> {} // a packet that names nobody changes nothing
                    case Answer.Granted(var grant, var warrant) -> out.accept(new Instruction.MayRead(grant, warrant));
                    case Answer.Coded coded ->
                        instruct(coded, "answers " + coded.code().number() + " (expected: parents)", out);
                    case Answer.Ended(var failure) -> {
                        if (isOver()) {
                            return;
                        }
                        if (failure.isPresent()
                                && failure.get() instanceof CodedException coded
                                && coded.code() != ErrorCode.SCHED_REREGISTER) {
                            instruct(
                                    new Answer.Coded(coded.code(), Optional.empty(), Optional.empty(), false),
                                    String.valueOf(coded.getMessage()),
                                    out);
                            return;
                        }
                        resume(failure, out);
                    }
                }
            }
        } catch (InterruptedException e) {
            // the download is over
        }
    }

    private boolean isOver() {
        synchronized (lock) {
            return ended;
        }
    }

    private void instruct(Answer.Coded said, String detail, Consumer<Instruction> out) {
        ErrorCode code = said.code();
        if (code == ErrorCode.SCHED_NEED_BACK_SOURCE) {
            out.accept(new Instruction.BackToSource(said.warrant(), said.mayReturn()));
        } else if (code == ErrorCode.BACK_TO_SOURCE_ABORTED) {
            out.accept(new Instruction.GiveUp(OriginException.refused(
                    subject.origin(), said.origin().orElse(new OriginFailure(false, 0, "refused", Map.of())))));
        } else if (FATAL.contains(code)) {
            out.accept(new Instruction.GiveUp(new CodedException(code, "scheduler: " + detail)));
        } else {
            LOG.atWarn().addKeyValue("code", code.number()).log("the scheduler sent a code that tells a peer nothing");
        }
    }

    /** Registers again until it succeeds, the scheduler refuses, or the download is over. */
    private void resume(Optional<RuntimeException> failure, Consumer<Instruction> out) throws InterruptedException {
        String reason = failure.map(RuntimeException::getMessage).orElse("the scheduler ended the stream");
        out.accept(new Instruction.Lost(reason));
        LOG.atInfo()
                .addKeyValue("task", subject.task())
                .addKeyValue("peer", subject.peer())
                .addKeyValue("reason", reason)
                .log("conversation with the scheduler broke; registering again");
        Duration pause = FIRST_PAUSE;
        while (true) {
            // Spread, since all children of a scheduler lose it at the same moment.
            Thread.sleep(pause.plusMillis(ThreadLocalRandom.current().nextLong(pause.toMillis())));
            pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : LONGEST_PAUSE;
            if (isOver()) {
                return;
            }
            try {
                var registered = registerAgain();
                out.accept(new Instruction.Found(registered.registration(), integrityOf(registered)));
                return;
            } catch (RuntimeException e) {
                LOG.atDebug()
                        .addKeyValue("task", subject.task())
                        .addKeyValue("reason", e.getMessage())
                        .log("registering again failed");
            }
        }
    }

    private SchedulerClient.Registered registerAgain() {
        var registered =
                client.register(subject.task(), subject.url(), subject.meta(), subject.peer(), subject.host(), timeout);
        registered.schedulerKey().ifPresent(onKey);
        synchronized (lock) {
            stream.close();
            signs = registered.schedulerKey().isPresent();
            with = registered.conversation();
            stream = with.report();
            gathered.clear();
            if (with.takesBatches()) {
                stream.reportAll(reported);
            } else {
                reported.forEach(stream::report);
            }
            if (ended) {
                stream.close();
            }
        }
        return registered;
    }
}
