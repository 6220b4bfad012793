package dev.darter.peer.task;

import dev.darter.core.Block;
import dev.darter.core.BlockRange;
import dev.darter.core.CodedException;
import dev.darter.core.OriginGrant;
import dev.darter.core.OriginWish;
import dev.darter.core.SeedShare;
import dev.darter.core.SignedWarrant;
import dev.darter.peer.scheduler.Conversation;
import dev.darter.peer.storage.TaskContent;
import dev.darter.source.SourceRequest;
import java.io.IOException;
import java.time.Duration;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The origin as one more parent of a download that goes on with its neighbours: asks the scheduler for blocks that nobody it knows has, and reads
 * those that it is given. Used by the download's thread alone.
 *
 * <p><b>Seed peers that read one content together</b> ({@link SeedShare}) always ask for what is behind the front, since that is what they are there for. What
 * they read they give out like whoever reads all of it, each block to one child first; and as long as there is something to read, they take
 * nothing from others: it would come over the same link.
 *
 * <p><b>When it asks.</b> When nobody among the neighbours gives content out any more that nobody else has: whoever read the origin is gone. It
 * says so also while it lacks nothing that its neighbours have not, so that the scheduler need not send one of them to the source for
 * everything. And while somebody does, when new blocks come more slowly than they could be taken ({@link Supply}).
 *
 * <p><b>When it does not.</b> Before anything is proven (then there is neither length nor version to hold the origin against), beside parents of
 * v2.1.28, which give pieces and know no such blocks, and after the origin has turned out not to be readable in parts.
 */
