package dev.darter.peer.neighbour;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.darter.core.Block;
import dev.darter.core.BlockRange;
import dev.darter.core.PeerId;
import dev.darter.core.TaskId;
import dev.darter.peer.choice.FirstCopies;
import dev.darter.peer.storage.TaskContent;
import dev.darter.peer.transfer.HandOut;
import java.time.Duration;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;

/**
 * Gives each block of a task to one child before it gives any block to two.
 *
 * <p>The uplink of whoever has the only copy is the scarcest link of a cold start: a byte that leaves it twice is a byte that another child
 * waits for. Children that choose by themselves ask for the same blocks, since they see the same few; so here the giver chooses. Of a block that
 * was given the others hear from the child that got it, and ask that child. The giver itself announces it only a while later, in case
 * the child is gone: told at once, the others would ask the giver again. When everything was given once it is a parent like any other.
 *
 * <p>Blocks go out in the order of the content, and no child may name one. A child whose reader waits for a block needs low numbers, so this
 * order serves it; the block that it waits for was either given already, and then comes from the child that has it, or is among
 * the next. Giving it out of turn would be a second copy of a block over the link that everybody waits for.
 *
 * <p>Children take turns in the order in which they ask (the lock is fair): as each asks for one or two at a time, all get the same share, but for
 * those that {@link FirstCopies} passes over. Any thread may call it.
 */
public final class HandOuts implements HandOut {
    private static final Duration MOMENT = Duration.ofNanos(FirstCopies.MOMENT);
    private static final long SAYS_NOTHING = -1;
    private static final Duration LOOK = Duration.ofMillis(100);

    private final LongSupplier nanoTime;

    private final Map<TaskId, Given> tasks = new ConcurrentHashMap<>();

    /** What children had when they began to follow. */
    private final Map<Follower, BitSet> had = new ConcurrentHashMap<>();

    /** Children that others take nothing from, and those others. */
    private final Map<Follower, Set<String>> shunned = new ConcurrentHashMap<>();

    private record Follower(TaskId task, String peer) {}

