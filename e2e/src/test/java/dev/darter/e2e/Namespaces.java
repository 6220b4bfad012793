package dev.darter.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Hosts on one machine: network namespaces on one bridge, each with an address of its own and all of its ports free. A program
 * on a host has its own {@code /run}, {@code /var/lib}, {@code /var/log}, {@code /var/cache} and {@code /usr/local}, as in a
 * container, so that configuration files with default paths work and leave nothing behind. For root only.
 */
final class Namespaces implements AutoCloseable {
    private static final String OWN_DIRECTORIES =
            "for d in /run /var/lib /var/log /var/cache /usr/local; do mount -t tmpfs none $d || exit 1; done; exec \"$@\"";

    private final Path directory;
    private final String name = "dt" + ProcessHandle.current().pid();
    private final List<String> names = new ArrayList<>();
    private int hosts;

    Namespaces(Path directory) throws IOException {
        assertThat(System.getProperty("user.name"))
                .as("user (network namespaces are for root)")
                .isEqualTo("root");
        this.directory = directory;
        add(name + "sw");
        ip("-n", name + "sw", "link", "add", "br0", "type", "bridge");
        ip("-n", name + "sw", "link", "set", "br0", "up");
    }

    /** One host. */
    record Host(String namespace, String address) {
        /** Puts a command onto the network of the host; its files stay those of this machine. */
        List<String> onNetwork(String... command) {
            var all = new ArrayList<>(List.of("ip", "netns", "exec", namespace));
            all.addAll(List.of(command));
            return all;
        }

        /** Puts a command into the host as into a container. */
        List<String> inside(List<String> command) {
            var all = new ArrayList<>(onNetwork("unshare", "--mount", "sh", "-c", OWN_DIRECTORIES, "sh"));
            all.addAll(command);
            return all;
        }
    }

    /** Puts a command beside a program that runs {@link Host#inside}: same network, same directories. */
    static List<String> beside(Running program, List<String> command) {
        var all = new ArrayList<>(List.of("nsenter", "--target", "" + program.pid(), "--mount", "--net"));
        all.addAll(command);
        return all;
    }

    Host host() throws IOException {
        int number = ++hosts;
        var host = new Host(name + "h" + number, "10.77.0." + number);
        String port = "p" + number;
        add(host.namespace());
        ip("link", "add", "v0", "netns", host.namespace(), "type", "veth", "peer", "name", port, "netns", name + "sw");
        ip("-n", host.namespace(), "addr", "add", host.address() + "/16", "dev", "v0");
        ip("-n", host.namespace(), "link", "set", "v0", "up");
        ip("-n", name + "sw", "link", "set", port, "master", "br0", "up");
        return host;
    }

    @Override
    public void close() throws IOException {
        for (String namespace : names.reversed()) {
            ip("netns", "del", namespace);
        }
    }

    private void add(String namespace) throws IOException {
        ip("netns", "add", namespace);
        names.add(namespace);
        ip("-n", namespace, "link", "set", "lo", "up");
    }

    private void ip(String... arguments) throws IOException {
        var command = new ArrayList<>(List.of("ip"));
        command.addAll(List.of(arguments));
        Running.run(directory, "ip", command).mustSucceed();
    }
}
