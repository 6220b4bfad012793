package dev.darter.wire.map;

import dev.darter.core.HostId;
import dev.darter.core.HostReport;
import dev.darter.core.HostType;
import dev.darter.core.PeerHost;
import dev.darter.proto.scheduler.v1.AnnounceHostRequest;
import dev.darter.proto.scheduler.v1.Build;
import dev.darter.proto.scheduler.v1.CPU;
import dev.darter.proto.scheduler.v1.CPUTimes;
import dev.darter.proto.scheduler.v1.Disk;
import dev.darter.proto.scheduler.v1.Memory;
import dev.darter.proto.scheduler.v1.Network;

/** What a host announces of itself. */
public final class HostReportMapper {
    private HostReportMapper() {}

    public static AnnounceHostRequest toWire(HostReport report) {
        PeerHost host = report.host();
        return AnnounceHostRequest.newBuilder()
                .setId(host.id().value())
                .setType(report.type().wireName())
                .setHostname(host.hostname())
                .setIp(host.ip())
                .setPort(host.rpcPort())
                .setDownloadPort(host.downPort())
                .setOs(report.platform().os())
                .setPlatform(report.platform().platform())
                .setPlatformFamily(report.platform().family())
                .setPlatformVersion(report.platform().version())
                .setKernelVersion(report.platform().kernelVersion())
                .setCpu(cpu(report.cpu()))
                .setMemory(Memory.newBuilder()
                        .setTotal(report.memory().total())
                        .setAvailable(report.memory().available())
                        .setUsed(report.memory().used())
                        .setUsedPercent(report.memory().usedPercent())
                        .setProcessUsedPercent(report.memory().processUsedPercent())
                        .setFree(report.memory().free()))
                .setNetwork(Network.newBuilder()
                        .setTcpConnectionCount(report.network().tcpConnectionCount())
                        .setUploadTcpConnectionCount(report.network().uploadTcpConnectionCount())
                        .setLocation(host.location())
                        .setIdc(host.idc()))
                .setDisk(Disk.newBuilder()
                        .setTotal(report.disk().total())
                        .setFree(report.disk().free())
                        .setUsed(report.disk().used())
                        .setUsedPercent(report.disk().usedPercent())
                        .setInodesTotal(report.disk().inodesTotal())
                        .setInodesUsed(report.disk().inodesUsed())
                        .setInodesFree(report.disk().inodesFree())
                        .setInodesUsedPercent(report.disk().inodesUsedPercent()))
                .setBuild(Build.newBuilder()
                        .setGitVersion(report.build().gitVersion())
                        .setGitCommit(report.build().gitCommit())
                        .setGoVersion(report.build().goVersion())
                        .setPlatform(report.build().platform()))
                .setSchedulerClusterId(report.schedulerClusterId())
                .setObjectStoragePort(report.objectStoragePort())
                .addDarterFeatures(Features.MARK)
                .build();
    }

    public static HostReport fromWire(AnnounceHostRequest request) {
        return new HostReport(
                new PeerHost(
                        new HostId(request.getId()),
                        request.getIp(),
                        request.getPort(),
                        request.getDownloadPort(),
                        request.getHostname(),
                        request.getNetwork().getLocation(),
                        request.getNetwork().getIdc()),
                HostType.byWireName(request.getType()).orElse(HostType.NORMAL),
                request.getObjectStoragePort(),
                new HostReport.Platform(
                        request.getOs(),
                        request.getPlatform(),
                        request.getPlatformFamily(),
                        request.getPlatformVersion(),
                        request.getKernelVersion()),
                cpu(request.getCpu()),
                new HostReport.Memory(
                        request.getMemory().getTotal(),
                        request.getMemory().getAvailable(),
                        request.getMemory().getUsed(),
                        request.getMemory().getUsedPercent(),
                        request.getMemory().getProcessUsedPercent(),
                        request.getMemory().getFree()),
                new HostReport.Network(
                        request.getNetwork().getTcpConnectionCount(),
                        request.getNetwork().getUploadTcpConnectionCount()),
                new HostReport.Disk(
                        request.getDisk().getTotal(),
                        request.getDisk().getFree(),
                        request.getDisk().getUsed(),
                        request.getDisk().getUsedPercent(),
                        request.getDisk().getInodesTotal(),
                        request.getDisk().getInodesUsed(),
                        request.getDisk().getInodesFree(),
                        request.getDisk().getInodesUsedPercent()),
                new HostReport.Build(
                        request.getBuild().getGitVersion(),
                        request.getBuild().getGitCommit(),
                        request.getBuild().getGoVersion(),
                        request.getBuild().getPlatform()),
                request.getSchedulerClusterId());
    }

    private static CPU cpu(HostReport.Cpu cpu) {
        var times = cpu.times();
        return CPU.newBuilder()
                .setLogicalCount(cpu.logicalCount())
                .setPhysicalCount(cpu.physicalCount())
                .setPercent(cpu.percent())
                .setProcessPercent(cpu.processPercent())
                .setTimes(CPUTimes.newBuilder()
                        .setUser(times.user())
                        .setSystem(times.system())
                        .setIdle(times.idle())
                        .setNice(times.nice())
                        .setIowait(times.iowait())
                        .setIrq(times.irq())
                        .setSoftirq(times.softirq())
                        .setSteal(times.steal())
                        .setGuest(times.guest())
                        .setGuestNice(times.guestNice()))
                .build();
    }

    private static HostReport.Cpu cpu(CPU cpu) {
        var times = cpu.getTimes();
        return new HostReport.Cpu(
                cpu.getLogicalCount(),
                cpu.getPhysicalCount(),
                cpu.getPercent(),
                cpu.getProcessPercent(),
                new HostReport.CpuTimes(
                        times.getUser(),
                        times.getSystem(),
                        times.getIdle(),
                        times.getNice(),
                        times.getIowait(),
                        times.getIrq(),
                        times.getSoftirq(),
                        times.getSteal(),
                        times.getGuest(),
                        times.getGuestNice()));
    }
}
