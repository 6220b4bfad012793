package dev.darter.peer;

import dev.darter.core.BlockRange;
import dev.darter.core.OriginGrant;
import dev.darter.core.OriginWish;
import dev.darter.core.OriginWish.Reading;
import dev.darter.core.SignedWarrant;
import dev.darter.core.SigningKey;
import dev.darter.core.TaskId;
import dev.darter.core.VerifyKey;
import dev.darter.core.Warrant;
import dev.darter.proto.common.v1.Code;
import dev.darter.proto.scheduler.v1.PeerPacket;
import dev.darter.proto.scheduler.v1.PeerTaskRequest;
import dev.darter.proto.scheduler.v1.PieceResult;
import dev.darter.wire.map.OriginMapper;
import dev.darter.wire.map.ProofMapper;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The part of a scheduler that lets peers read the origin: gives each a few of the blocks that it wishes for, none twice. */
final class Grants {
    private static final int GRANT = 6;

    private final FakeScheduler scheduler;
    private final SigningKey key;
    private final Map<String, BitSet> granted = new ConcurrentHashMap<>();

    /** Who was given blocks and has not said anything of them. */
    private final Set<String> silent = new HashSet<>();

    private final List<OriginWish> wishes = new ArrayList<>();
    private volatile boolean grantsToTheStarved;

    Grants(FakeScheduler scheduler, SigningKey key) {
        this.scheduler = scheduler;
        this.key = key;
    }

    /** Also to those that say that somebody gives content out, only too slowly. */
    void alsoToTheStarved() {
        grantsToTheStarved = true;
    }

    /** Who was given blocks, and which. */
    Map<String, BitSet> readers() {
        return granted;
    }

    List<OriginWish> wishes() {
        synchronized (wishes) {
            return List.copyOf(wishes);
        }
    }

    /** Answers every wish as the real one does, until it is closed. */
    AutoCloseable start() {
        var thread = Thread.ofVirtual().start(() -> {
            int seen = 0;
            try {
                while (true) {
                    List<PieceResult> all = scheduler.all(PieceResult.class);
                    for (; seen < all.size(); seen++) {
                        if (all.get(seen).hasDarterOrigin()) {
                            answer(all.get(seen));
                        }
                    }
                    Thread.sleep(5);
                }
            } catch (InterruptedException e) {
                // the test is over
            }
        });
        return () -> {
            thread.interrupt();
            thread.join();
        };
    }

    private void answer(PieceResult message) {
        OriginWish wish = OriginMapper.wish(message.getDarterOrigin());
        boolean unfit;
        synchronized (wishes) {
            wishes.add(wish);
            unfit = wishes.stream().anyMatch(one -> one.reading() == Reading.UNFIT);
        }
        if (!wish.read().isEmpty() || wish.reading() != Reading.NONE) {
            silent.remove(message.getSrcPid());
        }
        if (unfit || (wish.starved() && !grantsToTheStarved) || wish.reading() == Reading.UNDER_WAY) {
            return;
        }
        if (wish.reading() == Reading.NONE && wish.read().isEmpty() && silent.contains(message.getSrcPid())) {
            return; // it wished again before it had heard of its grant, and would read only one of two
        }
        BitSet free = BlockRange.set(wish.wanted());
        granted.values().forEach(free::andNot);
        var mine = new BitSet();
        for (int block = free.nextSetBit(0); block >= 0 && mine.cardinality() < GRANT; ) {
            mine.set(block);
            block = free.nextSetBit(block + 1);
        }
        if (mine.isEmpty()) {
            return;
        }
        silent.add(message.getSrcPid());
        granted.computeIfAbsent(message.getSrcPid(), _ -> new BitSet()).or(mine);
        List<BlockRange> blocks = BlockRange.of(mine, GRANT);
        var talk = scheduler.talks().stream()
                .filter(one -> one.peer().equals(message.getSrcPid()))
                .findFirst()
                .orElseThrow();
        talk.send(PeerPacket.newBuilder()
                .setCode(Code.Success)
                .setDarterGrant(OriginMapper.toWire(new OriginGrant(blocks, Duration.ZERO)))
                .setDarterWarrant(ProofMapper.toWire(warrant(talk, blocks)))
                .build());
    }

    /** Leave to read those blocks, or all of them. */
    SignedWarrant warrant(FakeScheduler.Talk talk, List<BlockRange> blocks) {
        PeerTaskRequest request = scheduler.awaitOne(
                PeerTaskRequest.class, asked -> asked.getPeerId().equals(talk.peer()));
        var its = VerifyKey.of(request.getPeerHost().getDarterKey().toByteArray());
        return ProofMapper.sign(key, new Warrant(new TaskId(talk.task()), 1, its, blocks));
    }
}
