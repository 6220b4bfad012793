package dev.darter.peer.task;

import static org.assertj.core.api.Assertions.assertThat;

import dev.darter.core.NetAddress;
import dev.darter.core.PeerId;
import dev.darter.peer.choice.MeshRules;
import dev.darter.peer.trust.Bans;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class MeshLinksTest {
    private static final MeshRules RULES = MeshRules.DEFAULT;
    private static final NetAddress LIAR = new NetAddress("10.0.0.66", 1);

    private final Bans bans = new Bans();
    private final List<MeshLink> begun = new ArrayList<>();
    private final List<MeshLink> displaced = new ArrayList<>();
    private final MeshLinks links = new MeshLinks(RULES, new PeerId("me"), bans, begun::add, displaced::add);

    @Test
    void takesASmallFileFromTheFirstAlone() {
        long now = System.nanoTime();
        name("first", true, now);
        for (int i = 0; i < 5; i++) {
            name("other-" + i, false, now);
        }
        call(5, "caller");

        links.followMore(MeshLinks.Extent.UNKNOWN, now);
        assertThat(links.nanosToMore(now)).isBetween(1L, MeshLinks.GLANCE);
        links.followMore(MeshLinks.Extent.ONE_BLOCK, now + MeshLinks.GLANCE);
        assertThat(links.nanosToMore(now)).isBetween(MeshLinks.GLANCE, MeshLinks.TIME_FOR_ONE_BLOCK);

        assertThat(links.all()).extracting(MeshLink::peer).containsExactly("first");
        assertThat(links.waitsWithOthers()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"MORE, 0", "UNKNOWN, 500", "ONE_BLOCK, 2000"})
    void followsTheOthersWhereThereIsMoreThanABlockOrTheFirstHadItsTime(MeshLinks.Extent extent, long millis) {
        long now = System.nanoTime();
        name("first", true, now);
        name("other", false, now);
        call(1, "caller");

        links.followMore(extent, System.nanoTime() + Duration.ofMillis(millis).toNanos());

        assertThat(links.all()).extracting(MeshLink::peer).containsExactly("first", "other", "0caller");
        assertThat(links.all()).extracting(MeshLink::wasNamed).containsExactly(true, true, false);
        assertThat(links.nanosToMore(now)).isEqualTo(Long.MAX_VALUE);
        assertThat(links.waitsWithOthers()).isFalse();
    }

    @Test
    void followsAtOnceWhoeverIsNamedFirstLaterAndEverySeed() {
        long now = System.nanoTime();
        name("cold", true, now);
        name("other", false, now);
        name("reads the origin", true, now);
        name("10.0.0.9-1-x_Seed", false, now);

        assertThat(links.all())
                .extracting(MeshLink::peer)
                .containsExactly("cold", "reads the origin", "10.0.0.9-1-x_Seed");
    }

    @Test
    void followsTheOthersWhenTheFirstIsGone() {
        long now = System.nanoTime();
        name("first", true, now);
        name("other", false, now);

        links.leave(begun.getFirst());
        links.followMore(MeshLinks.Extent.UNKNOWN, now);

        assertThat(links.all()).extracting(MeshLink::peer).containsExactly("other");
    }

    private void name(String peer, boolean first, long now) {
        links.meet(
                new NetAddress("10.9.0.1", begun.size() + 2 + Math.abs(peer.hashCode() % 60_000)),
                peer,
                false,
                first,
                now);
    }

    @Test
    void callersNeverTakeThePlaceOfWhoWasNamed() {
        List<NetAddress> named = IntStream.range(0, RULES.firstLinks())
                .mapToObj(i -> new NetAddress("10.0.1." + i, 1))
                .toList();
        links.followMore(MeshLinks.Extent.MORE, System.nanoTime());
        named.forEach(address -> links.meet(address, "named-" + address.host(), false, false, System.nanoTime()));

        call(2_000, "caller");

        assertThat(links.all()).hasSize(RULES.mostLinks());
        assertThat(links.all()).extracting(MeshLink::address).containsAll(named);
        assertThat(displaced).isNotEmpty().noneMatch(MeshLink::wasNamed);
        assertThat(begun).hasSize(RULES.mostLinks() + displaced.size());
    }

    @Test
    void whoSaysThatItIsASeedIsACallerAsAnyOther() {
        links.followMore(MeshLinks.Extent.MORE, System.nanoTime());
        call(2_000, "caller" + "_Seed");

        assertThat(links.all()).hasSize(RULES.mostLinks());
    }

    @Test
    void whoGivesABlockIsNotLeftForACaller() {
        links.followMore(MeshLinks.Extent.MORE, System.nanoTime());
        call(RULES.mostLinks(), "giver");
        List<MeshLink> givers = List.copyOf(links.all());
        givers.forEach(link -> link.began(false));

        call(2_000, "caller");

        assertThat(links.all()).containsExactlyElementsOf(givers);
    }

    @Test
    void followsNeitherItselfNorTheSameTwiceNorWhoHasLied() {
        bans.add(LIAR, "it lied");
        links.followMore(MeshLinks.Extent.MORE, System.nanoTime());

        links.meet(LIAR, "liar", false, true, System.nanoTime());
        links.meetFollower(LIAR, "liar");
        links.meetFollower(new NetAddress("10.0.0.1", 1), "me");
        links.meetFollower(new NetAddress("10.0.0.2", 1), "one");
        links.meetFollower(new NetAddress("10.0.0.2", 1), "one");

        assertThat(links.all()).hasSize(1);
    }

    @Test
    void aLinkThatWasTakenUpAnewIsNoLongerTheOldOne() {
        links.meet(new NetAddress("10.0.0.2", 1), "one", true, true, System.nanoTime());
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
