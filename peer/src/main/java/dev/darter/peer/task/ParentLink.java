package dev.darter.peer.task;

import dev.darter.core.NetAddress;
import dev.darter.core.PeerId;
import dev.darter.core.Piece;
import dev.darter.core.TaskId;
import dev.darter.peer.choice.Offer;
import dev.darter.peer.choice.ParentRecord;
import dev.darter.peer.neighbour.ParentChannels;
import dev.darter.wire.client.Answer;
import dev.darter.wire.client.PieceStream;
import java.time.Duration;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;

/**
 * One parent of one download: what it announced, how it serves. Its news are read on a thread of their own and handed to the
 * download's thread, which alone calls everything here.
 */
final class ParentLink implements AutoCloseable {
    /** Upstream's number of pieces a message. */
    private static final int AT_A_TIME = 16;

    private static final Duration FOR_EVER = Duration.ofDays(1);

    private final String id;
    private final NetAddress address;
    private final ParentChannels channels;
    private final PieceStream stream;
    private final Thread reader;
    private final long openedAt = System.nanoTime();
    private final BitSet announced = new BitSet();
    private final Map<Integer, Piece> pieces = new HashMap<>();
    private String holder;
    private String uploadAddress = "";
    private ParentRecord history;
    private int inFlight;
    private long pausedUntil;
    private boolean heard;
    private boolean heardSinceAsked;

    private ParentLink(
            Answer.Parent parent,
            TaskId task,
            PeerId child,
            ParentChannels channels,
            ParentRecord history,
            BiConsumer<ParentLink, PieceStream.News> out) {
        this.id = parent.peerId();
        this.holder = id;
        this.address = new NetAddress(parent.ip(), parent.rpcPort());
        this.channels = channels;
        this.history = history;
        this.stream = channels.acquire(address).pieces(task, child, id);
        this.reader = Thread.ofVirtual().name("parent-" + id).unstarted(() -> passOn(out));
    }

    /**
     * Asks a parent for its pieces.
     *
     * @param first the first one that is missing
     * @param out gets the news; called on another thread
     */
    static ParentLink open(
            Answer.Parent parent,
            TaskId task,
            PeerId child,
            int first,
            ParentChannels channels,
            ParentRecord history,
            BiConsumer<ParentLink, PieceStream.News> out) {
        var link = new ParentLink(parent, task, child, channels, history, out);
        link.stream.ask(first, AT_A_TIME);
        link.reader.start();
        return link;
    }

    String id() {
        return id;
    }

    NetAddress address() {
        return address;
    }

    /** Peer id to name when a piece is fetched. */
    String holder() {
        return holder;
    }

    String uploadAddress() {
        return uploadAddress;
    }

    ParentRecord history() {
        return history;
    }

    /** Reading of {@link System#nanoTime}. */
    long openedAt() {
        return openedAt;
    }

    boolean hasBeenHeard() {
        return heard;
    }

    boolean answeredLastQuestion() {
        return heardSinceAsked;
    }

    /** Whether it announced every piece of content with this many. */
    boolean isWhole(int totalPieces) {
        return announced.cardinality() == totalPieces;
    }

    /** @return whether the news hold a piece that was not known of */
    boolean hear(PieceStream.News.Pieces news) {
        heard = true;
        heardSinceAsked = true;
        holder = news.peerId().isEmpty() ? id : news.peerId();
        uploadAddress = news.address();
        boolean anyNew = false;
        for (Piece piece : news.pieces()) {
            anyNew |= !announced.get(piece.number());
            announced.set(piece.number());
            pieces.put(piece.number(), piece);
        }
        return anyNew;
    }

    Piece piece(int number) {
        return Optional.ofNullable(pieces.get(number))
                .orElseThrow(() -> new IllegalStateException("piece " + number + " was not announced by " + id));
    }

    Offer offer() {
        return new Offer(id, PeerId.isSeed(id), announced, inFlight, history);
    }

    boolean isPaused(long now) {
        return pausedUntil - now > 0;
    }

    long pausedUntil() {
        return pausedUntil;
    }

    /** Leaves it alone until then. */
    void pause(long until) {
        pausedUntil = until;
    }

    void begin() {
        inFlight++;
    }

    void gave(long bytes, long nanos) {
        inFlight--;
        history = history.gave(bytes, nanos);
    }

    /** A piece did not come: the parent is left alone for a moment, and has to announce the piece anew. */
    void failed(int piece, long now, Duration pause) {
        inFlight--;
        history = history.failed();
        announced.clear(piece);
        pausedUntil = now + pause.toNanos();
        ask(piece, 1);
    }

    /** Asks about some pieces again. */
    void ask(int first, int limit) {
        stream.ask(first, limit);
    }

    /** Asks for a sign of life. */
    void probe(int first) {
        heardSinceAsked = false;
        stream.ask(first, AT_A_TIME);
    }

    @Override
    public void close() {
        reader.interrupt();
        stream.close();
        channels.release(address);
    }

    private void passOn(BiConsumer<ParentLink, PieceStream.News> out) {
        try {
            while (true) {
                Optional<PieceStream.News> news = stream.take(FOR_EVER);
                if (news.isEmpty()) {
                    continue;
                }
                out.accept(this, news.get());
                if (news.get() instanceof PieceStream.News.Ended) {
                    return;
                }
            }
        } catch (InterruptedException e) {
            // the parent is no longer needed
        }
    }
}
