package dev.darter.scheduler.swarm;

import dev.darter.core.PeerId;
import dev.darter.core.Priority;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * One attempt of a host at a task. Everything that changes is guarded by the monitor of its task, which the compiler cannot check across two
 * objects; states, pieces and edges are changed by {@link Task} only.
 */
public final class Peer {
    /** How a peer is told something; called outside every lock, from any thread. */
    public interface Outbox {
        void send(Notice notice);
    }

    private final PeerId id;
    private final Task task;
    private final Host host;
    private final Priority priority;
    private final long createdAt;

    private PeerState state = PeerState.PENDING;

    private final BitSet finished = new BitSet();

    private final Set<Peer> parents = new LinkedHashSet<>();

    private final Set<Peer> children = new LinkedHashSet<>();

    /** Parents that failed this peer, and until when they are not offered again (milliseconds). */
    private final Map<PeerId, Long> blocked = new HashMap<>();

    private Optional<Outbox> outbox = Optional.empty();

    private boolean needsBackToSource;

    /** Since when it has no parents (milliseconds); meaningless while it has some. */
    private long waitingSince;

    private long scheduledAt;

    private volatile long touchedAt;

    Peer(PeerId id, Task task, Host host, Priority priority, long now) {
        this.id = id;
        this.task = task;
        this.host = host;
        this.priority = priority;
        this.createdAt = now;
        this.touchedAt = now;
    }

    public PeerId id() {
        return id;
    }

    public Task task() {
        return task;
    }

    public Host host() {
        return host;
    }

    public Priority priority() {
        return priority;
    }

    /** Milliseconds. */
    public long createdAt() {
        return createdAt;
    }

    /** Milliseconds of the last piece that it got or gave. */
    public long touchedAt() {
        return touchedAt;
    }

    public void touch(long now) {
        touchedAt = now;
        host.seen(now);
    }

    public PeerState state() {
        return state;
    }

    void become(PeerState next) {
        state = next;
    }

    public BitSet finished() {
        return finished;
    }

    public Set<Peer> parents() {
        return parents;
    }

    public Set<Peer> children() {
        return children;
    }

    Map<PeerId, Long> blocked() {
        return blocked;
    }

    public boolean isBlocked(PeerId parent, long now) {
        Long until = blocked.get(parent);
        return until != null && until > now;
    }

    public Optional<Outbox> outbox() {
        return outbox;
    }

    public void connect(Optional<Outbox> newOutbox) {
        outbox = newOutbox;
    }

    public boolean needsBackToSource() {
        return needsBackToSource;
    }

    public void needBackToSource() {
        needsBackToSource = true;
    }

    public long waitingSince() {
        return waitingSince;
    }

    public void waitSince(long now) {
        waitingSince = now;
    }

    public long scheduledAt() {
        return scheduledAt;
    }

    public void scheduled(long now) {
        scheduledAt = now;
    }

    /** Whether it has something to give now, or will have. */
    public boolean hasContent() {
        return state == PeerState.SUCCEEDED || (state.isActive() && !finished.isEmpty());
    }
}
