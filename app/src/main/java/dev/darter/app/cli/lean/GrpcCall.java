package dev.darter.app.cli.lean;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * One gRPC call with one request, as the only stream of an HTTP/2 connection without TLS. Everything that a client must do is done
 * (settings, pings, flow control of what it receives, trailers with and without messages); nothing that it may leave out is.
 * Rules: RFC 9113 and gRPC's "HTTP/2 protocol mapping". Used by one thread; closing the channel from another one ends a waiting read.
 */
final class GrpcCall {
    private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private static final int DATA = 0;
    private static final int HEADERS = 1;
    private static final int RST_STREAM = 3;
    private static final int SETTINGS = 4;
    private static final int PUSH_PROMISE = 5;
    private static final int PING = 6;
    private static final int GOAWAY = 7;
    private static final int WINDOW_UPDATE = 8;
    private static final int CONTINUATION = 9;

    private static final int ACK = 1;
    private static final int END_STREAM = 1;
    private static final int END_HEADERS = 4;
    private static final int PADDED = 8;
    private static final int PRIORITY = 0x20;

    private static final int SETTING_ENABLE_PUSH = 2;
    private static final int STREAM = 1;
    private static final int FRAME_HEADER = 9;
    private static final int LARGEST_FRAME = 16384;
    private static final int WINDOW = 65535;
    private static final int LARGEST_MESSAGE = 4 << 20;
    private static final int MESSAGE_PREFIX = 5;
    private static final int LARGEST_HEADER_BLOCK = 1 << 18;

    private final ByteChannel channel;
    private final ByteBuffer in =
            ByteBuffer.allocate(2 * (FRAME_HEADER + LARGEST_FRAME)).flip();
    private final HeaderDecoder headers = new HeaderDecoder();
    private final ByteArrayOutputStream headerBlock = new ByteArrayOutputStream();

    /** What came of messages and was not taken yet. */
    private byte[] pending = {};

    private int unacknowledged;
    private boolean withinHeaders;
    private boolean headersEndStream;
    private boolean answered;
    private boolean ended;
    private volatile boolean greeted;

    GrpcCall(ByteChannel channel) {
        this.channel = channel;
    }

    /**
     * Sends everything that this side ever has to say, in one write.
     *
     * @param path {@code /package.Service/Method}
     * @param timeoutMillis after which the server need not answer any more; 0 for never
     * @throws CallFailed if the request is larger than a server takes before it was asked
     */
    void start(String path, byte[] message, long timeoutMillis) throws IOException, CallFailed {
        int length = MESSAGE_PREFIX + message.length;
        if (length > WINDOW) {
            throw new CallFailed(
                    CallFailed.RESOURCE_EXHAUSTED, "request: " + length + " bytes (expected: up to " + WINDOW + ")");
        }
        var fields = new HeaderEncoder()
                .add(":method", "POST")
                .add(":scheme", "http")
                .add(":path", path)
                .add(":authority", "localhost")
                .add("content-type", "application/grpc")
                .add("te", "trailers")
                .add("user-agent", "darter");
        if (timeoutMillis > 0) {
            // The format has room for eight digits.
            fields.add("grpc-timeout", Math.min(timeoutMillis, 99_999_999) + "m");
        }
        byte[] block = fields.block();
        var body = ByteBuffer.allocate(length);
        body.put((byte) 0).putInt(message.length).put(message).flip();

        var out = ByteBuffer.allocate(PREFACE.length + 2 * FRAME_HEADER + 6 + block.length + length + 5 * FRAME_HEADER);
        out.put(PREFACE);
        frame(out, 6, SETTINGS, 0, 0).putShort((short) SETTING_ENABLE_PUSH).putInt(0);
        frame(out, block.length, HEADERS, END_HEADERS, STREAM).put(block);
        while (body.hasRemaining()) {
            int size = Math.min(body.remaining(), LARGEST_FRAME);
            frame(out, size, DATA, size == body.remaining() ? END_STREAM : 0, STREAM);
            out.put(body.slice(body.position(), size));
            body.position(body.position() + size);
        }
        write(out.flip());
    }

    /**
     * Waits for the next message.
     *
     * @return empty after the last one, when the call ended well
     * @throws CallFailed if it ended otherwise
     * @throws IOException if the connection ended or what came over it cannot be understood
     */
    Optional<byte[]> next() throws IOException, CallFailed {
        while (true) {
            Optional<byte[]> message = takeMessage();
            if (message.isPresent()) {
                return message;
            }
            if (ended) {
                if (pending.length > 0) {
                    throw new IOException("message: cut short after " + pending.length + " bytes (expected: the rest)");
                }
                return Optional.empty();
            }
            readFrame();
        }
    }

