package dev.darter.scheduler.swarm;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.darter.core.Integrity;
import dev.darter.core.OriginFailure;
import dev.darter.core.PeerId;
import dev.darter.core.Piece;
import dev.darter.core.SizeScope;
import dev.darter.core.TaskId;
import dev.darter.core.TaskType;
import dev.darter.core.UrlMeta;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * One content and the peers that want or have it.
 *
 * <p><b>Threads.</b> The task's monitor guards all of its state and that of its peers. Whoever holds it does no I/O and sends nothing.
 *
 * <p><b>Cost.</b> Candidates are drawn from an index of those that have something to give, never from all peers, so an event costs the same in
 * a swarm of any size.
 */
public final class Task {
    /** 16 TiB in the smallest pieces. A number above it is no piece, and would cost memory for all below it. */
    static final int MAX_PIECES = 1 << 22;

    private static final Duration REFUSAL_HOLDS = Duration.ofSeconds(5);

    /** Parents that one peer may complain of at a time. */
    private static final int BLOCKED_LIMIT = 256;

    private final TaskId id;
    private final TaskType type;
    private final long createdAt;

    @GuardedBy("this")
    private String url;

    @GuardedBy("this")
    private UrlMeta meta;

    @GuardedBy("this")
    private TaskState state = TaskState.PENDING;

    @GuardedBy("this")
    private long contentLength = -1;

    @GuardedBy("this")
    private int totalPieces = -1;

    @GuardedBy("this")
    private final Map<Integer, Piece> pieces = new LinkedHashMap<>();

    @GuardedBy("this")
    private Optional<ByteBuffer> tinyContent = Optional.empty();

    @GuardedBy("this")
    private boolean fetchingTinyContent;

    @GuardedBy("this")
    private final Map<PeerId, Peer> peers = new LinkedHashMap<>();

    /** Peers with content, and Darter and seed peers that will have some. */
    @GuardedBy("this")
    private final Candidates candidates = new Candidates();

    /** How many peers have content. */
    @GuardedBy("this")
    private int holders;

    @GuardedBy("this")
    private final Edges edges = new Edges();

    /** Running peers without parents, in the order in which they began to wait. */
    @GuardedBy("this")
    private final LinkedHashSet<Peer> waiting = new LinkedHashSet<>();

    @GuardedBy("this")
    private int backToSource;

    /** How many peers have all of it. */
    @GuardedBy("this")
    private int complete;

    /** Since when nobody has had all of it or been on the way to it (milliseconds), as far as anybody looked; 0 while somebody has or is. */
    @GuardedBy("this")
    private long sourcelessSince;

    @GuardedBy("this")
    private OriginBudget origin = new OriginBudget();

    @GuardedBy("this")
    private boolean seeding;

    @GuardedBy("this")
    private Integrity integrity = Integrity.UNKNOWN;

    @GuardedBy("this")
    private long generation;

    @GuardedBy("this")
    private Optional<OriginFailure> refusal = Optional.empty();

    @GuardedBy("this")
    private long refusedAt;

    private volatile long touchedAt;

    Task(TaskId id, TaskType type, String url, UrlMeta meta, long now) {
        this.id = id;
        this.type = type;
        this.url = url;
        this.meta = meta;
        this.createdAt = now;
        this.generation = now;
        this.touchedAt = now;
    }

    public TaskId id() {
        return id;
    }

    public TaskType type() {
        return type;
    }

    public long createdAt() {
        return createdAt;
    }

    public long touchedAt() {
        return touchedAt;
    }

    public void touch(long now) {
        touchedAt = now;
    }

    public synchronized String url() {
        return url;
    }

    public synchronized UrlMeta meta() {
        return meta;
    }

    /** The newest request decides how the origin is asked: its credentials are the ones that still hold. */
    public synchronized void describe(String newUrl, UrlMeta newMeta) {
        if (!newUrl.isEmpty()) {
            url = newUrl;
            meta = newMeta;
        }
    }

    /** Forgets the credentials of the last request: nobody fetches with them any more. */
    public synchronized void forgetHeader() {
        meta = meta.withHeader(Map.of());
    }

    public synchronized TaskState state() {
        return state;
    }

