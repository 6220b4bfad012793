package dev.darter.manager;

import dev.darter.manager.access.Roles;
import dev.darter.manager.access.SignInLimit;
import dev.darter.manager.access.Tokens;
import dev.darter.manager.access.Users;
import dev.darter.manager.cluster.Applications;
import dev.darter.manager.cluster.Clusters;
import dev.darter.manager.cluster.Instances;
import dev.darter.manager.database.Database;
import dev.darter.manager.grpc.ManagerServiceV1;
import dev.darter.manager.grpc.ManagerServiceV2;
import dev.darter.manager.rest.RestServer;
import dev.darter.wire.metrics.ManagerMetrics;
import dev.darter.wire.metrics.MetricRegistry;
import dev.darter.wire.metrics.SchedulerMetrics;
import dev.darter.wire.metrics.VersionMetric;
import dev.darter.wire.rpc.GrpcServer;
import dev.darter.wire.rpc.RpcRuntime;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One manager process: database, gRPC, REST. */
public final class ManagerServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ManagerServer.class);
    private static final Duration EXPIRY = Duration.ofSeconds(2);
    private static final Duration DRAIN = Duration.ofSeconds(2);

    private final Database database;
    private final GrpcServer grpc;
    private final RestServer rest;
    private final Thread expirer;
    private final AtomicBoolean stopping;

    private ManagerServer(
            Database database, GrpcServer grpc, RestServer rest, Instances instances, AtomicBoolean stopping) {
        this.stopping = stopping;
        this.database = database;
        this.grpc = grpc;
        this.rest = rest;
        this.expirer = Thread.ofVirtual().name("lease-expiry").unstarted(() -> expireForEver(instances));
    }

    /** As {@link #start(ManagerConfig, InstantSource, RpcRuntime, MetricRegistry)}, where the text of the metrics is made elsewhere. */
    public static ManagerServer start(
            ManagerConfig config, InstantSource clock, RpcRuntime runtime, Supplier<String> metrics)
            throws IOException, InterruptedException {
        return start(config, clock, runtime, new MetricRegistry(clock), metrics);
    }

    /**
     * Starts to serve.
     *
     * @param metrics gets the families of one manager; answers {@code GET /metrics}
     * @throws IOException if the database cannot be used or a port cannot be listened on
     */
    public static ManagerServer start(
            ManagerConfig config, InstantSource clock, RpcRuntime runtime, MetricRegistry metrics)
            throws IOException, InterruptedException {
        return start(config, clock, runtime, metrics, metrics::expose);
    }

    private static ManagerServer start(
            ManagerConfig config,
            InstantSource clock,
            RpcRuntime runtime,
            MetricRegistry metrics,
            Supplier<String> text)
            throws IOException, InterruptedException {
        VersionMetric.register(metrics, "dragonfly_manager", ManagerServer.class);
        SchedulerMetrics.registerIdle(metrics);
        var counts = new ManagerMetrics(metrics);
        var database = Database.open(config.database());
        try {
            var clusters = new Clusters(database);
            var instances = new Instances(database, clock);
            var applications = new Applications(database);
            var users = new Users(database);
            var roles = new Roles(database);
            clusters.seed();
            roles.seed();
            users.seedRoot(config.firstPassword()).ifPresent(id -> roles.assign(id, "root"));
            var tokens = new Tokens(
                    config.jwt().key(), config.jwt().timeout(), config.jwt().maxRefresh(), clock);
            var rest = RestServer.start(
                    config, users, roles, tokens, new SignInLimit(clock), clusters, instances, counts.http(), text);
            try {
                boolean failover = config.clusterFailover();
                var stopping = new AtomicBoolean();
                var grpc = GrpcServer.start(
                        runtime,
                        List.of(new GrpcServer.Listener.Tcp(
                                config.grpc().listenIp(),
                                config.grpc().firstPort(),
                                config.grpc().lastPort(),
                                List.of(
                                        new ManagerServiceV1(
                                                clusters,
                                                instances,
                                                applications,
                                                failover,
                                                counts,
                                                clock,
                                                stopping::get),
                                        new ManagerServiceV2(
                                                clusters,
                                                instances,
                                                applications,
                                                failover,
                                                counts,
                                                clock,
                                                stopping::get)))),
                        true);
                var server = new ManagerServer(database, grpc, rest, instances, stopping);
                server.expirer.start();
                LOG.atInfo()
                        .addKeyValue("rest", rest.port())
                        .addKeyValue("grpc", grpc.port())
                        .log("manager started");
                return server;
            } catch (IOException | RuntimeException e) {
                rest.close();
                throw e;
            }
        } catch (IOException | RuntimeException e) {
            database.close();
            throw e;
        }
    }

    public int restPort() {
        return rest.port();
    }

    public int grpcPort() {
        return grpc.port();
    }

    @Override
    public void close() {
        stopping.set(true);
        expirer.interrupt();
        rest.close();
        grpc.close(DRAIN);
        database.close();
        LOG.info("manager stopped");
    }

    private static void expireForEver(Instances instances) {
        try {
            while (true) {
                Thread.sleep(EXPIRY);
                try {
                    instances.expire();
                } catch (RuntimeException e) {
                    LOG.atWarn().addKeyValue("reason", e.getMessage()).log("states cannot be brought up to date");
                }
            }
        } catch (InterruptedException e) {
            // the manager closes
        }
    }
}
