package dev.darter.peer.neighbour;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.darter.core.Block;
import dev.darter.core.BlockRange;
import dev.darter.core.NetAddress;
import dev.darter.core.PeerHost;
import dev.darter.core.Piece;
import dev.darter.core.Sha256;
import dev.darter.core.SignedBatch;
import dev.darter.core.SignedWarrant;
import dev.darter.core.TaskId;
import dev.darter.peer.choice.MeshRules;
import dev.darter.peer.storage.Proofs;
import dev.darter.peer.storage.Storage;
import dev.darter.peer.storage.TaskContent;
import dev.darter.wire.client.BlockStream;
import dev.darter.wire.map.ProofMapper;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Tells hosts that follow us what we have. One thread for each task of each follower: it waits for a change in storage, then for what is
 * left of the pause since its last message, so that many blocks go into one message when they come fast and one goes at once when they do
 * not. Any thread may call it.
 */
public final class Followers {
    private static final Duration BETWEEN_NEWS = Duration.ofNanos(MeshRules.DEFAULT.newsNanos());

    private static final Duration LOOK = Duration.ofSeconds(30);
    private static final Duration STORAGE_LOOK = Duration.ofMillis(10);

    /** A download that registered has its place in storage; one that takes longer than this is none. */
    private static final Duration STORAGE_PATIENCE = Duration.ofSeconds(5);

    /** A message of these is under 200 KiB. */
    private static final int MOST_BLOCKS = 4096;

    /** After so many no further proof goes into a message; the longest one may come on top. */
    private static final int MOST_PROOF_BYTES = 256 << 10;

    /** Somebody who follows us, and can be followed. */
    public interface Acquaintance {
        void met(TaskId task, String peer, NetAddress address);
    }

    private final Storage storage;
    private final HandOuts handOuts;
    private final Neighbours neighbours;
    private final Acquaintance acquaintance;
    private final Supplier<PeerHost> host;

    private final ReadBatches read = new ReadBatches();

    /** How many followers are told of tasks that change. */
    private final AtomicInteger telling = new AtomicInteger();

    /** @param host this host with the ports it really has; may wait until they are known */
    public Followers(
            Storage storage,
            HandOuts handOuts,
            Neighbours neighbours,
            Acquaintance acquaintance,
            Supplier<PeerHost> host) {
        this.storage = storage;
        this.handOuts = handOuts;
        this.neighbours = neighbours;
        this.acquaintance = acquaintance;
        this.host = host;
    }

    /**
     * Begins to tell.
     *
     * @param address where the follower can be followed; empty for nowhere, and where it is not to be
     * @param have blocks that it has
     * @param proofs whether it is sent what proves them
     * @param out takes the news; called by one thread at a time
     * @return ends it
     */
    public Runnable follow(
            int ref,
            TaskId task,
            String peer,
            Optional<NetAddress> address,
            BitSet have,
            boolean proofs,
            Consumer<BlockStream.News> out) {
        handOuts.came(task, peer, (BitSet) have.clone());
        address.ifPresent(where -> acquaintance.met(task, peer, where));
        var telling = new Telling(ref, task, peer, have, proofs, out);
        Thread thread = Thread.ofVirtual().name("tell-" + peer).start(telling::run);
        return () -> {
            thread.interrupt();
            handOuts.went(task, peer);
        };
    }

    /** A follower takes nothing from another peer of the task. */
    public void shuns(TaskId task, String peer, String other) {
        handOuts.shuns(task, peer, other);
    }

    /** The latest batches that went to anybody: they go to the others at about the same time. */
    private static final class ReadBatches {
        private static final int MOST = 64;

        @GuardedBy("this")
        private final SequencedMap<Sha256, SignedBatch> latest = new LinkedHashMap<>();

        synchronized SignedBatch of(Proofs.Proof proof) {
            SignedBatch known = latest.get(proof.id());
            if (known == null) {
                known = ProofMapper.readBatch(proof.raw());
                latest.put(proof.id(), known);
                if (latest.size() > MOST) {
                    var _ = latest.pollFirstEntry();
                }
            }
            return known;
        }
    }

    private final class Telling {
        private final int ref;
        private final TaskId task;
        private final String peer;
        private final Consumer<BlockStream.News> out;

        /** Blocks that the follower knows of. */
        private final BitSet told;

        private final BitSet toldPieces = new BitSet();
        private final long began = System.nanoTime();
        private boolean toldHeader;
        private long toldLength = -2;
        private int toldBlockLength = -1;
        private boolean toldHandsOut;

        private final boolean proofs;

        /** Proofs of these blocks are with the follower. */
        private final BitSet proven = new BitSet();

        /** How many of the content's proofs were looked at. */
        private int proofsSeen;

        Telling(int ref, TaskId task, String peer, BitSet have, boolean proofs, Consumer<BlockStream.News> out) {
            this.ref = ref;
            this.task = task;
            this.peer = peer;
            this.told = have;
            this.proofs = proofs;
            this.out = out;
        }

