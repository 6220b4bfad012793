package dev.darter.wire.map;

import dev.darter.core.Digest;
import dev.darter.core.HostId;
import dev.darter.core.PeerHost;
import dev.darter.core.Piece;
import dev.darter.core.Priority;
import dev.darter.core.UrlMeta;
import dev.darter.proto.common.v1.PieceInfo;
import java.util.Optional;

/** Messages that every v1 service shares. */
public final class CommonMapper {
    private CommonMapper() {}

    public static UrlMeta urlMeta(dev.darter.proto.common.v1.UrlMeta meta) {
        return new UrlMeta(
                meta.getDigest(),
                meta.getTag(),
                meta.getRange(),
                meta.getFilter(),
                meta.getHeaderMap(),
                meta.getApplication(),
                priority(meta.getPriorityValue()));
    }

    public static dev.darter.proto.common.v1.UrlMeta urlMeta(UrlMeta meta) {
        return dev.darter.proto.common.v1.UrlMeta.newBuilder()
                .setDigest(meta.digest())
                .setTag(meta.tag())
                .setRange(meta.range())
                .setFilter(meta.filter())
                .putAllHeader(meta.header())
                .setApplication(meta.application())
                .setPriorityValue(meta.priority().ordinal())
                .build();
    }

    /** Numbers that nobody declared count as the lowest urgency, as upstream's schedulers treat them: the peer goes to the source. */
    public static Priority priority(int number) {
        return number >= 0 && number < Priority.values().length ? Priority.values()[number] : Priority.LEVEL3;
    }

    /**
     * A piece as its holder describes it.
     *
     * @throws IllegalArgumentException if numbers are negative or the MD5 is no MD5
     */
    public static Piece piece(PieceInfo info) {
        return new Piece(
                info.getPieceNum(),
                info.getRangeStart(),
                Integer.toUnsignedLong(info.getRangeSize()),
                info.getPieceMd5().isEmpty() ? Optional.empty() : Optional.of(Digest.md5(info.getPieceMd5())));
    }

    public static PieceInfo pieceInfo(Piece piece) {
        return PieceInfo.newBuilder()
                .setPieceNum(piece.number())
                .setRangeStart(piece.offset())
                .setRangeSize((int) piece.length())
                .setPieceMd5(piece.md5().map(Digest::hex).orElse(""))
                .setPieceOffset(piece.offset())
                .build();
    }

    public static PeerHost peerHost(dev.darter.proto.scheduler.v1.PeerHost host) {
        return new PeerHost(
                new HostId(host.getId()),
                host.getIp(),
                host.getRpcPort(),
                host.getDownPort(),
                host.getHostname(),
                host.getLocation(),
                host.getIdc());
    }

    public static dev.darter.proto.scheduler.v1.PeerHost peerHost(PeerHost host) {
        return dev.darter.proto.scheduler.v1.PeerHost.newBuilder()
                .setId(host.id().value())
                .setIp(host.ip())
                .setRpcPort(host.rpcPort())
                .setDownPort(host.downPort())
                .setHostname(host.hostname())
                .setLocation(host.location())
                .setIdc(host.idc())
                .addDarterFeatures(Features.MARK)
                .build();
    }
}
