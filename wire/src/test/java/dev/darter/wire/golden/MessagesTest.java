package dev.darter.wire.golden;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every recorded message means to us what it meant to its sender, and we would send the same bytes. */
final class MessagesTest {
    static List<String> files() {
        return Recording.files();
    }

    @ParameterizedTest
    @MethodSource("files")
    void decodesToTheRecordedValuesAndEncodesToTheRecordedBytes(String file) throws Exception {
        for (Recording.Line line : Recording.lines(file)) {
            var prototype = line.prototype();
            if (line.kind().equals("trailer") || line.bytes().isEmpty() || prototype.isEmpty()) {
                continue;
            }
            assertThat(prototype.orElseThrow().getDescriptorForType().getFullName())
                    .as("%s", line)
                    .isEqualTo(line.type());

            Message decoded = line.message();

            Message.Builder told = prototype.orElseThrow().newBuilderForType();
            JsonFormat.parser().merge(line.json().toString(), told);
            assertThat(decoded).as("%s", line).isEqualTo(told.build());
            assertThat(HexFormat.of().formatHex(decoded.toByteArray()))
                    .as("%s", line)
                    .isEqualTo(line.content().path("hex").asString());
        }
    }

    @Test
    void coversAllMessagesButThoseOfTheV2Scheduler() {
        var messages = Recording.all().stream()
                .filter(line -> !line.kind().equals("trailer") && line.bytes().isPresent())
                .toList();

        assertThat(messages).hasSize(1261);
        assertThat(messages.stream().filter(line -> line.prototype().isEmpty()))
                .hasSize(2)
                .allMatch(line -> line.method().startsWith("/scheduler.v2.Scheduler/"));
    }

    @Test
    void statusDetailsInTrailersAreTheRecordedBytes() {
        var statuses = Recording.all().stream()
                .filter(line -> line.kind().equals("trailer") && line.bytes().isPresent())
                .toList();

        assertThat(statuses).hasSizeGreaterThan(40);
        assertThat(statuses).allSatisfy(line -> {
            byte[] details = Base64.getDecoder().decode(line.header("grpc-status-details-bin"));
            assertThat(details).isEqualTo(line.bytes().orElseThrow());
            var status = com.google.rpc.Status.parseFrom(details);
            assertThat(status.toByteArray()).isEqualTo(details);
            assertThat(status.getCode()).isEqualTo(Integer.parseInt(line.header("grpc-status")));
        });
    }
}
