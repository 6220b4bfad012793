package dev.darter.bench.lab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A star of hosts around one bridge: a network namespace for each host and for the bridge, a veth pair for each link, token buckets at
 * both ends of each link. Some of the hosts may be at another place: around a second bridge, which a thin link joins to the first.
 *
 * <p>The bucket holds at least 128 KiB: below the 64 KiB of an offloaded packet the shaper would split every packet in software and
 * become the bottleneck itself. Namespaces are named after this process, so that several labs may run side by side, and so that one that
 * was killed can be tidied up by the next.
 */
final class Star implements AutoCloseable {
    private static final long SMALLEST_BURST = 128 << 10;
    private static final double BURST_SECONDS = 0.004;
    private static final double QUEUE_MILLIS = 50;

    /** A slower link stands for one of this rate in slow motion, and a queue is memory: it does not shrink with the rate. */
    private static final double FULL_MBIT = 100;

    /** The link between two places, among the links of hosts. */
    static final String THIN = "thin";

    private static final String HERE = "br0";
    private static final String FAR = "br1";
    private static final String PREFIX = "darter-lab-";
    private static final Path NAMESPACES = Path.of("/run/netns");

    private final String prefix = PREFIX + ProcessHandle.current().pid() + "-";
    private final Map<String, Host> hosts = new LinkedHashMap<>();
    private final boolean loopback;
    private boolean isThin;
    private Optional<Process> keeper = Optional.empty();

    private Star(boolean loopback) {
        this.loopback = loopback;
    }

    /**
     * A host of the lab.
     *
     * @param port the name of its link at the bridge
     * @param far whether it is at the other place
     */
    record Host(String name, String namespace, String ip, String port, boolean far) {}

    /** Makes the bridge. */
    static Star open() throws IOException {
        removeLeftovers();
        var star = new Star(false);
        String bridge = star.bridge();
        star.addBridgeNamespace();
        star.addBridge(HERE);
        // Its /proc/PID/net is how we read the counters of all links at once; it ends when our end of its input does.
        star.keeper = Optional.of(new ProcessBuilder("ip", "netns", "exec", bridge, "cat")
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start());
        return star;
    }

    /** All hosts in one namespace, each an address of its loopback device: no links, nothing shaped, nothing counted. */
    static Star openLoopback() throws IOException {
        removeLeftovers();
        var star = new Star(true);
        star.addBridgeNamespace();
        return star;
    }

    private void addBridge(String name) {
        Shell.run("ip", "-n", bridge(), "link", "add", name, "type", "bridge");
        Shell.run("ip", "-n", bridge(), "link", "set", name, "up");
    }

    boolean hasTwoPlaces() {
        return isThin;
    }

    /** Makes another place, behind a link of that many Mbit/s in each direction. */
    void addPlace(double mbit) {
        isThin = true;
        addBridge(FAR);
        String far = THIN + "-far";
        Shell.run("ip", "-n", bridge(), "link", "add", THIN, "type", "veth", "peer", "name", far);
        Shell.run("ip", "-n", bridge(), "link", "set", THIN, "master", HERE, "up");
        Shell.run("ip", "-n", bridge(), "link", "set", far, "master", FAR, "up");
        shape(bridge(), THIN, mbit);
        shape(bridge(), far, mbit);
    }

    private void addBridgeNamespace() {
        Shell.run("ip", "netns", "add", bridge());
        Shell.run("ip", "-n", bridge(), "link", "set", "lo", "up");
    }

    /** Adds a host whose link carries that many Mbit/s in each direction. */
    Host add(String name, double mbit) {
        return add(name, mbit, false);
    }

    /** @param far whether it is at the other place */
    Host add(String name, double mbit, boolean far) {
        int number = hosts.size() + 1;
        String ip = "10.77.0." + number;
        if (loopback) {
            var host = new Host(name, bridge(), ip, "", far);
            hosts.put(name, host);
            Shell.run("ip", "-n", bridge(), "addr", "add", ip + "/32", "dev", "lo");
            return host;
        }
        var host = new Host(name, prefix + name, ip, "p" + number, far);
        hosts.put(name, host);
        Shell.run("ip", "netns", "add", host.namespace);
        Shell.run("ip", "-n", host.namespace, "link", "set", "lo", "up");
        Shell.run(
                "ip",
                "link",
                "add",
                "v0",
                "netns",
                host.namespace,
                "type",
                "veth",
                "peer",
                "name",
                host.port,
                "netns",
                bridge());
        Shell.run("ip", "-n", host.namespace, "addr", "add", host.ip + "/16", "dev", "v0");
        Shell.run("ip", "-n", host.namespace, "link", "set", "v0", "up");
        Shell.run("ip", "-n", bridge(), "link", "set", host.port, "master", far ? FAR : HERE, "up");
        shape(host.namespace, "v0", mbit);
        shape(bridge(), host.port, mbit);
        return host;
    }

    /** Gives a host's link another rate. */
    void reshape(Host host, double mbit) {
        if (!loopback) {
            shape(host.namespace, "v0", mbit);
            shape(bridge(), host.port, mbit);
        }
    }

    private static void shape(String namespace, String device, double mbit) {
        long burst = Math.max(SMALLEST_BURST, (long) (mbit * 1_000_000 / 8 * BURST_SECONDS));
        Shell.run(
                "tc",
                "-n",
                namespace,
                "qdisc",
                "replace",
                "dev",
                device,
                "root",
                "tbf",
                "rate",
                (long) (mbit * 1000) + "kbit",
                "burst",
                Long.toString(burst),
                "latency",
                Math.round(QUEUE_MILLIS * Math.max(1, FULL_MBIT / mbit)) + "ms");
    }

    /** What crossed each host's link so far, by the host's name; up is from the other place over the link between the two. */
    Map<String, LinkUse> links() throws IOException {
        if (keeper.isEmpty()) {
            return Map.of();
        }
        long pid = keeper.get().pid();
        Map<String, LinkUse> ports =
                LinkUse.ofPorts(Files.readString(Path.of("/proc", Long.toString(pid), "net", "dev")));
        var links = new LinkedHashMap<String, LinkUse>();
        hosts.forEach((name, host) -> links.put(name, ports.getOrDefault(host.port, LinkUse.NONE)));
        if (isThin) {
            links.put(THIN, ports.getOrDefault(THIN, LinkUse.NONE));
        }
        return links;
    }

    private String bridge() {
        return prefix + "switch";
    }

    @Override
    public void close() {
        keeper.ifPresent(Process::destroyForcibly);
        hosts.values().stream()
                .map(Host::namespace)
                .distinct()
                .forEach(namespace -> Shell.tryRun("ip", "netns", "del", namespace));
        Shell.tryRun("ip", "netns", "del", bridge());
    }

    /** A lab that was killed could not tidy up. */
    private static void removeLeftovers() throws IOException {
        if (!Files.isDirectory(NAMESPACES)) {
            return;
        }
        List<String> left = new ArrayList<>();
        try (Stream<Path> names = Files.list(NAMESPACES)) {
            names.map(path -> path.getFileName().toString())
                    .filter(name -> name.matches(PREFIX + "\\d+-.*"))
                    .filter(name ->
                            ProcessHandle.of(Long.parseLong(name.split("-")[2])).isEmpty())
                    .forEach(left::add);
        }
        left.forEach(name -> Shell.tryRun("ip", "netns", "del", name));
    }
}
