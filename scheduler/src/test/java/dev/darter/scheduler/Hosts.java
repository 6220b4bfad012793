package dev.darter.scheduler;

import dev.darter.core.HostId;
import dev.darter.core.PeerHost;

/** Hosts as they introduce themselves. */
public final class Hosts {
    private Hosts() {}

    public static PeerHost named(String name) {
        return at(name, "", "");
    }

    public static PeerHost at(String name, String idc, String location) {
        return new PeerHost(HostId.of("10.0.0.1", name), "10.0.0.1", 65000, 65002, name, location, idc);
    }
}
