package dev.darter.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FindDaemonTest {
    @TempDir
    Path directory;

    @Test
    void takesTheSocketThatTheUserNames() {
        assertThat(FindDaemon.sockets("/run/x.sock")).containsExactly(Path.of("/run/x.sock"));
    }

    @Test
    void readsTheFirstPeersSocket() throws IOException {
        assertThat(read("""
            {"version":1,"seeds":[{"socket":"/seed"}],"peers":[{"name":"peer-1","socket":"/one"},{"socket":"/two"}]}
            """)).isEqualTo("/one");
    }

    @Test
    void readsWhatIsNotWrittenAsWeWriteIt() throws IOException {
        assertThat(read("{ \"version\" : 1, \"peers\" : [ { \"socket\" : \"/a\\\"b\" } ] }"))
                .isEqualTo("/a\"b");
        assertThat(read("{\"version\":1,\"peers\":[{\"socket\":\"/a\\\\b\"}]}")).isEqualTo("/a\\b");
    }

    @Test
    void findsNothingWhereThereIsNothing() throws IOException {
        assertThat(read("{\"version\":1,\"peers\":[],\"later\":{\"socket\":\"/x\"}}"))
                .isEmpty();
        assertThat(read("{\"version\":1,\"peers\":[{\"name\":\"p\"},{\"socket\":\"/two\"}]}"))
                .isEmpty();
        assertThat(FindDaemon.firstSocket(directory.resolve("nothing"))).isEmpty();
    }

    private String read(String json) throws IOException {
        Path file = Files.writeString(directory.resolve("cluster.json"), json);
        return FindDaemon.firstSocket(file).map(Path::toString).orElse("");
    }
}
