package dev.darter.peer;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.darter.core.Digest;
import dev.darter.core.NetAddress;
import dev.darter.core.PieceDigests;
import dev.darter.proto.common.v1.PieceInfo;
import dev.darter.proto.common.v1.PiecePacket;
import dev.darter.proto.common.v1.PieceTaskRequest;
import dev.darter.proto.dfdaemon.v1.DaemonGrpc;
import dev.darter.proto.scheduler.v1.PeerPacket;
import dev.darter.proto.scheduler.v1.PeerTaskRequest;
import dev.darter.proto.scheduler.v1.PieceResult;
import dev.darter.proto.scheduler.v1.RegisterResult;
import dev.darter.wire.rpc.GrpcServer;
import dev.darter.wire.rpc.RpcRuntime;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The scheduler and the parents of one recorded download, who say again what those of v2.1.28 said to {@code who}. Only what belongs to the
 * machine is put in its place: addresses, the peer id that the peer under test chose, and digests, since the recorded content was not kept:
 * here it is {@link #content}, random bytes of the recorded length. The scheduler says each message once it was told as much as then.
 */
final class RecordedWorld implements AutoCloseable {
    private static final String SCHEDULER = "/scheduler.Scheduler/";
    private static final String SYNC = "/dfdaemon.Daemon/SyncPieceTasks";

    /** One recorded line. */
    record Line(String from, String to, String method, String kind, JsonNode json) {
        byte[] bytes() {
            return HexFormat.of().parseHex(json.path("hex").asString());
        }
    }

    private final List<Line> lines;
    private final String who;
    private final byte[] content;
    private final Map<String, Parent> parents = new LinkedHashMap<>();
    private final RecordedScheduler scheduler = new RecordedScheduler();
    private final GrpcServer server;
    private volatile String peer = "";

    RecordedWorld(RpcRuntime runtime, String file, String who) throws IOException {
        this.lines = lines(file);
        this.who = who;
        this.content = new byte[length()];
        new Random(1).nextBytes(content);
        for (Line line : lines) {
            if (line.method().equals(SYNC) && line.from().equals(who) && !parents.containsKey(line.to())) {
                parents.put(line.to(), new Parent(runtime, line.to()));
            }
        }
        server = GrpcServer.start(
                runtime, List.of(new GrpcServer.Listener.Tcp("127.0.0.1", 0, 0, List.of(scheduler))), true);
    }

    NetAddress address() {
        return new NetAddress("127.0.0.1", server.port());
    }

    byte[] content() {
        return content;
    }

    /** What v2.1.28's peer asked its scheduler for. */
    PeerTaskRequest registration() {
        return said(PeerTaskRequest.getDefaultInstance()).getFirst();
    }

    /** The messages of one kind that v2.1.28's peer sent to its scheduler, with digests of {@link #content}. */
    <T extends Message> List<T> said(T kind) {
        var all = new ArrayList<T>();
        for (Line line : lines) {
            if (line.from().equals(who)
                    && line.kind().equals("request")
                    && line.method().startsWith(SCHEDULER)
                    && line.json()
                            .path("type")
                            .asString("")
                            .endsWith("." + kind.getDescriptorForType().getName())) {
                all.add(parse(kind, line));
            }
        }
        return all;
    }

    /** The messages of one kind that the peer under test sent, in order. */
    <T extends Message> List<T> told(Class<T> kind) {
        return scheduler.heard(kind);
    }

    /** Peer ids of those that the scheduler names. */
    List<String> parents() {
        return parents.values().stream().map(parent -> parent.peerId).toList();
    }

    /** First questions to parents, by the parent's name. */
    Map<String, PieceTaskRequest> firstQuestions() {
        var first = new HashMap<String, PieceTaskRequest>();
        parents.forEach((name, parent) -> parent.requests.stream().findFirst().ifPresent(q -> first.put(name, q)));
        return first;
    }

    Map<String, PieceTaskRequest> recordedFirstQuestions() {
        var first = new HashMap<String, PieceTaskRequest>();
        for (Line line : lines) {
            if (line.method().equals(SYNC)
                    && line.from().equals(who)
                    && line.kind().equals("request")) {
                first.putIfAbsent(line.to(), parse(PieceTaskRequest.getDefaultInstance(), line));
            }
        }
        return first;
    }

    /** Paths of all requests for pieces. */
    List<String> pieceRequests() {
        return parents.values().stream()
                .flatMap(parent -> parent.pieces.stream())
                .toList();
    }

    /** With the digest that the piece has in {@link #content}. */
    PieceInfo here(PieceInfo piece) {
        return piece.getPieceMd5().isEmpty()
                ? piece
                : piece.toBuilder().setPieceMd5(md5(piece)).build();
    }

    @Override
    public void close() {
        server.close(Duration.ZERO);
        parents.values().forEach(Parent::close);
    }

    private String md5(PieceInfo piece) {
        int start = Math.toIntExact(piece.getRangeStart());
        return Digest.hex(Digest.Algorithm.MD5
                .newMessageDigest()
                .digest(Arrays.copyOfRange(content, start, start + piece.getRangeSize())));
    }

    private int length() {
        long length = 0;
        for (Line line : lines) {
            length = Math.max(
                    length, line.json().path("json").path("content_length").asLong(0));
        }
        return Math.toIntExact(length);
    }

    private static List<Line> lines(String file) throws IOException {
        var mapper = JsonMapper.builder().build();
        var lines = new ArrayList<Line>();
        try (InputStream in = Objects.requireNonNull(RecordedWorld.class.getResourceAsStream("/golden/v1/" + file))) {
            for (String text : new String(in.readAllBytes(), UTF_8).split("\n")) {
                JsonNode json = mapper.readTree(text);
                lines.add(new Line(
                        json.path("from").asString(""),
                        json.path("to").asString(""),
                        json.path("method").asString(""),
                        json.path("kind").asString(""),
                        json));
            }
        }
        return lines;
    }

    @SuppressWarnings("unchecked")
    private static <T extends Message> T parse(T kind, Line line) {
        try {
            return (T) kind.getParserForType().parseFrom(line.bytes());
        } catch (InvalidProtocolBufferException e) {
            throw new UncheckedIOException(e);
        }
    }

    private final class RecordedScheduler extends QuietScheduler {
        @Override
        public void registerPeerTask(PeerTaskRequest request, StreamObserver<RegisterResult> out) {
            peer = request.getPeerId();
            hear(request);
            var answer = lines.stream()
                    .filter(line -> line.to().equals(who) && line.kind().equals("response"))
                    .filter(line -> line.method().endsWith("/RegisterPeerTask"))
                    .findFirst()
                    .orElseThrow();
            out.onNext(here(parse(RegisterResult.getDefaultInstance(), answer), request));
            out.onCompleted();
        }

        @Override
        public StreamObserver<PieceResult> reportPieceResult(StreamObserver<PeerPacket> out) {
            List<Line> stream = lines.stream()
                    .filter(line -> line.method().endsWith("/ReportPieceResult"))
                    .filter(line -> line.from().equals(who) || line.to().equals(who))
                    .toList();
            return new StreamObserver<>() {
                private int next;

                @Override
                public void onNext(PieceResult report) {
                    hear(report);
                    // The recorded report that this one stands for, whichever piece it is about, and what was answered
                    // to it.
                    while (next < stream.size() && !stream.get(next).kind().equals("request")) {
                        next++;
                    }
                    next++;
                    while (next < stream.size() && stream.get(next).kind().equals("response")) {
                        out.onNext(here(parse(PeerPacket.getDefaultInstance(), stream.get(next))));
                        next++;
                    }
                }

                @Override
                public void onError(Throwable failure) {
                    // the peer hung up
                }

                @Override
                public void onCompleted() {
                    out.onCompleted();
                }
            };
        }

        private RegisterResult here(RegisterResult recorded, PeerTaskRequest request) {
            var result = recorded.toBuilder().setTaskId(request.getTaskId());
            if (!result.getPieceContent().isEmpty()) {
                result.setPieceContent(ByteString.copyFrom(content));
            }
            return result.build();
        }

        private PeerPacket here(PeerPacket recorded) {
            var packet = recorded.toBuilder();
            if (!packet.getSrcPid().isEmpty()) {
                packet.setSrcPid(peer);
            }
            if (packet.hasMainPeer()) {
                place(packet.getMainPeerBuilder());
            }
            packet.getCandidatePeersBuilderList().forEach(this::place);
            return packet.build();
        }

        private void place(PeerPacket.DestPeer.Builder recorded) {
            parents.values().stream()
                    .filter(parent -> recorded.getPeerId().equals(parent.peerId))
                    .findFirst()
                    .ifPresent(parent -> recorded.setIp("127.0.0.1").setRpcPort(parent.server.port()));
        }
    }

    /** Announces what the recorded one announced, gives pieces of {@link #content}. */
    private final class Parent extends DaemonGrpc.DaemonImplBase implements AutoCloseable {
        private final String peerId;
        private final List<PiecePacket> packets = new ArrayList<>();
        private final GrpcServer server;
        private final HttpServer upload;
        private final List<PieceTaskRequest> requests = new CopyOnWriteArrayList<>();
        private final List<String> pieces = new CopyOnWriteArrayList<>();

        Parent(RpcRuntime runtime, String name) throws IOException {
            String id = "";
            for (Line line : lines) {
                if (!line.method().equals(SYNC)) {
                    continue;
                }
                if (line.from().equals(who)
                        && line.to().equals(name)
                        && line.kind().equals("request")) {
                    id = parse(PieceTaskRequest.getDefaultInstance(), line).getDstPid();
                } else if (line.from().equals(name)
                        && line.to().equals(who)
                        && line.kind().equals("response")) {
                    packets.add(parse(PiecePacket.getDefaultInstance(), line));
                }
            }
            peerId = id;
            server = GrpcServer.start(
                    runtime, List.of(new GrpcServer.Listener.Tcp("127.0.0.1", 0, 0, List.of(this))), true);
            upload = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            upload.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
            upload.createContext("/", this::give);
            upload.start();
        }

        @Override
        public StreamObserver<PieceTaskRequest> syncPieceTasks(StreamObserver<PiecePacket> out) {
            return new StreamObserver<>() {
                @Override
                public void onNext(PieceTaskRequest request) {
                    requests.add(request);
                    if (requests.size() == 1) {
                        packets.forEach(packet -> out.onNext(here(packet)));
                    }
                }

                @Override
                public void onError(Throwable failure) {
                    // the child hung up
                }

                @Override
                public void onCompleted() {
                    out.onCompleted();
                }
            };
        }

        private PiecePacket here(PiecePacket recorded) {
            var packet = recorded.toBuilder()
                    .setDstAddr("127.0.0.1:" + upload.getAddress().getPort());
            packet.getPieceInfosBuilderList().forEach(piece -> piece.setPieceMd5(md5(piece.build())));
            if (!packet.getPieceMd5Sign().isEmpty()) {
                var all = new ArrayList<String>();
                packets.stream()
                        .flatMap(known -> known.getPieceInfosList().stream())
                        .filter(piece -> piece.getPieceNum() == all.size())
                        .forEach(piece -> all.add(md5(piece)));
                packet.setPieceMd5Sign(PieceDigests.sign(all));
            }
            return packet.build();
        }

        private void give(HttpExchange exchange) throws IOException {
            try (exchange) {
                pieces.add(exchange.getRequestMethod() + " " + exchange.getRequestURI() + " "
                        + Optional.ofNullable(exchange.getRequestHeaders().getFirst("Range"))
                                .orElse(""));
                String[] range = Objects.requireNonNull(
                                exchange.getRequestHeaders().getFirst("Range"))
                        .substring("bytes=".length())
                        .split("-");
                int first = Integer.parseInt(range[0]);
                int length = Integer.parseInt(range[1]) - first + 1;
                // v2.1.28 answers 200 to a range.
                exchange.sendResponseHeaders(200, length);
                exchange.getResponseBody().write(content, first, length);
            }
        }

        @Override
        public void close() {
            server.close(Duration.ZERO);
            upload.stop(0);
        }
    }
}
