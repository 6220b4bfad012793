package dev.darter.peer;

import com.google.protobuf.ByteString;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.darter.core.BlockLength;
import dev.darter.core.Digest;
import dev.darter.core.NetAddress;
import dev.darter.core.PieceLength;
import dev.darter.core.Sha256;
import dev.darter.proto.darter.v1.Block;
import dev.darter.proto.darter.v1.BlockNews;
import dev.darter.proto.darter.v1.FollowRequest;
import dev.darter.proto.darter.v1.NeighboursGrpc;
import dev.darter.proto.darter.v1.SignedBatch;
import dev.darter.proto.darter.v1.SignedWarrant;
import dev.darter.proto.darter.v1.WholePiece;
import dev.darter.wire.rpc.GrpcServer;
import dev.darter.wire.rpc.RpcRuntime;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** A Darter peer that says what a test tells it and sends what a test tells it, which may be two things. */
final class FakeNeighbour extends NeighboursGrpc.NeighboursImplBase implements AutoCloseable {
    private final String peer;
    private final byte[] told;
    private final byte[] served;
    private final GrpcServer server;
    private final HttpServer upload;
    private final AtomicInteger requests = new AtomicInteger();
    private final List<FollowRequest> followers = new CopyOnWriteArrayList<>();
    private final Set<String> shunned = ConcurrentHashMap.newKeySet();
    private volatile List<SignedWarrant> warrants = List.of();
    private volatile List<SignedBatch> batches = List.of();

    /**
     * Begins to serve.
     *
     * @param told content whose digests it tells
     * @param served content that it sends
     */
    FakeNeighbour(RpcRuntime runtime, String peer, byte[] told, byte[] served) throws IOException {
        this.peer = peer;
        this.told = told;
        this.served = served;
        this.server =
                GrpcServer.start(runtime, List.of(new GrpcServer.Listener.Tcp("127.0.0.1", 0, 0, List.of(this))), true);
        this.upload = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        upload.createContext("/download", this::download);
        upload.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        upload.start();
    }

    FakeNeighbour proving(List<SignedWarrant> newWarrants, List<SignedBatch> newBatches) {
        warrants = newWarrants;
        batches = newBatches;
        return this;
    }

    FakeScheduler.Parent parent() {
        return new FakeScheduler.Parent(peer, new NetAddress("127.0.0.1", server.port()));
    }

    /** How often it was asked for bytes. */
    int requests() {
        return requests.get();
    }

    /** Peers from whom some follower says that it takes nothing. */
    Set<String> shunned() {
        return shunned;
    }

    List<FollowRequest> followers() {
        return followers;
    }

    @Override
    public StreamObserver<FollowRequest> follow(StreamObserver<BlockNews> out) {
        return new StreamObserver<>() {
            @Override
            public void onNext(FollowRequest request) {
                if (!request.getShunned().isEmpty()) {
                    shunned.add(request.getShunned());
                } else if (!request.getStop()) {
                    followers.add(request);
                    out.onNext(news(request.getRef()));
                }
            }

            @Override
            public void onError(Throwable failure) {
                // the follower hung up
            }

            @Override
            public void onCompleted() {
                out.onCompleted();
            }
        };
    }

    private BlockNews news(int ref) {
        int length = BlockLength.of(told.length);
        long pieceLength = PieceLength.of(told.length);
        var news = BlockNews.newBuilder()
                .setRef(ref)
                .setPeerId(peer)
                .setAddress("127.0.0.1:" + upload.getAddress().getPort())
                .setContentLength(told.length)
                .setBlockLength(length)
                .setPieceLength(pieceLength)
                .addAllWarrants(warrants)
                .addAllBatches(batches);
        for (int number = 0; number * length < told.length; number++) {
            int bytes = Math.min(length, told.length - number * length);
            news.addBlocks(Block.newBuilder()
                    .setNumber(number)
                    .setLength(bytes == length ? 0 : bytes)
                    .setSha256(ByteString.copyFrom(Sha256.hash(ByteBuffer.wrap(told, number * length, bytes))
                            .toBytes())));
        }
        for (int number = 0; number * pieceLength < told.length; number++) {
            int offset = (int) (number * pieceLength);
            int bytes = (int) Math.min(pieceLength, told.length - offset);
            var md5 = Digest.Algorithm.MD5.newMessageDigest();
            md5.update(told, offset, bytes);
            news.addPieces(WholePiece.newBuilder()
                    .setNumber(number)
                    .setOffset(offset)
                    .setLength(bytes)
                    .setMd5(Digest.hex(md5.digest())));
        }
        return news.build();
    }

    private void download(HttpExchange exchange) throws IOException {
        requests.incrementAndGet();
        String[] range = exchange.getRequestHeaders()
                .getFirst("Range")
                .substring("bytes=".length())
                .split("-");
        byte[] bytes = Arrays.copyOfRange(served, Integer.parseInt(range[0]), Integer.parseInt(range[1]) + 1);
        exchange.sendResponseHeaders(200, bytes.length);
        try (var body = exchange.getResponseBody()) {
            body.write(bytes);
        }
    }

    @Override
    public void close() {
        server.close(Duration.ZERO);
        upload.stop(0);
    }
}
