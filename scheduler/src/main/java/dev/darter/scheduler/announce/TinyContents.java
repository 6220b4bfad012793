package dev.darter.scheduler.announce;

import dev.darter.core.PeerHost;
import dev.darter.scheduler.swarm.Peer;
import dev.darter.scheduler.swarm.Task;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fetches content of at most 128 bytes from a peer that has it, so that it can travel in the answer to a registration. Happens in the
 * background: until it is here, such tasks are handed out as all others.
 */
final class TinyContents implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TinyContents.class);
    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(2))
            .executor(Thread::startVirtualThread)
            .build();

    /** Starts the fetch if the task is tiny and its content is not here. */
    void fetchIfDue(Task task, Peer holder) {
        if (Announcements.isTiny(task) && task.tinyContent().isEmpty()) {
            Thread.ofVirtual().name("tiny-" + task.id().prefix()).start(() -> fetch(task, holder));
        }
    }

    private void fetch(Task task, Peer holder) {
        PeerHost host = holder.host().address();
        String address = (host.ip().indexOf(':') >= 0 ? "[" + host.ip() + "]" : host.ip()) + ":" + host.downPort();
        try {
            var request = HttpRequest.newBuilder(URI.create("http://" + address + "/download/"
                            + task.id().prefix() + "/" + task.id() + "?peerId=" + holder.id()))
                    .timeout(TIMEOUT)
                    .header("Range", "bytes=0-" + (task.contentLength() - 1))
                    .build();
            HttpResponse<byte[]> answer = http.send(request, HttpResponse.BodyHandlers.ofByteArray());
            if (answer.statusCode() / 100 == 2 && answer.body().length == task.contentLength()) {
                task.keepTinyContent(ByteBuffer.wrap(answer.body()));
            }
        } catch (IOException | IllegalArgumentException e) {
            LOG.atDebug()
                    .addKeyValue("task", task.id())
                    .addKeyValue("reason", e.getMessage())
                    .log("tiny content could not be fetched");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
