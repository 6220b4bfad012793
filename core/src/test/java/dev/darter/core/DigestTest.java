package dev.darter.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DigestTest {
    private static final String HELLO = "5d41402abc4b2a76b9719d911017c592";
    private static final String WORLD = "7d793037a0760186574b0282f2f435e7";

    @Test
    void readsEitherCaseAndPrintsLowerCase() {
        assertThat(Digest.parse("MD5:" + HELLO.toUpperCase(java.util.Locale.ROOT)))
                .hasToString("md5:" + HELLO);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "md5",
                "md5:",
                "md4:00",
                "sha256:5d41402abc4b2a76b9719d911017c592",
                "md5:zz41402abc4b2a76b9719d911017c592"
            })
    void refusesWhatIsNoDigest(String text) {
        assertThatThrownBy(() -> Digest.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("digest: ")
                .hasMessageContaining("expected: ");
    }

    @Test
    void signsPieceDigestsAsUpstreamDoes() {
        assertThat(PieceDigests.sign(List.of(HELLO, WORLD)))
                .isEqualTo("5b880f8cce3544fde7a35bb75c96ab43951066b438b849f12aeebe3adb98247e");
        assertThat(PieceDigests.sign(List.of(HELLO)))
                .isEqualTo("4914e23374bb211e3dca0df7636fefffc7fedd94f1340ae81c7d6c07b7113e9b");
        assertThat(PieceDigests.sign(List.of())).isEmpty();
        assertThat(PieceDigests.sign(List.of("")))
                .isEqualTo("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    }
}
