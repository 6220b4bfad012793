package dev.darter.wire.rpc;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.darter.core.CodedException;
import dev.darter.core.ErrorCode;
import dev.darter.core.OriginException;
import dev.darter.core.OriginFailure;
import dev.darter.proto.common.v1.Code;
import dev.darter.proto.common.v1.ExtendAttribute;
import dev.darter.proto.common.v1.GrpcDfError;
import dev.darter.proto.errordetails.v1.SourceError;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.util.Optional;

/**
 * Our failures as gRPC statuses and back. A coded failure travels as UNKNOWN with the message {@code [code]text} and a detail that
 * receivers branch on; a failure of the origin as ABORTED with what the origin answered.
 */
public final class RpcErrors {
    private RpcErrors() {}

    /** The status for a failure that we made; anything unforeseen becomes INTERNAL and says nothing of its inside. */
    public static StatusRuntimeException toStatus(Throwable failure) {
        return switch (failure) {
            case StatusRuntimeException status -> status;
            case OriginException origin ->
                withDetail(
                        Status.Code.ABORTED,
                        String.valueOf(origin.getMessage()),
                        Any.pack(sourceError(origin.failure())));
            case CodedException coded ->
                withDetail(
                        Status.Code.UNKNOWN,
                        "[" + coded.code().number() + "]" + coded.getMessage(),
                        Any.pack(GrpcDfError.newBuilder()
                                .setCodeValue(coded.code().number())
                                .setMessage(String.valueOf(coded.getMessage()))
                                .build()));
            case IllegalArgumentException illegal ->
                Status.INVALID_ARGUMENT.withDescription(illegal.getMessage()).asRuntimeException();
            default ->
                Status.INTERNAL
                        .withDescription("internal error (expected: none; the server's log has the reason)")
                        .asRuntimeException();
        };
    }

    /** The failure that a peer's status stands for; a status without our details stays what it is. */
    public static RuntimeException fromStatus(StatusRuntimeException failure) {
        var status = StatusProto.fromThrowable(failure);
        if (status == null) {
            return failure;
        }
        try {
            for (Any detail : status.getDetailsList()) {
                if (detail.is(GrpcDfError.class)) {
                    var error = detail.unpack(GrpcDfError.class);
                    return new CodedException(
                            ErrorCode.byNumber(error.getCodeValue()).orElse(ErrorCode.UNKNOWN_ERROR),
                            error.getMessage(),
                            failure);
                }
                if (detail.is(SourceError.class)) {
                    return new OriginException(
                            describe(failure), originFailure(detail.unpack(SourceError.class)), failure);
                }
            }
        } catch (InvalidProtocolBufferException e) {
            return failure; // a detail that we cannot read tells us nothing
        }
        return failure;
    }

    /** Our code inside a failed call; empty when it carries none. */
    public static Optional<ErrorCode> code(StatusRuntimeException failure) {
        return fromStatus(failure) instanceof CodedException coded ? Optional.of(coded.code()) : Optional.empty();
    }

    /** Whether the other side could not be reached or would not take the call, so that another one may be asked. */
    public static boolean isUnavailable(Throwable failure) {
        if (!(failure instanceof StatusRuntimeException status)) {
            return false;
        }
        var code = status.getStatus().getCode();
        return code == Status.Code.UNAVAILABLE || code == Status.Code.RESOURCE_EXHAUSTED;
    }

    public static SourceError sourceError(OriginFailure failure) {
        return SourceError.newBuilder()
                .setTemporary(failure.temporary())
                .setMetadata(ExtendAttribute.newBuilder()
                        .putAllHeader(failure.header())
                        .setStatusCode(failure.statusCode())
                        .setStatus(failure.status()))
                .build();
    }

    public static OriginFailure originFailure(SourceError error) {
        var metadata = error.getMetadata();
        return new OriginFailure(
                error.getTemporary(), metadata.getStatusCode(), metadata.getStatus(), metadata.getHeaderMap());
    }

    /** The number of a code as the generated enum, for messages that carry it as a field. */
    public static Code wireCode(ErrorCode code) {
        Code wire = Code.forNumber(code.number());
        return wire == null ? Code.UnknownError : wire;
    }

    private static StatusRuntimeException withDetail(Status.Code code, String message, Any detail) {
        return StatusProto.toStatusRuntimeException(com.google.rpc.Status.newBuilder()
                .setCode(code.value())
                .setMessage(message)
                .addDetails(detail)
                .build());
    }

    private static String describe(StatusRuntimeException failure) {
        String description = failure.getStatus().getDescription();
        return description == null ? failure.getStatus().getCode().name() : description;
    }
}
