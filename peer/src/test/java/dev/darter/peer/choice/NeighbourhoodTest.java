package dev.darter.peer.choice;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class NeighbourhoodTest {
    private static final MeshRules RULES = MeshRules.DEFAULT;
    private static final long BEGAN = Long.MAX_VALUE - 1_000; // the clock may overflow
    private static final long LATER = BEGAN + Duration.ofSeconds(1).toNanos();

    private final Neighbourhood<String> neighbourhood = new Neighbourhood<>(RULES, new SplittableRandom(1), BEGAN);
    private final List<String> followed = new ArrayList<>();

    @Test
    void atFirstFollowsOnlySomeOfThoseNamedAndTheOthersLater() {
        for (int i = 0; i < 30; i++) {
            name("host-" + i, BEGAN);
        }
        assertThat(followed).hasSize(RULES.firstLinks());
        assertThat(neighbourhood.more(followed.size(), BEGAN)).isEmpty();

        List<String> more = neighbourhood.more(followed.size(), LATER);
        assertThat(more)
                .hasSize(RULES.soughtLinks() - RULES.firstLinks())
                .doesNotHaveDuplicates()
                .doesNotContainAnyElementsOf(followed);
        assertThat(neighbourhood.more(RULES.soughtLinks(), LATER)).isEmpty();
    }

    @Test
    void takesSparesForThoseThatWent() {
        for (int i = 0; i < 30; i++) {
            name("host-" + i, BEGAN);
        }

        assertThat(neighbourhood.more(RULES.firstLinks() - 3, BEGAN)).hasSize(3);
    }

    @Test
    void remembersNoMoreThanItCanUse() {
        for (int i = 0; i < 100_000; i++) {
            assertThat(neighbourhood.isWanted("host-" + i, RULES.mostLinks(), LATER))
                    .isFalse();
        }

        assertThat(neighbourhood.more(Integer.MIN_VALUE / 2, LATER)).hasSizeLessThan(100);
    }

    @Test
    void followsWhoFollowsWhileThereIsRoomAndIsNotNamedTwice() {
        name("spare", BEGAN, RULES.firstLinks());

        for (int i = RULES.firstLinks(); i < RULES.mostLinks(); i++) {
            assertThat(neighbourhood.receive("caller-" + i, i)).isEqualTo(Neighbourhood.Reception.FOLLOW);
        }
        assertThat(neighbourhood.receive("spare", 0)).isEqualTo(Neighbourhood.Reception.FOLLOW);
        assertThat(neighbourhood.more(0, LATER)).isEmpty();
    }

    @Test
    void givesEveryCallerTheSameChance() {
        int callers = 200;
        int rounds = 500;
        int[] stayed = new int[callers];
        var random = new SplittableRandom(7);
        for (int round = 0; round < rounds; round++) {
            var crowd = new Neighbourhood<Integer>(RULES, random, BEGAN);
            var links = new ArrayList<Integer>();
            for (int caller = 0; caller < callers; caller++) {
                switch (crowd.receive(caller, links.size())) {
                    case FOLLOW -> links.add(caller);
                    case REPLACE -> links.set(random.nextInt(links.size()), caller);
                    case SERVE -> {}
                }
            }
            assertThat(links).hasSize(RULES.mostLinks());
            links.forEach(caller -> stayed[caller]++);
        }

        double expected = (double) rounds * RULES.mostLinks() / callers;
        for (int part = 0; part < callers; part += 50) {
            double mean = 0;
            for (int caller = part; caller < part + 50; caller++) {
                mean += stayed[caller] / 50.0;
            }
            assertThat(mean).isBetween(0.85 * expected, 1.15 * expected);
        }
    }

    private void name(String host, long now) {
        name(host, now, followed.size());
    }

    private void name(String host, long now, int links) {
        if (neighbourhood.isWanted(host, links, now)) {
            followed.add(host);
        }
    }
}
