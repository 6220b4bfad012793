package dev.darter.scheduler.announce;

import dev.darter.core.Priority;
import dev.darter.wire.client.Application;
import java.util.List;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** The priority that an operator gave to an application, for requests that name none. */
final class ApplicationPriorities {
    private ApplicationPriorities() {}

    /** LEVEL0 when no application of that name is known. */
    static Priority of(List<Application> applications, String name, String url) {
        for (Application application : applications) {
            if (!application.name().equals(name)) {
                continue;
            }
            for (Application.UrlPriority rule : application.urls()) {
                if (matches(rule.regex(), url)) {
                    return rule.priority();
                }
            }
            return application.priority();
        }
        return Priority.LEVEL0;
    }

    /** An expression that does not compile matches nothing. */
    private static boolean matches(String regex, String url) {
        try {
            return Pattern.compile(regex).matcher(url).find();
        } catch (PatternSyntaxException e) {
            return false;
        }
    }
}
