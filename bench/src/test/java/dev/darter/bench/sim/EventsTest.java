package dev.darter.bench.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class EventsTest {
    private static final long TICK = 2048;

    private final Events events = new Events(Duration.ofMillis(1).toNanos());
    private final List<Long> times = new ArrayList<>();

    @Test
    void everythingHappensOnceInOrderOfTimeAndOfAsking() {
        record Asked(int number, long at) {}
        var random = new Random(3);
        var asked = new ArrayList<Asked>();
        var happened = new ArrayList<Asked>();
        for (int i = 0; i < 20_000; i++) {
            // from the same tick to what lies far beyond both wheels
            long at = (long) (Math.pow(10, random.nextDouble() * 13) * (1 + random.nextInt(3)));
            var one = new Asked(i, (at + TICK - 1) / TICK);
            asked.add(one);
            events.at(at, () -> {
                assertThat(events.now()).isEqualTo(one.at * TICK);
                happened.add(one);
            });
        }
        run();
        assertThat(happened).hasSize(asked.size());
        assertThat(happened).isSortedAccordingTo(Comparator.comparingLong(Asked::at));
        assertThat(happened).containsExactlyInAnyOrderElementsOf(asked);
        assertThat(events.taken()).isEqualTo(asked.size());
    }

    @Test
    void whatWasAskedForTheSameTimeHappensInThatOrder() {
        var order = new ArrayList<Integer>();
        long time = Duration.ofSeconds(1).toNanos();
        for (int i = 0; i < 5; i++) {
            int number = i;
            events.at(time, () -> order.add(number));
        }
        run();
        assertThat(order).containsExactly(0, 1, 2, 3, 4);
    }

    @Test
    void messagesTakeTheirTimeAndGoBeforeWhatIsDueThen() {
        events.at(events.now() + 1_000_000, () -> times.add(0L));
        events.send(() -> {
            times.add(events.now());
            events.send(() -> times.add(events.now()));
        });
        run();
        assertThat(times).containsExactly(489 * TICK, 0L, 978 * TICK);
    }

    @Test
    void whatIsOverHappensNow() {
        events.at(Duration.ofSeconds(2).toNanos(), () -> events.at(0, () -> times.add(events.now())));
        run();
        assertThat(times).hasSize(1);
        assertThat(times.getFirst())
                .isGreaterThanOrEqualTo(Duration.ofSeconds(2).toNanos());
    }

    @Test
    void whatWasTakenBackNeverHappens() {
        long[] far = {0, 1_000, 200_000_000, Duration.ofHours(1).toNanos()};
        var all = new ArrayList<Event>();
        for (long at : far) {
            for (int i = 0; i < 3; i++) {
                var event = new Event() {
                    @Override
                    void happen() {
                        times.add(events.now());
                    }
                };
                events.at(at, event);
                all.add(event);
            }
        }
        for (int i = 0; i < all.size(); i += 3) {
            events.remove(all.get(i));
            events.remove(all.get(i + 1));
            events.remove(all.get(i));
        }
        run();
        assertThat(times).hasSize(far.length);
    }

    private void run() {
        while (events.next()) {
            // until nothing is left
        }
    }
}
