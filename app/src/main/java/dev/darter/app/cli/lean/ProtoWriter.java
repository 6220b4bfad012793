package dev.darter.app.cli.lean;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Writes the fields of one protobuf message; what has proto3's default value is left out, as the format's own writers do. */
final class ProtoWriter {
    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int BYTES = 2;

    private final ByteArrayOutputStream message = new ByteArrayOutputStream(256);

    ProtoWriter string(int field, String value) {
        return value.isEmpty() ? this : bytes(field, value.getBytes(StandardCharsets.UTF_8));
    }

    ProtoWriter varint(int field, long value) {
        if (value != 0) {
            raw((field << 3) | VARINT);
            raw(value);
        }
        return this;
    }

    ProtoWriter bool(int field, boolean value) {
        return varint(field, value ? 1 : 0);
    }

    ProtoWriter fixed64(int field, double value) {
        long bits = Double.doubleToRawLongBits(value);
        if (bits != 0) {
            raw((field << 3) | FIXED64);
            for (int shift = 0; shift < 64; shift += 8) {
                message.write((int) (bits >>> shift));
            }
        }
        return this;
    }

    /** A message within this one, or one entry of a map; written even if it is empty. */
    ProtoWriter message(int field, ProtoWriter value) {
        return bytes(field, value.toByteArray());
    }

    byte[] toByteArray() {
        return message.toByteArray();
    }

    private ProtoWriter bytes(int field, byte[] value) {
        raw((field << 3) | BYTES);
        raw(value.length);
        message.writeBytes(value);
        return this;
    }

    private void raw(long varint) {
        long rest = varint;
        for (; (rest & ~0x7fL) != 0; rest >>>= 7) {
            message.write((int) rest | 0x80);
        }
        message.write((int) rest);
    }
}
