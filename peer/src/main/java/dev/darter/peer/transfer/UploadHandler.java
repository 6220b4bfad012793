package dev.darter.peer.transfer;

import dev.darter.core.Block;
import dev.darter.core.ByteRange;
import dev.darter.core.TaskId;
import dev.darter.peer.storage.ContentReader;
import dev.darter.peer.storage.Storage;
import dev.darter.peer.storage.TaskContent;
import dev.darter.wire.metrics.HttpMetrics;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.handler.timeout.IdleStateEvent;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
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
    private final HandOut handOut;
    private final OpenTransfers transfers;
    private final OpenTransfers blockTransfers;
    private final OpenTransfers firstCopies;
    private final Supplier<String> metrics;
    private final UploadAnswers answers;

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
        this.handOut = handOut;
        this.transfers = transfers;
        this.blockTransfers = blockTransfers;
        this.firstCopies = firstCopies;
        this.metrics = metrics;
        this.answers = new UploadAnswers(limiter, transfers, uploaded, counts);
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        context.read();
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, HttpObject message) {
        if (message instanceof HttpRequest request) {
            if (answers.isUnderWay()) {
                context.close(); // children do not pipeline
                return;
            }
            if (request.decoderResult().isFailure()) {
                answers.begin(request, UploadAnswers.OTHER);
                answers.error(context, HttpResponseStatus.BAD_REQUEST, "bad request", false);
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
        answers.begin(request, what(target.path()));
        if (get && target.path().equals("/healthy")) {
            answers.text(context, HttpResponseStatus.OK, "application/json; charset=utf-8", "\"OK\"", keepAlive);
        } else if (get && target.path().equals("/metrics")) {
            answers.text(
                    context,
                    HttpResponseStatus.OK,
                    "text/plain; version=0.0.4; charset=utf-8",
                    metrics.get(),
                    keepAlive);
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
            answers.text(context, HttpResponseStatus.NOT_FOUND, "text/plain", "404 page not found", keepAlive);
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

    /** A request as it is counted. */
    private static String what(String path) {
        return switch (path) {
            case "/healthy", "/metrics" -> path.substring(1);
            default -> path.startsWith("/download/") ? "download" : UploadAnswers.OTHER;
        };
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
            answers.error(
                    context, HttpResponseStatus.UNPROCESSABLE_ENTITY, "peerId: empty (expected: a peer id)", keepAlive);
            return;
        }
        Optional<ByteRange> wanted = parse(range);
        if (wanted.isEmpty()) {
            answers.error(context, HttpResponseStatus.BAD_REQUEST, "invalid range", keepAlive);
            return;
        }
        var content = TaskId.isLegal(task) ? storage.find(new TaskId(task)) : Optional.<TaskContent>empty();
        if (content.isEmpty()) {
            answers.error(context, HttpResponseStatus.INTERNAL_SERVER_ERROR, "task not found", keepAlive);
            return;
        }
        ContentReader reader;
        try {
            reader = content.get().read();
        } catch (IOException e) {
            answers.error(context, HttpResponseStatus.INTERNAL_SERVER_ERROR, "task not found", keepAlive);
            return;
        }
        ByteRange bytes = wanted.get();
        if (!isReadable(reader, bytes)) {
            reader.close();
            answers.error(context, HttpResponseStatus.INTERNAL_SERVER_ERROR, "the range is not here", keepAlive);
            return;
        }
        answers.send(context, new UploadAnswers.Content(reader, bytes, List.of(), _ -> {}, keepAlive), turn);
    }

    /** On a virtual thread, which waits a moment for a block that the child may have. */
    private void handOut(ChannelHandlerContext context, String task, HandOut.Child child, boolean keepAlive) {
        var content = TaskId.isLegal(task) ? storage.find(new TaskId(task)) : Optional.<TaskContent>empty();
        try {
            switch (content.isEmpty() ? new HandOut.Nothing() : handOut.next(content.get(), child)) {
                case HandOut.Nothing _ -> answers.empty(context, HttpResponseStatus.NO_CONTENT, keepAlive);
                case HandOut.Later _ -> answers.empty(context, HttpResponseStatus.ACCEPTED, keepAlive);
                case HandOut.Given(var run) -> {
                    long start = (long) run.getFirst().number() * content.get().blockLength();
                    long length = run.stream().mapToLong(Block::length).sum();
                    answers.send(
                            context,
                            new UploadAnswers.Content(
                                    readerFor(content.get(), run),
                                    new ByteRange(start, length),
                                    run,
                                    sent -> handedOut(content.get(), run, sent),
                                    keepAlive),
                            firstCopies);
                }
            }
        } catch (IOException e) {
            answers.error(context, HttpResponseStatus.INTERNAL_SERVER_ERROR, "task not found", keepAlive);
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

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        if (!answers.isUnderWay()) {
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
}
