package dev.darter.peer.neighbour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.darter.core.NetAddress;
import dev.darter.core.PeerId;
import dev.darter.core.TaskId;
import dev.darter.wire.client.BlockStream;
import dev.darter.wire.rpc.RpcRuntime;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class NeighboursTest {
    private static final TaskId TASK = new TaskId("ab".repeat(32));

    @Test
    void closesAllAndSaysSo() throws IOException {
        List<BlockStream.News> heard = new CopyOnWriteArrayList<>();
        try (var runtime = new RpcRuntime();
                var channels = new ParentChannels(runtime);
                var one = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                var other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            try (var neighbours = new Neighbours(channels)) {
                for (ServerSocket silent : List.of(one, other)) {
                    var _ = neighbours.follow(
                            new NetAddress("127.0.0.1", silent.getLocalPort()),
                            TASK,
                            "them",
                            new PeerId("127.0.0.1-1-me"),
                            0,
                            new BitSet(),
                            heard::add);
                }
            }
            await().until(() -> heard.size() == 2);
        }
        assertThat(heard).hasOnlyElementsOfType(BlockStream.News.Ended.class);
    }
}
