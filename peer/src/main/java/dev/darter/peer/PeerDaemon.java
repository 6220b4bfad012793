package dev.darter.peer;

import dev.darter.core.HostId;
import dev.darter.peer.announce.HostIdentity;
import dev.darter.wire.rpc.GrpcServer;
import dev.darter.wire.rpc.RpcRuntime;
import java.io.IOException;
import java.time.InstantSource;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A running daemon: peer or seed peer, as its configuration says. Any thread may call it. */
public final class PeerDaemon implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(PeerDaemon.class);

    private final HostIdentity host;
    private final GrpcServer grpc;
    private final StatusServer health;

    private PeerDaemon(HostIdentity host, GrpcServer grpc, StatusServer health) {
        this.host = host;
        this.grpc = grpc;
        this.health = health;
    }

    /**
     * Opens all listeners; returns when tools and children can ask.
     *
     * @throws IOException if an address cannot be listened on, or a directory cannot be used
     */
    public static PeerDaemon start(PeerConfig config, InstantSource clock, RpcRuntime runtime) throws IOException {
        var host = HostIdentity.of(config.host());
        var listen = config.peerGrpc();
        var grpc = GrpcServer.start(
                runtime,
                List.of(
                        new GrpcServer.Listener.Tcp(listen.address(), listen.firstPort(), listen.lastPort(), List.of()),
                        new GrpcServer.Listener.Unix(config.downloadSocket(), List.of())),
                false);
        var health = StatusServer.start(
                "health.tcpListen",
                config.health().listen(),
                config.health().path(),
                "application/json; charset=utf-8",
                () -> "\"OK\"");
        log.atInfo()
                .addKeyValue("host", host.id())
                .addKeyValue("hostname", host.hostname())
                .addKeyValue("ip", host.ip())
                .addKeyValue("since", clock.instant())
                .log("daemon started");
        return new PeerDaemon(host, grpc, health);
    }

    /** Under which schedulers and children know this host. */
    public HostId hostId() {
        return host.id();
    }

    /** The TCP port of the gRPC services. */
    public int rpcPort() {
        return grpc.port();
    }

    /** The port that answers pings. */
    public int healthPort() {
        return health.port();
    }

    /** Takes no new work, lets running work end for a while, says good-bye. */
    @Override
    public void close() {
        grpc.close();
        health.close();
    }
}
