package dev.darter.core;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeMap;

/**
 * Takes query parameters that do not belong to the identity of a URL out of it.
 *
 * <p>The result is hashed into task ids, so it must agree byte for byte with what the rest of the swarm computes. Without
 * a filter the URL is used as it is. With at least one name in the filter, even one that matches nothing, the URL is taken
 * apart and put together again the way Go's {@code net/url} does: scheme in lower case, parameters sorted by name (values
 * of one name keep their order), form encoding with {@code +} for a space and only letters, digits and {@code - _ . ~}
 * unescaped; pairs that hold a semicolon or a bad escape disappear; a URL that cannot be parsed becomes empty. Source:
 * observed vectors of Dragonfly v2.1.28, see {@code UrlFilterTest}.
 *
 * <p>All work is done on bytes held as Latin-1 characters, since a URL may carry bytes that are not UTF-8.
 */
public final class UrlFilter {
    private static final String HEX_DIGITS = "0123456789abcdefABCDEF";
    private static final String UNRESERVED_MARKS = "-_.~";

    private final Set<String> names;

    private UrlFilter(Set<String> names) {
        this.names = names;
    }

    /** @param text names joined by {@code &}; blank means no filter; names are not trimmed */
    public static UrlFilter of(String text) {
        return new UrlFilter(
                text.isBlank() ? Set.of() : new HashSet<>(List.of(latin1(text).split("&", -1))));
    }

    /** The bytes that stand for {@code url} in a task id. */
    public byte[] apply(String url) {
        if (names.isEmpty()) {
            return url.getBytes(UTF_8);
        }
        try {
            return rebuild(latin1(url)).getBytes(ISO_8859_1);
        } catch (UnparsableUrl e) {
            return new byte[0];
        }
    }

    private String rebuild(String url) throws UnparsableUrl {
        for (int i = 0; i < url.length(); i++) {
            if (url.charAt(i) < 0x20 || url.charAt(i) == 0x7f) {
                throw new UnparsableUrl();
            }
        }
        int hash = url.indexOf('#');
        String fragment = hash < 0 ? "" : url.substring(hash + 1);
        String rest = hash < 0 ? url : url.substring(0, hash);
        int schemeEnd = schemeEnd(rest);
        var out = new StringBuilder(url.length());
        if (schemeEnd > 0) {
            out.append(rest.substring(0, schemeEnd).toLowerCase(Locale.ROOT)).append(':');
            rest = rest.substring(schemeEnd + 1);
        }
        int mark = rest.indexOf('?');
        boolean bareMark = mark >= 0 && mark == rest.length() - 1;
        String query = mark < 0 ? "" : rest.substring(mark + 1);
        appendHierarchy(out, mark < 0 ? rest : rest.substring(0, mark), schemeEnd > 0);
        String encoded = encodeQuery(query);
        if (bareMark || !encoded.isEmpty()) {
            out.append('?').append(encoded);
        }
        if (!fragment.isEmpty()) {
            out.append('#').append(asGivenIfValid(fragment, "!'()*[]?"));
        }
        return out.toString();
    }

