package dev.darter.scheduler;

import com.sun.net.httpserver.HttpServer;
import dev.darter.core.HostId;
import dev.darter.core.PeerId;
import dev.darter.proto.cdnsystem.v1.PieceSeed;
import dev.darter.proto.cdnsystem.v1.SeedRequest;
import dev.darter.proto.cdnsystem.v1.SeederGrpc;
import dev.darter.proto.common.v1.PieceInfo;
import dev.darter.proto.manager.v2.SeedPeer;
import dev.darter.wire.rpc.GrpcServer;
import dev.darter.wire.rpc.RpcRuntime;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A seed peer that says to its scheduler what a test tells it to say. */
final class FakeSeed extends SeederGrpc.SeederImplBase implements AutoCloseable {
    /**
     * One fetch that the scheduler asked for.
     *
     * @param hungUp opens when the scheduler does not want to hear more
     */
    record Fetch(SeedRequest request, StreamObserver<PieceSeed> answer, CountDownLatch hungUp) {}

    private final String name;
    private final GrpcServer server;
    private final HttpServer upload;
    private final List<SeedRequest> requests = new CopyOnWriteArrayList<>();
    private final BlockingQueue<Fetch> fetches = new LinkedBlockingQueue<>();
    private volatile byte[] content = {};

    FakeSeed(RpcRuntime runtime, String name) throws IOException {
        this.name = name;
        server =
                GrpcServer.start(runtime, List.of(new GrpcServer.Listener.Tcp("127.0.0.1", 0, 0, List.of(this))), true);
        upload = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        upload.createContext("/", exchange -> {
            try (exchange) {
                exchange.sendResponseHeaders(206, content.length);
                exchange.getResponseBody().write(content);
            }
        });
        upload.start();
    }

    /** What its upload port serves, whatever is asked. */
    void serve(byte[] bytes) {
        content = bytes;
    }

    int port() {
        return server.port();
    }

    HostId hostId() {
        return HostId.of("127.0.0.1", name);
    }

    /** As the manager lists it. */
    SeedPeer entry() {
        return SeedPeer.newBuilder()
                .setId(1)
                .setHostname(name)
                .setType("super")
                .setIp("127.0.0.1")
                .setPort(server.port())
                .setDownloadPort(upload.getAddress().getPort())
                .setState("active")
                .build();
    }

    List<SeedRequest> requests() {
        return requests;
    }

    Fetch awaitFetch() throws InterruptedException {
        var fetch = fetches.poll(20, TimeUnit.SECONDS);
        if (fetch == null) {
            throw new AssertionError("the scheduler asked for no fetch");
        }
        return fetch;
    }

    /** The first message of a fetch. */
    PieceSeed began(PeerId peer) {
        return PieceSeed.newBuilder()
                .setPeerId(peer.value())
                .setHostId(hostId().value())
                .setPieceInfo(PieceInfo.newBuilder().setPieceNum(-1))
                .build();
    }

    PieceSeed piece(PeerId peer, int number, int size, int total, boolean done) {
        return began(peer).toBuilder()
                .setPieceInfo(PieceInfo.newBuilder()
                        .setPieceNum(number)
                        .setRangeStart((long) number * size)
                        .setRangeSize(size))
                .setContentLength((long) size * total)
                .setTotalPieceCount(total)
                .setDone(done)
                .build();
    }

    @Override
    public void obtainSeeds(SeedRequest request, StreamObserver<PieceSeed> answer) {
        requests.add(request);
        var hungUp = new CountDownLatch(1);
        ((ServerCallStreamObserver<PieceSeed>) answer).setOnCancelHandler(hungUp::countDown);
        fetches.add(new Fetch(request, answer, hungUp));
    }

    @Override
    public void close() {
        server.close(Duration.ZERO);
        upload.stop(0);
    }
}
