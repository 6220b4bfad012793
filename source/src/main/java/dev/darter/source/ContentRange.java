package dev.darter.source;

import java.net.http.HttpResponse;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/**
 * The {@code Content-Range} of an answer.
 *
 * @param first first byte
 * @param last last byte, included
 * @param total bytes of the whole content; empty when the origin does not say
 */
record ContentRange(long first, long last, OptionalLong total) {
    private static final Pattern FORM = Pattern.compile("bytes (\\d{1,18})-(\\d{1,18})/(\\d{1,18}|\\*)");

    /** Empty when there is none, or none that makes sense. */
    static Optional<ContentRange> of(HttpResponse<?> answer) {
        return answer.headers().firstValue("Content-Range").flatMap(ContentRange::parse);
    }

    static Optional<ContentRange> parse(String text) {
        var matcher = FORM.matcher(text.strip());
        if (!matcher.matches()) {
            return Optional.empty();
        }
        long first = Long.parseLong(matcher.group(1));
        long last = Long.parseLong(matcher.group(2));
        String total = matcher.group(3);
        OptionalLong length = total.equals("*") ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(total));
        boolean sensible = first <= last && (length.isEmpty() || last < length.getAsLong());
        return sensible ? Optional.of(new ContentRange(first, last, length)) : Optional.empty();
    }
}
