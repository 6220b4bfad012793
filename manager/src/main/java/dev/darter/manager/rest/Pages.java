package dev.darter.manager.rest;

import io.javalin.http.Context;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Numbers in paths and queries, and lists in pages with upstream's Link header. */
final class Pages {
    private static final int DEFAULT_SIZE = 10;
    private static final int LARGEST_SIZE = 10_000_000;

    private Pages() {}

    /** Answered with 404. */
    static final class NotFound extends RuntimeException {}

    /** Answered with 500 and the reason, as upstream does. */
    static final class Refused extends RuntimeException {
        Refused(String reason) {
            super(reason);
        }
    }

    /** An id in the path. */
    static long id(Context context, String name) {
        long id = parse(context.pathParam(name), name);
        if (id < 1) {
            throw new Body.InvalidRequest(name + ": " + id + " (expected: 1 or more)");
        }
        return id;
    }

    /** A number in the query. */
    static long number(Context context, String name, long otherwise) {
        String text = context.queryParam(name);
        return text == null || text.isEmpty() ? otherwise : parse(text, name);
    }

    private static long parse(String text, String name) {
        try {
            return Long.parseUnsignedLong(text);
        } catch (NumberFormatException e) {
            throw new Body.InvalidRequest(name + ": not a number (expected: 0 or more)");
        }
    }

    /**
     * Answers with the page that was asked for.
     *
     * @param nullWhenEmpty whether an empty list is {@code null}, as it is for clusters
     */
    static void send(Context context, List<?> all, boolean nullWhenEmpty) {
        long page = number(context, "page", 1);
        long size = number(context, "per_page", DEFAULT_SIZE);
        if (page < 1 || size < 1 || size > LARGEST_SIZE) {
            throw new Body.InvalidRequest(
                    "page, per_page: " + page + ", " + size + " (expected: 1 or more, 1.." + LARGEST_SIZE + ")");
        }
        long last = Math.ceilDiv(all.size(), size);
        context.header("Link", links(context, page, size, last));
        long from = Math.min(all.size(), (page - 1) * size);
        List<?> shown = all.subList((int) from, (int) Math.min(all.size(), from + size));
        if (shown.isEmpty() && nullWhenEmpty) {
            context.contentType("application/json; charset=utf-8").result("null");
        } else {
            context.json(shown);
        }
    }

    private static String links(Context context, long page, long size, long last) {
        var links = new ArrayList<String>();
        links.add(link(context, Math.max(1, page - 1), size, "prev"));
        links.add(link(context, page == last ? page : page + 1, size, "next"));
        links.add(link(context, 1, size, "first"));
        links.add(link(context, last, size, "last"));
        return String.join(",", links);
    }

    private static String link(Context context, long page, long size, String rel) {
        Map<String, List<String>> query = new TreeMap<>(context.queryParamMap());
        query.put("page", List.of(Long.toString(page)));
        query.put("per_page", List.of(Long.toString(size)));
        query.remove("token"); // a secret has no place in a header that is kept and passed on
        var text = new ArrayList<String>();
        query.forEach((name, values) -> values.forEach(value -> text.add(encode(name) + "=" + encode(value))));
        return "<" + context.path() + "?" + String.join("&", text) + ">;rel=" + rel;
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
