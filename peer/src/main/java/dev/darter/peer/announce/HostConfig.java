package dev.darter.peer.announce;

import java.util.Optional;

/**
 * What the operator says of this host; {@code host} in {@code dfget.yaml}.
 *
 * @param hostname part of the host id; empty for the name that the system has
 * @param advertiseIp an IP literal that peers and schedulers can reach; empty for the first fitting address of this host
 * @param location elements from wide to narrow joined with {@code |}; may be empty
 * @param idc label of the data centre; may be empty
 */
public record HostConfig(Optional<String> hostname, Optional<String> advertiseIp, String location, String idc) {
    public static final HostConfig DEFAULT = new HostConfig(Optional.empty(), Optional.empty(), "", "");

    /** Names longer than this, or with other characters, are refused by every scheduler. */
    private static final int LONGEST_HOSTNAME = 253;

    public HostConfig {
        hostname = hostname.filter(name -> !name.isEmpty());
        advertiseIp = advertiseIp.filter(ip -> !ip.isEmpty());
        hostname.filter(name -> !isHostname(name)).ifPresent(name -> {
            throw new IllegalArgumentException("host.hostname: " + name
                    + " (expected: labels of letters, digits and hyphens joined by dots, at most 253 characters)");
        });
        advertiseIp.filter(ip -> !isIpLiteral(ip)).ifPresent(ip -> {
            throw new IllegalArgumentException("host.advertiseIP: " + ip + " (expected: an IPv4 or IPv6 address)");
        });
    }

    static boolean isHostname(String name) {
        return name.length() <= LONGEST_HOSTNAME
                && name.matches("[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
                        + "(\\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*\\.?");
    }

    private static boolean isIpLiteral(String text) {
        return text.matches("\\d{1,3}(\\.\\d{1,3}){3}")
                ? java.util.Arrays.stream(text.split("\\.")).allMatch(part -> Integer.parseInt(part) < 256)
                : text.matches("[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*(%\\w+)?");
    }
}
