package dev.darter.wire.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SchedulerMetricsTest {
    private static final SchedulerMetrics.PeerLabels PEER =
            new SchedulerMetrics.PeerLabels("LEVEL0", "DFDAEMON", "t1", "app1", "normal");

    private final MetricRegistry registry = new MetricRegistry(() -> Instant.parse("2026-01-01T00:00:00Z"));
    private final SchedulerMetrics metrics = new SchedulerMetrics(registry);

    @Test
    void spellsLabelsAsUpstreamDoes() {
        metrics.succeeded(PEER, 3 << 20, 12);
        metrics.failed(PEER, true);
        metrics.arrived(SchedulerMetrics.Source.REMOTE_PEER, PEER, 1024);
        metrics.moved(true, PEER, new SchedulerMetrics.HostLabels("h1", "10.77.1.2", "p2", "normal"), 7);

        assertThat(registry.expose())
                .contains(
                        """
                        dragonfly_scheduler_download_peer_finished_total{host_type="normal",priority="LEVEL0",task_app="app1",task_tag="t1",task_type="DFDAEMON"} 2
                        """,
                        """
                        dragonfly_scheduler_download_peer_back_to_source_finished_failure_total{host_type="normal",priority="LEVEL0",task_app="app1",task_tag="t1",task_type="DFDAEMON"} 1
                        """,
                        """
                        dragonfly_scheduler_traffic{host_type="normal",task_app="app1",task_tag="t1",task_type="DFDAEMON",type="REMOTE_PEER"} 1024
                        """,
                        """
                        dragonfly_scheduler_host_traffic{host_id="h1",host_ip="10.77.1.2",host_name="p2",host_type="normal",task_app="app1",task_tag="t1",task_type="DFDAEMON",type="upload"} 7
                        """,
                        "dragonfly_scheduler_download_peer_duration_milliseconds_sum{task_size_level=\"2\"} 12\n")
                .doesNotContain("finished_failure_total{host_type=\"normal\",priority=\"LEVEL0\",task_app=\"app1\","
                        + "task_tag=\"t1\",task_type=\"DFDAEMON\"} 2");
    }

    @ParameterizedTest
    @CsvSource({
        "-1, 0",
        "0, 0",
        "1, 1",
        "1048575, 1",
        "1048576, 2",
        "4194304, 3",
        "8388608, 4",
        "536870912, 10",
        "1073741824, 11",
        "549755813888, 19",
        "1099511627776, 20"
    })
    void sortsContentBySize(long bytes, int level) {
        assertThat(SchedulerMetrics.sizeLevel(bytes)).isEqualTo(level);
    }
}
