package dev.darter.wire.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.darter.wire.golden.Recording;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** We refuse exactly the requests that servers of v2.1.28 refused, and name the same field. */
final class RecordedRequestsTest {
    private final RequestValidator validator = new RequestValidator();

    @Test
    void refusesWhatTheFieldRefuses() {
        Map<Recording.Line, String> refused = refusedRequests();

        assertThat(refused).hasSize(12);
        refused.forEach((line, path) -> assertThatIllegalArgumentException()
                .as("%s", line)
                .isThrownBy(() -> validator.check(line.message()))
                .withMessageStartingWith(path + ": ")
                .withMessageContaining(" (expected: "));
    }

    @Test
    void acceptsEverythingElse() {
        Map<Recording.Line, String> refused = refusedRequests();
        List<Recording.Line> accepted =
                requests().stream().filter(line -> !refused.containsKey(line)).toList();

        assertThat(accepted).hasSizeGreaterThan(500);
        for (Recording.Line line : accepted) {
            assertThatCode(() -> validator.check(line.message())).as("%s", line).doesNotThrowAnyException();
        }
    }

    private static List<Recording.Line> requests() {
        return Recording.all().stream()
                .filter(line -> line.kind().equals("request"))
                .filter(line -> line.prototype().isPresent())
                .toList();
    }

    /** The last request before a refusal of its call, with the path of the field at fault in our spelling. */
    private static Map<Recording.Line, String> refusedRequests() {
        var last = new HashMap<String, Recording.Line>();
        var refused = new LinkedHashMap<Recording.Line, String>();
        for (Recording.Line line : Recording.all()) {
            if (line.kind().equals("request")) {
                last.put(line.file() + line.call(), line);
            }
            if (line.header("grpc-status").equals("3")) {
                refused.put(last.get(line.file() + line.call()), path(line.header("grpc-message")));
            }
        }
        return refused;
    }

    /** {@code invalid A.UrlMeta: … caused by: invalid UrlMeta.Range: …} is {@code url_meta.range}. */
    private static String path(String message) {
        return java.util.regex.Pattern.compile("invalid \\w+\\.(\\w+):")
                .matcher(message)
                .results()
                .map(field ->
                        field.group(1).replaceAll("(?<=[a-z])(?=[A-Z])", "_").toLowerCase(Locale.ROOT))
                .collect(Collectors.joining("."));
    }
}
