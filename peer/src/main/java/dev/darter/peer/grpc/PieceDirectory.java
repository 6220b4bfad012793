package dev.darter.peer.grpc;

import dev.darter.core.CodedException;
import dev.darter.core.ErrorCode;
import dev.darter.core.PeerHost;
import dev.darter.core.Piece;
import dev.darter.core.TaskId;
import dev.darter.peer.storage.TaskContent;
import dev.darter.peer.task.Tasks;
import dev.darter.proto.common.v1.ExtendAttribute;
import dev.darter.proto.common.v1.PiecePacket;
import dev.darter.proto.common.v1.PieceTaskRequest;
import dev.darter.wire.map.CommonMapper;
import dev.darter.wire.map.Features;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * Answers children about the pieces of this host. Requests are answered by task, whatever peer id they name. Any thread may
 * call it.
 */
final class PieceDirectory implements AutoCloseable {
    private final Tasks tasks;
    private final Supplier<PeerHost> host;
    private final Set<PieceSync> listeners = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    PieceDirectory(Tasks tasks, Supplier<PeerHost> host) {
        this.tasks = tasks;
        this.host = host;
    }

    /**
     * The content that a child asks about; empty while its download has no place in storage yet.
     *
     * @throws CodedException PEER_TASK_NOT_FOUND if there is none, or the child asks itself
     */
    Optional<TaskContent> content(PieceTaskRequest request) {
        var task = taskId(request);
        var runningAs = tasks.running(task);
        Optional<TaskContent> content = tasks.find(task);
        boolean asksItself = runningAs.isPresent() && runningAs.get().value().equals(request.getSrcPid());
        if (asksItself || (content.isEmpty() && runningAs.isEmpty())) {
            throw new CodedException(ErrorCode.PEER_TASK_NOT_FOUND, "task " + task + " not found");
        }
        content.ifPresent(TaskContent::touch);
        return content;
    }

    /** A child listens from now on, until it is forgotten. */
    void listens(PieceSync child) {
        listeners.add(child);
        if (closed) {
            child.endForStop();
        }
    }

    void forget(PieceSync child) {
        listeners.remove(child);
    }

    /** Ends all streams to children, now and later. */
    @Override
    public void close() {
        closed = true;
        listeners.forEach(PieceSync::endForStop);
    }

    boolean isRunning(PieceTaskRequest request) {
        return tasks.running(taskId(request)).isPresent();
    }

    /** One answer of unary kind: the pieces of a window that are here now. */
    PiecePacket window(PieceTaskRequest request) {
        Optional<TaskContent> content = content(request);
        if (content.isEmpty()) {
            return nothingYet(request);
        }
        long end = (long) request.getStartNum() + request.getLimit();
        List<Piece> pieces = content.get().pieces(request.getStartNum(), request.getLimit()).stream()
                .filter(piece -> piece.number() < end)
                .toList();
        return packet(request, content.get(), pieces, Map.of());
    }

    PiecePacket nothingYet(PieceTaskRequest request) {
        return envelope(request).setTotalPiece(-1).setContentLength(-1).build();
    }

    /** @param header the origin's, where it was not told before */
    PiecePacket packet(PieceTaskRequest request, TaskContent content, List<Piece> pieces, Map<String, String> header) {
        var packet = envelope(request)
                .setTotalPiece(content.totalPieces().orElse(-1))
                .setContentLength(content.length().orElse(-1));
        pieces.forEach(piece -> packet.addPieceInfos(CommonMapper.pieceInfo(piece)));
        if (content.state() == TaskContent.State.COMPLETE) {
            content.pieceMd5Sign().ifPresent(packet::setPieceMd5Sign);
        }
        if (!header.isEmpty()) {
            packet.setExtendAttribute(ExtendAttribute.newBuilder().putAllHeader(header));
        }
        return packet.build();
    }

    private PiecePacket.Builder envelope(PieceTaskRequest request) {
        PeerHost me = host.get();
        return PiecePacket.newBuilder()
                .setTaskId(request.getTaskId())
                .setDstPid(request.getDstPid())
                .setDstAddr(me.ip() + ":" + me.downPort())
                .addDarterFeatures(Features.MARK);
    }

    private static TaskId taskId(PieceTaskRequest request) {
        if (!TaskId.isLegal(request.getTaskId())) {
            throw new CodedException(ErrorCode.PEER_TASK_NOT_FOUND, "task not found");
        }
        return new TaskId(request.getTaskId());
    }
}
