package dev.darter.app.cli.lean;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Writes header blocks that need no memory and no table: every field as a literal that is not indexed (RFC 7541, 6.2.2). */
final class HeaderEncoder {
    private final ByteArrayOutputStream block = new ByteArrayOutputStream(256);

    /** @param name in lower case */
    HeaderEncoder add(String name, String value) {
        block.write(0);
        string(name);
        string(value);
        return this;
    }

    byte[] block() {
        return block.toByteArray();
    }

    private void string(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        if (bytes.length < 0x7f) {
            block.write(bytes.length);
        } else {
            block.write(0x7f);
            int rest = bytes.length - 0x7f;
            for (; rest >= 0x80; rest >>>= 7) {
                block.write(rest | 0x80);
            }
            block.write(rest);
        }
        block.writeBytes(bytes);
    }
}