    /** @param nanoTime a clock as {@link System#nanoTime} */
    public HandOuts(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** This host reads the task from its origin, or is the first that has it: it decides who gets what. */
    public void begin(TaskContent content) {
        tasks.compute(
                content.task(),
                (_, given) -> given != null && given.attempt.equals(content.peer())
                        ? given
                        : new Given(content.peer(), nanoTime));
    }

    /** A block of it came from somebody who has it: it is given to whoever asks for it, and to nobody first. */
    public void hadByOthers(TaskContent content, Block block) {
        Given given = tasks.get(content.task());
        if (given != null) {
            given.hadByOthers(block);
        }
    }

    /** It reads it no more; somebody else brings it, and decides. */
    public void end(TaskContent content) {
        tasks.computeIfPresent(content.task(), (_, given) -> given.attempt.equals(content.peer()) ? null : given);
    }

    /** A child that has these blocks may ask for more from now on. */
    void came(TaskId task, String child, BitSet blocks) {
        had.put(new Follower(task, child), blocks);
    }

    void went(TaskId task, String child) {
        had.remove(new Follower(task, child));
        for (Follower other : shunned.keySet()) {
            if (other.task.equals(task)) {
                shunned.computeIfPresent(other, (_, by) -> by.remove(child) && by.isEmpty() ? null : by);
            }
        }
    }

    /** A child takes nothing from another one; only those that follow have a say. */
    void shuns(TaskId task, String child, String other) {
        if (had.containsKey(new Follower(task, child)) && had.containsKey(new Follower(task, other))) {
            shunned.compute(new Follower(task, other), (_, by) -> {
                Set<String> all = by == null ? ConcurrentHashMap.newKeySet() : by;
                all.add(child);
                return all;
            });
        }
    }

    private int shunners(TaskId task, String child) {
        return shunned.getOrDefault(new Follower(task, child), Set.of()).size();
    }

    /** Whether blocks are left that were given to nobody. */
    boolean handsOut(TaskContent content) {
        Given given = tasks.get(content.task());
        if (given != null && (given.isOver(content) || content.state() == TaskContent.State.FAILED)) {
            tasks.remove(content.task(), given);
            return false;
        }
        return given != null;
    }

    /** Leaves of some blocks those that children may be told of: while they take turns, only what somebody has had for a while. */
    void keepBack(TaskContent content, BitSet blocks) {
        Given given = tasks.get(content.task());
        if (given != null && !given.isOver(content)) {
            given.keepBack(blocks);
        }
    }

    @Override
    public Next next(TaskContent content, HandOut.Child child) throws InterruptedException {
        Given given = tasks.get(content.task());
        return given == null
                ? new Nothing()
                : given.next(
                        content,
                        child,
                        shunners(content.task(), child.peer()),
                        had.getOrDefault(new Follower(content.task(), child.peer()), new BitSet()));
    }

    @Override
    public void sent(TaskContent content, List<Block> run) {
        Given given = tasks.get(content.task());
        if (given != null) {
            given.sent(run);
        }
    }

    @Override
    public void takeBack(TaskContent content, List<Block> run) {
        Given given = tasks.get(content.task());
        if (given != null) {
            given.takeBack(run);
        }
    }

    private static final class Given {
        private final ReentrantLock turn = new ReentrantLock(true);

        private final PeerId attempt;
        private final LongSupplier nanoTime;

        @GuardedBy("this")
        private final FirstCopies given = new FirstCopies();

        private volatile boolean over;

        Given(PeerId attempt, LongSupplier nanoTime) {
            this.attempt = attempt;
            this.nanoTime = nanoTime;
        }

        Next next(TaskContent content, HandOut.Child child, int shunnedBy, BitSet had) throws InterruptedException {
            long deadline = System.nanoTime() + MOMENT.toNanos();
            for (long pause = passesOver(child.peer(), child.has(), shunnedBy);
                    pause > 0 && !isOver(content);
                    pause = passesOver(child.peer(), SAYS_NOTHING, shunnedBy)) {
                Thread.sleep(Duration.ofNanos(pause));
                if (System.nanoTime() >= deadline) {
                    return new Later();
                }
            }
            turn.lockInterruptibly();
            try {
                while (true) {
                    long seen = content.version();
                    List<Block> run = take(content, child, had);
                    if (!run.isEmpty()) {
                        return new HandOut.Given(run);
                    }
                    if (isOver(content) || content.state() == TaskContent.State.FAILED) {
                        return new Nothing();
                    }
                    long left = deadline - System.nanoTime();
                    if (left <= 0) {
                        return new Later();
                    }
                    // What others take changes nothing here, and may be all that is missing.
                    var _ = content.awaitChange(seen, Duration.ofNanos(Math.min(left, LOOK.toNanos())));
                }
            } finally {
                turn.unlock();
            }
        }

        private synchronized long passesOver(String child, long has, int shunnedBy) {
            return given.passesOver(child, has, shunnedBy, nanoTime.getAsLong());
        }

        private synchronized List<Block> take(TaskContent content, HandOut.Child child, BitSet had) {
            Optional<BlockRange> run = given.next(
                    child.peer(),
                    content.readableBlocks(),
                    had,
                    child.most(),
                    block -> content.block(block).isPresent(),
                    nanoTime.getAsLong());
            return run.stream()
                    .flatMapToInt(range -> IntStream.range(range.first(), range.end()))
                    .mapToObj(block -> content.block(block).orElseThrow())
                    .toList();
        }

        synchronized void sent(List<Block> run) {
            long now = nanoTime.getAsLong();
            run.forEach(block -> given.sent(block.number(), now));
        }

        synchronized void hadByOthers(Block block) {
            given.hadByOthers(block.number());
        }

        synchronized void takeBack(List<Block> run) {
            run.forEach(block -> given.takeBack(block.number()));
        }

        synchronized void keepBack(BitSet blocks) {
            given.keepBack(blocks, nanoTime.getAsLong());
        }

        boolean isOver(TaskContent content) {
            if (!over && content.state() == TaskContent.State.COMPLETE) {
                BitSet readable = content.readableBlocks();
                synchronized (this) {
                    over = given.isOver(readable, nanoTime.getAsLong());
                }
            }
            return over;
        }
    }
}
