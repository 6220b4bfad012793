package dev.darter.scheduler.swarm;

import dev.darter.core.PeerId;
import dev.darter.core.Priority;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * One attempt of a host at a task. Everything that changes is guarded by the monitor of its task, which the compiler cannot check across two
 * objects; states, pieces and edges are changed by {@link Task} only.
 */
public final class Peer {
    /** How a peer is told something; called outside every lock, from one thread at a time, in the order of the decisions. */
    public interface Outbox {
        void send(Peer to, Notice notice);
    }

    private final PeerId id;
    private final Task task;
    private final Host host;
    private final Priority priority;
    private final long createdAt;

    private PeerState state = PeerState.PENDING;

    private final BitSet finished = new BitSet();

    /** Most peers only hold what they have: they have no parents and children, and so no sets for them. */
    private Set<Peer> parents = Set.of();

    private Set<Peer> children = Set.of();

    /** Parents whose upload slots it holds: what a link took is what its end gives back, whatever the hosts say of themselves by then. */
    private Set<Peer> slots = Set.of();

    /** Parents that failed this peer, and until when they are not offered again (milliseconds). */
    private Map<PeerId, Long> blocked = Map.of();

    private Candidates.@Nullable Listing listing;

    private boolean holder;

    /** The place that it brings content into from elsewhere. */
    private Optional<String> crossed = Optional.empty();

    private volatile Optional<Outbox> outbox = Optional.empty();

    /** Decided and not sent yet; filled under the task's monitor, so that the order is that of the decisions. */
    private final Queue<Notice> notices = new ConcurrentLinkedQueue<>();

    private final AtomicInteger deliveries = new AtomicInteger();

    /** When its stream broke (milliseconds); 0 while it has one, or ended it in order. */
    private long lostAt;

    private boolean servedDirectly;

    private boolean needsBackToSource;

    private boolean mayReturn;

    private boolean seeding;

    /** Since when it has no parents (milliseconds); meaningless while it has some. */
    private long waitingSince;

    private long scheduledAt;

    /** Looks at it in a row that time asked for. */
    private int looks;

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

    void addParent(Peer parent) {
        parents = with(parents, parent);
    }

    boolean removeParent(Peer parent) {
        return !parents.isEmpty() && parents.remove(parent);
    }

    void clearParents() {
        parents = Set.of();
    }

    void addChild(Peer child) {
        children = with(children, child);
    }

    void removeChild(Peer child) {
        if (!children.isEmpty()) {
            children.remove(child);
        }
    }

    void clearChildren() {
        children = Set.of();
    }

    void addSlot(Peer parent) {
        slots = with(slots, parent);
    }

    boolean removeSlot(Peer parent) {
        return !slots.isEmpty() && slots.remove(parent);
    }

    private static Set<Peer> with(Set<Peer> set, Peer member) {
        Set<Peer> changeable = set.isEmpty() ? new LinkedHashSet<>() : set;
        changeable.add(member);
        return changeable;
    }

    Map<PeerId, Long> blocked() {
        return blocked;
    }

    /** Complaints that are over are forgotten; beyond {@code limit} none is noted. */
    void block(PeerId parent, long now, long until, int limit) {
        var still = new HashMap<>(blocked);
        still.values().removeIf(time -> time <= now);
        if (still.size() < limit) {
            still.put(parent, until);
        }
        blocked = still;
    }

    /** Where the task lists it among those that may feed others; null while it does not. */
    Candidates.@Nullable Listing listing() {
        return listing;
    }

    void listed(Candidates.@Nullable Listing newListing) {
        listing = newListing;
    }

    /** Whether it counts as one that has content. */
    boolean isHolder() {
        return holder;
    }

    void holds(boolean content) {
        holder = content;
    }

    /** The place in which it counts as fed from elsewhere; empty when it does not. */
    Optional<String> crossedPlace() {
        return crossed;
    }

    void crosses(Optional<String> place) {
        crossed = place;
    }

    public boolean isBlocked(PeerId parent, long now) {
        Long until = blocked.get(parent);
        return until != null && until > now;
    }

    public Optional<Outbox> outbox() {
        return outbox;
    }

    public void connect(Outbox newOutbox) {
        outbox = Optional.of(newOutbox);
        lostAt = 0;
    }

    /** Its stream is over. */
    public void disconnect() {
        outbox = Optional.empty();
    }

    /** Its stream broke: it may come back, or be gone. */
    public void lost(long now) {
        outbox = Optional.empty();
        lostAt = now;
    }

    /** Whether its stream broke before {@code time} and it did not come back. */
    public boolean lostBefore(long time) {
        return lostAt != 0 && lostAt < time;
    }

    /** Notes what it is to be told, with the task's monitor held; {@link #deliver} follows outside. */
    public void tell(Notice notice) {
        notices.add(notice);
    }

    /** Sends what is noted; with no stream to send it on it is dropped. Called without any lock. */
    public void deliver() {
        if (deliveries.getAndIncrement() > 0) {
            return; // whoever is at it sends this too
        }
        int seen = 1;
        do {
            for (Notice notice = notices.poll(); notice != null; notice = notices.poll()) {
                Notice next = notice;
                outbox.ifPresent(to -> to.send(this, next));
            }
            seen = deliveries.addAndGet(-seen);
        } while (seen != 0);
    }

    /** Whether the answer to its registration held all it needs: it wants no parents unless it says that something failed. */
    public boolean isServedDirectly() {
        return servedDirectly;
    }

    public void serveDirectly() {
        servedDirectly = true;
    }

    public boolean needsBackToSource() {
        return needsBackToSource;
    }

    public void needBackToSource() {
        needsBackToSource = true;
    }

    /** It is to read the origin itself, since the seed peers have enough to do; one of them does it if this peer cannot. */
    public void readInsteadOfSeed() {
        needsBackToSource = true;
        mayReturn = true;
    }

    /** This scheduler has told it to fetch for all. */
    public void seeds() {
        seeding = true;
    }

    /** Whether this scheduler has told it to fetch for all. */
    public boolean isSeeding() {
        return seeding;
    }

    /** Whether a seed peer does it if this peer cannot. */
    public boolean mayReturn() {
        return mayReturn;
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

    /** How often in a row it was looked at since time had passed, and nothing else. */
    public int looks() {
        return looks;
    }

    public void looked(int often) {
        looks = often;
    }

    /** Whether it has something to give now, or will have. */
    public boolean hasContent() {
        return state == PeerState.SUCCEEDED || (state.isActive() && !finished.isEmpty());
    }
}