        void run() {
            telling.incrementAndGet();
            try {
                Optional<TaskContent> content = await();
                if (content.isPresent()) {
                    tell(content.get());
                }
                out.accept(new BlockStream.News.Gone(ref));
            } catch (InterruptedException e) {
                // nobody listens any more
            } finally {
                telling.decrementAndGet();
            }
        }

        private Optional<TaskContent> await() throws InterruptedException {
            long deadline = System.nanoTime() + STORAGE_PATIENCE.toNanos();
            while (System.nanoTime() < deadline) {
                Optional<TaskContent> content = storage.find(task);
                if (content.isPresent()) {
                    return content;
                }
                Thread.sleep(STORAGE_LOOK);
            }
            return Optional.empty();
        }

        private void tell(TaskContent content) throws InterruptedException {
            while (content.state() != TaskContent.State.FAILED) {
                long seen = content.version();
                long now = System.nanoTime();
                while (tellOnce(content)) {
                    // more than one message holds
                }
                var _ = content.awaitChange(seen, handOuts.handsOut(content) ? BETWEEN_NEWS.multipliedBy(4) : LOOK);
                long pause = pause();
                if (System.nanoTime() - now < pause) {
                    // All at the same moment: one host is woken once to tell all its followers.
                    Thread.sleep(Duration.ofNanos(pause - Math.floorMod(System.nanoTime(), pause)));
                }
            }
        }

        private long pause() {
            return MeshRules.DEFAULT.newsPause(telling.get(), System.nanoTime() - began);
        }

        /** @return whether there is more to tell */
        private boolean tellOnce(TaskContent content) {
            boolean handsOut = handOuts.handsOut(content);
            BitSet fresh = content.readableBlocks();
            fresh.andNot(told);
            boolean more = false;
            List<Block> blocks = new ArrayList<>();
            if (!fresh.isEmpty()) {
                fresh.andNot(neighbours.heard(task, peer));
                if (handsOut) {
                    handOuts.keepBack(content, fresh);
                }
                for (int number = fresh.nextSetBit(0); number >= 0; number = fresh.nextSetBit(number + 1)) {
                    if (blocks.size() == MOST_BLOCKS) {
                        more = true;
                        break;
                    }
                    content.block(number).ifPresent(blocks::add);
                }
            }
            var proving = new Proving(content);
            more |= proofs && proving.collect();
            List<Piece> pieces = new ArrayList<>();
            for (Piece piece : content.pieces(toldPieces.nextClearBit(0), Integer.MAX_VALUE)) {
                if (!toldPieces.get(piece.number()) && piece.md5().isPresent()) {
                    toldPieces.set(piece.number());
                    pieces.add(piece);
                }
            }
            long length = content.length().orElse(-1);
            int blockLength = content.blockLength();
            Map<String, String> header = toldHeader ? Map.of() : content.header();
            boolean changed = length != toldLength || blockLength != toldBlockLength || handsOut != toldHandsOut;
            if (!changed && blocks.isEmpty() && pieces.isEmpty() && header.isEmpty() && proving.isEmpty()) {
                return false;
            }
            toldLength = length;
            toldBlockLength = blockLength;
            toldHandsOut = handsOut;
            toldHeader |= !header.isEmpty();
            blocks.forEach(block -> told.set(block.number()));
            PeerHost me = host.get();
            out.accept(new BlockStream.News.Blocks(
                    ref,
                    content.peer().value(),
                    new NetAddress(me.ip(), me.downPort()).toString(),
                    length,
                    blockLength,
                    content.pieceLength(),
                    header,
                    blocks,
                    pieces,
                    handsOut,
                    proving.warrants,
                    proving.batches));
            return more;
        }

        /** The proofs of one message. */
        private final class Proving {
            private final TaskContent content;
            private final List<SignedWarrant> warrants = new ArrayList<>();
            private final List<SignedBatch> batches = new ArrayList<>();
            private int bytes;

            Proving(TaskContent content) {
                this.content = content;
            }

            boolean isEmpty() {
                return warrants.isEmpty() && batches.isEmpty();
            }

            /** @return whether there are more than one message holds */
            boolean collect() {
                List<Proofs.Proof> fresh = content.proofs().from(proofsSeen);
                if (fresh.isEmpty()) {
                    return false;
                }
                proven.or(neighbours.proven(task, peer));
                for (Proofs.Proof proof : fresh) {
                    if (bytes > MOST_PROOF_BYTES) {
                        return true;
                    }
                    proofsSeen++;
                    add(proof);
                }
                return false;
            }

            /** A batch that tells nothing of blocks may tell the length of all: it is sent. */
            private void add(Proofs.Proof proof) {
                if (proof.kind() == Proofs.Kind.WARRANT) {
                    warrants.add(ProofMapper.readWarrant(proof.raw()));
                } else if (proof.blocks().isEmpty() || proof.blocks().stream().anyMatch(this::isNews)) {
                    batches.add(read.of(proof));
                    proof.blocks().forEach(range -> proven.set(range.first(), range.end()));
                } else {
                    return;
                }
                bytes += proof.raw().length;
            }

            private boolean isNews(BlockRange range) {
                return proven.nextClearBit(range.first()) < range.end();
            }
        }
    }
}
