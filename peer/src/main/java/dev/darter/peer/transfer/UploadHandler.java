package dev.darter.peer.transfer;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.darter.core.Block;
import dev.darter.core.ByteRange;
import dev.darter.core.TaskId;
import dev.darter.peer.storage.ContentReader;
import dev.darter.peer.storage.Storage;
import dev.darter.peer.storage.TaskContent;
import dev.darter.wire.metrics.HttpMetrics;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.DefaultFileRegion;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.handler.timeout.IdleStateEvent;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection of a child. Answers look as v2.1.28's do: 200 for a range, Content-Length and Date only, errors as
 * {@code {"errors":"…"}}. Only bytes that are readable are promised. Runs on its event loop; where storage may have to look at the disk, or
 * hash a block that an earlier process left, that happens on a virtual thread.
 */
final class UploadHandler extends SimpleChannelInboundHandler<HttpObject> {
    private static final Logger LOG = LoggerFactory.getLogger(UploadHandler.class);
    private static final int PREFIX_PARTS = 4;
    private static final int NEXT_PARTS = 5;
    private static final String NEXT = "/darter/v1/next/";

    /** Blocks in one answer: their digests stand in its head. */
    private static final int MOST_HANDED_OUT = 16;

    /** Marks a request of a Darter peer, which knows what to do when it is told to come later. */
    private static final String BLOCKS = "X-Darter-Blocks";

    private final Storage storage;
    private final RateLimiter limiter;
    private final HandOut handOut;
    private final OpenTransfers transfers;
    private final OpenTransfers blockTransfers;
    private final OpenTransfers firstCopies;
    private final LongAdder uploaded;
    private final HttpMetrics counts;
    private final Supplier<String> metrics;

    /** Nothing waits for its turn longer than this. */
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(8);

    /** Whether an answer is under way; only its event loop touches it. */
    private boolean answering;

    /** What is being answered; set on the event loop before anybody works on it. */
    private volatile Asked asked = Asked.NOTHING;

    /** A request as it is counted. */
    private record Asked(String method, String what, String host, long nanoTime, int bytes) {
        static final String OTHER = "other";
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

    UploadHandler(
            Storage storage,
            RateLimiter limiter,
            HandOut handOut,
            OpenTransfers transfers,
            OpenTransfers blockTransfers,
            OpenTransfers firstCopies,
            LongAdder uploaded,
            HttpMetrics counts,
            Supplier<String> metrics) {
        this.storage = storage;
        this.limiter = limiter;
        this.handOut = handOut;
        this.transfers = transfers;
        this.blockTransfers = blockTransfers;
        this.firstCopies = firstCopies;
        this.uploaded = uploaded;
        this.counts = counts;
        this.metrics = metrics;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        context.read();
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, HttpObject message) {
        if (message instanceof HttpRequest request) {
            if (answering) {
                context.close(); // children do not pipeline
                return;
            }
            answering = true;
            if (request.decoderResult().isFailure()) {
                error(context, HttpResponseStatus.BAD_REQUEST, "bad request", false);
                return;
            }
            answer(context, request);
        } else if (!(message instanceof LastHttpContent)) {
            context.close(); // a request with a body is not one of ours
        }
    }

    private void answer(ChannelHandlerContext context, HttpRequest request) {
        boolean keepAlive = HttpUtil.isKeepAlive(request);
        var target = new QueryStringDecoder(request.uri());
        String[] parts = target.path().split("/", -1);
        boolean get = request.method().equals(HttpMethod.GET);
        asked = Asked.of(request, what(target.path()));
        if (get && target.path().equals("/healthy")) {
            text(context, HttpResponseStatus.OK, "application/json; charset=utf-8", "\"OK\"", keepAlive);
        } else if (get && target.path().equals("/metrics")) {
            text(context, HttpResponseStatus.OK, "text/plain; version=0.0.4; charset=utf-8", metrics.get(), keepAlive);
        } else if (get && parts.length == PREFIX_PARTS && parts[1].equals("download")) {
            List<String> peers = target.parameters().getOrDefault("peerId", List.of(""));
            String range = String.valueOf(request.headers().get(HttpHeaderNames.RANGE, ""));
            OpenTransfers turn = request.headers().contains(BLOCKS) ? blockTransfers : transfers;
            Runnable download = () -> download(context, parts[3], peers.getFirst(), range, turn, keepAlive);
            // What is at hand is sent at once: a thread for each block would cost a busy parent as much as sending it.
            if (isAtHand(parts[3], range)) {
                download.run();
            } else {
                Thread.startVirtualThread(download);
            }
        } else if (get && parts.length == NEXT_PARTS && target.path().startsWith(NEXT)) {
            List<String> peers = target.parameters().getOrDefault("peerId", List.of(""));
            long has = number(target.parameters().getOrDefault("has", List.of()));
            long most = number(target.parameters().getOrDefault("run", List.of()));
            var child = new HandOut.Child(peers.getFirst(), has, Math.clamp(most, 1, MOST_HANDED_OUT));
            Thread.startVirtualThread(() -> handOut(context, parts[NEXT_PARTS - 1], child, keepAlive));
        } else {
            text(context, HttpResponseStatus.NOT_FOUND, "text/plain", "404 page not found", keepAlive);
        }
    }