    /** Moves if the move is legal; whether it was. */
    public synchronized boolean become(TaskState next) {
        if (!state.mayBecome(next)) {
            return false;
        }
        state = next;
        return true;
    }

    public synchronized long contentLength() {
        return contentLength;
    }

    public synchronized int totalPieces() {
        return totalPieces;
    }

    /**
     * Somebody will fetch the content anew since nobody has it any more. What was known of it belongs to bytes that are gone; the next
     * ones may be others.
     */
    public synchronized void startOver() {
        if (become(TaskState.RUNNING)) {
            integrity = Integrity.UNKNOWN;
            generation++;
            origin = new OriginBudget();
            pieces.clear();
            tinyContent = Optional.empty();
            contentLength = -1;
            totalPieces = -1;
        }
    }

    /** Grows with every start from nothing, also over restarts of the scheduler: it begins at the time when the task was made. */
    public synchronized long generation() {
        return generation;
    }

    public synchronized Integrity integrity() {
        return integrity;
    }

    /** Somebody reads the origin: one who does not sign makes the whole unsigned, until it is begun anew. */
    public synchronized void readBy(boolean signs) {
        if (integrity != Integrity.UNSIGNED) {
            integrity = signs ? Integrity.SIGNED : Integrity.UNSIGNED;
        }
    }

    /** Somebody holds all of it; who reads it meanwhile says more than that. */
    public synchronized void heldBy(boolean signed) {
        if (integrity == Integrity.UNKNOWN) {
            integrity = signed ? Integrity.SIGNED : Integrity.UNSIGNED;
        }
    }

    /** Notes the size; negative numbers say nothing. */
    public synchronized void sized(long length, int total) {
        contentLength = length >= 0 ? length : contentLength;
        totalPieces = total >= 0 ? total : totalPieces;
    }

    public synchronized SizeScope sizeScope() {
        return SizeScope.of(contentLength, totalPieces);
    }

    public synchronized Optional<Piece> piece(int number) {
        return Optional.ofNullable(pieces.get(number));
    }

    /** @throws IllegalArgumentException if no content can have a piece of that number */
    public synchronized void addPiece(Piece piece) {
        checkNumber(piece);
        pieces.putIfAbsent(piece.number(), piece);
    }

    private static void checkNumber(Piece piece) {
        if (piece.number() >= MAX_PIECES) {
            throw new IllegalArgumentException(
                    "piece number: " + piece.number() + " (expected: less than " + MAX_PIECES + ")");
        }
    }

    public synchronized Optional<ByteBuffer> tinyContent() {
        return tinyContent;
    }

    /** Keeps tiny content, unless what is known of the task has changed since it was fetched. */
    public synchronized void keepTinyContent(ByteBuffer content) {
        if (state == TaskState.SUCCEEDED && content.remaining() == contentLength) {
            tinyContent = Optional.of(content.asReadOnlyBuffer());
        }
    }

    /** Marks that the tiny content is being fetched; false when it is here, or somebody is at it. */
    public synchronized boolean beginTinyContent() {
        if (fetchingTinyContent || tinyContent.isPresent()) {
            return false;
        }
        fetchingTinyContent = true;
        return true;
    }

    /** The fetch is over, whatever became of it. */
    public synchronized void endTinyContent() {
        fetchingTinyContent = false;
    }

    /** Whether a seed peer is fetching now. */
    public synchronized boolean isSeeding() {
        return seeding;
    }

    /** Marks that a seed peer fetches; false when one did already. */
    public synchronized boolean beginSeeding() {
        if (seeding) {
            return false;
        }
        seeding = true;
        return true;
    }

    public synchronized void endSeeding() {
        seeding = false;
    }

    /** Notes what the origin answered instead of content, if that is for good. */
    public synchronized void refused(OriginFailure failure, long now) {
        if (!failure.temporary()) {
            refusal = Optional.of(failure);
            refusedAt = now;
        }
    }

    /** What the origin refused with, while that is told to newcomers instead of asking it again for each. */
    public synchronized Optional<OriginFailure> refusal(long now) {
        return now - refusedAt <= REFUSAL_HOLDS.toMillis() ? refusal : Optional.empty();
    }

