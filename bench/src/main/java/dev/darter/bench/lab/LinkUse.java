package dev.darter.bench.lab;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What crossed a link, as the kernel counts it.
 *
 * @param up bytes from the host
 * @param down bytes to the host
 * @param packets in both directions; an offloaded one of 64 KiB is one
 */
record LinkUse(long up, long down, long packets) {
    static final LinkUse NONE = new LinkUse(0, 0, 0);

    LinkUse since(LinkUse before) {
        return new LinkUse(up - before.up, down - before.down, packets - before.packets);
    }

    /**
     * Reads a {@code /proc/PID/net/dev} of the namespace that holds the bridge: a port receives what its host sends.
     *
     * @return by port
     */
    static Map<String, LinkUse> ofPorts(String text) {
        var links = new LinkedHashMap<String, LinkUse>();
        for (String line : text.split("\n")) {
            int colon = line.indexOf(':');
            if (colon < 0) {
                continue;
            }
            String[] fields = line.substring(colon + 1).strip().split("\\s+");
            links.put(
                    line.substring(0, colon).strip(),
                    new LinkUse(
                            Long.parseLong(fields[0]),
                            Long.parseLong(fields[8]),
                            Long.parseLong(fields[1]) + Long.parseLong(fields[9])));
        }
        return links;
    }
}
