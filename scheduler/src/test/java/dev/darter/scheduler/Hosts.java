package dev.darter.scheduler;

import dev.darter.core.HostId;
import dev.darter.core.HostReport;
import dev.darter.core.HostType;
import dev.darter.core.PeerHost;

/** Hosts as they introduce themselves. */
public final class Hosts {
    private Hosts() {}

    public static PeerHost named(String name) {
        return at(name, "", "");
    }

    /** What an idle normal host announces. */
    public static HostReport report(PeerHost host) {
        return new HostReport(
                host,
                HostType.NORMAL,
                0,
                new HostReport.Platform("linux", "debian", "debian", "13", "6.18"),
                new HostReport.Cpu(2, 2, 0, 0, new HostReport.CpuTimes(0, 0, 0, 0, 0, 0, 0, 0, 0, 0)),
                new HostReport.Memory(1, 1, 0, 0, 0, 1),
                new HostReport.Network(0, 0),
                new HostReport.Disk(1, 1, 0, 0, 1, 0, 1, 0),
                new HostReport.Build("", "", "", ""),
                0);
    }

    public static PeerHost at(String name, String idc, String location) {
        return new PeerHost(HostId.of("10.0.0.1", name), "10.0.0.1", 65000, 65002, name, location, idc);
    }
}
