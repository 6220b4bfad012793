package dev.darter.scheduler.swarm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.darter.core.HostType;
import dev.darter.core.PeerHost;
import dev.darter.core.PeerId;
import dev.darter.core.Priority;
import dev.darter.core.TaskId;
import dev.darter.core.TaskType;
import dev.darter.core.UrlMeta;
import dev.darter.scheduler.Hosts;
import dev.darter.scheduler.TestClock;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;

final class CandidatesTest {
    private static final int VIEW = 64;

    private final RandomGenerator random =
            RandomGeneratorFactory.of("L64X128MixRandom").create(7);
    private final Swarm swarm = new Swarm(new TestClock());
    private final Task task = swarm.task(new TaskId("task"), TaskType.STANDARD, "http://origin/a", UrlMeta.NONE);
    private final Candidates candidates = new Candidates();

    @Test
    void neighboursAreDrawnHoweverManyOthersThereAre() {
        List<Peer> near = List.of(peer("near-1", "idc-b", ""), peer("near-2", "IDC-B", ""));
        near.forEach(candidates::add);
        for (int i = 0; i < 5_000; i++) {
            candidates.add(peer("far-" + i, "idc-a", ""));
        }

        List<Peer> drawn = candidates.draw(asker("idc-b", "").host(), VIEW, random);

        assertThat(drawn).hasSize(VIEW).doesNotHaveDuplicates().containsAll(near);
    }

    @Test
    void whereNobodyNamesADataCentreTheLocationCounts() {
        Peer near = peer("near", "", "eu|berlin|r7");
        candidates.add(near);
        for (int i = 0; i < 5_000; i++) {
            candidates.add(peer("far-" + i, "", "eu|paris|r" + i % 20));
        }

        assertThat(candidates.draw(asker("", "EU|Berlin|r7").host(), VIEW, random))
                .contains(near);
    }

    @Test
    void neighboursDoNotCrowdOutAllOthers() {
        for (int i = 0; i < 500; i++) {
            candidates.add(peer("near-" + i, "idc-a", "eu|berlin|r7"));
            candidates.add(peer("far-" + i, "idc-b", "eu|paris|r1"));
        }

        List<Peer> drawn = candidates.draw(asker("idc-a", "eu|berlin|r7").host(), VIEW, random);

        assertThat(drawn).anyMatch(peer -> peer.host().place().idc().equals("idc-b"));
    }

    @Test
    void whoBringsTheContentInIsAlwaysDrawn() {
        Peer seed = swarm.peer(
                new PeerId("seed"), task, swarm.host(Hosts.named("seed"), HostType.SUPER, true), Priority.LEVEL0);
        candidates.add(seed);
        for (int i = 0; i < 5_000; i++) {
            candidates.add(peer("peer-" + i, "", ""));
        }

        for (int i = 0; i < 20; i++) {
            assertThat(candidates.draw(asker("", "").host(), VIEW, random)).contains(seed);
        }
    }

    @Test
    void whoLeavesIsDrawnNoMoreAndTheOthersStay() {
        var there = new LinkedHashSet<Peer>();
        var all = new ArrayList<Peer>();
        for (int i = 0; i < 200; i++) {
            all.add(peer("peer-" + i, "idc-" + i % 3, "eu|room-" + i % 7));
        }
        for (int i = 0; i < 5_000; i++) {
            Peer peer = all.get(random.nextInt(all.size()));
            if (there.remove(peer)) {
                candidates.remove(peer);
            } else {
                there.add(peer);
                candidates.add(peer);
            }
            if (i % 100 == 0) {
                assertThat(candidates.draw(all.getFirst().host(), VIEW, random)).isSubsetOf(there);
                assertThat(candidates.draw(all.getFirst().host(), 200, random))
                        .containsExactlyInAnyOrderElementsOf(there);
            }
        }
    }

    @Test
    void aHostThatMovedLeavesThePlaceInWhichItWasEntered() {
        Peer moved = peer("moved", "idc-a", "");
        candidates.add(moved);
        swarm.registering(Hosts.at("moved", "idc-b", ""), true);
        candidates.remove(moved);

        assertThat(candidates.near(asker("idc-a", "").host(), VIEW, random)).isEmpty();
        assertThat(candidates.draw(asker("idc-a", "").host(), VIEW, random)).isEmpty();
    }

    private Peer asker(String idc, String location) {
        return peer("asker", idc, location);
    }

    private Peer peer(String name, String idc, String location) {
        PeerHost host = Hosts.at(name, idc, location);
        return swarm.peer(new PeerId(name), task, swarm.registering(host, true), Priority.LEVEL0);
    }
}
