package dev.darter.wire.metrics;

import java.util.List;

/** What a scheduler counts, under upstream's names. Any thread may call it. */
public final class SchedulerMetrics {
    private static final String PREFIX = "dragonfly_scheduler_";
    private static final List<String> PEER = List.of("priority", "task_type", "task_tag", "task_app", "host_type");
    private static final List<String> BYTES = List.of("type", "task_type", "task_tag", "task_app", "host_type");
    private static final List<Double> QUANTILES = List.of(0.5, 0.9, 0.95, 0.99);

    /** Upper bounds of {@code task_size_level} 1 to 19 in MiB, exclusive; from the last one on it is level 20. */
    private static final List<Long> LEVELS_MIB = List.of(
            1L,
            4L,
            8L,
            16L,
            32L,
            64L,
            128L,
            256L,
            512L,
            1L << 10,
            4L << 10,
            8L << 10,
            16L << 10,
            32L << 10,
            64L << 10,
            128L << 10,
            256L << 10,
            512L << 10,
            1L << 20);

    private static final int LAST_LEVEL = 20;

    private final Attempts announcePeer;
    private final Attempts statPeer;
    private final Attempts leavePeer;
    private final Attempts exchangePeer;
    private final Attempts statTask;
    private final Attempts leaveHost;
    private final Attempts syncProbes;
    private final Gauge concurrentSchedules;
    private final Family<Counter> announcedHosts;
    private final Family<Counter> announcedHostFailures;
    private final Family<Counter> registered;
    private final Family<Counter> registerFailures;
    private final Family<Counter> finished;
    private final Family<Counter> finishedFailures;
    private final Family<Counter> backToSourceFailures;
    private final Family<Counter> traffic;
    private final Family<Counter> hostTraffic;
    private final Family<Summary> durations;

    /** Calls of one kind, and those of them that failed. */
    public static final class Attempts {
        private final Counter all;
        private final Counter failed;

        private Attempts(MetricRegistry registry, String name, String what) {
            all = registry.counter(PREFIX + name + "_total", "Counter of " + what + ".");
            failed = registry.counter(PREFIX + name + "_failure_total", "Counter of " + what + " that failed.");
        }

        public void began() {
            all.increment();
        }

        public void failed() {
            failed.increment();
        }
    }

    /** The labels of counters of peers, in their order. */
    public record PeerLabels(String priority, String taskType, String tag, String application, String hostType) {}

    /** From where bytes came; the label's value is the name. */
    public enum Source {
        BACK_TO_SOURCE,
        REMOTE_PEER,
        LOCAL_PEER
    }

    /** A host as a label sees it. */
    public record HostLabels(String id, String ip, String name, String type) {}

    /** The labels of an announced host, in upstream's order. */
    public record Announced(
            String os,
            String platform,
            String platformFamily,
            String platformVersion,
            String kernelVersion,
            String gitVersion,
            String gitCommit,
            String goVersion,
            String buildPlatform) {}

    public SchedulerMetrics(MetricRegistry registry) {
        announcePeer = new Attempts(registry, "announce_peer", "announced peers");
        statPeer = new Attempts(registry, "stat_peer", "looked up peers");
        leavePeer = new Attempts(registry, "leave_peer", "peers that left");
        exchangePeer = new Attempts(registry, "exchange_peer", "exchanged peers");
        statTask = new Attempts(registry, "stat_task", "looked up tasks");
        leaveHost = new Attempts(registry, "leave_host", "hosts that left");
        syncProbes = new Attempts(registry, "sync_probes", "streams of probes");
        concurrentSchedules =
                registry.gauge(PREFIX + "concurrent_schedule_total", "Gauge of peers that are being scheduled.");
        var host = List.of(
                "os",
                "platform",
                "platform_family",
                "platform_version",
                "kernel_version",
                "git_version",
                "git_commit",
                "go_version",
                "build_platform");
        announcedHosts = registry.counter(PREFIX + "announce_host_total", "Counter of announced hosts.", host);
        announcedHostFailures = registry.counter(
                PREFIX + "announce_host_failure_total", "Counter of announced hosts that were refused.", host);
        registered = registry.counter(PREFIX + "register_peer_total", "Counter of registered peers.", PEER);
        registerFailures = registry.counter(
                PREFIX + "register_peer_failure_total", "Counter of registered peers that were refused.", PEER);
        finished = registry.counter(PREFIX + "download_peer_finished_total", "Counter of ended downloads.", PEER);
        finishedFailures = registry.counter(
                PREFIX + "download_peer_finished_failure_total", "Counter of downloads that failed.", PEER);
        backToSourceFailures = registry.counter(
                PREFIX + "download_peer_back_to_source_finished_failure_total",
                "Counter of downloads that failed at the source.",
                PEER);
        traffic = registry.counter(PREFIX + "traffic", "Counter of bytes that peers got.", BYTES);
        hostTraffic = registry.counter(
                PREFIX + "host_traffic",
                "Counter of bytes that a host got and gave.",
                List.of("type", "task_type", "task_tag", "task_app", "host_type", "host_id", "host_ip", "host_name"));
        durations = registry.summary(
                PREFIX + "download_peer_duration_milliseconds",
                "Summary of the time that successful downloads took.",
                QUANTILES,
                List.of("task_size_level"));
    }

