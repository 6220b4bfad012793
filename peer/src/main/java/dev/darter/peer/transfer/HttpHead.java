package dev.darter.peer.transfer;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The head of an HTTP/1.x answer, as far as a piece download needs it.
 *
 * @param contentLength -1 when there is none
 * @param keepAlive whether the connection may carry another request
 * @param own header fields of our own, by lower-case name
 */
record HttpHead(int status, long contentLength, boolean keepAlive, Map<String, String> own) {
    private static final String OWN = "x-darter-";
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
        var own = new HashMap<String, String>();
        for (int i = 1; i < lines.length; i++) {
            int colon = lines[i].indexOf(':');
            if (colon <= 0) {
                throw new IllegalArgumentException("a header line without a name");
            }
            String value = lines[i].substring(colon + 1).strip();
            String name = lines[i].substring(0, colon).toLowerCase(Locale.ROOT);
            switch (name) {
                case "content-length" -> {
                    if (contentLength >= 0) {
                        throw new IllegalArgumentException("more than one Content-Length");
                    }
                    contentLength = number(value);
                }
                case "transfer-encoding" -> throw new IllegalArgumentException("Transfer-Encoding " + value);
                case "connection" -> keepAlive = !value.equalsIgnoreCase("close");
                default -> {
                    if (name.startsWith(OWN)) {
                        own.put(name, value);
                    }
                }
            }
        }
        boolean empty = status == 204;
        return new HttpHead(status, empty ? 0 : contentLength, keepAlive && (empty || contentLength >= 0), own);
    }

    /** A header field of our own. */
    Optional<String> header(String name) {
        return Optional.ofNullable(own.get(name));
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
