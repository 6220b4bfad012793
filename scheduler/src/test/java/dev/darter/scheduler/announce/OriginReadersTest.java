package dev.darter.scheduler.announce;

import static org.assertj.core.api.Assertions.assertThat;

import dev.darter.core.BlockLength;
import dev.darter.core.BlockRange;
import dev.darter.core.OriginWish;
import dev.darter.core.OriginWish.Reading;
import dev.darter.core.PeerId;
import dev.darter.core.SigningKey;
import dev.darter.scheduler.announce.TestOffice.Client;
import dev.darter.scheduler.swarm.Notice;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class OriginReadersTest {
    private static final int BLOCKS = 512;

    private final TestOffice office = new TestOffice();
    private final OriginReaders readers = new OriginReaders(office.swarm, 0.02, 3, 0, new Random(1));
    private final List<Client> peers = new ArrayList<>();

    @AfterEach
    void close() {
        office.close();
    }

    @Test
    void whenTheSeedDiesItsChildrenReadTheRestInPartsAndNobodyAllOfIt() {
        PeerId seed = seedAndPeers(4);
        office.seedDies(seed);
        var granted = new BitSet();
        for (Client peer : peers) {
            readers.heard(peer.peer(), wish(256, false));
            BitSet its = granted(peer);
            assertThat(granted.intersects(its)).isFalse();
            granted.or(its);
        }
        assertThat(peers.stream().filter(peer -> !granted(peer).isEmpty())).hasSize(3);
        for (int i = 0; i < 40; i++) {
            office.pass(Duration.ofSeconds(1));
            peers.forEach(peer -> readers.heard(peer.peer(), served()));
        }
        assertThat(peers).noneMatch(Client::isAtSource);
    }

    @Test
    void whenTheyStopAskingOnePeerReadsTheSourceAsEver() {
        PeerId seed = seedAndPeers(4);
        office.seedDies(seed);
        peers.forEach(peer -> readers.heard(peer.peer(), wish(256, false)));
        for (int i = 0; i < 10; i++) {
            office.pass(Duration.ofSeconds(1));
        }
        assertThat(peers).filteredOn(Client::isAtSource).hasSize(1);
    }

    @Test
    void whenTheOriginCannotBeReadInPartsOnePeerReadsAllOfIt() {
        PeerId seed = seedAndPeers(4);
        office.seedDies(seed);
        readers.heard(peers.getFirst().peer(), wish(256, false));
        assertThat(granted(peers.getFirst()).isEmpty()).isFalse();
        readers.heard(
                peers.getFirst().peer(),
                new OriginWish(length(), BlockLength.SMALL, List.of(), List.of(), Reading.UNFIT, false));
        for (int i = 0; i < 10; i++) {
            office.pass(Duration.ofSeconds(1));
            peers.forEach(peer -> readers.heard(peer.peer(), wish(256, false)));
        }
        assertThat(peers).filteredOn(Client::isAtSource).hasSize(1);
    }

    @Test
    void whileTheSeedDeliversOnlyTheStarvedReadAndOnlyTheShare() {
        seedAndPeers(4);
        peers.forEach(peer -> readers.heard(peer.peer(), wish(256, false)));
        assertThat(peers).allMatch(peer -> granted(peer).isEmpty());
        var granted = new BitSet();
        peers.forEach(peer -> {
            readers.heard(peer.peer(), wish(256, true));
            granted.or(granted(peer));
        });
        assertThat(granted.cardinality()).isEqualTo(10);
        assertThat(granted.nextSetBit(0)).isEqualTo(BLOCKS - 10);
    }

    @Test
    void peersOfV2_1_28AndThoseWithoutAKeyGetNothing() {
        PeerId seed = seedAndPeers(1);
        Client foreign = office.start("foreign");
        Client keyless = office.startDarter("keyless");
        office.seedDies(seed);
        readers.heard(foreign.peer(), wish(256, false));
        readers.heard(keyless.peer(), wish(256, false));
        assertThat(granted(foreign).isEmpty()).isTrue();
        assertThat(granted(keyless).isEmpty()).isTrue();
    }

    @Test
    void aBudgetOfNothingTurnsItOff() {
        var off = new OriginReaders(office.swarm, 0, 3, 0, new Random(1));
        PeerId seed = seedAndPeers(1);
        office.seedDies(seed);
        off.heard(peers.getFirst().peer(), wish(256, false));
        assertThat(granted(peers.getFirst()).isEmpty()).isTrue();
    }

    @Test
    void nobodyReadsBeforeHoldersHaveAnnouncedThemselves() {
        var settling = new OriginReaders(office.swarm, 0.02, 3, office.swarm.now() + 10_000, new Random(1));
        PeerId seed = seedAndPeers(1);
        office.seedDies(seed);
        settling.heard(peers.getFirst().peer(), wish(256, false));
        assertThat(granted(peers.getFirst()).isEmpty()).isTrue();
        office.clock.pass(Duration.ofSeconds(10));
        settling.heard(peers.getFirst().peer(), wish(256, false));
        assertThat(granted(peers.getFirst()).isEmpty()).isFalse();
    }

    @Test
    void aReaderWhoseStreamBreaksLosesItsBlocksAtOnce() {
        PeerId seed = seedAndPeers(2);
        office.seedDies(seed);
        readers.heard(peers.get(0).peer(), wish(BLOCKS - 4, false));
        assertThat(granted(peers.get(0)).cardinality()).isEqualTo(4);
        readers.heard(peers.get(1).peer(), wish(BLOCKS - 4, false));
        assertThat(granted(peers.get(1)).isEmpty()).isTrue();
        office.announcements.disconnect(peers.get(0).peer(), peers.get(0).stream(), true);
        readers.heard(peers.get(1).peer(), wish(BLOCKS - 4, false));
        assertThat(granted(peers.get(1)).cardinality()).isEqualTo(4);
    }

    private PeerId seedAndPeers(int number) {
        PeerId seed = office.seedBegins("seed", "");
        office.task().readBy(true);
        for (int i = 0; i < number; i++) {
            Client peer = office.startDarter("peer-" + i);
            peer.peer().host().hasKey(Optional.of(SigningKey.generate().verifyKey()));
            peers.add(peer);
        }
        office.seedGets(seed, 0);
        peers.forEach(peer -> office.announcements.pieceFinished(peer.peer(), Optional.of(seed), TestOffice.piece(0)));
        return seed;
    }

    private static long length() {
        return BLOCKS * (long) BlockLength.SMALL;
    }

    private static OriginWish wish(int from, boolean starved) {
        return new OriginWish(
                length(), BlockLength.SMALL, List.of(new BlockRange(from, BLOCKS)), List.of(), Reading.NONE, starved);
    }

    private static OriginWish served() {
        return new OriginWish(length(), BlockLength.SMALL, List.of(), List.of(), Reading.NONE, false);
    }

    private static BitSet granted(Client peer) {
        var blocks = new BitSet();
        for (Notice notice : peer.told()) {
            if (notice instanceof Notice.MayRead(var grant)) {
                blocks.or(BlockRange.set(grant.blocks()));
            }
        }
        return blocks;
    }
}
