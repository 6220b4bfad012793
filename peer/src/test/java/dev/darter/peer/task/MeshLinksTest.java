package dev.darter.peer.task;

import static org.assertj.core.api.Assertions.assertThat;

import dev.darter.core.NetAddress;
import dev.darter.core.PeerId;
import dev.darter.peer.choice.MeshRules;
import dev.darter.peer.trust.Bans;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class MeshLinksTest {
    private static final MeshRules RULES = MeshRules.DEFAULT;
    private static final NetAddress LIAR = new NetAddress("10.0.0.66", 1);

    private final Bans bans = new Bans();
    private final List<MeshLink> begun = new ArrayList<>();
    private final List<MeshLink> displaced = new ArrayList<>();
    private final MeshLinks links = new MeshLinks(RULES, new PeerId("me"), bans, begun::add, displaced::add);

    @Test
    void callersNeverTakeThePlaceOfWhoWasNamed() {
        List<NetAddress> named = IntStream.range(0, RULES.firstLinks())
                .mapToObj(i -> new NetAddress("10.0.1." + i, 1))
                .toList();
        named.forEach(address -> links.meet(address, "named-" + address.host(), false, System.nanoTime()));

        call(2_000, "caller");

        assertThat(links.all()).hasSize(RULES.mostLinks());
        assertThat(links.all()).extracting(MeshLink::address).containsAll(named);
        assertThat(displaced).isNotEmpty().noneMatch(MeshLink::wasNamed);
        assertThat(begun).hasSize(RULES.mostLinks() + displaced.size());
    }

    @Test
    void whoSaysThatItIsASeedIsACallerAsAnyOther() {
        call(2_000, "caller" + "_Seed");

        assertThat(links.all()).hasSize(RULES.mostLinks());
    }

    @Test
    void whoGivesABlockIsNotLeftForACaller() {
        call(RULES.mostLinks(), "giver");
        List<MeshLink> givers = List.copyOf(links.all());
        givers.forEach(link -> link.began(false));

        call(2_000, "caller");

        assertThat(links.all()).containsExactlyElementsOf(givers);
    }

    @Test
    void followsNeitherItselfNorTheSameTwiceNorWhoHasLied() {
        bans.add(LIAR, "it lied");

        links.meet(LIAR, "liar", false, System.nanoTime());
        links.meetFollower(LIAR, "liar");
        links.meetFollower(new NetAddress("10.0.0.1", 1), "me");
        links.meetFollower(new NetAddress("10.0.0.2", 1), "one");
        links.meetFollower(new NetAddress("10.0.0.2", 1), "one");

        assertThat(links.all()).hasSize(1);
    }

    @Test
    void aLinkThatWasTakenUpAnewIsNoLongerTheOldOne() {
        links.meet(new NetAddress("10.0.0.2", 1), "one", true, System.nanoTime());
        MeshLink old = begun.getFirst();

        links.followAnew();

        assertThat(links.include(old)).isFalse();
        assertThat(links.leave(old)).isFalse();
        assertThat(links.current(old)).isNotSameAs(old);
        assertThat(links.current(old).isFar()).isTrue();
    }

    private void call(int callers, String name) {
        for (int i = 0; i < callers; i++) {
            links.meetFollower(new NetAddress("10.1." + i / 250 + "." + i % 250, i + 1), i + name);
        }
    }
}
