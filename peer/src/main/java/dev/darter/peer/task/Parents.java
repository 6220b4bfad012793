package dev.darter.peer.task;

import dev.darter.core.PeerId;
import dev.darter.core.TaskId;
import dev.darter.peer.choice.Offer;
import dev.darter.peer.choice.ParentRecord;
import dev.darter.peer.neighbour.ParentChannels;
import dev.darter.wire.client.Answer;
import java.time.Duration;
import java.util.BitSet;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** The parents of one download. Used by its thread alone. */
final class Parents implements AutoCloseable {
    private static final Duration FIRST_PAUSE = Duration.ofMillis(50);

    /** A parent that failed so often in a row is left until the scheduler names it again. */
    private static final int MOST_FAILURES = 6;

    private final TaskId task;
    private final PeerId child;
    private final ParentChannels channels;
    private final Consumer<ExchangeEvent> out;
    private final Map<String, ParentLink> links = new LinkedHashMap<>();
    private final Map<String, ParentRecord> left = new HashMap<>();

    Parents(TaskId task, PeerId child, ParentChannels channels, Consumer<ExchangeEvent> out) {
        this.task = task;
        this.child = child;
        this.channels = channels;
        this.out = out;
    }

    /**
     * Goes over to these parents: those that are known stay, others are asked, all that are not named are left.
     *
     * @param first the first piece that is missing
     */
    void replace(List<Answer.Parent> named, int first) {
        Set<String> stay = new HashSet<>();
        named.forEach(parent -> stay.add(parent.peerId()));
        List.copyOf(links.values()).stream()
                .filter(link -> !stay.contains(link.id()))
                .forEach(this::leave);
        for (Answer.Parent parent : named) {
            if (!links.containsKey(parent.peerId())) {
                var history = left.getOrDefault(parent.peerId(), ParentRecord.NEW);
                links.put(
                        parent.peerId(),
                        ParentLink.open(
                                parent,
                                task,
                                child,
                                first,
                                channels,
                                history,
                                (link, news) -> out.accept(new ExchangeEvent.Heard(link, news))));
            }
        }
    }

    /** Whether it is still a parent: news may come from one that was left. */
    boolean contains(ParentLink link) {
        return links.get(link.id()) == link;
    }

    void leave(ParentLink link) {
        if (links.remove(link.id(), link)) {
            left.put(link.id(), link.history());
            link.close();
        }
    }

    boolean isEmpty() {
        return links.isEmpty();
    }

    Collection<ParentLink> all() {
        return List.copyOf(links.values());
    }

    /** The one that the scheduler prefers. */
    Optional<ParentLink> main() {
        return links.values().stream().findFirst();
    }

    List<Offer> offers(long now) {
        return links.values().stream()
                .filter(link -> !link.isPaused(now))
                .map(ParentLink::offer)
                .toList();
    }

    ParentLink get(String id) {
        return Optional.ofNullable(links.get(id)).orElseThrow(() -> new IllegalStateException("no parent " + id));
    }

    /** Numbers of all pieces that any parent announced. */
    BitSet announced() {
        var all = new BitSet();
        links.values().forEach(link -> all.or(link.offer().pieces()));
        return all;
    }

    /**
     * A parent did not give a piece: it is left alone for a moment, longer each time, and left altogether in the end. All
     * others are asked about the piece again, as v2.1.28 does.
     */
    void failed(ParentLink link, int piece, long now) {
        int before = Math.min(link.history().failures(), MOST_FAILURES);
        link.failed(piece, now, FIRST_PAUSE.multipliedBy(1L << before));
        links.values().stream().filter(other -> other != link).forEach(other -> other.ask(piece, 1));
        if (link.history().failures() >= MOST_FAILURES) {
            leave(link);
        }
    }

    boolean haveAllAnswered() {
        return links.values().stream().allMatch(ParentLink::answeredLastQuestion);
    }

    @Override
    public void close() {
        all().forEach(this::leave);
    }
}