    /** Index of the colon after a scheme, or -1 when there is none. */
    private static int schemeEnd(String text) throws UnparsableUrl {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
            if (letter || (i > 0 && ((c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.'))) {
                continue;
            }
            if (c != ':') {
                return -1;
            }
            if (i == 0) {
                throw new UnparsableUrl();
            }
            return i;
        }
        return -1;
    }

    private static void appendHierarchy(StringBuilder out, String rest, boolean hasScheme) throws UnparsableUrl {
        if (hasScheme && !rest.startsWith("/")) {
            out.append(rest); // opaque, such as mailto:someone: kept as it is
            return;
        }
        String path = rest;
        if (rest.startsWith("//") && (hasScheme || !rest.startsWith("///"))) {
            int slash = rest.indexOf('/', 2);
            String authority = slash < 0 ? rest.substring(2) : rest.substring(2, slash);
            checkAuthority(authority);
            out.append("//").append(authority);
            path = slash < 0 ? "" : rest.substring(slash);
        } else if (!hasScheme) {
            int colon = rest.indexOf(':');
            int slash = rest.indexOf('/');
            if (colon >= 0 && (slash < 0 || colon < slash)) {
                throw new UnparsableUrl();
            }
        }
        out.append(asGivenIfValid(path, "!'()*[]"));
    }

    private static void checkAuthority(String authority) throws UnparsableUrl {
        String host = authority.substring(authority.lastIndexOf('@') + 1);
        for (int i = 0; i < host.length(); i++) {
            if (" \"<>\\^`{|}".indexOf(host.charAt(i)) >= 0) {
                throw new UnparsableUrl();
            }
        }
        int colon = host.lastIndexOf(':');
        if (colon < 0 || colon < host.lastIndexOf(']')) {
            return;
        }
        String port = host.substring(colon + 1);
        if (!port.chars().allMatch(c -> c >= '0' && c <= '9')) {
            throw new UnparsableUrl();
        }
    }

    /** A path or fragment stays as written when every character may stand there; otherwise it is escaped anew. */
    private static String asGivenIfValid(String text, String alsoValid) throws UnparsableUrl {
        String decoded = unescape(text, false);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c != '%' && !staysInPath(c) && alsoValid.indexOf(c) < 0) {
                return escapePath(decoded, alsoValid.indexOf('?') >= 0);
            }
        }
        return text;
    }

    private static boolean staysInPath(char c) {
        return isUnreserved(c) || "$&+,/:;=@".indexOf(c) >= 0;
    }

    private static String escapePath(String text, boolean fragment) {
        var out = new StringBuilder(text.length() + 16);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean stays = staysInPath(c) || (fragment && "!()*?".indexOf(c) >= 0);
            appendEscaped(out, c, stays);
        }
        return out.toString();
    }

    private String encodeQuery(String query) {
        var values = new TreeMap<String, List<String>>();
        for (String pair : query.split("&", -1)) {
            if (pair.isEmpty() || pair.indexOf(';') >= 0) {
                continue;
            }
            int equals = pair.indexOf('=');
            try {
                String name = unescape(equals < 0 ? pair : pair.substring(0, equals), true);
                String value = equals < 0 ? "" : unescape(pair.substring(equals + 1), true);
                values.computeIfAbsent(name, _ -> new ArrayList<>()).add(value);
            } catch (UnparsableUrl e) {
                // a pair with a bad escape disappears, the URL stays
            }
        }
        names.forEach(values::remove);
        var out = new StringBuilder(query.length());
        values.forEach((name, list) -> list.forEach(value -> {
            out.append(out.isEmpty() ? "" : "&");
            escapeQuery(out, name);
            out.append('=');
            escapeQuery(out, value);
        }));
        return out.toString();
    }

    private static void escapeQuery(StringBuilder out, String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == ' ') {
                out.append('+');
            } else {
                appendEscaped(out, c, isUnreserved(c));
            }
        }
    }

    private static void appendEscaped(StringBuilder out, char c, boolean stays) {
        if (stays) {
            out.append(c);
        } else {
            out.append('%').append(HexFormat.of().withUpperCase().toHexDigits((byte) c));
        }
    }

    private static String unescape(String text, boolean query) throws UnparsableUrl {
        var out = new ByteArrayOutputStream(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '%') {
                if (i + 2 >= text.length()
                        || HEX_DIGITS.indexOf(text.charAt(i + 1)) < 0
                        || HEX_DIGITS.indexOf(text.charAt(i + 2)) < 0) {
                    throw new UnparsableUrl();
                }
                out.write(HexFormat.fromHexDigits(text, i + 1, i + 3));
                i += 2;
            } else {
                out.write(query && c == '+' ? ' ' : c);
            }
        }
        return out.toString(ISO_8859_1);
    }

    private static boolean isUnreserved(char c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || UNRESERVED_MARKS.indexOf(c) >= 0;
    }

    private static String latin1(String text) {
        return new String(text.getBytes(UTF_8), ISO_8859_1);
    }

    /** Go's parser would refuse the URL. */
    private static final class UnparsableUrl extends Exception {}
}