    public synchronized Optional<Peer> peer(PeerId peer) {
        return Optional.ofNullable(peers.get(peer));
    }

    public synchronized int peerCount() {
        return peers.size();
    }

    public synchronized List<Peer> peers() {
        return List.copyOf(peers.values());
    }

    synchronized void add(Peer peer) {
        peers.put(peer.id(), peer);
    }

    /** Takes a peer out with all its edges; its children, which have to look for others. */
    synchronized List<Peer> remove(Peer peer, long now) {
        peers.remove(peer.id());
        unindex(peer);
        if (peer.state() == PeerState.SUCCEEDED) {
            complete--;
        }
        waiting.remove(peer);
        origin.left(peer.id());
        edges.unlinkParents(peer);
        return unlinkChildren(peer, now);
    }

    /** Whether another peer than {@code except} has the content, or is about to. */
    public synchronized boolean hasAvailablePeer(Optional<PeerId> except) {
        if (seeding || backToSource > 0 || holders > 1) {
            return true;
        }
        return holders == 1 && except.map(peers::get).filter(Peer::isHolder).isEmpty();
    }

    /**
     * Moves a peer if the move is legal, with everything that follows from it.
     *
     * @return whether it was legal
     */
    public synchronized boolean move(Peer peer, PeerState next, long now) {
        if (!peer.state().mayBecome(next)) {
            return false;
        }
        if (peer.state() == PeerState.BACK_TO_SOURCE) {
            backToSource--;
        }
        if (peer.state() == PeerState.SUCCEEDED) {
            complete--;
        }
        peer.become(next);
        if (next == PeerState.SUCCEEDED) {
            complete++;
        }
        if (next == PeerState.BACK_TO_SOURCE) {
            backToSource++;
        }
        if (next == PeerState.BACK_TO_SOURCE || next.isOver()) {
            edges.unlinkParents(peer);
            waiting.remove(peer);
        }
        if (next == PeerState.RUNNING && !peer.isServedDirectly()) {
            waits(peer, now);
        }
        origin.giveBack(peer.id());
        if (next == PeerState.FAILED || next == PeerState.LEFT) {
            origin.left(peer.id());
            unindex(peer);
        } else {
            indexIfUseful(peer);
        }
        if (next != PeerState.LEFT) { // that may be our own doing, and no sign of life of its host
            peer.touch(now);
        }
        return true;
    }

    /** Whether peers of that host may be given as parents before they have anything. */
    private static boolean isFollowedFromTheStart(Host host) {
        return host.isDarter() || host.type().isSeed();
    }

    /** Takes one of the places at the source for a peer, if one is free. */
    public synchronized boolean moveToSource(Peer peer, int limit, long now) {
        return backToSource < limit && move(peer, PeerState.BACK_TO_SOURCE, now);
    }

    /** Whether nobody has all of it or is on the way to it. */
    public synchronized boolean isSourceless() {
        return !seeding && backToSource == 0 && complete == 0;
    }

    /** Notes since when that is so, and peers do not read the rest in parts; whoever looks for parents does. */
    public synchronized void noteSource(long now) {
        sourcelessSince = !isSourceless() || origin.isInUse(now) ? 0 : sourcelessSince == 0 ? now : sourcelessSince;
    }

    /** For how long it has been so; zero when it is not. */
    public synchronized Duration sourceless(long now) {
        return isSourceless() && sourcelessSince != 0 ? Duration.ofMillis(now - sourcelessSince) : Duration.ZERO;
    }

    /** What its peers may read from the origin; used with this monitor held. */
    public synchronized OriginBudget origin() {
        return origin;
    }

    public synchronized int backToSourceCount() {
        return backToSource;
    }

    /**
     * Notes a piece that a peer has; whether it is the peer's first.
     *
     * @throws IllegalArgumentException if no content can have a piece of that number
     */
    public synchronized boolean finished(Peer peer, Piece piece, long now) {
        checkNumber(piece);
        boolean first = peer.finished().isEmpty();
        peer.finished().set(piece.number());
        peer.touch(now);
        if (peer.hasContent()) {
            index(peer);
        }
        return first;
    }

    /** Running peers that have no parents, those that have waited longest first. */
    public synchronized List<Peer> waiting() {
        return List.copyOf(waiting);
    }

