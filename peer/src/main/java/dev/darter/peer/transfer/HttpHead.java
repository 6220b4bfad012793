package dev.darter.peer.transfer;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.nio.ByteBuffer;
import java.util.Locale;

/**
 * The head of an HTTP/1.x answer, as far as a piece download needs it.
 *
 * @param contentLength -1 when there is none
 * @param keepAlive whether the connection may carry another request
 */
record HttpHead(int status, long contentLength, boolean keepAlive) {
    private static final int CR = '\r';
    private static final int LF = '\n';

    /** Where the body begins in the bytes before {@code buffer}'s position; -1 when the head is not whole yet. */
    static int end(ByteBuffer buffer) {
        for (int i = 3; i < buffer.position(); i++) {
            if (buffer.get(i) == LF && buffer.get(i - 1) == CR && buffer.get(i - 2) == LF && buffer.get(i - 3) == CR) {
                return i + 1;
            }
        }
        return -1;
    }

    /**
     * Reads the head that ends at {@code end}.
     *
     * @throws IllegalArgumentException if it is no HTTP/1.x answer with at most one plain length
     */
    static HttpHead parse(ByteBuffer buffer, int end) {
        byte[] bytes = new byte[end];
        buffer.get(0, bytes);
        String[] lines = new String(bytes, ISO_8859_1).split("\r\n");
        String first = lines[0];
        if (!first.startsWith("HTTP/1.") || first.length() < 12 || first.charAt(8) != ' ') {
            throw new IllegalArgumentException("no HTTP/1.x answer");
        }
        int status = number(first.substring(9, 12));
        long contentLength = -1;
        boolean keepAlive = first.charAt(7) == '1';
        for (int i = 1; i < lines.length; i++) {
            int colon = lines[i].indexOf(':');
            if (colon <= 0) {
                throw new IllegalArgumentException("a header line without a name");
            }
            String value = lines[i].substring(colon + 1).strip();
            switch (lines[i].substring(0, colon).toLowerCase(Locale.ROOT)) {
                case "content-length" -> {
                    if (contentLength >= 0) {
                        throw new IllegalArgumentException("more than one Content-Length");
                    }
                    contentLength = number(value);
                }
                case "transfer-encoding" -> throw new IllegalArgumentException("Transfer-Encoding " + value);
                case "connection" -> keepAlive = !value.equalsIgnoreCase("close");
                default -> {} // says nothing that we need
            }
        }
        return new HttpHead(status, contentLength, keepAlive && contentLength >= 0);
    }

    private static int number(String text) {
        if (text.isEmpty() || text.length() > 10 || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
            throw new IllegalArgumentException("a number that is none");
        }
        long value = Long.parseLong(text);
        if (value > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("a number that is too large");
        }
        return (int) value;
    }
}
