package dev.darter.bench.scheduler;

import dev.darter.core.Digest;
import dev.darter.core.HostId;
import dev.darter.proto.common.v1.PieceInfo;
import dev.darter.proto.common.v1.PiecePacket;
import dev.darter.proto.common.v1.UrlMeta;
import dev.darter.proto.scheduler.v1.AnnounceTaskRequest;
import dev.darter.proto.scheduler.v1.PeerHost;
import dev.darter.proto.scheduler.v1.PeerTaskRequest;
import dev.darter.wire.map.Features;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;

/**
 * The peers that a measured scheduler knows, and those that register with it: who they are and what they say. The same numbers give the same
 * peers. Ids are as long as real ones.
 *
 * @param tasks that everybody holds or wants, each host every one of them once
 * @param pieces of each task, 4 MiB each
 * @param places data centres that hosts are spread over
 * @param darter whether they say that they are Darter's
 */
record Population(int tasks, int pieces, int places, boolean darter) {
    private static final int PIECE_LENGTH = 4 << 20;
    private static final int RACKS = 16;

    Population {
        if (tasks < 1 || pieces < 1 || places < 1) {
            throw new IllegalArgumentException(
                    "tasks, pieces, places: " + tasks + ", " + pieces + ", " + places + " (expected: more than 0)");
        }
    }

    String task(int number) {
        return hash("task-" + number);
    }

    private static String url(int task) {
        return "http://origin.example/models/model-%05d.safetensors".formatted(task);
    }

    /** The peer of a host for a task. */
    String peer(int host, int task) {
        return ip(host) + "-12345-" + UUID.nameUUIDFromBytes((host + "/" + task).getBytes(StandardCharsets.UTF_8));
    }

    String hostId(int host) {
        return HostId.of(ip(host), hostname(host)).value();
    }

    private static String ip(int host) {
        return "10." + (host >> 16 & 255) + "." + (host >> 8 & 255) + "." + (host & 255);
    }

    private static String hostname(int host) {
        return "node-%06d".formatted(host);
    }

    PeerHost host(int host) {
        int place = host % places;
        var message = PeerHost.newBuilder()
                .setId(hostId(host))
                .setIp(ip(host))
                .setRpcPort(65000)
                .setDownPort(65002)
                .setHostname(hostname(host))
                .setIdc("idc-" + place)
                .setLocation("region|zone-" + place + "|rack-" + host / places % RACKS);
        return darter ? message.addDarterFeatures(Features.MARK).build() : message.build();
    }

    PeerTaskRequest registration(int host, int task) {
        return PeerTaskRequest.newBuilder()
                .setUrl(url(task))
                .setUrlMeta(UrlMeta.getDefaultInstance())
                .setPeerId(peer(host, task))
                .setPeerHost(host(host))
                .setTaskId(task(task))
                .build();
    }

    /** What a host says that holds the whole task. */
    AnnounceTaskRequest holder(int host, int task) {
        return AnnounceTaskRequest.newBuilder()
                .setTaskId(task(task))
                .setUrl(url(task))
                .setUrlMeta(UrlMeta.getDefaultInstance())
                .setPeerHost(host(host))
                .setPiecePacket(PiecePacket.newBuilder()
                        .setTaskId(task(task))
                        .setDstPid(peer(host, task))
                        .setDstAddr(ip(host) + ":65002")
                        .setTotalPiece(pieces)
                        .setContentLength((long) pieces * PIECE_LENGTH)
                        .addAllPieceInfos(pieceInfos(task)))
                .build();
    }

    private List<PieceInfo> pieceInfos(int task) {
        return IntStream.range(0, pieces)
                .mapToObj(number -> piece(task, number))
                .toList();
    }

    PieceInfo piece(int task, int number) {
        return PieceInfo.newBuilder()
                .setPieceNum(number)
                .setRangeStart((long) number * PIECE_LENGTH)
                .setRangeSize(PIECE_LENGTH)
                .setPieceOffset((long) number * PIECE_LENGTH)
                .setPieceMd5(hash(task + "/" + number).substring(0, 32))
                .build();
    }

    private static String hash(String text) {
        return Digest.hex(Digest.Algorithm.SHA256.newMessageDigest().digest(text.getBytes(StandardCharsets.UTF_8)));
    }
}
