package dev.darter.wire.metrics;

import java.util.List;
import java.util.Locale;

/** Which program this is: a gauge that is 1, with upstream's labels. */
public final class VersionMetric {
    private static final List<String> LABELS = List.of(
            "major",
            "minor",
            "git_version",
            "git_commit",
            "platform",
            "build_time",
            "go_version",
            "go_tags",
            "go_gcflags");

    /** Of upstream's interface, which is what dashboards ask for. */
    private static final String MAJOR = "2";

    private static final String MINOR = "1";
    private static final String UNKNOWN = "unknown";

    private VersionMetric() {}

    /**
     * Registers {@code PREFIX_version}.
     *
     * @param program the class whose jar says which version of ours this is
     */
    public static void register(MetricRegistry registry, String prefix, Class<?> program) {
        String version = program.getPackage().getImplementationVersion();
        registry.gauge(prefix + "_version", "Version of the program.", LABELS)
                .with(
                        MAJOR,
                        MINOR,
                        "darter-" + (version == null ? UNKNOWN : version),
                        UNKNOWN,
                        System.getProperty("os.name", UNKNOWN).toLowerCase(Locale.ROOT),
                        UNKNOWN,
                        "java" + Runtime.version().feature(),
                        UNKNOWN,
                        UNKNOWN)
                .set(1);
    }
}
