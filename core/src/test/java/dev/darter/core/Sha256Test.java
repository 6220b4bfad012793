package dev.darter.core;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class Sha256Test {
    /** FIPS 180-4's example. */
    private static final String OF_ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    @Test
    void hashesWhatRemainsAndLeavesThePosition() {
        ByteBuffer bytes =
                ByteBuffer.wrap("xabcx".getBytes(US_ASCII)).position(1).limit(4);
        assertThat(Sha256.hash(bytes)).hasToString(OF_ABC);
        assertThat(bytes.position()).isEqualTo(1);
    }

    @Test
    void isTheSameThroughAllItsForms() {
        Sha256 parsed = Sha256.parse(OF_ABC);
        assertThat(Sha256.of(parsed.toBytes())).isEqualTo(parsed).hasToString(OF_ABC);
    }

    @Test
    void refusesAnythingElse() {
        assertThatThrownBy(() -> Sha256.parse("abcd")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Sha256.parse("zz".repeat(32))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Sha256.of(new byte[31])).hasMessage("SHA-256: 31 bytes (expected: 32)");
    }
}
