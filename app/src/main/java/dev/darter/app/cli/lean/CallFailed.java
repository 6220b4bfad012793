package dev.darter.app.cli.lean;

import java.io.IOException;
import java.util.Base64;

/** A call that ended with anything but OK: what the server said, or what became of the connection. */
public final class CallFailed extends Exception {
    /** The statuses of gRPC by number, spelled as upstream's tools print them. */
    private static final String[] NAMES = {
        "OK",
        "Canceled",
        "Unknown",
        "InvalidArgument",
        "DeadlineExceeded",
        "NotFound",
        "AlreadyExists",
        "PermissionDenied",
        "ResourceExhausted",
        "FailedPrecondition",
        "Aborted",
        "OutOfRange",
        "Unimplemented",
        "Internal",
        "Unavailable",
        "DataLoss",
        "Unauthenticated"
    };

    public static final int CANCELED = 1;
    public static final int UNKNOWN = 2;
    public static final int INVALID_ARGUMENT = 3;
    public static final int DEADLINE_EXCEEDED = 4;
    public static final int RESOURCE_EXHAUSTED = 8;
    public static final int INTERNAL = 13;
    public static final int UNAVAILABLE = 14;

    private static final String CODED_ERROR = "/common.GrpcDfError";
    private static final String ORIGIN_ERROR = "/errordetails.SourceError";

    private final int status;
    private final String description;
    private int code;
    private String codedMessage = "";
    private int originStatus;

    public CallFailed(int status, String description) {
        super(description);
        this.status = status;
        this.description = description;
    }

    /** @param details {@code grpc-status-details-bin} as the trailer has it; empty for none */
    static CallFailed of(int status, String description, String details) {
        var failure = new CallFailed(status, description);
        try {
            failure.readDetails(details);
        } catch (IOException | IllegalArgumentException e) {
            // Details that cannot be read tell nothing; status and description still do.
        }
        return failure;
    }

    /** The number of the gRPC status. */
    public int status() {
        return status;
    }

    /** The server's own words; may be empty. */
    public String description() {
        return description;
    }

    /** The number of the code that the daemon gave; 0 when it gave none. */
    public int code() {
        return code;
    }

    /** What the daemon says in its code's detail, else in its status. */
    public String reason() {
        return codedMessage.isEmpty() ? description : codedMessage;
    }

    /** The HTTP status with which the origin refused; 0 when the server does not say. */
    public int originStatus() {
        return originStatus;
    }

    /** As upstream's tools print the failure of a call. */
    public String toLine() {
        String name = status >= 0 && status < NAMES.length ? NAMES[status] : "Code(" + status + ")";
        return "rpc error: code = " + name + " desc = " + description;
    }

    private void readDetails(String details) throws IOException {
        // Servers may pad the text or not.
        String unpadded = details.replace("=", "");
        var outer = new ProtoReader(Base64.getDecoder().decode(unpadded));
        for (int field = outer.next(); field != 0; field = outer.next()) {
            if (field == 3) {
                readDetail(new ProtoReader(outer.bytes()));
            }
        }
    }

    private void readDetail(ProtoReader any) throws IOException {
        String type = "";
        byte[] value = {};
        for (int field = any.next(); field != 0; field = any.next()) {
            switch (field) {
                case 1 -> type = any.string();
                case 2 -> value = any.bytes();
                default -> {}
            }
        }
        var detail = new ProtoReader(value);
        for (int field = detail.next(); field != 0; field = detail.next()) {
            if (type.endsWith(CODED_ERROR) && field == 1) {
                code = (int) detail.number();
            } else if (type.endsWith(CODED_ERROR) && field == 2) {
                codedMessage = detail.string();
            } else if (type.endsWith(ORIGIN_ERROR) && field == 2) {
                readOriginStatus(new ProtoReader(detail.bytes()));
            }
        }
    }

    private void readOriginStatus(ProtoReader metadata) throws IOException {
        for (int field = metadata.next(); field != 0; field = metadata.next()) {
            if (field == 2) {
                originStatus = (int) metadata.number();
            }
        }
    }
}
