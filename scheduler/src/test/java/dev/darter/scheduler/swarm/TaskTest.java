package dev.darter.scheduler.swarm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.darter.core.OriginFailure;
import dev.darter.core.PeerId;
import dev.darter.core.Piece;
import dev.darter.core.Priority;
import dev.darter.core.TaskId;
import dev.darter.core.TaskType;
import dev.darter.core.UrlMeta;
import dev.darter.scheduler.Hosts;
import dev.darter.scheduler.TestClock;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

final class TaskTest {
    private final TestClock clock = new TestClock();
    private final Swarm swarm = new Swarm(clock);
    private final Task task = swarm.task(new TaskId("task"), TaskType.STANDARD, "http://origin/a", UrlMeta.NONE);

    @Test
    void anOriginsRefusalHoldsForAWhileIfItIsForGood() {
        var refusal = new OriginFailure(false, 404, "404 Not Found", Map.of());

        task.refused(new OriginFailure(true, 503, "503 Service Unavailable", Map.of()), 1_000);
        assertThat(task.refusal(1_000)).isEmpty();

        task.refused(refusal, 1_000);
        assertThat(task.refusal(6_000)).contains(refusal);
        assertThat(task.refusal(6_001)).isEmpty();
    }

    @Test
    void aSlotIsTakenByTheLinkAndGivenBackWithIt() {
        Peer parent = complete("parent", false);
        parent.host().limitUploads(1);
        Peer first = running("first", false);
        Peer second = running("second", false);

        assertThat(task.link(first, List.of(parent), now())).containsExactly(parent);
        assertThat(task.link(second, List.of(parent), now())).isEmpty();
        assertThat(parent.host().freeUploads()).isZero();

        assertThat(task.move(first, PeerState.SUCCEEDED, now())).isTrue();
        assertThat(parent.host().freeUploads()).isEqualTo(1);
        assertThat(task.link(second, List.of(parent), now())).containsExactly(parent);
    }

    @Test
    void aSlotComesBackAlsoWhenTheChildsProcessWasReplacedByOneOfOurs() {
        Peer parent = complete("parent", false);
        Peer child = running("child", false);
        int free = parent.host().freeUploads();
        assertThat(task.link(child, List.of(parent), now())).hasSize(1);

        swarm.registering(child.host().address(), true);
        assertThat(task.move(child, PeerState.FAILED, now())).isTrue();

        assertThat(parent.host().freeUploads()).isEqualTo(free);
    }

    @Test
    void darterChildrenTakeNoSlot() {
        Peer parent = complete("parent", false);
        int free = parent.host().freeUploads();

        assertThat(task.link(running("child", true), List.of(parent), now())).hasSize(1);

        assertThat(parent.host().freeUploads()).isEqualTo(free);
    }

    @Test
    void peersOfTheFieldNeverFeedTheirAncestors() {
        Peer a = running("a", false);
        Peer b = running("b", false);
        Peer c = running("c", false);
        assertThat(task.link(b, List.of(a), now())).hasSize(1);
        assertThat(task.link(c, List.of(b), now())).hasSize(1);

        assertThat(task.mayLink(c, a)).isFalse();
        assertThat(task.mayLink(b, a)).isFalse();
        assertThat(task.mayLink(a, c)).isTrue();
    }

    @Test
    void darterPeersMayFeedPeersOfTheFieldThatFeedThem() {
        Peer field = running("field", false);
        Peer one = running("one", true);
        Peer other = running("other", true);
        Peer second = running("second", false);
        assertThat(task.link(one, List.of(field), now())).hasSize(1);
        assertThat(task.link(other, List.of(one), now())).hasSize(1);
        assertThat(task.link(second, List.of(other), now())).hasSize(1);

        assertThat(task.mayLink(one, field)).isTrue();
        assertThat(task.mayLink(other, field)).isTrue();
        assertThat(task.mayLink(second, field)).isTrue();
    }

    @Test
    void darterPeersMayFeedEachOther() {
        Peer a = running("a", true);
        Peer b = running("b", true);
        assertThat(task.link(b, List.of(a), now())).hasSize(1);

        assertThat(task.link(a, List.of(b), now())).containsExactly(b);
    }

    @Test
    void nobodyIsFedByHisOwnHost() {
        Peer one = running("one", false);
        Peer other = swarm.peer(new PeerId("other"), task, one.host(), Priority.LEVEL0);

        assertThat(task.mayLink(one, other)).isFalse();
        assertThat(task.mayLink(one, one)).isFalse();
    }

    @Test
    void aParentThatFailedIsNoParentAnyMoreAndTheWaitBeginsThen() {
        Peer parent = complete("parent", false);
        Peer child = running("child", false);
        assertThat(task.link(child, List.of(parent), now())).hasSize(1);
        clock.pass(Duration.ofMinutes(7));

        task.block(child, parent.id(), now(), now() + 1000);

        assertThat(child.parents()).isEmpty();
        assertThat(parent.children()).isEmpty();
        assertThat(parent.host().freeUploads()).isEqualTo(Host.NORMAL_UPLOAD_LIMIT);
        assertThat(child.isBlocked(parent.id(), now())).isTrue();
        assertThat(child.isBlocked(parent.id(), now() + 1000)).isFalse();
        assertThat(task.waiting()).containsExactly(child);
        assertThat(child.waitingSince()).isEqualTo(now());
    }

