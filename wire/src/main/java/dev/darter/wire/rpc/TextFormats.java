package dev.darter.wire.rpc;

import dev.darter.core.Digest;
import dev.darter.core.Texts;
import dev.darter.proto.rules.Format;
import io.netty.util.NetUtil;
import java.util.regex.Pattern;

/** The text formats that a rule may name; source: what servers of v2.1.28 let pass. */
final class TextFormats {
    private static final int MAX_HOSTNAME = 253;
    private static final Pattern LABELS = Pattern.compile(
            "([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)(\\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*\\.?");
    private static final Pattern SCHEME = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*:[^\\p{Cntrl}]*");
    private static final Pattern RANGE = Pattern.compile("[0-9]+-[0-9]*");
    private static final Pattern PIECE_MD5 = Pattern.compile("[0-9a-f]{16}|[0-9A-F]{16}");

    private TextFormats() {}

    static boolean matches(Format format, String text) {
        return switch (format) {
            case ANY, UNRECOGNIZED -> true;
            case IP -> NetUtil.isValidIpV4Address(text) || (NetUtil.isValidIpV6Address(text) && !text.startsWith("["));
            case HOSTNAME ->
                text.length() <= MAX_HOSTNAME && LABELS.matcher(text).matches();
            case ABSOLUTE_URI -> SCHEME.matcher(text).matches();
            case DIGEST -> isDigest(text);
            case RANGE -> RANGE.matcher(text).matches();
            case PIECE_MD5 -> PIECE_MD5.matcher(text).find();
        };
    }

    static String describe(Format format) {
        return switch (format) {
            case ANY, UNRECOGNIZED -> "any text";
            case IP -> "an IP address";
            case HOSTNAME -> "a host name";
            case ABSOLUTE_URI -> "a URL with a scheme";
            case DIGEST -> "md5:, sha1:, sha256: or sha512: followed by hex digits";
            case RANGE -> "start-end or start-";
            case PIECE_MD5 -> "32 hex digits";
        };
    }

    /** For messages: quoted, cut, and without a URL's query, which may be signed. */
    static String shorten(String text) {
        int query = text.indexOf('?');
        return Texts.shorten(query < 0 ? text : text.substring(0, query) + "?…");
    }

    private static boolean isDigest(String text) {
        try {
            Digest.parse(text);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
