package dev.darter.app.cli.lean;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Walks over the fields of one protobuf message. After {@link #next} the value of that field is taken once, or left alone. */
final class ProtoReader {
    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int BYTES = 2;
    private static final int FIXED32 = 5;

    private final byte[] message;
    private int position;
    private long number;
    private byte[] bytes = {};

    ProtoReader(byte[] message) {
        this.message = message;
    }

    /**
     * Moves to the next field.
     *
     * @return its number; 0 at the end
     * @throws IOException if the message is cut short or holds what proto3 does not have
     */
    int next() throws IOException {
        if (position >= message.length) {
            return 0;
        }
        long tag = varint();
        number = 0;
        bytes = new byte[0];
        switch ((int) (tag & 7)) {
            case VARINT -> number = varint();
            case FIXED64 -> number = fixed(8);
            case FIXED32 -> number = fixed(4);
            case BYTES -> bytes = slice(varint());
            default -> throw new IOException("message: wire type " + (tag & 7) + " (expected: 0, 1, 2 or 5)");
        }
        int field = (int) (tag >>> 3);
        if (field <= 0) {
            throw new IOException("message: field " + field + " (expected: more than 0)");
        }
        return field;
    }

    long number() {
        return number;
    }

    boolean bool() {
        return number != 0;
    }

    String string() {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    byte[] bytes() {
        return bytes;
    }

    private byte[] slice(long length) throws IOException {
        if (length < 0 || length > message.length - position) {
            throw new IOException(
                    "message: a field of " + length + " bytes (expected: up to " + (message.length - position) + ")");
        }
        int from = position;
        position += (int) length;
        return Arrays.copyOfRange(message, from, position);
    }

    private long fixed(int size) throws IOException {
        long value = 0;
        byte[] raw = slice(size);
        for (int i = size - 1; i >= 0; i--) {
            value = (value << 8) | (raw[i] & 0xff);
        }
        return value;
    }

    private long varint() throws IOException {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            if (position >= message.length) {
                throw new IOException("message: it ends within a number (expected: more bytes)");
            }
            byte next = message[position++];
            value |= (next & 0x7fL) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw new IOException("message: a number of more than ten bytes (expected: at most ten)");
    }
}
