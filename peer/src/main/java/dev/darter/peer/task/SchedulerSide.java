package dev.darter.peer.task;

import dev.darter.core.CodedException;
import dev.darter.core.ErrorCode;
import dev.darter.core.OriginException;
import dev.darter.core.OriginFailure;
import dev.darter.core.PeerHost;
import dev.darter.core.PeerId;
import dev.darter.peer.scheduler.Conversation;
import dev.darter.peer.storage.TaskContent;
import dev.darter.wire.client.PeerOutcome;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a download says to its scheduler at the beginning and at the end. */
final class SchedulerSide {
    private static final Logger LOG = LoggerFactory.getLogger(SchedulerSide.class);
    private static final Duration FIRST_LOOK = Duration.ofSeconds(15);

    private final Environment env;
    private final TaskSpec spec;
    private final Tally tally;
    private final BooleanSupplier mayDoWithout;

    /** @param mayDoWithout whether the download goes on where no scheduler takes part */
    SchedulerSide(Environment env, TaskSpec spec, Tally tally, BooleanSupplier mayDoWithout) {
        this.env = env;
        this.spec = spec;
        this.tally = tally;
        this.mayDoWithout = mayDoWithout;
    }

    /**
     * Registers.
     *
     * @return empty when no scheduler takes part and the download may do without
     * @throws CodedException if it may not
     */
    Optional<Conversation> register(PeerId peer) throws InterruptedException {
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
        if (!mayDoWithout.getAsBoolean()) {
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

    /**
     * Says that all is here.
     *
     * @param began a reading of {@link System#nanoTime}
     * @return whether the scheduler heard it
     */
    boolean tellSuccess(Conversation scheduler, TaskContent here, PeerId peer, long began) throws InterruptedException {
        return tell(scheduler, here, peer, ErrorCode.SUCCESS, Optional.empty(), began);
    }

    /**
     * Says why it failed.
     *
     * @param triedOrigin whether this host has asked the origin itself
     * @param began a reading of {@link System#nanoTime}
     */
    void tellFailure(
            Conversation scheduler,
            TaskContent here,
            PeerId peer,
            CodedException cause,
            boolean triedOrigin,
            long began)
            throws InterruptedException {
        Optional<OriginFailure> origin =
                cause instanceof OriginException refused ? Optional.of(refused.failure()) : Optional.empty();
        // Upstream's code for a refusal that the scheduler passed on is another one than for one's own try.
        boolean passedOn = origin.isPresent() && !triedOrigin;
        var _ = tell(scheduler, here, peer, passedOn ? ErrorCode.UNKNOWN_ERROR : cause.code(), origin, began);
    }

    private boolean tell(
            Conversation scheduler,
            TaskContent here,
            PeerId peer,
            ErrorCode code,
            Optional<OriginFailure> origin,
            long began)
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

    /** Says that this host will not have the task after all. */
    void leave(PeerId peer) {
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
}