    /** Whether the server has sent anything at all; any thread may ask. */
    boolean isGreeted() {
        return greeted;
    }

    private Optional<byte[]> takeMessage() throws IOException, CallFailed {
        if (pending.length < MESSAGE_PREFIX) {
            return Optional.empty();
        }
        int length = ByteBuffer.wrap(pending).getInt(1);
        if (pending[0] != 0) {
            throw new IOException("message: compressed (expected: as it is, since nothing else was offered)");
        }
        if (length < 0 || length > LARGEST_MESSAGE) {
            throw new CallFailed(
                    CallFailed.RESOURCE_EXHAUSTED,
                    "message: " + Integer.toUnsignedString(length) + " bytes (expected: up to " + LARGEST_MESSAGE
                            + ")");
        }
        int end = MESSAGE_PREFIX + length;
        if (pending.length < end) {
            return Optional.empty();
        }
        byte[] message = Arrays.copyOfRange(pending, MESSAGE_PREFIX, end);
        pending = Arrays.copyOfRange(pending, end, pending.length);
        return Optional.of(message);
    }

    private void readFrame() throws IOException, CallFailed {
        fill(FRAME_HEADER);
        int length = ((in.get() & 0xff) << 16) | ((in.get() & 0xff) << 8) | (in.get() & 0xff);
        int type = in.get();
        int flags = in.get();
        int stream = in.getInt() & Integer.MAX_VALUE;
        if (length > LARGEST_FRAME) {
            throw new IOException("frame: " + length + " bytes (expected: up to " + LARGEST_FRAME + ")");
        }
        fill(length);
        byte[] payload = new byte[length];
        in.get(payload);
        greeted = true;
        if (withinHeaders != (type == CONTINUATION)) {
            throw new IOException("frame: type " + type + " "
                    + (withinHeaders
                            ? "within a header block (expected: its continuation)"
                            : "without a header block (expected: one before it)"));
        }
        switch (type) {
            case DATA -> data(payload, flags, stream);
            case HEADERS -> {
                if (stream != STREAM) {
                    throw new IOException("frame: headers of stream " + stream + " (expected: of the call)");
                }
                headersEndStream = (flags & END_STREAM) != 0;
                headerFragment(withoutPadding(payload, flags), flags);
            }
            case CONTINUATION -> headerFragment(payload, flags);
            case RST_STREAM -> reset(payload, stream);
            case SETTINGS -> acknowledge(SETTINGS, new byte[0], flags);
            case PING -> acknowledge(PING, payload, flags);
            case GOAWAY -> goAway(payload);
            case PUSH_PROMISE -> throw new IOException("frame: a push (expected: none, it was switched off)");
            default -> {} // priorities, windows for what we do not send, and what came after this code was written
        }
    }

    private void data(byte[] payload, int flags, int stream) throws IOException {
        if (stream != STREAM || !answered) {
            throw new IOException("frame: data of stream " + stream + " (expected: of the call, after its headers)");
        }
        byte[] bytes = withoutPadding(payload, flags & PADDED);
        byte[] joined = Arrays.copyOf(pending, pending.length + bytes.length);
        System.arraycopy(bytes, 0, joined, pending.length, bytes.length);
        pending = joined;
        if ((flags & END_STREAM) != 0) {
            throw new IOException("stream: it ended without a status (expected: trailers)");
        }
        unacknowledged += payload.length;
        if (unacknowledged > WINDOW / 2) {
            var out = ByteBuffer.allocate(2 * (FRAME_HEADER + 4));
            frame(out, 4, WINDOW_UPDATE, 0, 0).putInt(unacknowledged);
            frame(out, 4, WINDOW_UPDATE, 0, STREAM).putInt(unacknowledged);
            write(out.flip());
            unacknowledged = 0;
        }
    }

    private void headerFragment(byte[] fragment, int flags) throws IOException, CallFailed {
        headerBlock.writeBytes(fragment);
        withinHeaders = (flags & END_HEADERS) == 0;
        if (headerBlock.size() > LARGEST_HEADER_BLOCK) {
            throw new IOException(
                    "header block: " + headerBlock.size() + " bytes (expected: up to " + LARGEST_HEADER_BLOCK + ")");
        }
        if (!withinHeaders) {
            List<Header> fields = headers.decode(headerBlock.toByteArray());
            headerBlock.reset();
            answer(fields);
        }
    }

