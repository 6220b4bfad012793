package dev.darter.scheduler.seedpeer;

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
import dev.darter.scheduler.swarm.Peer;
import dev.darter.scheduler.swarm.Swarm;
import dev.darter.wire.metrics.MetricRegistry;
import dev.darter.wire.metrics.SchedulerMetrics;
import java.time.InstantSource;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class PeerMetricsTest {
    private final Swarm swarm = new Swarm(new TestClock());
    private final MetricRegistry registry = new MetricRegistry(InstantSource.system());
    private final PeerMetrics metrics =
            new PeerMetrics(new SchedulerMetrics(registry), new PlaceMetrics(registry), swarm, false);

    @Test
    void countsBytesByWhereTheyCameFromAndWhereTheyWent() {
        Peer seed = peer(Hosts.at("seed", "NA61", ""), HostType.SUPER);
        Peer near = peer(Hosts.at("near", "na61", "eu|fr|rack-1"), HostType.NORMAL);
        Peer far = peer(Hosts.at("far", "", "us|east|rack-7"), HostType.NORMAL);
        Peer silent = peer(Hosts.named("silent"), HostType.NORMAL);

        metrics.seeded(seed, false, 100);
        metrics.seeded(seed, true, 1); // it had them: nothing moved
        metrics.arrived(near, Optional.of(seed.id()), 10);
        metrics.arrived(near, Optional.of(seed.id()), 10);
        metrics.arrived(far, Optional.of(near.id()), 7);
        metrics.arrived(silent, Optional.of(new PeerId("forgotten")), 3);
        metrics.arrived(silent, Optional.empty(), 2);

        assertThat(registry.expose().lines().filter(line -> line.startsWith("darter_scheduler_place_traffic")))
                .containsExactlyInAnyOrder(
                        "darter_scheduler_place_traffic_bytes_total{from=\"origin\",to=\"na61\"} 100",
                        "darter_scheduler_place_traffic_bytes_total{from=\"na61\",to=\"na61\"} 20",
                        "darter_scheduler_place_traffic_bytes_total{from=\"na61\",to=\"us|east\"} 7",
                        "darter_scheduler_place_traffic_bytes_total{from=\"unknown\",to=\"unknown\"} 3",
                        "darter_scheduler_place_traffic_bytes_total{from=\"origin\",to=\"unknown\"} 2");
    }

    private Peer peer(PeerHost host, HostType type) {
        return swarm.peer(
                new PeerId(host.hostname()),
                swarm.task(new TaskId("task"), TaskType.STANDARD, "http://origin/a", UrlMeta.NONE),
                swarm.host(host, type, true),
                Priority.LEVEL0);
    }
}
