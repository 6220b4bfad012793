package dev.darter.app.cli.lean;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * Reads header blocks as HTTP/2 sends them (HPACK, RFC 7541). One per connection, since a block may refer to fields of earlier ones.
 * Used by one thread.
 */
final class HeaderDecoder {
    /** What a peer may use that was told nothing else. */
    private static final int DEFAULT_TABLE_SIZE = 4096;

    /** Counted for each field of the table besides its text (RFC 7541, 4.1). */
    private static final int FIELD_OVERHEAD = 32;

    private static final int MAX_LIST_SIZE = 1 << 20;

    /** RFC 7541, appendix A: name and value of each field, from index 1. */
    private static final String[] STATIC_TABLE = {
        ":authority",
        "",
        ":method",
        "GET",
        ":method",
        "POST",
        ":path",
        "/",
        ":path",
        "/index.html",
        ":scheme",
        "http",
        ":scheme",
        "https",
        ":status",
        "200",
        ":status",
        "204",
        ":status",
        "206",
        ":status",
        "304",
        ":status",
        "400",
        ":status",
        "404",
        ":status",
        "500",
        "accept-charset",
        "",
        "accept-encoding",
        "gzip, deflate",
        "accept-language",
        "",
        "accept-ranges",
        "",
        "accept",
        "",
        "access-control-allow-origin",
        "",
        "age",
        "",
        "allow",
        "",
        "authorization",
        "",
        "cache-control",
        "",
        "content-disposition",
        "",
        "content-encoding",
        "",
        "content-language",
        "",
        "content-length",
        "",
        "content-location",
        "",
        "content-range",
        "",
        "content-type",
        "",
        "cookie",
        "",
        "date",
        "",
        "etag",
        "",
        "expect",
        "",
        "expires",
        "",
        "from",
        "",
        "host",
        "",
        "if-match",
        "",
        "if-modified-since",
        "",
        "if-none-match",
        "",
        "if-range",
        "",
        "if-unmodified-since",
        "",
        "last-modified",
        "",
        "link",
        "",
        "location",
        "",
        "max-forwards",
        "",
        "proxy-authenticate",
        "",
        "proxy-authorization",
        "",
        "range",
        "",
        "referer",
        "",
        "refresh",
        "",
        "retry-after",
        "",
        "server",
        "",
        "set-cookie",
        "",
        "strict-transport-security",
        "",
        "transfer-encoding",
        "",
        "user-agent",
        "",
        "vary",
        "",
        "via",
        "",
        "www-authenticate",
        ""
    };

    private static final int STATIC_FIELDS = STATIC_TABLE.length / 2;

    /** Newest first. */
    private final ArrayDeque<Header> table = new ArrayDeque<>();

    private int tableSize;
    private int tableLimit = DEFAULT_TABLE_SIZE;

    private byte[] block = {};
    private int position;

    /**
     * Reads one whole block.
     *
     * @return the fields in their order
     * @throws IOException if the block breaks a rule; the connection is of no use then
     */
    List<Header> decode(byte[] newBlock) throws IOException {
        block = newBlock;
        position = 0;
        var fields = new ArrayList<Header>();
        int listSize = 0;
        while (position < block.length) {
            int first = block[position] & 0xff;
            Header field;
            if (first >= 0x80) {
                field = field(integer(7));
            } else if (first >= 0x40) {
                field = literal(integer(6));
                remember(field);
            } else if (first >= 0x20) {
                limitTable(integer(5));
                continue;
            } else {
                field = literal(integer(4));
            }
            listSize += size(field);
            if (listSize > MAX_LIST_SIZE) {
                throw new IOException("header list: more than " + MAX_LIST_SIZE + " bytes (expected: a few fields)");
            }
            fields.add(field);
        }
        return fields;
    }

    private Header literal(int nameIndex) throws IOException {
        String name = nameIndex == 0 ? string() : field(nameIndex).name();
        return new Header(name, string());
    }

    private Header field(int index) throws IOException {
        if (index >= 1 && index <= STATIC_FIELDS) {
            return new Header(STATIC_TABLE[2 * index - 2], STATIC_TABLE[2 * index - 1]);
        }
        int dynamic = index - STATIC_FIELDS - 1;
        if (index < 1 || dynamic >= table.size()) {
            throw new IOException("header index: " + index + " (expected: 1.." + (STATIC_FIELDS + table.size()) + ")");
        }
        Iterator<Header> fields = table.iterator();
        for (int i = 0; i < dynamic; i++) {
            fields.next();
        }
        return fields.next();
    }

    private void remember(Header field) {
        int size = size(field);
        evict(tableLimit - size);
        if (size <= tableLimit) {
            table.addFirst(field);
            tableSize += size;
        }
    }

    private void limitTable(int limit) throws IOException {
        if (limit > DEFAULT_TABLE_SIZE) {
            throw new IOException("header table: " + limit + " (expected: up to " + DEFAULT_TABLE_SIZE + ")");
        }
        tableLimit = limit;
        evict(limit);
    }

    private void evict(int allowed) {
        while (tableSize > allowed && !table.isEmpty()) {
            tableSize -= size(table.removeLast());
        }
    }

    private static int size(Header field) {
        return field.name().length() + field.value().length() + FIELD_OVERHEAD;
    }

    private String string() throws IOException {
        boolean huffman = position < block.length && block[position] < 0;
        int length = integer(7);
        int from = position;
        if (length > block.length - from) {
            throw new IOException("header string: it ends behind its block (expected: " + length + " more bytes)");
        }
        position += length;
        return huffman
                ? Huffman.decode(block, from, from + length)
                : new String(block, from, length, StandardCharsets.ISO_8859_1);
    }

    /** An integer whose first byte gives its lowest {@code bits} bits to it (RFC 7541, 5.1). */
    private int integer(int bits) throws IOException {
        int mask = (1 << bits) - 1;
        int value = next() & mask;
        if (value < mask) {
            return value;
        }
        for (int shift = 0; shift <= 21; shift += 7) {
            byte more = next();
            value += (more & 0x7f) << shift;
            if (more >= 0) {
                return value;
            }
        }
        throw new IOException("header integer: it is too long (expected: less than 2^28)");
    }

    private byte next() throws IOException {
        if (position >= block.length) {
            throw new IOException("header block: it ends within a field (expected: more bytes)");
        }
        return block[position++];
    }
}
