package dev.darter.app.up;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.darter.app.config.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class JoinTest {
    private static final int PEERS = 2;

    @TempDir
    private Path directory;

    private int base;
    private Path clusterFile;

    @BeforeEach
    void writeCluster() throws IOException {
        base = FreePorts.base(PEERS + 3);
        Plan plan = Plan.of(directory, PEERS, base);
        clusterFile = plan.clusterFile();
        ClusterFile.write(plan, _ -> ProcessHandle.current().pid(), List.of());
    }

    @Test
    void takesTheNextFreeBlockAndEntersTheFile() throws IOException {
        var part = Join.enter(clusterFile, "peer-3");

        assertThat(part.ports()).isEqualTo(Plan.Ports.from(base + 40));
        assertThat(names()).containsExactly("peer-1", "peer-2", "peer-3");
        assertThat(part.config()).exists();
    }

    @Test
    void givesTwoNewcomersDifferentBlocks() throws IOException {
        var first = Join.enter(clusterFile, "one");
        var second = Join.enter(clusterFile, "two");

        assertThat(first.ports().all())
                .doesNotContainAnyElementsOf(second.ports().all());
    }

    @Test
    void takesItsOldBlockAfterItWasKilled() throws IOException {
        var before = Join.enter(clusterFile, "phoenix");
        Join.enter(clusterFile, "other");
        killed("phoenix");

        var after = Join.enter(clusterFile, "phoenix");

        assertThat(after.ports()).isEqualTo(before.ports());
        assertThat(names()).containsOnlyOnce("phoenix");
    }

    @Test
    void takesItsOldBlockAfterTheClusterStartedAnew() throws IOException {
        Join.enter(clusterFile, "other");
        var before = Join.enter(clusterFile, "phoenix");
        writeClusterAt(base);

        var after = Join.enter(clusterFile, "phoenix");

        assertThat(after.ports()).isEqualTo(before.ports());
    }

    @Test
    void refusesANameThatRuns() throws IOException {
        Join.enter(clusterFile, "peer-3");

        assertThatThrownBy(() -> Join.enter(clusterFile, "peer-3"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("--name: peer-3: runs already");
    }

    @Test
    void leavesNothingButTheOthers() throws IOException {
        Join.enter(clusterFile, "peer-3");

        Join.leave(clusterFile, "peer-3");

        assertThat(names()).containsExactly("peer-1", "peer-2");
    }

    @Test
    void leavesAClusterThatEndedFirst() throws IOException {
        Join.enter(clusterFile, "peer-3");
        Files.delete(clusterFile);

        Join.leave(clusterFile, "peer-3");

        assertThat(clusterFile).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "../evil", "Peer", "a b", "-x", "manager", "scheduler", "log", "seed-2"})
    void refusesNamesThatAreNoPeers(String name) {
        assertThatThrownBy(() -> Join.checkName(name))
                .isInstanceOf(ConfigException.class)
                .hasMessageStartingWith("--name: " + name);
    }

    private void writeClusterAt(int portBase) throws IOException {
        ClusterFile.write(
                Plan.of(directory, PEERS, portBase),
                _ -> ProcessHandle.current().pid(),
                List.of());
    }

    /** As if the peer's process were gone. */
    private void killed(String name) throws IOException {
        String text = Files.readString(clusterFile);
        int at = text.indexOf("\"pid\":", text.indexOf("\"name\":\"" + name + "\""));
        int end = text.indexOf('}', at);
        Files.writeString(clusterFile, text.substring(0, at) + "\"pid\":-1" + text.substring(end));
    }

    private List<String> names() throws IOException {
        var names = new ArrayList<String>();
        ClusterFile.read(clusterFile)
                .path("peers")
                .forEach(peer -> names.add(peer.path("name").asString("")));
        return names;
    }
}
