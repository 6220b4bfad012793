package dev.darter.wire.client;

import dev.darter.core.Priority;
import java.util.List;

/**
 * An application with the priority of its downloads.
 *
 * @param priority where no URL rule matches
 * @param urls the first whose expression is found in the URL decides
 */
public record Application(String name, Priority priority, List<UrlPriority> urls) {
    public Application {
        urls = List.copyOf(urls);
    }

    public record UrlPriority(String regex, Priority priority) {}
}
