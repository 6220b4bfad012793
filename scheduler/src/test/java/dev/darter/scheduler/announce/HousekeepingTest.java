package dev.darter.scheduler.announce;

import static org.assertj.core.api.Assertions.assertThat;

import dev.darter.core.PeerId;
import dev.darter.core.UrlMeta;
import dev.darter.scheduler.Hosts;
import dev.darter.scheduler.announce.TestOffice.Client;
import dev.darter.scheduler.swarm.PeerState;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class HousekeepingTest {
    private final TestOffice office = new TestOffice();

    @AfterEach
    void close() {
        office.close();
    }

    @Test
    void forgetsPeersThatFailedOrLeft() {
        Client failed = office.start("failed");
        Client left = office.start("left");
        Client runs = office.start("runs");
        office.announcements.finished(failed.peer().id(), false, -1, -1, Optional.empty());
        office.announcements.leaveTask(left.peer().id());

        office.housekeeping.collectPeers();

        assertThat(office.swarm.peers()).containsExactly(runs.peer());
    }

    @Test
    void aPeerThatGetsNothingForHalfAnHourLeavesAndIsForgottenInTheNextRound() {
        Client peer = office.start("peer");
        office.clock.pass(Duration.ofMinutes(30));
        keepAlive("peer");
        office.housekeeping.collectPeers();
        assertThat(peer.peer().state()).isEqualTo(PeerState.RUNNING);

        office.clock.pass(Duration.ofMillis(1));
        office.housekeeping.collectPeers();
        assertThat(peer.peer().state()).isEqualTo(PeerState.LEFT);

        office.housekeeping.collectPeers();
        assertThat(office.swarm.peers()).isEmpty();
    }

    @Test
    void aSeedMayTakeLonger() {
        PeerId seed = office.seedBegins("seed");
        office.clock.pass(Duration.ofMinutes(40));

        office.housekeeping.collectPeers();

        assertThat(office.swarm.peer(seed).orElseThrow().state()).isEqualTo(PeerState.RUNNING);
    }

    @Test
    void aHolderIsKeptForADayAfterItsLastUse() {
        Client peer = done("peer");
        for (int hour = 0; hour < 24; hour++) {
            office.clock.pass(Duration.ofHours(1));
            keepAlive("peer");
            office.housekeeping.collectPeers();
        }
        assertThat(peer.peer().state()).isEqualTo(PeerState.SUCCEEDED);

        office.clock.pass(Duration.ofMillis(1));
        office.housekeeping.collectPeers();

        assertThat(peer.peer().state()).isEqualTo(PeerState.LEFT);
    }

    @Test
    void peersOfASilentHostGoAfterAnHourAndThenTheHost() {
        done("peer");
        office.clock.pass(Duration.ofHours(1).plusMillis(1));

        office.housekeeping.collectHosts();
        assertThat(office.swarm.host(Hosts.named("peer").id())).isPresent();
        office.housekeeping.collectPeers();
        office.housekeeping.collectPeers();
        office.housekeeping.collectHosts();

        assertThat(office.swarm.peers()).isEmpty();
        assertThat(office.swarm.hosts()).isEmpty();
    }

    @Test
    void anIdleHostThatAnnouncesItselfStays() {
        keepAlive("idle");
        office.clock.pass(Duration.ofMinutes(59));
        keepAlive("idle");
        office.clock.pass(Duration.ofMinutes(59));

        office.housekeeping.collectHosts();

        assertThat(office.swarm.hosts()).hasSize(1);
    }

    @Test
    void aTaskGoesHalfAnHourAfterItsLastPeer() {
        Client peer = office.start("peer");
        office.announcements.leaveTask(peer.peer().id());
        office.housekeeping.collectPeers();
        office.clock.pass(Duration.ofMinutes(30));
        office.housekeeping.collectTasks();
        assertThat(office.swarm.tasks()).hasSize(1);

        office.clock.pass(Duration.ofMillis(1));
        office.housekeeping.collectTasks();

        assertThat(office.swarm.tasks()).isEmpty();
    }

    @Test
    void credentialsAreForgottenOnceNobodyIsAtWork() {
        UrlMeta meta = UrlMeta.NONE.withHeader(Map.of("Authorization", "Bearer x"));
        Client peer = office.start("peer", meta);
        office.housekeeping.collectPeers();
        assertThat(office.task().meta()).isEqualTo(meta);

        office.announcements.finished(peer.peer().id(), true, 10, 1, Optional.empty());
        office.housekeeping.collectPeers();

        assertThat(office.task().meta().header()).isEmpty();
    }

    @Test
    void childrenOfAHostThatFellSilentFindAnotherWay() {
        done("holder");
        Client child = office.start("child");
        assertThat(child.parents()).containsExactly(new PeerId("holder"));
        office.clock.pass(Duration.ofMinutes(61));
        child.peer().touch(office.swarm.now());

        office.housekeeping.collectPeers();
        office.pass(TestOffice.OFFER);

        assertThat(child.isAtSource()).isTrue();
    }

    @Test
    void aHostThatStopsAnnouncingItselfIsNoParentUntilItIsHeardAgain() {
        announceHost("holder");
        done("holder");
        Client child = office.start("child");
        assertThat(child.parents()).containsExactly(new PeerId("holder"));

        office.clock.pass(Duration.ofSeconds(91));
        child.peer().touch(office.swarm.now());
        office.housekeeping.collectPeers();
        assertThat(child.peer().parents()).isEmpty();
        Client late = office.start("late");
        assertThat(late.parents()).isEmpty();

        announceHost("holder");

        assertThat(late.parents()).containsExactly(new PeerId("holder"));
        assertThat(child.peer().parents()).extracting(peer -> peer.id()).containsExactly(new PeerId("holder"));
    }

    @Test
    void aHostThatAnnouncesItselfSeldomHasALongerLease() {
        for (int i = 0; i < 4; i++) {
            announceHost("holder");
            office.clock.pass(Duration.ofMinutes(5));
        }
        announceHost("holder");
        done("holder");
        office.clock.pass(Duration.ofMinutes(9));

        office.housekeeping.collectPeers();

        assertThat(office.start("child").parents()).containsExactly(new PeerId("holder"));
    }

    @Test
    void aHostThatNeverAnnouncedItselfPromisedNothing() {
        done("holder");
        office.clock.pass(Duration.ofMinutes(50));

        office.housekeeping.collectPeers();

        assertThat(office.start("child").parents()).containsExactly(new PeerId("holder"));
    }

    private void announceHost(String name) {
        office.hosts.announceHost(Hosts.report(Hosts.named(name)), false);
    }

    private Client done(String name) {
        Client peer = office.start(name);
        office.pass(TestOffice.OFFER);
        assertThat(peer.isAtSource()).isTrue();
        office.announcements.pieceFinished(peer.peer(), Optional.empty(), TestOffice.piece(0));
        office.announcements.finished(peer.peer().id(), true, 2 << 22, 2, Optional.empty());
        return peer;
    }

    private void keepAlive(String name) {
        var _ = office.swarm.registering(Hosts.named(name), false);
    }
}