    private void answer(List<Header> fields) throws IOException, CallFailed {
        String http = value(fields, ":status");
        if (!answered && !http.equals("200")) {
            if (http.startsWith("1")) {
                return;
            }
            throw new CallFailed(CallFailed.UNKNOWN, "HTTP status " + http + " (expected: 200)");
        }
        answered = true;
        if (!headersEndStream) {
            return;
        }
        String status = value(fields, "grpc-status");
        ended = true;
        if (status.equals("0")) {
            return;
        }
        throw CallFailed.of(
                number(status), decodePercent(value(fields, "grpc-message")), value(fields, "grpc-status-details-bin"));
    }

    private void reset(byte[] payload, int stream) throws IOException, CallFailed {
        if (payload.length != 4) {
            throw new IOException("frame: a reset of " + payload.length + " bytes (expected: 4)");
        }
        int error = ByteBuffer.wrap(payload).getInt();
        if (stream == STREAM) {
            int status = switch (error) {
                case 7 -> CallFailed.UNAVAILABLE;
                case 8 -> CallFailed.CANCELED;
                case 11 -> CallFailed.RESOURCE_EXHAUSTED;
                default -> CallFailed.INTERNAL;
            };
            throw new CallFailed(status, "stream terminated by RST_STREAM with error code: " + error);
        }
    }

    private void acknowledge(int type, byte[] payload, int flags) throws IOException {
        if ((flags & ACK) == 0) {
            var out = ByteBuffer.allocate(FRAME_HEADER + payload.length);
            write(frame(out, payload.length, type, ACK, 0).put(payload).flip());
        }
    }

    /** A server that takes no new streams may still end those it has. */
    private static void goAway(byte[] payload) throws IOException, CallFailed {
        if (payload.length < 8) {
            throw new IOException("frame: a goodbye of " + payload.length + " bytes (expected: at least 8)");
        }
        if (ByteBuffer.wrap(payload).getInt() < STREAM) {
            throw new CallFailed(CallFailed.UNAVAILABLE, "the daemon is shutting down");
        }
    }

    private static byte[] withoutPadding(byte[] payload, int flags) throws IOException {
        int from = 0;
        int to = payload.length;
        if ((flags & PADDED) != 0) {
            from = 1;
            to -= payload.length == 0 ? 1 : payload[0] & 0xff;
        }
        if ((flags & PRIORITY) != 0) {
            from += 5;
        }
        if (from > to) {
            throw new IOException("frame: more padding than content (expected: less)");
        }
        return from == 0 && to == payload.length ? payload : Arrays.copyOfRange(payload, from, to);
    }

    private static ByteBuffer frame(ByteBuffer out, int length, int type, int flags, int stream) {
        return out.put((byte) (length >>> 16))
                .putShort((short) length)
                .put((byte) type)
                .put((byte) flags)
                .putInt(stream);
    }

    private void fill(int wanted) throws IOException {
        if (in.remaining() >= wanted) {
            return;
        }
        in.compact();
        try {
            while (in.position() < wanted) {
                if (channel.read(in) < 0) {
                    throw new IOException("the daemon closed the connection");
                }
            }
        } finally {
            in.flip();
        }
    }

    private void write(ByteBuffer out) throws IOException {
        while (out.hasRemaining()) {
            channel.write(out);
        }
    }

    private static String value(List<Header> fields, String name) {
        for (Header field : fields) {
            if (field.name().equals(name)) {
                return field.value();
            }
        }
        return "";
    }

    private static int number(String status) throws IOException {
        try {
            return Integer.parseInt(status);
        } catch (NumberFormatException e) {
            throw new IOException("grpc-status: \"" + status + "\" (expected: a number)", e);
        }
    }

    /** {@code %XX} stands for a byte of UTF-8; anything else after a percent sign stands for itself. */
    static String decodePercent(String text) {
        if (text.indexOf('%') < 0) {
            return text;
        }
        var bytes = new ByteArrayOutputStream(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            int high = c == '%' && i + 2 < text.length() ? Character.digit(text.charAt(i + 1), 16) : -1;
            int low = high >= 0 ? Character.digit(text.charAt(i + 2), 16) : -1;
            if (low >= 0) {
                bytes.write((high << 4) | low);
                i += 2;
            } else {
                bytes.write(c);
            }
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