    /** The first {@code limit} of them. */
    public synchronized List<Peer> waiting(int limit) {
        return waiting.stream().limit(limit).toList();
    }

    /** The peer waits for parents. */
    public synchronized void waits(Peer peer, long now) {
        if (waiting.add(peer)) {
            peer.waitSince(now);
        }
    }

    /** Takes a parent from a child and keeps it from being offered again until {@code until}. */
    public synchronized void block(Peer child, PeerId parent, long now, long until) {
        child.block(parent, now, until, BLOCKED_LIMIT);
        Peer failed = peers.get(parent);
        if (failed != null
                && edges.unlink(failed, child)
                && child.parents().isEmpty()
                && child.state() == PeerState.RUNNING) {
            waits(child, now);
        }
    }

    /** At most {@code limit} peers that might feed {@code child}, drawn at random, its neighbours more often. */
    public synchronized List<Peer> sample(Peer child, int limit, RandomGenerator random) {
        return candidates.draw(child.host(), limit, random);
    }

    /** Some peers that may feed others and are near {@code host}. */
    public synchronized Collection<Peer> near(Host host, int limit, RandomGenerator random) {
        return candidates.near(host, limit, random);
    }

    /** How many others of the peer's place are fed from elsewhere. */
    public synchronized int crossingsBeside(Peer peer) {
        return edges.crossingsBeside(peer);
    }

    /** Whether {@code parent} may feed {@code child}. */
    public synchronized boolean mayLink(Peer parent, Peer child) {
        return Edges.mayLink(parent, child);
    }

    /**
     * Makes {@code chosen} the parents of {@code child}, as far as links are legal and slots are free.
     *
     * @return the parents that it has now, in the order given
     */
    public synchronized List<Peer> link(Peer child, Collection<Peer> chosen, long now) {
        List<Peer> linked = edges.link(child, chosen);
        if (linked.isEmpty()) {
            waits(child, now);
        } else {
            waiting.remove(child);
            child.scheduled(now);
        }
        return linked;
    }

    /** Takes all children from a parent; those that still run. */
    public synchronized List<Peer> unlinkChildren(Peer parent, long now) {
        List<Peer> orphans = edges.unlinkChildren(parent);
        for (Peer child : orphans) {
            if (child.parents().isEmpty()) {
                waits(child, now); // its wait begins here, not when it first waited
            }
        }
        return orphans;
    }

    /** Moves a peer out of use, however that ends for it; its children, which have to look for others. */
    public synchronized List<Peer> abandon(Peer peer, PeerState next, long now) {
        var _ = move(peer, next, now);
        return unlinkChildren(peer, now);
    }

    /** Whether a peer was given up, so that the same process may come again under the same id. */
    public synchronized boolean isGone(Peer peer) {
        return peer.state() == PeerState.LEFT || peer.state() == PeerState.FAILED;
    }

    @GuardedBy("this")
    private void index(Peer peer) {
        if (peer.host().isSilent()) {
            return; // it is entered when its host is heard again
        }
        candidates.add(peer);
        candidates.changed(peer);
        if (peer.hasContent() && !peer.isHolder()) {
            peer.holds(true);
            holders++;
        }
    }

    @GuardedBy("this")
    private void unindex(Peer peer) {
        candidates.remove(peer);
        if (peer.isHolder()) {
            peer.holds(false);
            holders--;
        }
    }

    /** Its host has fallen silent: it feeds nobody until the host is heard again; its children, which have to look for others. */
    public synchronized List<Peer> suspend(Peer peer, long now) {
        unindex(peer);
        return unlinkChildren(peer, now);
    }

    /** Its host was heard again; whether the peer may feed others. */
    public synchronized boolean resume(Peer peer) {
        indexIfUseful(peer);
        return peer.listing() != null;
    }

    @GuardedBy("this")
    private void indexIfUseful(Peer peer) {
        boolean over = peer.state() == PeerState.FAILED || peer.state() == PeerState.LEFT;
        if (!over && (peer.hasContent() || (peer.state().isActive() && isFollowedFromTheStart(peer.host())))) {
            index(peer);
        }
    }
}
