package dev.darter.bench.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class FluidTest {
    private final Events events = new Events(Duration.ofMillis(1).toNanos());
    private final Fluid fluid = new Fluid(events);
    private final List<Flow> ended = new ArrayList<>();

    @Test
    void aFlowAloneGetsTheNarrowestOfItsLinks() {
        Flow flow = flow(1000, fluid.link(100), fluid.link(10));
        assertThat(flow.rate).isEqualTo(10);
        assertThat(end(flow)).isEqualTo(Duration.ofSeconds(100).toNanos());
    }

    @Test
    void whatOneCannotUseTheOthersGet() {
        var up = fluid.link(90);
        Flow narrow = flow(1000, up, fluid.link(10));
        Flow wide = flow(1000, up, fluid.link(1000));
        Flow other = flow(1000, up, fluid.link(1000));
        assertThat(narrow.rate).isEqualTo(10);
        assertThat(wide.rate).isEqualTo(40);
        assertThat(other.rate).isEqualTo(40);

        assertThat(stop(wide)).isEqualTo(1000);
        assertThat(other.rate).isEqualTo(80);
    }

    @Test
    void givesBackWhatAFlowHeldOnItsOtherLink() {
        var a = fluid.link(100);
        var b = fluid.link(100);
        var c = fluid.link(100);
        Flow ab = flow(1000, a, b);
        Flow cb = flow(1000, c, b);
        assertThat(ab.rate + cb.rate).isCloseTo(100, within(1e-6));
        stop(cb);
        assertThat(ab.rate).isEqualTo(100);
    }

    @Test
    void noLinkEverCarriesMoreThanItCanAndHardlyAnyIsIdle() {
        var random = new Random(11);
        List<Link> ups = new ArrayList<>();
        List<Link> downs = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            ups.add(fluid.link(10 + random.nextInt(90)));
            downs.add(fluid.link(10 + random.nextInt(90)));
        }
        var running = new ArrayList<Flow>();
        double used = 0;
        double most = 0;
        for (int step = 0; step < 3000; step++) {
            if (running.size() < 160 || random.nextInt(2) == 0) {
                running.add(flow(1e6, ups.get(random.nextInt(40)), downs.get(random.nextInt(40))));
            } else {
                stop(running.remove(random.nextInt(running.size())));
            }
            for (Link link : ups) {
                assertThat(sum(link)).isLessThanOrEqualTo(fluid.capacity(link) * (1 + 1e-6));
            }
            for (Link link : downs) {
                assertThat(sum(link)).isLessThanOrEqualTo(fluid.capacity(link) * (1 + 1e-6));
            }
            for (Flow flow : running) {
                assertThat(flow.rate).isPositive();
                boolean held = false;
                for (Link link : flow.path) {
                    held |= sum(link) > 0.7 * fluid.capacity(link);
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
        var up = fluid.link(100);
        var down = fluid.link(70);
        Flow first = flow(700, up, down);
        Flow second = flow(350, up, fluid.link(100));
        run();
        assertThat(ended).containsExactly(second, first);
        assertThat(up.carried).isCloseTo(1050, within(1e-6));
        assertThat(down.carried).isCloseTo(700, within(1e-6));
        assertThat(fluid.used(up)).isCloseTo(0, within(1e-6));
    }

    private static double sum(Link link) {
        return Arrays.stream(link.flows, 0, link.count)
                .mapToDouble(flow -> flow.rate)
                .sum();
    }

    private Flow flow(double bytes, Link... path) {
        var flow = new Flow(path) {
            @Override
            void happen() {
                fluid.happened(this);
            }

            @Override
            void ended() {
                fluid.stop(this);
                ended.add(this);
            }
        };
        fluid.start(flow, bytes);
        fluid.settle();
        return flow;
    }

    private double stop(Flow flow) {
        double left = fluid.stop(flow);
        fluid.settle();
        return left;
    }

    private void run() {
        while (events.next()) {
            fluid.settle();
        }
    }

    private long end(Flow flow) {
        run();
        assertThat(ended).containsExactly(flow);
        return events.now();
    }
}
