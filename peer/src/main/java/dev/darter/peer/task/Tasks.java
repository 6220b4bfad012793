package dev.darter.peer.task;

import dev.darter.core.ByteRange;
import dev.darter.core.CodedException;
import dev.darter.core.ErrorCode;
import dev.darter.core.NetAddress;
import dev.darter.core.PeerId;
import dev.darter.core.SeedShare;
import dev.darter.core.TaskId;
import dev.darter.peer.neighbour.ParentChannels;
import dev.darter.peer.storage.ContentReader;
import dev.darter.peer.storage.TaskContent;
import dev.darter.wire.client.SeedOrder;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * All tasks of this host as requests see them: what is here is shown, what is on its way is joined, everything else is
 * downloaded, once. Any thread may call it.
 */
public final class Tasks implements AutoCloseable {
    private final Environment env;
    private final Shared shared;
    private final ContentCheck check = new ContentCheck();
    private final ConcurrentHashMap<TaskId, Download> running = new ConcurrentHashMap<>();
    private final LongAdder requests = new LongAdder();
    private volatile boolean closed;

    public Tasks(Environment env, ParentChannels channels) {
        this.env = env;
        this.shared = new Shared(env, channels, new KnownParents());
    }

    /** The same tasks, as a cache that tools fill and empty. */
    public CacheTasks cache() {
        return new CacheTasks(env, this, check);
    }

    /** Gives a request its task. */
    public Joined join(TaskSpec spec, Wish wish) {
        requests.increment();
        Optional<Joined> here = held(spec);
        if (here.isPresent()) {
            env.metrics().wasHere();
            return here.get();
        }
        if (env.config().prefetch() && spec.range().isPresent()) {
            env.metrics().prefetched();
            var _ = joinOrStart(spec.whole(), wish, Optional.empty());
        }
        return Joined.running(joinOrStart(spec, wish, Optional.empty()));
    }

    /**
     * As {@link #join}, for a scheduler that wants this host to fetch from the origin for all others.
     *
     * @param order of which a download that runs already takes all but the share
     */
    public Joined seed(TaskSpec spec, SeedOrder order) {
        requests.increment();
        Optional<TaskContent> whole = whole(spec.id());
        whole.ifPresent(env.handOuts()::begin); // the scheduler knows of nobody else who has it
        return whole.map(content -> Joined.held(content, Optional.empty())).orElseGet(() -> {
            Download download = joinOrStart(spec, Wish.DEFAULT, Optional.of(order.share()));
            if (!order.share().helps()) {
                download.orderToOrigin(order.warrant());
            }
            return Joined.running(download);
        });
    }

    /** What a request gets without any download; empty when something is missing. */
    public Optional<Joined> held(TaskSpec spec) {
        Optional<TaskContent> whole = whole(spec.id());
        if (whole.isPresent()) {
            return whole.map(content -> Joined.held(content, Optional.empty()));
        }
        return spec.range().isEmpty() ? Optional.empty() : cutFromWhole(spec);
    }

    /** A Darter host follows what we have of a task: if we want more of it, we follow it too. */
    public void met(TaskId task, String peer, NetAddress address) {
        Download download = running.get(task);
        if (download != null && !env.trust().bans().contains(address)) {
            download.met(peer, address);
        }
    }

    /** The task's content as it is now, whole or not. */
    public Optional<TaskContent> find(TaskId task) {
        requests.increment();
        return env.storage().find(task);
    }

    /** The peer id of the download that runs for a task. */
    public Optional<PeerId> running(TaskId task) {
        return Optional.ofNullable(running.get(task))
                .filter(download -> !download.isOver())
                .map(Download::peer);
    }

    /** Whether a download of the task runs, or has not yet told its scheduler how it ended. */
    public boolean isUnsettled(TaskId task) {
        return running.containsKey(task);
    }

    /** How often anybody asked since the start. */
    public long requests() {
        return requests.sum();
    }

    /** Whether any download runs. */
    public boolean isBusy() {
        return !running.isEmpty();
    }

    /** Ends all downloads as they are; what is here is kept. */
    @Override
    public void close() {
        closed = true;
        try {
            for (Download download : List.copyOf(running.values())) {
                download.stop();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        check.close();
    }

    /** Complete content that still is what it was when it was completed. */
    private Optional<TaskContent> whole(TaskId task) {
        Optional<TaskContent> content =
                env.storage().find(task).filter(found -> found.state() == TaskContent.State.COMPLETE && found.verify());
        content.ifPresent(TaskContent::touch);
        return content;
    }

    /** A range of content that is here, at least as far as the range goes. */
    private Optional<Joined> cutFromWhole(TaskSpec spec) {
        TaskSpec whole = spec.whole();
        if (!spec.meta().digest().isEmpty()) {
            return Optional.empty(); // the digest is the range's; nobody has computed it
        }
        Optional<TaskContent> content = env.storage().find(whole.id());
        if (content.isEmpty() || content.get().length().isEmpty()) {
            return Optional.empty();
        }
        ByteRange range =
                ByteRange.parse(spec.meta().range(), content.get().length().getAsLong());
        try (ContentReader reader = content.get().read()) {
            return reader.available(range.start()) >= range.length()
                    ? Optional.of(Joined.held(content.get(), Optional.of(range)))
                    : Optional.empty();
        } catch (IOException e) {
            return Optional.empty(); // it was dropped at this very moment
        }
    }

    private Download joinOrStart(TaskSpec spec, Wish wish, Optional<SeedShare> seed) {
        if (closed) {
            throw new CodedException(ErrorCode.SERVER_UNAVAILABLE, "the daemon stops (expected: one that runs)");
        }
        var fresh = new Download(shared, spec, wish, seed, check);
        Download chosen =
                running.compute(spec.id(), (_, current) -> current == null || current.isOver() ? fresh : current);
        if (chosen == fresh) {
            env.metrics().began();
            Thread.ofVirtual().name("download-" + spec.id().prefix()).start(() -> {
                try {
                    fresh.run();
                } finally {
                    running.remove(spec.id(), fresh);
                }
            });
        } else {
            chosen.allow(wish);
        }
        return chosen;
    }
}
