package dev.darter.bench.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class FluidTest {
    private final Events events = new Events(Duration.ofMillis(1).toNanos());
    private final Fluid fluid = new Fluid(events);
    private long flows;

    @Test
    void aFlowAloneGetsTheNarrowestOfItsLinks() {
        Flow flow = flow(1000, new Link(100), new Link(10));
        assertThat(flow.rate).isEqualTo(10);
        assertThat(end(flow)).isEqualTo(Duration.ofSeconds(100).toNanos());
    }

    @Test
    void whatOneCannotUseTheOthersGet() {
        var up = new Link(90);
        Flow narrow = flow(1000, up, new Link(10));
        Flow wide = flow(1000, up, new Link(1000));
        Flow other = flow(1000, up, new Link(1000));
        assertThat(narrow.rate).isEqualTo(10);
        assertThat(wide.rate).isEqualTo(40);
        assertThat(other.rate).isEqualTo(40);

        assertThat(fluid.stop(wide)).isEqualTo(1000);
        assertThat(other.rate).isEqualTo(80);
    }

    @Test
    void givesBackWhatAFlowHeldOnItsOtherLink() {
        var a = new Link(100);
        var b = new Link(100);
        var c = new Link(100);
        Flow ab = flow(1000, a, b);
        Flow cb = flow(1000, c, b);
        assertThat(ab.rate + cb.rate).isCloseTo(100, within(1e-6));
        fluid.stop(cb);
        assertThat(ab.rate).isEqualTo(100);
    }

    @Test
    void noLinkEverCarriesMoreThanItCanAndHardlyAnyIsIdle() {
        var random = new Random(11);
        List<Link> ups = new ArrayList<>();
        List<Link> downs = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            ups.add(new Link(10 + random.nextInt(90)));
            downs.add(new Link(10 + random.nextInt(90)));
        }
        var running = new ArrayList<Flow>();
        double used = 0;
        double most = 0;
        for (int step = 0; step < 3000; step++) {
            if (running.size() < 160 || random.nextInt(2) == 0) {
                running.add(flow(1e6, ups.get(random.nextInt(40)), downs.get(random.nextInt(40))));
            } else {
                fluid.stop(running.remove(random.nextInt(running.size())));
            }
            for (Link link : ups) {
                assertThat(sum(link)).isLessThanOrEqualTo(link.capacity * (1 + 1e-6));
            }
            for (Link link : downs) {
                assertThat(sum(link)).isLessThanOrEqualTo(link.capacity * (1 + 1e-6));
            }
            for (Flow flow : running) {
                assertThat(flow.rate).isPositive();
                boolean held = false;
                for (Link link : flow.path) {
                    held |= sum(link) > 0.7 * link.capacity;
                }
                used += held ? 1 : 0;
                most++;
            }
        }
        // In a fair share every flow has a full link on its path; here nearly every one has.
        assertThat(used / most).isGreaterThan(0.98);
    }

    @Test
    void carriesEveryByteOnce() {
        var up = new Link(100);
        var down = new Link(70);
        Flow first = flow(700, up, down);
        Flow second = flow(350, up, new Link(100));
        var ended = new ArrayList<Flow>();
        while (events.next(flow -> {
            fluid.stop(flow);
            ended.add(flow);
        })) {
            // until all have ended
        }
        assertThat(ended).containsExactly(second, first);
        assertThat(up.carried).isCloseTo(1050, within(1e-6));
        assertThat(down.carried).isCloseTo(700, within(1e-6));
        assertThat(up.used).isCloseTo(0, within(1e-6));
    }

    private static double sum(Link link) {
        return link.flows.stream().mapToDouble(flow -> flow.rate).sum();
    }

    private Flow flow(double bytes, Link... path) {
        var flow = new Flow(flows++, path);
        fluid.start(flow, bytes);
        return flow;
    }

    private long end(Flow flow) {
        var at = new long[1];
        while (events.next(ended -> {
            assertThat(ended).isSameAs(flow);
            at[0] = events.now();
            fluid.stop(ended);
        })) {
            // until it ends
        }
        return at[0];
    }
}
