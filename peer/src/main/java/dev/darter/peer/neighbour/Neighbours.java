package dev.darter.peer.neighbour;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.darter.core.NetAddress;
import dev.darter.core.PeerId;
import dev.darter.core.SignedBatch;
import dev.darter.core.TaskId;
import dev.darter.wire.client.BlockStream;
import java.time.Duration;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The Darter hosts whose blocks we follow: one stream to each, for all tasks, kept a while after its last task. Any thread may call it.
 */
public final class Neighbours implements AutoCloseable {
    private static final long KEPT_NANOS = Duration.ofMinutes(1).toNanos();

    private final ParentChannels channels;

    /** What each neighbour told us that it has: it need not be told of that by us. */
    private final Map<Holder, BitSet> heard = new ConcurrentHashMap<>();

    /** Likewise, the blocks whose proofs it sent. */
    private final Map<Holder, BitSet> proven = new ConcurrentHashMap<>();

    @GuardedBy("this")
    private final Map<NetAddress, Host> hosts = new HashMap<>();

    private record Holder(TaskId task, String peer) {}

    public Neighbours(ParentChannels channels) {
        this.channels = channels;
    }

    /**
     * Follows what a host has of a task, until the result is closed.
     *
     * @param them its peer id for the task
     * @param me ours
     * @param rpcPort where it can follow us in turn
     * @param have blocks that need not be told of
     * @param out gets the news, one after the other, on other threads; {@link BlockStream.News.Ended} and {@link BlockStream.News.Gone}
     *     are the last
     */
    public synchronized Following follow(
            NetAddress address,
            TaskId task,
            String them,
            PeerId me,
            int rpcPort,
            BitSet have,
            Consumer<BlockStream.News> out) {
        closeUnused();
        Host host = hosts.computeIfAbsent(address, Host::new);
        var following = new Following(host, host.nextRef++, task, them, me, out);
        host.byRef.put(following.ref, following);
        host.stream.follow(following.ref, task, me, rpcPort, have);
        return following;
    }

    /** Blocks that a peer told us it has; the caller may change the set. */
    BitSet heard(TaskId task, String peer) {
        return copy(heard.get(new Holder(task, peer)));
    }

    /** Blocks whose proofs a peer sent us; the caller may change the set. */
    BitSet proven(TaskId task, String peer) {
        return copy(proven.get(new Holder(task, peer)));
    }

    private static BitSet copy(@Nullable BitSet known) {
        if (known == null) {
            return new BitSet();
        }
        synchronized (known) {
            return (BitSet) known.clone();
        }
    }

    @Override
    public synchronized void close() {
        hosts.values().forEach(Host::close);
        hosts.clear();
    }

    @GuardedBy("this")
    private void closeUnused() {
        long now = System.nanoTime();
        hosts.values().removeIf(host -> {
            boolean idle = host.byRef.isEmpty() && now - host.unusedSince > KEPT_NANOS;
            if (idle) {
                host.close();
            }
            return idle;
        });
    }

    private synchronized void leave(Following following) {
        Host host = following.host;
        if (host.byRef.remove(following.ref) != null) {
            host.stream.leave(following.ref, following.task, following.me);
            host.unusedSince = System.nanoTime();
        }
    }

    /** @return who followed it: nobody comes after them, and none of them is forgotten */
    private synchronized List<Following> ended(Host host) {
        var all = List.copyOf(host.byRef.values());
        host.byRef.clear();
        hosts.remove(host.address, host);
        host.close();
        return all;
    }

    /** One host; its maps are guarded by the owner's monitor, but for looking up who a message is for. */
    private final class Host {
        private final NetAddress address;
        private final BlockStream stream;
        private final Map<Integer, Following> byRef = new ConcurrentHashMap<>();
        private int nextRef = 1;
        private long unusedSince = System.nanoTime();
        private boolean closed;

        Host(NetAddress address) {
            this.address = address;
            this.stream = channels.acquire(address).blocks(this::hear);
        }

        void hear(BlockStream.News news) {
            switch (news) {
                case BlockStream.News.Blocks blocks -> {
                    Following following = byRef.get(blocks.ref());
                    if (following != null) {
                        following.note(blocks);
                        following.out.accept(news);
                    }
                }
                case BlockStream.News.Forged(int ref, String _) -> {
                    Following following = byRef.get(ref);
                    if (following != null) {
                        following.out.accept(news);
                    }
                }
                case BlockStream.News.Gone(int ref) -> {
                    Following following = byRef.remove(ref);
                    if (following != null) {
                        following.out.accept(news);
                    }
                }
                case BlockStream.News.Ended _ -> ended(this).forEach(following -> following.out.accept(news));
            }
        }

        void close() {
            if (!closed) {
                closed = true;
                stream.close();
                channels.release(address);
            }
        }
    }

    /** One task at one host. */
    public final class Following implements AutoCloseable {
        private final Host host;
        private final int ref;
        private final TaskId task;
        private final PeerId me;
        private final Holder holder;
        private final Consumer<BlockStream.News> out;

        private Following(Host host, int ref, TaskId task, String them, PeerId me, Consumer<BlockStream.News> out) {
            this.host = host;
            this.ref = ref;
            this.task = task;
            this.me = me;
            this.holder = new Holder(task, them);
            this.out = out;
            heard.put(holder, new BitSet());
            proven.put(holder, new BitSet());
        }

        private void note(BlockStream.News.Blocks news) {
            BitSet known = heard.get(holder);
            if (known != null) {
                synchronized (known) {
                    news.blocks().forEach(block -> known.set(block.number()));
                }
            }
            BitSet proofs = proven.get(holder);
            if (proofs != null) {
                synchronized (proofs) {
                    for (SignedBatch signed : news.batches()) {
                        signed.batch().runs().forEach(run -> proofs.set(run.first(), run.end()));
                    }
                }
            }
        }

        /** Says there that nothing is taken from another peer of the task. */
        public void shun(String other) {
            host.stream.shun(ref, task, me, other);
        }

        @Override
        public void close() {
            heard.remove(holder);
            proven.remove(holder);
            leave(this);
        }
    }
}
