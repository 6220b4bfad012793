package dev.darter.wire.client;

/**
 * Where a scheduler or seed peer listens.
 *
 * @param ip tried first
 * @param hostname tried when the IP does not answer; empty when there is none
 * @param clusterId scheduler cluster or seed peer cluster; 0 when unknown
 */
public record ServerAddress(String ip, String hostname, int port, long clusterId) {
    public ServerAddress {
        if (port < 1 || port > 65535) {
            throw new IllegalArgumentException("port: " + port + " (expected: 1..65535)");
        }
    }
}