final class OriginShare implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(OriginShare.class);
    private static final long LOOK = Duration.ofMillis(100).toNanos();
    private static final long FIRST_PAUSE = Duration.ofMillis(200).toNanos();
    private static final long LONGEST_PAUSE = Duration.ofSeconds(2).toNanos();
    private static final long LONGEST_PAUSE_BESIDE = Duration.ofSeconds(8).toNanos();
    private static final long AFTER_FAILURE = Duration.ofSeconds(1).toNanos();
    private static final long PROGRESS = Duration.ofSeconds(1).toNanos();
    private static final long LISTING = Duration.ofSeconds(5).toNanos();
    private static final int MOST_FAILURES = 3;

    /** A scheduler that has granted nothing for so long has given all of it to others. */
    private static final long GRANTED = Duration.ofSeconds(2).toNanos();

    /** So long seed peers wait for what others were to read. */
    private static final long VAIN = Duration.ofSeconds(10).toNanos();

    private final Environment env;
    private final TaskContent content;
    private final Mesh mesh;
    private final SourceRequest request;
    private final Tally tally;
    private final Optional<Conversation> conversation;
    private final Consumer<OriginReading.Event> out;
    private final Supply supply;
    private final Optional<SeedShare> seed;
    private Optional<OriginReading> reading = Optional.empty();
    private long nextLook;
    private long nextWish;
    private long pause = FIRST_PAUSE;
    private long nextPieces;
    private Thread listing = Thread.ofVirtual().unstarted(() -> {});
    /** When anything came from the origin, or was granted. */
    private long readAt;

    /** When anything came. */
    private long movedAt;

    private boolean delivered = true;
    private boolean used;
    private boolean unfit;
    private int failures;

    /** Of a reading that has ended; the next word says it. */
    private OriginWish.Reading ended = OriginWish.Reading.NONE;

    private BitSet read = new BitSet();

    OriginShare(
            Environment env,
            TaskContent content,
            Mesh mesh,
            Exchange.Order order,
            Tally tally,
            Optional<Conversation> conversation,
            Consumer<OriginReading.Event> out,
            long now) {
        this.env = env;
        this.content = content;
        this.mesh = mesh;
        this.request = order.source();
        this.seed = order.seed().filter(_ -> conversation.isPresent());
        this.tally = tally;
        this.conversation = conversation;
        this.out = out;
        this.supply = new Supply(now);
        this.nextLook = now;
        this.nextWish = now;
        this.readAt = now;
        this.movedAt = now;
        this.nextPieces = now + LISTING;
        if (seed.isPresent()) {
            env.handOuts().begin(content);
        }
    }

    /**
     * Whether nothing is to be asked of others yet: of what the seed peers read together some is still at the origin only, and the scheduler gives
     * of it. When it has given nothing for a while, the others have read the rest, and give it out.
     */
    boolean comesFirst(long now) {
        return seed.isPresent() && (reading.isPresent() || (isUnread() && now - readAt < GRANTED));
    }

    /** Whether what the seed peers were to read together does not come, neither here nor from the others: somebody has to read all that is missing. */
    boolean isInVain(long now) {
        return seed.isPresent() && (unfit || (reading.isEmpty() && isUnread() && now - movedAt >= VAIN));
    }

    /** The one that began at the front is lost. @return whether what is missing can still be read in parts, without what peers have got already */
    boolean goesOn(long now) {
        movedAt = now;
        return seed.isPresent() && !unfit && isKnown();
    }

    private boolean isUnread() {
        return !unfit && isKnown() && !unread().isEmpty();
    }

    boolean isReading() {
        return reading.isPresent();
    }

    /** Whether blocks came this way. */
    boolean isUsed() {
        return used;
    }

    /** The scheduler lets this host read blocks. */
    void granted(OriginGrant grant, SignedWarrant warrant) {
        boolean mine = warrant.warrant().reader().equals(env.trust().key().verifyKey())
                && warrant.warrant().task().equals(content.task())
                && grant.blocks().getLast().end() <= mesh.blocks();
        if (reading.isEmpty() && mine && isKnown()) {
            var granted = new OriginReading(env, content, request, grant, warrant, tally, out);
            reading = Optional.of(granted);
            granted.start();
            readAt = System.nanoTime();
            movedAt = readAt;
            pause = FIRST_PAUSE;
        }
    }

    /** @return whether the download moved on */
    boolean take(OriginReading.Event event, long now) throws IOException {
        return switch (event) {
            case OriginReading.Event.Came(int block) -> {
                mesh.brought(block);
                supply.got(content.blockLength());
                used = true;
                readAt = now;
                movedAt = now;
                yield true;
            }
            case OriginReading.Event.Ended(var which, var how) -> {
                if (reading.equals(Optional.of(which))) {
                    ended(which, how, now);
                }
                yield false;
            }
            case OriginReading.Event.StorageFailed(var cause) -> throw cause;
        };
    }

    private void ended(OriginReading which, OriginWish.Reading how, long now) {
        reading = Optional.empty();
        read.or(which.takeRead());
        ended = how;
        failures = how == OriginWish.Reading.FAILED ? failures + 1 : 0;
        nextLook = now;
        nextWish = how == OriginWish.Reading.FAILED ? now + AFTER_FAILURE : now;
        if (how == OriginWish.Reading.UNFIT || failures >= MOST_FAILURES) {
            say(new BitSet(), how, false);
            unfit = true;
        }
    }

    /**
     * Says what there is to say.
     *
     * @param others whether parents of v2.1.28 take part
     */
    void look(boolean others, long now) {
        if (now - nextLook < 0) {
            return;
        }
        nextLook = now + LOOK;
        finishPieces(now);
        if (unfit || conversation.isEmpty() || !conversation.get().takesWishes() || !isKnown()) {
            return;
        }
        if (reading.isPresent()) {
            tellProgress(now);
            return;
        }
        boolean delivers = mesh.isHandedOut();
        if (delivered && !delivers) {
            nextWish = now;
            pause = FIRST_PAUSE;
        }
        delivered = delivers;
        if (seed.isPresent() && (delivers || mesh.isEmpty())) {
            readTogether(now);
            return;
        }
        if (others || mesh.isEmpty() || now - nextWish < 0 || (delivers && !supply.isShort(now))) {
            return;
        }
        nextWish = now + pause;
        pause = Math.min(delivers ? LONGEST_PAUSE_BESIDE : LONGEST_PAUSE, pause * 2);
        say(mesh.nowhere(), ended, delivers);
        ended = OriginWish.Reading.NONE;
    }

    private void readTogether(long now) {
        if (now - nextWish >= 0) {
            nextWish = now + pause;
            pause = Math.min(LONGEST_PAUSE, pause * 2);
            say(unread(), ended, true);
            ended = OriginWish.Reading.NONE;
        }
    }

    /** What nobody is known to have, of what is behind the front; the front as well where nobody gives it out any more. */
    private BitSet unread() {
        BitSet unread = mesh.nowhere();
        if (mesh.isHandedOut()) {
            unread.clear(0, (int) (seed.orElseThrow().front(content.length().orElseThrow()) / content.blockLength()));
        }
        return unread;
    }

    /**
     * Nobody signs the MD5 of a piece that several brought, and those who count in pieces would wait for it until the end. Hashing it takes long
     * enough to keep neighbours waiting.
     */
    private void finishPieces(long now) {
        if (mesh.isProven() && !delivered && now - nextPieces >= 0 && !listing.isAlive()) {
            nextPieces = now + LISTING;
            listing = Thread.ofVirtual()
                    .name("pieces-" + content.task().prefix())
                    .start(() -> {
                        try {
                            content.finishPieces();
                        } catch (IOException | CodedException e) {
                            LOG.atDebug()
                                    .addKeyValue("task", content.task())
                                    .addKeyValue("reason", e.getMessage())
                                    .log("pieces are listed at the end");
                        }
                    });
        }
    }

    private void tellProgress(long now) {
        if (now - nextWish >= 0) {
            nextWish = now + PROGRESS;
            read.or(reading.orElseThrow().takeRead());
            say(new BitSet(), OriginWish.Reading.UNDER_WAY, false);
        }
    }

    /** A block came from a neighbour. */
    void got(Block block, long now) {
        supply.got(block.length());
        movedAt = now;
        if (seed.isPresent()) {
            env.handOuts().hadByOthers(content, block);
        }
    }

    /** All requests are sent that may be: what follows is waiting. */
    void waits(long now) {
        supply.stands(mesh.asksNobody(), reading.isPresent(), now);
    }

    private void say(BitSet wanted, OriginWish.Reading how, boolean starved) {
        List<BlockRange> told = BlockRange.of(read, OriginWish.MOST_RANGES);
        conversation
                .orElseThrow()
                .wish(new OriginWish(
                        content.length().orElseThrow(),
                        content.blockLength(),
                        starved ? last(wanted) : BlockRange.of(wanted, OriginWish.MOST_RANGES),
                        told,
                        how,
                        starved));
        read.andNot(BlockRange.set(told));
    }

    /** Whoever gives out in order comes to them last. */
    private static List<BlockRange> last(BitSet wanted) {
        List<BlockRange> all = BlockRange.of(wanted, Integer.MAX_VALUE);
        return all.subList(Math.max(0, all.size() - OriginWish.MOST_RANGES), all.size());
    }

    /** Whether the origin can be held against what is known. */
    private boolean isKnown() {
        return mesh.isProven() && content.length().orElse(0) > 0 && content.blockLength() > 0;
    }

    /** Nanoseconds until {@link #look} may do something by the clock alone. */
    long nanosToWait(long now) {
        boolean waits = !unfit
                && conversation.isPresent()
                && (reading.isPresent() || !delivered || seed.isPresent() || supply.isShort(now));
        return waits ? Math.max(1, Math.max(nextLook, nextWish) - now) : Long.MAX_VALUE;
    }

    /** Breaks off what is being read; what came is signed when this returns. */
    @Override
    public void close() {
        reading.ifPresent(OriginReading::close);
    }
}
