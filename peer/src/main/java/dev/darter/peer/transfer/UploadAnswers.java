package dev.darter.peer.transfer;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.darter.core.Block;
import dev.darter.core.ByteRange;
import dev.darter.peer.storage.ContentReader;
import dev.darter.wire.metrics.HttpMetrics;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.DefaultFileRegion;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.nio.channels.FileChannel;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Collectors;

/**
 * The answers of one connection of a child, one at a time: each is counted, and sent when it is its turn and the rate allows. Its event loop
 * begins them; what it sends may be decided on another thread.
 */
final class UploadAnswers {
    /** What is not counted by a name of its own. */
    static final String OTHER = "other";

    /** Nothing waits for its turn longer than this. */
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(8);

    private final RateLimiter limiter;
    private final OpenTransfers patientTurn;
    private final LongAdder uploaded;
    private final HttpMetrics counts;

    /** Whether an answer is under way; only its event loop touches it. */
    private boolean answering;

    /** What is being answered; set on the event loop before anybody works on it. */
    private volatile Asked asked = Asked.NOTHING;

    /** A request as it is counted. */
    private record Asked(String method, String what, String host, long nanoTime, int bytes) {
        static final Asked NOTHING = new Asked("", OTHER, "", 0, 0);

        static Asked of(HttpRequest request, String what) {
            int bytes = request.uri().length();
            for (var header : request.headers()) {
                bytes += header.getKey().length() + header.getValue().length();
            }
            return new Asked(
                    request.method().name(),
                    what,
                    request.headers().get(HttpHeaderNames.HOST, ""),
                    System.nanoTime(),
                    bytes);
        }
    }

    /** @param patientTurn of those who are not told to come again */
    UploadAnswers(RateLimiter limiter, OpenTransfers patientTurn, LongAdder uploaded, HttpMetrics counts) {
        this.limiter = limiter;
        this.patientTurn = patientTurn;
        this.uploaded = uploaded;
        this.counts = counts;
    }

    /** Whether one has begun and has not been sent. */
    boolean isUnderWay() {
        return answering;
    }

    /**
     * A request came.
     *
     * @param what as what it counts
     */
    void begin(HttpRequest request, String what) {
        answering = true;
        asked = Asked.of(request, what);
    }

    /**
     * Bytes that were asked for.
     *
     * @param named blocks that they are, where the child does not know which it gets
     * @param ended told once whether all was sent
     */
    record Content(ContentReader reader, ByteRange bytes, List<Block> named, Ending ended, boolean keepAlive) {
        void end(boolean sent) {
            reader.close();
            ended.end(sent);
        }
    }

    interface Ending {
        void end(boolean sent);
    }

    /**
     * Sends when it is its turn; a Darter child that would have to wait too long is told so, and asks somebody else. A v2.1.28 child cannot be:
     * it would leave the parent for good. It gets its head at once, since it waits two seconds for it, and the body in its turn, but
     * not later than in a few seconds, since it gives up a piece after thirty. All at once would be too late for some: on a link of
     * 100 Mbit/s, with sixteen of 4 MiB under way beside the blocks of Darter peers, some were not half there in thirty seconds.
     */
    void send(ChannelHandlerContext context, Content answer, OpenTransfers turn) {
        boolean patient = turn == patientTurn;
        if (patient) {
            context.writeAndFlush(head(answer));
        }
        Runnable transfer = () -> {
            if (!context.channel().isActive()) {
                answer.end(false);
                turn.end();
                return;
            }
            if (!patient) {
                context.write(head(answer));
            }
            sendWhenRateAllows(context, answer, turn);
        };
        switch (turn.begin(transfer)) {
            case BEGUN -> {}
            case WAITS -> {
                Runnable impatience =
                        patient ? () -> turn.hurry(transfer) : () -> giveUp(context, answer, turn, transfer);
                context.executor().schedule(impatience, LONGEST_WAIT.toNanos(), TimeUnit.NANOSECONDS);
            }
            case SENT_AWAY -> {
                answer.end(false);
                empty(context, HttpResponseStatus.SERVICE_UNAVAILABLE, answer.keepAlive);
            }
        }
    }

    /** A Darter child takes a parent that says nothing for long for dead: it is told to come again. */
    private void giveUp(ChannelHandlerContext context, Content answer, OpenTransfers turn, Runnable transfer) {
        if (turn.withdraw(transfer)) {
            answer.end(false);
            var status = answer.named.isEmpty() ? HttpResponseStatus.SERVICE_UNAVAILABLE : HttpResponseStatus.ACCEPTED;
            empty(context, status, answer.keepAlive);
        }
    }

