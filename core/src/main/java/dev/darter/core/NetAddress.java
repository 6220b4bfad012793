package dev.darter.core;

/**
 * Where a server listens on TCP.
 *
 * @param host name or IP literal, IPv6 without brackets; not empty
 * @param port 1 to 65535
 */
public record NetAddress(String host, int port) {
    public NetAddress {
        if (host.isEmpty()) {
            throw new IllegalArgumentException("host: it is empty (expected: a name or an IP address)");
        }
        if (port < 1 || port > 65535) {
            throw new IllegalArgumentException("port: " + port + " (expected: 1..65535)");
        }
    }

    /**
     * Reads {@code host:port}, an IPv6 host in brackets.
     *
     * @throws IllegalArgumentException if the text has another form
     */
    public static NetAddress parse(String text) {
        int colon = text.lastIndexOf(':');
        String host = colon < 0 ? "" : text.substring(0, colon);
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        } else if (host.indexOf(':') >= 0) {
            throw illegal(text);
        }
        if (host.isEmpty()) {
            throw illegal(text);
        }
        try {
            return new NetAddress(host, Integer.parseInt(text.substring(colon + 1)));
        } catch (NumberFormatException e) {
            throw illegal(text);
        }
    }

    private static IllegalArgumentException illegal(String text) {
        return new IllegalArgumentException(
                "address: " + Texts.shorten(text) + " (expected: host:port, an IPv6 host in brackets)");
    }

    /** {@code host:port}, an IPv6 host in brackets. */
    @Override
    public String toString() {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
}
