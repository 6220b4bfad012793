package dev.darter.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PieceLengthTest {
    @ParameterizedTest
    @CsvSource({
        "0, 4194304, 0, 0",
        "1, 4194304, 1, 1",
        "209715200, 4194304, 50, 4194304",
        "209715201, 4194304, 51, 1",
        "214958080, 4194304, 52, 1048576",
        "313524224, 4194304, 75, 3145728",
        "314572800, 5242880, 60, 5242880",
        "325058560, 5242880, 62, 5242880",
        "552562021, 7340032, 76, 2059621",
        "1073741824, 12582912, 86, 4194304",
        "1362100224, 14680064, 93, 11534336",
        "1363148800, 15728640, 87, 10485760",
        "3250585600, 15728640, 207, 10485760",
    })
    void cutsContentAsTheRestOfTheSwarmDoes(long length, long pieceLength, int count, long last) {
        assertThat(PieceLength.of(length)).isEqualTo(pieceLength);
        assertThat(PieceLength.count(length)).isEqualTo(count);
        assertThat(count == 0 ? 0 : length - (count - 1) * pieceLength).isEqualTo(last);
    }

    @Test
    void usesTheShortestPieceForUnknownLengths() {
        assertThat(PieceLength.of(-1)).isEqualTo(4194304);
        assertThatThrownBy(() -> PieceLength.count(-1)).hasMessage("content length: -1 (expected: >= 0)");
    }

    /** Else a piece could not be a run of whole blocks. */
    @ParameterizedTest
    @CsvSource({"0", "1", "209715201", "1073741824", "4294967296", "4294967297", "1099511627776"})
    void isAlwaysDividedByTheBlockLength(long length) {
        assertThat(PieceLength.of(length) % BlockLength.of(length)).isZero();
        assertThat(PieceLength.of(length) % BlockLength.LARGE).isZero();
    }
}