    /** An answer without a body. */
    void empty(ChannelHandlerContext context, HttpResponseStatus status, boolean keepAlive) {
        var answer = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, Unpooled.EMPTY_BUFFER);
        answer.headers().set(HttpHeaderNames.DATE, now());
        if (status.code() != HttpResponseStatus.NO_CONTENT.code()) {
            answer.headers().set(HttpHeaderNames.CONTENT_LENGTH, 0);
        }
        next(context, context.writeAndFlush(answer), keepAlive);
    }

    private static DefaultHttpResponse head(Content answer) {
        var head = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
        head.headers()
                .set(HttpHeaderNames.CONTENT_LENGTH, answer.bytes.length())
                .set(HttpHeaderNames.DATE, now());
        if (!answer.keepAlive) {
            head.headers().set(HttpHeaderNames.CONNECTION, "close");
        }
        if (!answer.named.isEmpty()) {
            head.headers()
                    .set("X-Darter-Block", answer.named.getFirst().number())
                    .set(
                            "X-Darter-Sha256",
                            answer.named.stream()
                                    .map(block -> block.sha256().toString())
                                    .collect(Collectors.joining(",")));
        }
        return head;
    }

    /** The body, when the rate allows. */
    private void sendWhenRateAllows(ChannelHandlerContext context, Content answer, OpenTransfers turn) {
        Duration wait = limiter.reserve(answer.bytes.length());
        Runnable body = () -> sendBody(context, answer, turn);
        if (wait.isPositive()) {
            context.flush();
            context.executor().schedule(body, wait.toNanos(), TimeUnit.NANOSECONDS);
        } else {
            body.run();
        }
    }

    private void sendBody(ChannelHandlerContext context, Content answer, OpenTransfers turn) {
        ByteRange bytes = answer.bytes;
        context.write(new BorrowedRegion(answer.reader.channel(), bytes.start(), bytes.length()));
        ChannelFuture sent = context.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT);
        sent.addListener(done -> {
            answer.end(done.isSuccess());
            turn.end();
            if (done.isSuccess()) {
                uploaded.add(bytes.length());
                count(HttpResponseStatus.OK, bytes.length());
            }
        });
        next(context, sent, answer.keepAlive);
    }

    void error(ChannelHandlerContext context, HttpResponseStatus status, String reason, boolean keepAlive) {
        text(
                context,
                status,
                "application/json; charset=utf-8",
                "{\"errors\":\"" + reason.replace("\"", "'") + "\"}",
                keepAlive);
    }

    void text(ChannelHandlerContext context, HttpResponseStatus status, String type, String body, boolean keepAlive) {
        var answer = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, Unpooled.copiedBuffer(body, UTF_8));
        answer.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, type)
                .set(HttpHeaderNames.DATE, now())
                .set(HttpHeaderNames.CONTENT_LENGTH, answer.content().readableBytes());
        count(status, answer.content().readableBytes());
        next(context, context.writeAndFlush(answer), keepAlive);
    }

    private void next(ChannelHandlerContext context, ChannelFuture sent, boolean keepAlive) {
        if (!keepAlive) {
            sent.addListener(ChannelFutureListener.CLOSE);
            return;
        }
        sent.addListener(_ -> {
            answering = false;
            context.read();
        });
    }

    private static String now() {
        long second = Instant.now().getEpochSecond();
        Stamp last = STAMP.get();
        if (last.second != second) {
            last = new Stamp(
                    second,
                    DateTimeFormatter.RFC_1123_DATE_TIME.format(
                            Instant.ofEpochSecond(second).atZone(ZoneOffset.UTC)));
            STAMP.set(last);
        }
        return last.text;
    }

    /** A second as the header Date says it. */
    private record Stamp(long second, String text) {}

    private static final AtomicReference<Stamp> STAMP = new AtomicReference<>(new Stamp(-1, ""));

    private void count(HttpResponseStatus status, long bytes) {
        Asked request = asked;
        counts.answered(
                status.code(),
                request.method,
                request.what,
                request.host,
                "/" + request.what,
                System.nanoTime() - request.nanoTime,
                request.bytes,
                bytes);
    }

    /** Part of a file that somebody else opened and will close. */
    private static final class BorrowedRegion extends DefaultFileRegion {
        BorrowedRegion(FileChannel file, long position, long count) {
            super(file, position, count);
        }

        @Override
        protected void deallocate() {
            // the reader's owner closes the file
        }
    }
}
