package dev.darter.core;

/**
 * What a host says about itself in every announcement. Shares are percent, times are seconds, sizes are bytes.
 *
 * @param objectStoragePort 0 when there is none
 * @param schedulerClusterId database key of the cluster that the host belongs to; 0 when unknown
 */
public record HostReport(
        PeerHost host,
        HostType type,
        int objectStoragePort,
        Platform platform,
        Cpu cpu,
        Memory memory,
        Network network,
        Disk disk,
        Build build,
        long schedulerClusterId) {

    public record Platform(String os, String platform, String family, String version, String kernelVersion) {}

    public record Cpu(int logicalCount, int physicalCount, double percent, double processPercent, CpuTimes times) {}

    public record CpuTimes(
            double user,
            double system,
            double idle,
            double nice,
            double iowait,
            double irq,
            double softirq,
            double steal,
            double guest,
            double guestNice) {}

    public record Memory(
            long total, long available, long used, double usedPercent, double processUsedPercent, long free) {}

    /** @param uploadTcpConnectionCount established sockets on the download port */
    public record Network(int tcpConnectionCount, int uploadTcpConnectionCount) {}

    public record Disk(
            long total,
            long free,
            long used,
            double usedPercent,
            long inodesTotal,
            long inodesUsed,
            long inodesFree,
            double inodesUsedPercent) {}

    /** @param goVersion upstream's name of the field; we say which Java runs */
    public record Build(String gitVersion, String gitCommit, String goVersion, String platform) {}
}
