package dev.darter.core;

import java.util.Map;

/**
 * What identifies a request besides its URL, and how its origin is to be asked. Absent texts are empty.
 *
 * @param digest {@code algorithm:hex} as the user wrote it; part of the task id, so it is kept verbatim
 * @param tag separates copies of the same URL
 * @param range {@code start-end} or {@code start-}, no unit; part of the task id, so it is kept verbatim
 * @param filter names of query parameters that do not belong to the identity, joined by {@code &}
 * @param header sent to the origin; may hold credentials, so it is never logged or stored
 * @param application name of the application that asks
 */
public record UrlMeta(
        String digest,
        String tag,
        String range,
        String filter,
        Map<String, String> header,
        String application,
        Priority priority) {

    /** A request with nothing but its URL. */
    public static final UrlMeta NONE = new UrlMeta("", "", "", "", Map.of(), "", Priority.LEVEL0);

    public UrlMeta {
        header = Map.copyOf(header);
    }

    public UrlMeta withDigest(String newDigest) {
        return new UrlMeta(newDigest, tag, range, filter, header, application, priority);
    }

    public UrlMeta withRange(String newRange) {
        return new UrlMeta(digest, tag, newRange, filter, header, application, priority);
    }

    public UrlMeta withTag(String newTag) {
        return new UrlMeta(digest, newTag, range, filter, header, application, priority);
    }

    public UrlMeta withFilter(String newFilter) {
        return new UrlMeta(digest, tag, range, newFilter, header, application, priority);
    }

    public UrlMeta withHeader(Map<String, String> newHeader) {
        return new UrlMeta(digest, tag, range, filter, newHeader, application, priority);
    }

    public UrlMeta withApplication(String newApplication) {
        return new UrlMeta(digest, tag, range, filter, header, newApplication, priority);
    }

    public UrlMeta withPriority(Priority newPriority) {
        return new UrlMeta(digest, tag, range, filter, header, application, newPriority);
    }

    /** Names the headers, hides their values: they may be credentials. */
    @Override
    public String toString() {
        return "UrlMeta[digest=" + digest + ", tag=" + tag + ", range=" + range + ", filter=" + filter + ", header="
                + header.keySet() + ", application=" + application + ", priority=" + priority + "]";
    }
}