    /** What a child says of itself; negative when it does not, or says nonsense. */
    private static long number(List<String> said) {
        try {
            return said.isEmpty() ? -1 : Long.parseLong(said.getFirst());
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    private boolean isAtHand(String task, String range) {
        return TaskId.isLegal(task)
                && parse(range)
                        .filter(bytes -> storage.isAtHand(new TaskId(task), bytes))
                        .isPresent();
    }

    private static String what(String path) {
        return switch (path) {
            case "/healthy", "/metrics" -> path.substring(1);
            default -> path.startsWith("/download/") ? "download" : Asked.OTHER;
        };
    }

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

    /** On the event loop when the bytes are at hand, else on a virtual thread. Whatever peer id a child names, the task is what it gets. */
    private void download(
            ChannelHandlerContext context,
            String task,
            String peer,
            String range,
            OpenTransfers turn,
            boolean keepAlive) {
        if (peer.isEmpty()) {
            error(context, HttpResponseStatus.UNPROCESSABLE_ENTITY, "peerId: empty (expected: a peer id)", keepAlive);
            return;
        }
        Optional<ByteRange> wanted = parse(range);
        if (wanted.isEmpty()) {
            error(context, HttpResponseStatus.BAD_REQUEST, "invalid range", keepAlive);
            return;
        }
        var content = TaskId.isLegal(task) ? storage.find(new TaskId(task)) : Optional.<TaskContent>empty();
        if (content.isEmpty()) {
            error(context, HttpResponseStatus.INTERNAL_SERVER_ERROR, "task not found", keepAlive);
            return;
        }
        ContentReader reader;
        try {
            reader = content.get().read();
        } catch (IOException e) {
            error(context, HttpResponseStatus.INTERNAL_SERVER_ERROR, "task not found", keepAlive);
            return;
        }
        ByteRange bytes = wanted.get();
        if (!isReadable(reader, bytes)) {
            reader.close();
            error(context, HttpResponseStatus.INTERNAL_SERVER_ERROR, "the range is not here", keepAlive);
            return;
        }
        begin(context, new Answer(reader, bytes, List.of(), _ -> {}, keepAlive), turn);
    }

    /** On a virtual thread, which waits a moment for a block that the child may have. */
    private void handOut(ChannelHandlerContext context, String task, HandOut.Child child, boolean keepAlive) {
        var content = TaskId.isLegal(task) ? storage.find(new TaskId(task)) : Optional.<TaskContent>empty();
        try {
            switch (content.isEmpty() ? new HandOut.Nothing() : handOut.next(content.get(), child)) {
                case HandOut.Nothing _ -> empty(context, HttpResponseStatus.NO_CONTENT, keepAlive);
                case HandOut.Later _ -> empty(context, HttpResponseStatus.ACCEPTED, keepAlive);
                case HandOut.Given(var run) -> {
                    long start = (long) run.getFirst().number() * content.get().blockLength();
                    long length = run.stream().mapToLong(Block::length).sum();
                    begin(
                            context,
                            new Answer(
                                    readerFor(content.get(), run),
                                    new ByteRange(start, length),
                                    run,
                                    sent -> handedOut(content.get(), run, sent),
                                    keepAlive),
                            firstCopies);
                }
            }
        } catch (IOException e) {
            error(context, HttpResponseStatus.INTERNAL_SERVER_ERROR, "task not found", keepAlive);
        } catch (InterruptedException e) {
            context.close();
        }
    }

    private ContentReader readerFor(TaskContent content, List<Block> run) throws IOException {
        try {
            return content.read();
        } catch (IOException e) {
            handOut.takeBack(content, run);
            throw e;
        }
    }

    private void handedOut(TaskContent content, List<Block> run, boolean sent) {
        if (sent) {
            handOut.sent(content, run);
        } else {
            handOut.takeBack(content, run);
        }
    }

    /**
     * Bytes that were asked for.
     *
     * @param named blocks that they are, where the child does not know which it gets
     * @param ended told once whether all was sent
     */
    private record Answer(ContentReader reader, ByteRange bytes, List<Block> named, Ending ended, boolean keepAlive) {
        void end(boolean sent) {
            reader.close();
            ended.end(sent);
        }
    }

    private interface Ending {
        void end(boolean sent);
    }

    /**
     * Sends when it is its turn; a Darter child that would have to wait too long is told so, and asks somebody else. A v2.1.28 child cannot be:
     * it would leave the parent for good. It gets its head at once, since it waits two seconds for it, and the body in its turn, but
     * not later than in a few seconds, since it gives up a piece after thirty. All at once would be too late for some: on a link of
     * 100 Mbit/s, with sixteen of 4 MiB under way beside the blocks of Darter peers, some were not half there in thirty seconds.
     */
    private void begin(ChannelHandlerContext context, Answer answer, OpenTransfers turn) {
        boolean patient = turn == transfers;
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
            send(context, answer, turn);
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
    private void giveUp(ChannelHandlerContext context, Answer answer, OpenTransfers turn, Runnable transfer) {
        if (turn.withdraw(transfer)) {
            answer.end(false);
            var status = answer.named.isEmpty() ? HttpResponseStatus.SERVICE_UNAVAILABLE : HttpResponseStatus.ACCEPTED;
            empty(context, status, answer.keepAlive);
        }
    }

    private void empty(ChannelHandlerContext context, HttpResponseStatus status, boolean keepAlive) {
        var answer = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, Unpooled.EMPTY_BUFFER);
        answer.headers().set(HttpHeaderNames.DATE, now());
        if (status.code() != HttpResponseStatus.NO_CONTENT.code()) {
            answer.headers().set(HttpHeaderNames.CONTENT_LENGTH, 0);
        }
        next(context, context.writeAndFlush(answer), keepAlive);
    }

    private static boolean isReadable(ContentReader reader, ByteRange bytes) {
        long position = bytes.start();
        while (position < bytes.end()) {
            long more = reader.available(position);
            if (more <= 0) {
                return false;
            }
            position += more;
        }
        return true;
    }

    private static DefaultHttpResponse head(Answer answer) {
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
    private void send(ChannelHandlerContext context, Answer answer, OpenTransfers turn) {
        Duration wait = limiter.reserve(answer.bytes.length());
        Runnable body = () -> sendBody(context, answer, turn);
        if (wait.isPositive()) {
            context.flush();
            context.executor().schedule(body, wait.toNanos(), TimeUnit.NANOSECONDS);
        } else {
            body.run();
        }
    }

    private void sendBody(ChannelHandlerContext context, Answer answer, OpenTransfers turn) {
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

    private static Optional<ByteRange> parse(String header) {
        if (!header.startsWith("bytes=")) {
            return Optional.empty();
        }
        try {
            return Optional.of(ByteRange.parse(header.substring("bytes=".length()), -1));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private void error(ChannelHandlerContext context, HttpResponseStatus status, String reason, boolean keepAlive) {
        text(
                context,
                status,
                "application/json; charset=utf-8",
                "{\"errors\":\"" + reason.replace("\"", "'") + "\"}",
                keepAlive);
    }

    private void text(
            ChannelHandlerContext context, HttpResponseStatus status, String type, String body, boolean keepAlive) {
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

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        if (!answering) {
            context.read(); // the request is not whole yet
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) throws Exception {
        if (event instanceof IdleStateEvent) {
            context.close(); // nobody asks, or the child takes nothing
        } else {
            super.userEventTriggered(context, event);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable failure) {
        LOG.atDebug()
                .addKeyValue("child", context.channel().remoteAddress())
                .addKeyValue("reason", failure.getMessage())
                .log("upload broke off");
        context.close();
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
