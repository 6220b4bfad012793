package dev.darter.peer.announce;

import dev.darter.core.HostId;
import dev.darter.core.PeerHost;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Optional;

/**
 * Who this host is for everybody else. Stays the same for the life of the process.
 *
 * @param ip an IP literal
 */
public record HostIdentity(HostId id, String hostname, String ip, String location, String idc) {
    /**
     * Takes what the operator says, and what the system says for the rest.
     *
     * @throws IOException if the system has no name or no address that others could reach
     */
    public static HostIdentity of(HostConfig config) throws IOException {
        String hostname = config.hostname().isPresent() ? config.hostname().get() : systemHostname();
        String ip = config.advertiseIp().isPresent() ? config.advertiseIp().get() : systemAddress(hostname);
        return new HostIdentity(HostId.of(ip, hostname), hostname, ip, config.location(), config.idc());
    }

    /** This host as it introduces itself with the ports that were really bound. */
    public PeerHost at(int rpcPort, int downPort) {
        return new PeerHost(id, ip, rpcPort, downPort, hostname, location, idc);
    }

    private static String systemHostname() throws IOException {
        String name;
        try {
            InetAddress local = InetAddress.getLocalHost();
            String full = local.getCanonicalHostName();
            // Without a name service the address itself comes back.
            name = full.equals(local.getHostAddress()) || !full.startsWith(local.getHostName())
                    ? local.getHostName()
                    : full;
        } catch (UnknownHostException e) {
            name = Optional.ofNullable(System.getenv("HOSTNAME")).orElse("");
        }
        if (!HostConfig.isHostname(name)) {
            throw new IOException("host.hostname: the system says \"" + name
                    + "\" (expected: a name of letters, digits, hyphens and" + " dots; set host.hostname)");
        }
        return name;
    }

    /** The first address that is up and neither loopback nor link-local; one that the hostname resolves to is preferred. */
    private static String systemAddress(String hostname) throws IOException {
        List<InetAddress> own = usableAddresses();
        List<InetAddress> resolved;
        try {
            resolved = List.of(InetAddress.getAllByName(hostname));
        } catch (UnknownHostException e) {
            resolved = List.of();
        }
        return own.stream()
                .filter(resolved::contains)
                .findFirst()
                .or(() -> own.stream().findFirst())
                .orElseThrow(() -> new IOException(
                        "host.advertiseIP: no address of this host can be reached from outside (expected: one; set"
                                + " host.advertiseIP)"))
                .getHostAddress();
    }

    private static List<InetAddress> usableAddresses() throws SocketException {
        return NetworkInterface.networkInterfaces()
                .filter(HostIdentity::isUp)
                .flatMap(NetworkInterface::inetAddresses)
                .filter(address -> address instanceof Inet4Address)
                .filter(address -> !address.isLoopbackAddress() && !address.isLinkLocalAddress())
                .toList();
    }

    private static boolean isUp(NetworkInterface networkInterface) {
        try {
            return networkInterface.isUp() && !networkInterface.isLoopback();
        } catch (SocketException e) {
            return false;
        }
    }
}
