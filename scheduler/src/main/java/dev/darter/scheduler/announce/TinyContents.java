package dev.darter.scheduler.announce;

import dev.darter.core.Digest;
import dev.darter.core.PeerHost;
import dev.darter.core.Piece;
import dev.darter.core.SizeScope;
import dev.darter.scheduler.swarm.Peer;
import dev.darter.scheduler.swarm.Task;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fetches content of at most 128 bytes from a peer that has it, so that it can travel in the answer to a registration. Happens in the
 * background: until it is here, such tasks are handed out as all others. One fetch a task, and never more
 * than those bytes in memory, whatever the peer sends.
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
        if (Announcements.isTiny(task) && task.beginTinyContent()) {
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
            HttpResponse<byte[]> answer = http.send(
                    request,
                    HttpResponse.BodyHandlers.limiting(HttpResponse.BodyHandlers.ofByteArray(), SizeScope.TINY_LENGTH));
            if (answer.statusCode() / 100 == 2 && isRight(task, answer.body())) {
                task.keepTinyContent(ByteBuffer.wrap(answer.body()));
            }
        } catch (IOException | IllegalArgumentException e) {
            LOG.atDebug()
                    .addKeyValue("task", task.id())
                    .addKeyValue("reason", e.getMessage())
                    .log("tiny content could not be fetched");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            task.endTinyContent();
        }
    }

    /** As long as the task, and with the MD5 that the first reader of the origin found, where it told one. */
    private static boolean isRight(Task task, byte[] content) {
        if (content.length != task.contentLength()) {
            return false;
        }
        Optional<Digest> md5 = task.piece(0).flatMap(Piece::md5);
        return md5.isEmpty()
                || md5.get()
                        .hex()
                        .equals(Digest.hex(
                                Digest.Algorithm.MD5.newMessageDigest().digest(content)));
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
