package dev.darter.wire.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class MetricRegistryTest {
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private final MetricRegistry registry = new MetricRegistry(() -> now);

    @Test
    void exposesFamiliesByNameWithTheirHelpAndType() {
        registry.gauge("b_running", "Runs now.").set(-3);
        registry.counter("a_total", "Counts.").add(7);

        assertThat(registry.expose()).isEqualTo("""
                # HELP a_total Counts.
                # TYPE a_total counter
                a_total 7
                # HELP b_running Runs now.
                # TYPE b_running gauge
                b_running -3
                """);
    }

    @Test
    void showsZeroWithoutLabelsAndNothingForAFamilyThatNobodyUsed() {
        var _ = registry.counter("plain_total", "Plain.");
        var _ = registry.counter("labelled_total", "Labelled.", List.of("type"));

        assertThat(registry.expose()).contains("plain_total 0\n").doesNotContain("labelled_total");
    }

    @Test
    void sortsLabelsByNameAndSeriesByValue() {
        var family = registry.counter("traffic", "Bytes.", List.of("type", "host_type"));
        family.with("REMOTE_PEER", "super").increment();
        family.with("BACK_TO_SOURCE", "normal").add(2);

        assertThat(registry.expose()).endsWith("""
                traffic{host_type="normal",type="BACK_TO_SOURCE"} 2
                traffic{host_type="super",type="REMOTE_PEER"} 1
                """);
    }

    @Test
    void escapesWhatEndsALabelOrALine() {
        registry.gauge("g", "a\\b\nc\"d", List.of("l")).with("a\\b\nc\"d").set(1);

        assertThat(registry.expose()).isEqualTo("""
                # HELP g a\\\\b\\nc"d
                # TYPE g gauge
                g{l="a\\\\b\\nc\\"d"} 1
                """);
    }

    @Test
    void givesTheSameSeriesForTheSameValues() {
        var family = registry.gauge("g", "G.", List.of("method"));
        assertThat(family.with("GET")).isSameAs(family.with("GET")).isNotSameAs(family.with("HEAD"));
    }

    @Test
    void refusesAWrongNumberOfLabelValues() {
        var family = registry.gauge("g", "G.", List.of("method"));
        assertThatThrownBy(() -> family.with("GET", "x"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("g: 2 label values (expected: 1 for [method])");
    }

    @Test
    void refusesANameTwiceAndNamesThatPrometheusCannotRead() {
        var _ = registry.counter("a_total", "A.");
        assertThatThrownBy(() -> registry.gauge("a_total", "A.")).hasMessageContaining("registered already");
        assertThatThrownBy(() -> registry.counter("a-b", "A.")).hasMessageContaining("metric name: a-b");
        assertThatThrownBy(() -> registry.counter("a", "A.", List.of("b:c"))).hasMessageContaining("label of a: b:c");
        assertThatThrownBy(() -> registry.counter("b_total", "B.").add(-1)).hasMessageContaining("amount: -1");
    }

    @Test
    void countsSeriesBeyondTheBoundTogether() {
        var family = registry.counter("t_total", "T.", List.of("tag", "app"));
        IntStream.range(0, Family.MAX_SERIES)
                .forEach(i -> family.with("t" + i, "a").increment());
        family.with("one too many", "a").increment();
        family.with("two too many", "a").increment();
        family.with("t7", "a").increment();

        assertThat(registry.expose())
                .contains("t_total{app=\"other\",tag=\"other\"} 2\n", "t_total{app=\"a\",tag=\"t7\"} 2\n")
                .doesNotContain("too many");
    }

    @Test
    void summaryWithoutQuantilesHasSumAndCount() {
        var summary = registry.summary("size_bytes", "Sizes.", List.of());
        summary.observe(1.5);
        summary.observe(2);

        assertThat(registry.expose()).isEqualTo("""
                # HELP size_bytes Sizes.
                # TYPE size_bytes summary
                size_bytes_sum 3.5
                size_bytes_count 2
                """);
    }

    @Test
    void summaryPutsTheQuantileLastAndSaysNaNBeforeTheFirstValue() {
        var _ = registry.summary("took_milliseconds", "Took.", List.of(0.5, 0.99), List.of("task_size_level"))
                .with("3");

        assertThat(registry.expose()).endsWith("""
                took_milliseconds{task_size_level="3",quantile="0.5"} NaN
                took_milliseconds{task_size_level="3",quantile="0.99"} NaN
                took_milliseconds_sum{task_size_level="3"} 0
                took_milliseconds_count{task_size_level="3"} 0
                """);
    }

    @Test
    void quantilesAreRightToOnePerCent() {
        var summary = registry.summary("took", "Took.", List.of(0.0, 0.5, 0.9, 0.99, 1.0));
        IntStream.rangeClosed(1, 1000).forEach(summary::observe);

        var values = summary.snapshot().values();
        assertThat(values.get(0)).isCloseTo(1, within(0.01));
        assertThat(values.get(1)).isCloseTo(500, within(5.1));
        assertThat(values.get(2)).isCloseTo(900, within(9.1));
        assertThat(values.get(3)).isCloseTo(990, within(10.0));
        assertThat(values.get(4)).isCloseTo(1000, within(10.1));
    }

    @Test
    void quantilesCountZeroAndForgetWhatIsOlderThanTenMinutes() {
        var summary = registry.summary("took", "Took.", List.of(0.5));
        summary.observe(0);
        summary.observe(0);
        summary.observe(8000);
        assertThat(summary.snapshot().values()).containsExactly(0.0);

        now = now.plus(Duration.ofMinutes(5));
        IntStream.range(0, 5).forEach(_ -> summary.observe(100));
        assertThat(summary.snapshot().values().getFirst()).isCloseTo(100, within(1.0));

        now = now.plus(Duration.ofMinutes(11));
        assertThat(summary.snapshot().values()).containsExactly(Double.NaN);
        assertThat(summary.snapshot().count()).isEqualTo(8);
        assertThat(summary.snapshot().sum()).isEqualTo(8500);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "1, 1",
        "-1, -1",
        "0.05, 0.05",
        "0.0001, 0.0001",
        "0.00001, 1e-05",
        "123456, 123456",
        "999999.5, 999999.5",
        "1000000, 1e+06",
        "1073741824, 1.073741824e+09",
        "-25735168, -2.5735168e+07",
        "1.7592186044416e13, 1.7592186044416e+13",
        "1e100, 1e+100",
        "Infinity, +Inf",
        "-Infinity, -Inf",
        "NaN, NaN"
    })
    void spellsNumbersAsTheFieldDoes(double value, String text) {
        assertThat(Exposition.number(value)).isEqualTo(text);
    }

    @Test
    void processMetricsAreThisProcess() {
        ProcessMetrics.register(registry);
        var lines =
                registry.expose().lines().filter(line -> !line.startsWith("#")).toList();

        assertThat(lines).filteredOn(line -> line.startsWith("process_")).hasSize(7);
        assertThat(value(lines, "process_resident_memory_bytes")).isBetween(10e6, 10e9);
        assertThat(value(lines, "process_open_fds")).isBetween(3.0, 10_000.0);
        assertThat(value(lines, "process_cpu_seconds_total")).isPositive();
        assertThat(value(lines, "process_start_time_seconds"))
                .isCloseTo(
                        ProcessHandle.current()
                                .info()
                                .startInstant()
                                .orElseThrow()
                                .getEpochSecond(),
                        within(1.0));
    }

    private static double value(List<String> lines, String name) {
        return lines.stream()
                .filter(line -> line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
                .findFirst()
                .orElseThrow();
    }
}