    @Test
    void onePeerCannotFillTheMemoryWithComplaints() {
        Peer child = running("child", false);
        for (int i = 0; i < 10_000; i++) {
            task.block(child, new PeerId("nobody-" + i), now(), now() + 1000);
        }
        assertThat(child.blocked()).hasSizeLessThanOrEqualTo(256);
    }

    @Test
    void orphansWaitFromTheMomentThatTheyLostTheirParent() {
        Peer parent = complete("parent", false);
        Peer child = running("child", false);
        assertThat(task.link(child, List.of(parent), now())).hasSize(1);
        clock.pass(Duration.ofHours(1));

        assertThat(task.unlinkChildren(parent, now())).containsExactly(child);

        assertThat(child.waitingSince()).isEqualTo(now());
        assertThat(task.waiting()).containsExactly(child);
    }

    @Test
    void countsThoseAtTheSourceUpToTheLimit() {
        Peer a = running("a", false);
        Peer b = running("b", false);
        assertThat(task.moveToSource(a, 1, now())).isTrue();
        assertThat(task.moveToSource(b, 1, now())).isFalse();
        assertThat(b.state()).isEqualTo(PeerState.RUNNING);

        assertThat(task.move(a, PeerState.LEFT, now())).isTrue();
        assertThat(task.moveToSource(b, 1, now())).isTrue();
        assertThat(task.backToSourceCount()).isEqualTo(1);
    }

    @Test
    void hasAnAvailablePeerWhileSomebodyHasOrFetchesTheContent() {
        assertThat(task.hasAvailablePeer(Optional.empty())).isFalse();
        Peer peer = running("peer", false);
        assertThat(task.hasAvailablePeer(Optional.empty())).isFalse();

        assertThat(task.finished(peer, piece(0), now())).isTrue();
        assertThat(task.hasAvailablePeer(Optional.empty())).isTrue();
        assertThat(task.hasAvailablePeer(Optional.of(peer.id()))).isFalse();

        assertThat(task.move(peer, PeerState.FAILED, now())).isTrue();
        assertThat(task.hasAvailablePeer(Optional.empty())).isFalse();
        assertThat(task.beginSeeding()).isTrue();
        assertThat(task.hasAvailablePeer(Optional.empty())).isTrue();
    }

    @Test
    void onlyPeersThatCanGiveAreDrawn() {
        Peer idle = running("idle", false);
        Peer holder = complete("holder", false);
        Peer gone = complete("gone", false);
        assertThat(task.move(gone, PeerState.LEFT, now())).isTrue();

        assertThat(task.sample(running("asker", false), 64, RandomGenerator.getDefault()))
                .containsExactly(holder)
                .doesNotContain(idle);
    }

    @Test
    void theDrawIsBounded() {
        for (int i = 0; i < 200; i++) {
            complete("holder-" + i, false);
        }
        assertThat(task.sample(running("asker", false), 64, RandomGenerator.getDefault()))
                .hasSize(64)
                .doesNotHaveDuplicates();
    }

    @Test
    void whatWasKnownOfTheContentEndsWithItsLastHolder() {
        task.startOver();
        task.addPiece(piece(0));
        task.sized(3, 1);
        assertThat(task.become(TaskState.SUCCEEDED)).isTrue();
        task.keepTinyContent(ByteBuffer.wrap(new byte[] {1, 2, 3}));
        assertThat(task.tinyContent()).isPresent();

        task.startOver();

        assertThat(task.state()).isEqualTo(TaskState.RUNNING);
        assertThat(task.tinyContent()).isEmpty();
        assertThat(task.piece(0)).isEmpty();
        assertThat(task.contentLength()).isEqualTo(-1);
    }

    @Test
    void tinyContentOfAnotherLengthIsNotKept() {
        task.startOver();
        task.sized(3, 1);
        assertThat(task.become(TaskState.SUCCEEDED)).isTrue();

        task.keepTinyContent(ByteBuffer.wrap(new byte[2]));

        assertThat(task.tinyContent()).isEmpty();
    }

    @Test
    void aPieceNumberThatNoContentHasCostsNoMemory() {
        Peer peer = running("peer", false);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> task.finished(peer, piece(2_000_000_000), now()))
                .withMessageStartingWith("piece number: 2000000000 (expected: ");
        assertThatIllegalArgumentException().isThrownBy(() -> task.addPiece(piece(Task.MAX_PIECES)));
        assertThat(peer.finished().size()).isLessThanOrEqualTo(64);
    }

    @Test
    void forgetsCredentialsAndKeepsTheRest() {
        task.describe("http://origin/b", UrlMeta.NONE.withTag("t").withHeader(java.util.Map.of("Authorization", "x")));
        task.forgetHeader();
        assertThat(task.meta()).isEqualTo(UrlMeta.NONE.withTag("t"));
        assertThat(task.url()).isEqualTo("http://origin/b");
    }

    private long now() {
        return swarm.now();
    }

    private static Piece piece(int number) {
        return new Piece(number, 0, 1, Optional.empty());
    }

    private Peer running(String name, boolean darter) {
        Peer peer = swarm.peer(new PeerId(name), task, swarm.registering(Hosts.named(name), darter), Priority.LEVEL0);
        assertThat(task.move(peer, PeerState.RECEIVED, now())).isTrue();
        assertThat(task.move(peer, PeerState.RUNNING, now())).isTrue();
        return peer;
    }

    private Peer complete(String name, boolean darter) {
        Peer peer = running(name, darter);
        assertThat(task.move(peer, PeerState.SUCCEEDED, now())).isTrue();
        return peer;
    }
}
