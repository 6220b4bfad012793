package dev.darter.app.cli;

/** Every flag of the tools that are read without a library, under upstream's names. */
enum Flag {
    URL('u', "url", "URL", "what to download; may also stand without its flag"),
    OUTPUT('O', "output", "PATH", "where to put it (default: the last part of the URL)"),
    DIGEST("digest", "ALGORITHM:HEX", "what the content must hash to: sha256:…, sha512:…, sha1:…, md5:…"),
    RANGE("range", "FIRST-LAST", "bytes to get: 0-99 or 100-"),
    HEADER('H', "header", "'NAME: VALUE'", "header for the origin; may be repeated"),
    TAG("tag", "TEXT", "keeps copies of the same URL apart"),
    APPLICATION("application", "TEXT", "name of the application that asks"),
    FILTER("filter", "A&B", "query parameters that do not belong to the identity"),
    PRIORITY('P', "priority", "0..6", "which downloads go first (default: 0)"),
    TIMEOUT("timeout", "DURATION", "give up after, such as 30s or 5m (default: never)"),
    RATE_LIMIT("ratelimit", "RATE", "bytes a second, such as 20Mi"),
    DISABLE_BACK_SOURCE("disable-back-source", "", "never read the origin from this node"),
    ORIGINAL_OFFSET("original-offset", "", "put a range where it lies in the whole file"),
    DAEMON_SOCK("daemon-sock", "PATH", "socket of the daemon", Use.EVERY),
    JSON("json", "", "one JSON object a line"),
    HELP('h', "help", "", "this text", Use.EVERY),

    SHOW_PROGRESS('b', "show-progress", "", "a bar on a terminal", Use.DFGET),
    CONFIG("config", "FILE", "configuration of the daemon", Use.NODE),
    WORK_HOME("workhome", "DIRECTORY", "the daemon's working directory", Use.NODE),
    LOG_DIR("logdir", "DIRECTORY", "the daemon's logs", Use.NODE),
    DATA_DIR("datadir", "DIRECTORY", "the daemon's content", Use.NODE),
    CACHE_DIR("cachedir", "DIRECTORY", "what the daemon remembers of schedulers", Use.NODE),
    CONSOLE("console", "", "plain lines, never a bar; a daemon logs to standard output", Use.NODE),
    VERBOSE("verbose", "", "the daemon logs more", Use.NODE),

    RECURSIVE('r', "recursive", "", "a directory; no origin that can be read lists any yet", Use.DFGET),
    LIST('l', "list", "", "with --recursive", Use.DFGET),
    LEVEL("level", "DEPTH", "with --recursive", Use.DFGET),
    ACCEPT_REGEX("accept-regex", "PATTERN", "with --recursive", Use.DFGET),
    REJECT_REGEX("reject-regex", "PATTERN", "with --recursive", Use.DFGET),
    PPROF_PORT("pprof-port", "PORT", "does nothing", Use.NODE),
    JAEGER("jaeger", "URL", "does nothing", Use.NODE),
    SERVICE_NAME("service-name", "TEXT", "does nothing", Use.NODE),

    STRICT("strict", "", "refuse keys that nobody knows", Use.DAEMON),
    LAUNCHER("launcher", "PID", "who started the daemon", Use.DAEMON);

    /** Which program reads a command line. */
    enum Tool {
        GET,
        DFGET,
        DAEMON
    }

    /** Who takes a flag. */
    private enum Use {
        EVERY,
        /** Both ways to download. */
        DOWNLOAD,
        /** Upstream's way to download. */
        DFGET,
        /** A daemon, and the tool that may have to start it. */
        NODE,
        DAEMON
    }

    static final char NO_LETTER = 0;

    private final char letter;
    private final String word;
    private final String value;
    private final String meaning;
    private final Use use;

    Flag(String word, String value, String meaning) {
        this(NO_LETTER, word, value, meaning, Use.DOWNLOAD);
    }

    Flag(String word, String value, String meaning, Use use) {
        this(NO_LETTER, word, value, meaning, use);
    }

    Flag(char letter, String word, String value, String meaning) {
        this(letter, word, value, meaning, Use.DOWNLOAD);
    }

    /** @param value what the help calls it; empty for a switch */
    Flag(char letter, String word, String value, String meaning, Use use) {
        this.letter = letter;
        this.word = word;
        this.value = value;
        this.meaning = meaning;
        this.use = use;
    }

    char letter() {
        return letter;
    }

    /** As a user writes it. */
    String written() {
        return "--" + word;
    }

    String word() {
        return word;
    }

    boolean isSwitch() {
        return value.isEmpty();
    }

    boolean isFor(Tool tool) {
        return switch (use) {
            case EVERY -> true;
            case DOWNLOAD -> tool != Tool.DAEMON;
            case DFGET -> tool == Tool.DFGET;
            case NODE -> tool != Tool.GET;
            case DAEMON -> tool == Tool.DAEMON;
        };
    }

    /** The help's lines for the flags of one tool. */
    static String help(Tool tool) {
        var text = new StringBuilder();
        for (Flag flag : values()) {
            if (flag.isFor(tool)) {
                String names = (flag.letter == NO_LETTER ? "      " : "  -" + flag.letter + ", ")
                        + flag.written()
                        + (flag.isSwitch() ? "" : " " + flag.value);
                text.append(names)
                        .append(" ".repeat(Math.max(2, 34 - names.length())))
                        .append(flag.meaning)
                        .append('\n');
            }
        }
        return text.toString();
    }
}
