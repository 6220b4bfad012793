package dev.darter.peer.task;

import dev.darter.core.CodedException;
import dev.darter.core.ErrorCode;
import dev.darter.core.PeerId;
import dev.darter.core.TaskId;
import dev.darter.core.TaskType;
import dev.darter.peer.storage.Claim;
import dev.darter.peer.storage.Output;
import dev.darter.peer.storage.Placement;
import dev.darter.peer.storage.TaskContent;
import dev.darter.peer.storage.UnixUser;
import dev.darter.wire.client.HeldTask;
import dev.darter.wire.client.TaskStatus;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Content as a cache that tools fill and empty themselves. Any thread may call it. */
public final class CacheTasks {
    private static final Logger LOG = LoggerFactory.getLogger(CacheTasks.class);
    private static final Duration LONG = Duration.ofDays(1);
    private static final int BUFFER = 1 << 20;

    private final Environment env;
    private final Tasks tasks;
    private final ContentCheck check;

    CacheTasks(Environment env, Tasks tasks, ContentCheck check) {
        this.env = env;
        this.tasks = tasks;
        this.check = check;
    }

    /**
     * Whether the content can be had.
     *
     * @param localOnly whether only this host counts
     * @throws CodedException PEER_TASK_NOT_FOUND if not
     */
    public void stat(TaskSpec spec, boolean localOnly) {
        if (tasks.held(spec).isPresent()) {
            return;
        }
        if (localOnly) {
            throw new CodedException(ErrorCode.PEER_TASK_NOT_FOUND, "task not found in local cache");
        }
        requireElsewhere(spec.id());
    }

    /**
     * Takes a file in and offers it to others.
     *
     * @param path read with the user's rights
     * @throws CodedException if it cannot be read or stored
     */
    public void importFile(TaskSpec spec, Path path, TaskType type, UnixUser user) {
        if (tasks.held(spec).isPresent()) {
            return;
        }
        var done = new CompletableFuture<TaskContent>();
        Thread.ofPlatform().daemon().name("import").start(() -> {
            try (FileChannel file = user.openToRead(path)) {
                done.complete(store(spec, file));
            } catch (IOException e) {
                done.completeExceptionally(
                        new CodedException(ErrorCode.CLIENT_ERROR, "import " + path + ": " + e.getMessage(), e));
            } catch (Throwable e) { // handed to the caller, whatever it is
                done.completeExceptionally(e);
            }
        });
        try {
            announce(done.join(), spec, type);
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }

    /**
     * Puts content where a tool wants it, fetching it from other peers if need be.
     *
     * @param user asked for only when there is something to write
     * @throws CodedException BAD_REQUEST if the output exists, PEER_TASK_NOT_FOUND if there is no content
     */
    public void export(TaskSpec spec, Path output, double bytesPerSecond, boolean localOnly, Supplier<UnixUser> user) {
        Optional<Joined> here = tasks.held(spec);
        if (here.isEmpty() && localOnly) {
            throw new CodedException(ErrorCode.PEER_TASK_NOT_FOUND, "task not found in local storage");
        }
        if (here.isEmpty()) {
            requireElsewhere(spec.id());
        }
        UnixUser owner = user.get();
        if (Files.exists(output)) {
            throw new CodedException(
                    ErrorCode.BAD_REQUEST, "output " + output + ": exists (expected: a path where nothing is)");
        }
        try {
            Joined joined = here.isPresent() ? here.get() : tasks.join(spec, new Wish(bytesPerSecond, false));
            if (!joined.await(LONG)) {
                throw new CodedException(ErrorCode.REQUEST_TIMEOUT, "task " + spec.id() + ": not here after a day");
            }
            try (Output place = joined.content().placing(new Placement(output, joined.view(), 0, Optional.of(owner)))) {
                place.finish();
            }
        } catch (IOException e) {
            throw new CodedException(ErrorCode.CLIENT_ERROR, "storage: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            throw new CodedException(ErrorCode.CLIENT_CONTEXT_CANCELED, "the daemon stops", e);
        }
    }

    /** Forgets the content on this host, and tells schedulers so; does nothing when there is none. */
    public void delete(TaskSpec spec) {
        Optional<PeerId> peer = env.storage().find(spec.id()).map(TaskContent::peer);
        Optional<PeerId> told = env.holdings().toldAs(spec.id()).or(() -> peer);
        env.holdings().forget(spec.id());
        env.storage().drop(spec.id());
        if (told.isEmpty() || !env.schedulers().client().isReady()) {
            return;
        }
        try {
            env.schedulers().client().leaveTask(spec.id(), told.get());
        } catch (RuntimeException e) {
            LOG.atWarn()
                    .addKeyValue("task", spec.id())
                    .addKeyValue("reason", e.getMessage())
                    .log("the scheduler was not told that the task is deleted");
        }
    }

    private void requireElsewhere(TaskId task) {
        TaskStatus status = env.schedulers()
                .client()
                .statTask(task)
                .orElseThrow(() -> new CodedException(ErrorCode.PEER_TASK_NOT_FOUND, "task " + task + " not found"));
        if (!status.hasAvailablePeer()) {
            throw new CodedException(
                    ErrorCode.PEER_TASK_NOT_FOUND,
                    "task found but not available for download, state " + status.state() + ", has available peer "
                            + status.hasAvailablePeer());
        }
    }

    private TaskContent store(TaskSpec spec, FileChannel file) throws IOException, InterruptedException {
        long length = file.size();
        TaskContent content =
                env.storage().open(spec.id(), PeerId.v1(env.host().get().ip()));
        try {
            content.describe(OptionalLong.of(length), Map.of());
            var buffer = ByteBuffer.allocateDirect(BUFFER);
            for (int number = 0; number < content.totalPieces().orElseThrow(); number++) {
                if (content.claim(number) instanceof Claim.Mine(var writer)) {
                    try (writer) {
                        while (writer.written() < writer.length()) {
                            buffer.clear().limit((int) Math.min(BUFFER, writer.length() - writer.written()));
                            if (file.read(buffer, writer.offset() + writer.written()) < 0) {
                                throw new IOException("ended before its " + length + " bytes (expected: a file that"
                                        + " nobody writes)");
                            }
                            writer.write(buffer.flip());
                        }
                        var _ = writer.commit(Optional.empty());
                    }
                }
            }
            if (spec.digest().isPresent()) {
                check.check(content, spec.digest().get());
            }
            content.complete(length);
            return content;
        } catch (IOException | CodedException e) {
            content.fail(
                    e instanceof CodedException coded
                            ? coded
                            : new CodedException(ErrorCode.CLIENT_ERROR, "import: " + e.getMessage(), e));
            env.storage().drop(spec.id());
            throw e;
        }
    }

    private void announce(TaskContent content, TaskSpec spec, TaskType type) {
        if (!env.schedulers().client().isReady()) {
            return; // it is announced with everything else when a scheduler comes
        }
        try {
            env.schedulers()
                    .client()
                    .announceTask(new HeldTask(
                            content.task(),
                            content.peer(),
                            spec.url(),
                            spec.meta(),
                            env.host().get(),
                            content.length().orElseThrow(),
                            content.pieces(0, Integer.MAX_VALUE),
                            content.pieceMd5Sign().orElse(""),
                            type,
                            content.proofs().isWhole()));
            env.holdings().told(content.task(), content.peer());
        } catch (RuntimeException e) {
            LOG.atWarn()
                    .addKeyValue("task", spec.id())
                    .addKeyValue("reason", e.getMessage())
                    .log("the scheduler was not told of the imported task");
        }
    }
}
