package dev.darter.app.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every file has in common: how it is read, and what an operator is told. */
final class SettingsTest {
    private static final KnownKeys KEYS = KnownKeys.of("""
            server.port
            server.host
            console
            """, Map.of("comes later", """
                    proxy.**
                    jaeger
                    """));

    @Test
    void keysMatchInAnyCaseAndNullKeepsTheDefault() {
        Settings settings = Settings.parse("f.yaml", """
                SERVER:
                  Port: "8080"
                  host: null
                console: True
                """);

        assertThat(settings.port("server.port", 1)).isEqualTo(8080);
        assertThat(settings.text("server.host", "me")).isEqualTo("me");
        assertThat(settings.flag("console", false)).isTrue();
        assertThat(settings.review(KEYS, true)).isEmpty();
    }

    @Test
    void anEmptyFileSetsNothing() {
        assertThat(Settings.parse("f.yaml", "").review(KEYS, true)).isEmpty();
        assertThat(Settings.parse("f.yaml", "# nothing\n").review(KEYS, true)).isEmpty();
        assertThat(Settings.parse("f.yaml", "server:\n").review(KEYS, true)).isEmpty();
    }

    @Test
    void jsonIsYaml() {
        assertThat(Settings.parse("f.json", "{\"server\": {\"port\": 9}}").port("server.port", 1))
                .isEqualTo(9);
    }

    @Test
    void aKeyThatNobodyKnowsIsNamedWithTheNearestOne() {
        Settings settings = Settings.parse("f.yaml", """
                server:
                  prot: 1
                """);

        assertThat(settings.review(KEYS, false))
                .containsExactly("f.yaml:2: server.prot: nobody knows this key; did you mean server.port?");
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> settings.review(KEYS, true))
                .withMessage("f.yaml:2: server.prot: nobody knows this key; did you mean server.port?");
    }

    @Test
    void aKeyThatIsLikeNoOtherIsNamedAlone() {
        assertThat(Settings.parse("f.yaml", "somethingElse: 1").review(KEYS, false))
                .containsExactly("f.yaml:1: somethingElse: nobody knows this key");
    }

    @Test
    void keysThatDoNothingAreNamedInOneLineWithTheReason() {
        assertThat(Settings.parse("f.yaml", """
                        jaeger: http://j
                        proxy:
                          defaultTag: x
                          proxies:
                            - regx: a
                        console: true
                        """).review(KEYS, true))
                .containsExactly(
                        "f.yaml: keys that do nothing here: jaeger, proxy.defaultTag, proxy.proxies (comes later)");
    }

    @Test
    void aWrongValueNamesFileLineKeyValueAndWhatIsExpected() {
        Settings settings = Settings.parse("f.yaml", """
                console: maybe
                server:
                  PORT: many
                  host: [a, b]
                """);

        assertWrong(() -> settings.flag("console", false), "f.yaml:1: console: maybe (expected: true or false)");
        assertWrong(() -> settings.port("server.port", 1), "f.yaml:3: server.PORT: many (expected: a port, 0..65535)");
        assertWrong(
                () -> settings.text("server.host", ""),
                "f.yaml:4: server.host: a list or mapping (expected: one value)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"4294967297", "-1", "65536", "1.5", "0x10"})
    void aPortIsAPort(String text) {
        Settings settings = Settings.parse("f.yaml", "server: {port: " + text + "}");
        assertWrong(
                () -> settings.port("server.port", 1),
                "f.yaml:1: server.port: " + text + " (expected: a port, 0..65535)");
    }

    @Test
    void aNumberDoesNotWrapAround() {
        Settings settings = Settings.parse("f.yaml", "server: {port: 4294967297}");
        assertWrong(
                () -> settings.integer("server.port", 1),
                "f.yaml:1: server.port: 4294967297 (expected: a whole number)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"example.com", "1.2.3", "10.0.0.256"})
    void anAddressIsALiteral(String text) {
        Settings settings = Settings.parse("f.yaml", "server: {host: " + text + "}");
        assertWrong(() -> settings.ip("server.host"), "f.yaml:1: server.host: " + text + " (expected: an IP address)");
    }

    @Test
    void addressesComeAsTextOrAsMappings() {
        Settings settings = Settings.parse("f.yaml", """
                server:
                  host:
                    - a:1
                    - {type: tcp, addr: "b:2", refreshInterval: 10s}
                """);
        assertThat(settings.addresses("server.host")).map(Object::toString).containsExactly("a:1", "b:2");

        Settings wrong = Settings.parse("f.yaml", "server: {host: [[a]]}");
        assertWrong(
                () -> wrong.addresses("server.host"),
                "f.yaml:1: server.host: a list in the list (expected: host:port)");
    }

    @Test
    void aSectionIsAMapping() {
        assertWrong(
                () -> Settings.parse("f.yaml", "console: true\nserver: 5").review(KEYS, false),
                "f.yaml:2: server: 5 (expected: a mapping)");
        assertWrong(
                () -> Settings.parse("f.yaml", "server: [1]").review(KEYS, false),
                "f.yaml:1: server: a list (expected: a mapping)");
    }

    @Test
    void aKeyIsWrittenOnce() {
        assertWrong(
                () -> Settings.parse("f.yaml", "console: true\nserver:\n  port: 1\nCONSOLE: false\n"),
                "f.yaml:4: CONSOLE: written again (expected: once; it is in line 1)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"console: true\nserver: [1", "console: true\n\tserver: 1", "console: true\n a: b: c"})
    void whatIsNoYamlIsOneLineWithItsNumber(String text) {
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> Settings.parse("f.yaml", text))
                .withMessageMatching("f\\.yaml:2: not YAML: [^\\n]+");
    }

    @Test
    void whatIsNoMappingIsRefused() {
        assertWrong(() -> Settings.parse("f.yaml", "- a\n"), "f.yaml: not a mapping (expected: keys and values)");
    }

    @Test
    void aMappingInsideItselfHasAnEnd() {
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> Settings.parse("f.yaml", "a: &a\n  b: *a\n"))
                .withMessageContaining("f.yaml:");
    }

    @Test
    void aFileThatCannotBeReadIsNamed(@TempDir Path directory) throws IOException {
        Path missing = directory.resolve("none.yaml");
        assertWrong(() -> Settings.read(missing), missing + ": no such file (expected: a configuration file)");

        Path binary = Files.write(directory.resolve("binary.yaml"), new byte[] {'a', ':', (byte) 0xff, (byte) 0xfe});
        assertWrong(() -> Settings.read(binary), binary + ": not a text (expected: YAML in UTF-8)");
    }

    @Test
    void theComplaintOfARecordIsPutAtTheLineAndInTheWordsOfTheFile() {
        Settings settings = Settings.parse("f.yaml", "\nserver:\n  Port: 0s\n");

        assertThat(settings.illegal(new IllegalArgumentException("server.port: PT0S (expected: more than 0)")))
                .hasMessage("f.yaml:3: server.Port: 0s (expected: more than 0)");
        assertThat(settings.illegal(new IllegalArgumentException("other: x (expected: y)")))
                .hasMessage("f.yaml: other: x (expected: y)");
    }

    private static void assertWrong(org.assertj.core.api.ThrowableAssert.ThrowingCallable call, String message) {
        assertThatExceptionOfType(ConfigException.class).isThrownBy(call).withMessage(message);
    }
}
