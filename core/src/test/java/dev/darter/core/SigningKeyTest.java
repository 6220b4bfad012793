package dev.darter.core;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SigningKeyTest {
    private static final byte[] TEXT = "some bytes".getBytes(UTF_8);

    @TempDir
    private Path directory;

    @Test
    void whatItSignsVerifiesUnderItsKeyOnly() {
        var key = SigningKey.generate();
        byte[] signature = key.sign("kind", TEXT);
        assertThat(key.verifyKey().verify("kind", TEXT, signature)).isTrue();
        assertThat(SigningKey.generate().verifyKey().verify("kind", TEXT, signature))
                .isFalse();
    }

    @Test
    void aSignatureHoldsForItsKindAndItsBytesOnly() {
        var key = SigningKey.generate();
        byte[] signature = key.sign("kind", TEXT);
        assertThat(key.verifyKey().verify("other", TEXT, signature)).isFalse();
        assertThat(key.verifyKey().verify("kin", "d\0some bytes".getBytes(UTF_8), signature))
                .isFalse();
        for (int i = 0; i < signature.length; i++) {
            byte[] changed = signature.clone();
            changed[i] ^= 1;
            assertThat(key.verifyKey().verify("kind", TEXT, changed)).isFalse();
        }
        assertThat(key.verifyKey().verify("kind", TEXT, new byte[0])).isFalse();
        assertThat(key.verifyKey().verify("kind", TEXT, new byte[65])).isFalse();
    }

    @Test
    void staysTheSameOverRestartsInAFileForItsUserOnly() throws IOException {
        Path file = directory.resolve("made/key");
        var first = SigningKey.loadOrCreate(file);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(SigningKey.loadOrCreate(file).verifyKey()).isEqualTo(first.verifyKey());
        try (var files = Files.list(file.getParent())) {
            assertThat(files).containsExactly(file);
        }
    }

    @Test
    void allThatStartAtTheSameMomentGetTheSameKey() throws Exception {
        Path file = directory.resolve("key");
        var loads = new ArrayList<Future<VerifyKey>>();
        try (var threads = Executors.newFixedThreadPool(8)) {
            for (int i = 0; i < 8; i++) {
                loads.add(threads.submit(() -> SigningKey.loadOrCreate(file).verifyKey()));
            }
        }
        var keys = new HashSet<VerifyKey>();
        for (Future<VerifyKey> load : loads) {
            keys.add(load.get());
        }
        assertThat(keys).hasSize(1);
    }

    @Test
    void refusesAFileThatHoldsNoKey() throws IOException {
        Path file = directory.resolve("key");
        Files.write(file, new byte[80]);
        assertThatThrownBy(() -> SigningKey.loadOrCreate(file)).isInstanceOf(IOException.class);
        var other = directory.resolve("other");
        SigningKey.loadOrCreate(other);
        byte[] mixed = Files.readAllBytes(other);
        byte[] stranger = SigningKey.generate().verifyKey().toBytes();
        System.arraycopy(stranger, 0, mixed, 0, stranger.length);
        Files.write(file, mixed);
        assertThatThrownBy(() -> SigningKey.loadOrCreate(file)).hasMessageContaining("do not belong together");
    }

    @Test
    void bytesThatAreNoKeyAreNone() {
        assertThat(VerifyKey.optional(new byte[0])).isEmpty();
        assertThat(VerifyKey.optional(new byte[31])).isEmpty();
        assertThat(VerifyKey.optional(SigningKey.generate().verifyKey().toBytes()))
                .isPresent();
        assertThat(SigningKey.generate().toString()).hasSizeLessThan(40);
    }
}
