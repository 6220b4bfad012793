package dev.darter.peer.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.darter.core.ByteRange;
import dev.darter.core.Digest;
import dev.darter.core.TaskId;
import dev.darter.core.UrlMeta;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class TaskSpecTest {
    private static final String URL = "http://h.example/f.bin";

    @Test
    void namesTheTaskThatEverybodyComputes() {
        // A vector of the wire's reference: digest, range, tag and application take part.
        var meta = UrlMeta.NONE
                .withDigest("md5:d41d8cd98f00b204e9800998ecf8427e")
                .withRange("0-99")
                .withTag("t")
                .withApplication("a");

        assertThat(TaskSpec.of(URL, meta).id())
                .isEqualTo(new TaskId("7ea5f578b2082e090a818732b018371b13ff6750272816c78aa2649a195e11f6"));
        assertThat(TaskSpec.of(URL, meta).whole().id())
                .isEqualTo(new TaskId("50ad4fe780ea66d095330b6e879bacc980a826579f453950dd19042da694334a"));
    }

    @Test
    void understandsWhatTheOriginIsAskedFor() {
        var spec = TaskSpec.of(URL, UrlMeta.NONE.withRange("100-199").withHeader(Map.of("X-A", "1")));

        assertThat(spec.range()).contains(new ByteRange(100, 100));
        assertThat(spec.toSource().range()).contains(new ByteRange(100, 100));
        assertThat(spec.toSource().header()).containsExactly(Map.entry("X-A", "1"));
        assertThat(TaskSpec.of(URL, UrlMeta.NONE.withDigest("MD5:D41D8CD98F00B204E9800998ECF8427E"))
                        .digest())
                .contains(Digest.md5("d41d8cd98f00b204e9800998ecf8427e"));
    }

    @Test
    void refusesWhatNobodyUnderstands() {
        assertThatThrownBy(() -> TaskSpec.of(URL, UrlMeta.NONE.withRange("5-2")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("5-2");
        assertThatThrownBy(() -> TaskSpec.of(URL, UrlMeta.NONE.withDigest("sha256:12")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected: 64 hex digits");
    }
}