    /** The label-less families, which upstream's other programs show too, always zero: one library in all of them. */
    public static void registerIdle(MetricRegistry registry) {
        for (String name : List.of(
                "announce_peer",
                "stat_peer",
                "leave_peer",
                "exchange_peer",
                "stat_task",
                "leave_host",
                "sync_probes")) {
            var _ = new Attempts(registry, name, "calls that a scheduler would have");
        }
        var _ = registry.gauge(PREFIX + "concurrent_schedule_total", "Gauge of peers that a scheduler would schedule.");
    }

    public Attempts announcePeer() {
        return announcePeer;
    }

    public Attempts statPeer() {
        return statPeer;
    }

    public Attempts leavePeer() {
        return leavePeer;
    }

    public Attempts exchangePeer() {
        return exchangePeer;
    }

    public Attempts statTask() {
        return statTask;
    }

    public Attempts leaveHost() {
        return leaveHost;
    }

    public Attempts syncProbes() {
        return syncProbes;
    }

    public void scheduleBegan() {
        concurrentSchedules.increment();
    }

    public void scheduleEnded() {
        concurrentSchedules.decrement();
    }

    public void hostAnnounced(Announced host) {
        with(announcedHosts, host).increment();
    }

    public void hostRefused(Announced host) {
        with(announcedHostFailures, host).increment();
    }

    private static Counter with(Family<Counter> family, Announced host) {
        return family.with(
                host.os,
                host.platform,
                host.platformFamily,
                host.platformVersion,
                host.kernelVersion,
                host.gitVersion,
                host.gitCommit,
                host.goVersion,
                host.buildPlatform);
    }

    public void registered(PeerLabels peer) {
        with(registered, peer).increment();
    }

    public void registrationRefused(PeerLabels peer) {
        with(registerFailures, peer).increment();
    }

    /** A download ended well. */
    public void succeeded(PeerLabels peer, long contentLength, long millis) {
        with(finished, peer).increment();
        durations.with(Integer.toString(sizeLevel(contentLength))).observe(millis);
    }

    /** @param atSource whether the peer was reading the origin */
    public void failed(PeerLabels peer, boolean atSource) {
        with(finished, peer).increment();
        with(atSource ? backToSourceFailures : finishedFailures, peer).increment();
    }

    private static Counter with(Family<Counter> family, PeerLabels peer) {
        return family.with(peer.priority, peer.taskType, peer.tag, peer.application, peer.hostType);
    }

    /** A piece arrived; the priority does not count here. */
    public void arrived(Source source, PeerLabels peer, long bytes) {
        traffic.with(source.name(), peer.taskType, peer.tag, peer.application, peer.hostType)
                .add(bytes);
    }

    /** As {@link #arrived}, by host: a series a host, so only where the operator asked for it. */
    public void moved(boolean upload, PeerLabels peer, HostLabels host, long bytes) {
        hostTraffic
                .with(
                        upload ? "upload" : "download",
                        peer.taskType,
                        peer.tag,
                        peer.application,
                        host.type,
                        host.id,
                        host.ip,
                        host.name)
                .add(bytes);
    }

    /** 0 for unknown or empty, 1 to 20 by size. */
    static int sizeLevel(long contentLength) {
        if (contentLength <= 0) {
            return 0;
        }
        for (int level = 0; level < LEVELS_MIB.size(); level++) {
            if (contentLength < LEVELS_MIB.get(level) << 20) {
                return level + 1;
            }
        }
        return LAST_LEVEL;
    }
}
