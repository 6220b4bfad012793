package dev.darter.bench.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class StatisticsTest {
    @Test
    void takesTheMiddleOfAnOddNumberAndTheMeanOfTwoMiddles() {
        assertThat(Statistics.median(List.of(3, 1, 2))).isEqualTo(2);
        assertThat(Statistics.median(List.of(4.0, 1.0, 2.0, 3.0))).isEqualTo(2.5);
        assertThat(Statistics.median(List.of(7))).isEqualTo(7);
        assertThat(Statistics.median(List.of())).isNaN();
    }

    @Test
    void percentilesAreValuesThatOccurred() {
        var values = IntStream.rangeClosed(1, 100).boxed().toList();
        assertThat(Statistics.percentile(values, 0.5)).isEqualTo(50);
        assertThat(Statistics.percentile(values, 0.99)).isEqualTo(99);
        assertThat(Statistics.percentile(List.of(5), 0.99)).isEqualTo(5);
        assertThat(Statistics.percentile(List.of(), 0.5)).isNaN();
    }
}
