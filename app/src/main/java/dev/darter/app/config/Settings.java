package dev.darter.app.config;

import dev.darter.core.NetAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * One configuration file, read as upstream reads it: keys match in any letter case, {@code null} keeps the default, a scalar stands for a list of
 * one, quoted numbers are numbers. Remembers where every value stands, so that a message can say so. JSON is YAML. Immutable once
 * read.
 */
final class Settings {
    private static final int LONGEST = 4 << 20;
    private static final int MOST_KEYS = 10_000;
    private static final int DEEPEST = 20;

    /** A value with its place. */
    private record Entry(String writtenKey, Node node, int line) {}

    private final String file;
    private final Map<String, Entry> entries;

    private Settings(String file, Map<String, Entry> entries) {
        this.file = file;
        this.entries = entries;
    }

    /** Nothing is set: every value is the default. */
    static Settings empty() {
        return new Settings("no file", Map.of());
    }

    /** @throws ConfigException if the file cannot be read or is no mapping */
    static Settings read(Path path) {
        try {
            if (Files.size(path) > LONGEST) {
                throw new ConfigException(
                        path + ": " + Files.size(path) + " bytes (expected: at most " + LONGEST + ")");
            }
            return parse(path.toString(), Files.readString(path));
        } catch (NoSuchFileException e) {
            throw new ConfigException(path + ": no such file (expected: a configuration file)");
        } catch (CharacterCodingException e) {
            throw new ConfigException(path + ": not a text (expected: YAML in UTF-8)");
        } catch (IOException e) {
            throw new ConfigException(path + ": cannot be read: " + e.getMessage());
        }
    }

    static Settings parse(String file, String text) {
        try {
            var node = new Compose(LoadSettings.builder()
                            .setLabel(file)
                            .setUseMarks(true)
                            .build())
                    .composeString(text);
            var entries = new LinkedHashMap<String, Entry>();
            if (node.isPresent() && !isNull(node.get())) {
                if (!(node.get() instanceof MappingNode mapping)) {
                    throw new ConfigException(file + ": not a mapping (expected: keys and values)");
                }
                flatten(file, "", mapping, 0, entries);
            }
            return new Settings(file, entries);
        } catch (MarkedYamlEngineException e) {
            String line =
                    e.getProblemMark().map(mark -> ":" + (mark.getLine() + 1)).orElse("");
            throw new ConfigException(file + line + ": not YAML: " + oneLine(String.valueOf(e.getProblem())));
        } catch (YamlEngineException e) {
            throw new ConfigException(file + ": not YAML: " + oneLine(String.valueOf(e.getMessage())));
        }
    }

    /** The same with some values replaced, as a command line wants them: key to value. */
    Settings with(Map<String, String> instead) {
        var changed = new LinkedHashMap<>(entries);
        instead.forEach((key, value) -> changed.put(
                key.toLowerCase(Locale.ROOT), new Entry(key, new ScalarNode(Tag.STR, value, ScalarStyle.PLAIN), 0)));
        return new Settings(file, changed);
    }

    private static String oneLine(String text) {
        return text.strip().replaceAll("\\s+", " ");
    }

    /** Aliases may repeat a mapping, even inside itself: depth and number are bounded. */
    private static void flatten(String file, String prefix, MappingNode mapping, int depth, Map<String, Entry> into) {
        for (NodeTuple tuple : mapping.getValue()) {
            int line = line(tuple.getKeyNode());
            if (depth > DEEPEST || into.size() > MOST_KEYS) {
                throw new ConfigException(file + ":" + line + ": too much (expected: at most " + MOST_KEYS
                        + " keys, at most " + DEEPEST + " levels deep)");
            }
            String path = prefix + (tuple.getKeyNode() instanceof ScalarNode scalar ? scalar.getValue() : "?");
            Entry earlier = into.put(path.toLowerCase(Locale.ROOT), new Entry(path, tuple.getValueNode(), line));
            if (earlier != null) {
                throw new ConfigException(file + ":" + line + ": " + path
                        + ": written again (expected: once; it is in line " + earlier.line + ")");
            }
            if (tuple.getValueNode() instanceof MappingNode inner) {
                flatten(file, path + ".", inner, depth + 1, into);
            }
        }
    }

    private static int line(Node node) {
        return node.getStartMark().map(mark -> mark.getLine() + 1).orElse(0);
    }

    private static boolean isNull(Node node) {
        return node.getTag().equals(Tag.NULL);
    }

    /**
     * Names what does not act.
     *
     * @return one line for all keys that upstream has and we do not act on, one for every key that nobody knows
     * @throws ConfigException under {@code strict}, if there is a key that nobody knows; always, if a section has a value of its own
     */
    List<String> review(KnownKeys known, boolean strict) {
        var unused = new TreeMap<String, List<String>>();
        var warnings = new ArrayList<String>();
        for (Entry entry : entries.values()) {
            boolean isSection = entry.node instanceof MappingNode;
            Optional<String> spelling = known.spelling(entry.writtenKey);
            if (isSection
                    && (spelling.isEmpty() || known.reason(entry.writtenKey).isEmpty())) {
                continue;
            }
            if (spelling.isEmpty() && known.isSection(entry.writtenKey)) {
                if (isNull(entry.node)) {
                    continue; // an empty section says nothing
                }
                throw wrong(entry.writtenKey, describe(entry.node), "a mapping");
            }
            if (spelling.isEmpty()) {
                String hint = known.nearest(entry.writtenKey)
                        .map(near -> "; did you mean " + near + "?")
                        .orElse("");
                String message = file + ":" + entry.line + ": " + entry.writtenKey + ": nobody knows this key" + hint;
                if (strict) {
                    throw new ConfigException(message);
                }
                warnings.add(message);
                continue;
            }
            known.reason(entry.writtenKey)
                    .filter(_ -> !isNull(entry.node) && !isSection)
                    .ifPresent(reason -> unused.computeIfAbsent(reason, _ -> new ArrayList<>())
                            .add(entry.writtenKey));
        }
        if (!unused.isEmpty()) {
            var parts = new ArrayList<String>();
            unused.forEach((reason, keys) -> parts.add(String.join(", ", keys) + " (" + reason + ")"));
            warnings.addFirst(file + ": keys that do nothing here: " + String.join("; ", parts));
        }
        return warnings;
    }

    private static String describe(Node node) {
        return node instanceof ScalarNode scalar ? scalar.getValue() : "a list";
    }

    boolean has(String key) {
        return node(key).isPresent();
    }

    String text(String key, String otherwise) {
        return scalar(key).orElse(otherwise);
    }

    Optional<String> text(String key) {
        return scalar(key).filter(text -> !text.isEmpty());
    }

    boolean flag(String key, boolean otherwise) {
        return convert(key, "true or false", otherwise, text -> switch (text.toLowerCase(Locale.ROOT)) {
            case "true", "1", "t" -> true;
            case "false", "0", "f" -> false;
            default -> throw new IllegalArgumentException();
        });
    }

    /** A whole number that an {@code int} can hold. */
    int integer(String key, int otherwise) {
        return convert(key, "a whole number", otherwise, Integer::parseInt);
    }

    /** A port, 0 for any free one. */
    int port(String key, int otherwise) {
        return convert(key, "a port, 0..65535", otherwise, text -> {
            int port = Integer.parseInt(text);
            if (port < 0 || port > 65535) {
                throw new IllegalArgumentException();
            }
            return port;
        });
    }

    /** An IP literal; nothing is looked up. */
    Optional<String> ip(String key) {
        return text(key).map(text -> parse(key, "an IP address", text, Settings::literal));
    }

    private static String literal(String text) {
        if (text.indexOf(':') < 0 && text.chars().filter(c -> c == '.').count() != 3) {
            throw new IllegalArgumentException(); // the library also takes 10.1 for an address
        }
        var _ = InetAddress.ofLiteral(text);
        return text;
    }

    long number(String key, long otherwise) {
        return convert(key, "a whole number", otherwise, Long::parseLong);
    }

    double decimal(String key, double otherwise) {
        return convert(key, "a number", otherwise, Double::parseDouble);
    }

    /** Go's durations; a bare whole number is nanoseconds. */
    Duration duration(String key, Duration otherwise) {
        return convert(key, "a duration such as 30s, 5m or 1h30m", otherwise, Units::duration);
    }

    /** Bytes; units are powers of 1024 whatever their letter. */
    long bytes(String key, long otherwise) {
        return convert(key, "bytes such as 1024, 64Ki, 20Mi or 1.5Gi", otherwise, Units::bytes);
    }

    /** {@code host:port}. */
    Optional<NetAddress> address(String key) {
        return scalar(key)
                .filter(text -> !text.isEmpty())
                .map(text -> parse(key, "host:port", text, NetAddress::parse));
    }

    /** A listening address whose host may be missing: {@code :8080}. */
    NetAddress listen(String key, NetAddress otherwise) {
        return convert(
                key,
                "host:port or :port",
                otherwise,
                text -> NetAddress.parse(text.startsWith(":") ? "0.0.0.0" + text : text));
    }

    /** Addresses as text, or as mappings with {@code addr}. */
    List<NetAddress> addresses(String key) {
        var found = new ArrayList<NetAddress>();
        for (Node item : items(key)) {
            String text = switch (item) {
                case MappingNode mapping -> field(mapping, "addr");
                case ScalarNode scalar -> scalar.getValue();
                default -> throw wrong(key, "a list in the list", "host:port");
            };
            found.add(parse(key, "host:port", text, NetAddress::parse));
        }
        return found;
    }

    List<String> texts(String key) {
        return items(key).stream()
                .map(item -> item instanceof ScalarNode scalar ? scalar.getValue() : "")
                .toList();
    }

    /**
     * First and last port.
     *
     * @return as given: one number is both; a mapping has a start and perhaps an end
     */
    int[] ports(String key, int first, int last) {
        Optional<Node> node = node(key);
        if (node.isEmpty()) {
            return new int[] {first, last};
        }
        if (node.get() instanceof MappingNode) {
            int start = port(key + ".start", first);
            int end = port(key + ".end", start);
            return new int[] {start, Math.max(start, end)};
        }
        int port = port(key, first);
        return new int[] {port, port};
    }

    /** The complaint of a record's own check, with the place of the key that its message begins with. */
    ConfigException illegal(IllegalArgumentException e) {
        String message = String.valueOf(e.getMessage());
        int colon = message.indexOf(':');
        Entry entry = colon < 0 ? null : entries.get(message.substring(0, colon).toLowerCase(Locale.ROOT));
        return entry == null
                ? new ConfigException(file + ": " + message)
                : new ConfigException(
                        file + ":" + entry.line + ": " + entry.writtenKey + asWritten(entry, message, colon));
    }

    /** What follows the key in a message, with the value as the operator wrote it. */
    private static String asWritten(Entry entry, String message, int colon) {
        int expected = message.indexOf(" (expected: ", colon);
        return entry.node instanceof ScalarNode scalar && !scalar.getValue().isEmpty() && expected >= 0
                ? ": " + scalar.getValue() + message.substring(expected)
                : message.substring(colon);
    }

    private Optional<Node> node(String key) {
        Entry entry = entries.get(key.toLowerCase(Locale.ROOT));
        return entry == null || isNull(entry.node) ? Optional.empty() : Optional.of(entry.node);
    }

    private Optional<String> scalar(String key) {
        return node(key).map(node -> {
            if (node instanceof ScalarNode scalar) {
                return scalar.getValue();
            }
            throw wrong(key, "a list or mapping", "one value");
        });
    }

    private List<Node> items(String key) {
        return node(key)
                .map(node -> switch (node) {
                    case SequenceNode sequence ->
                        sequence.getValue().stream()
                                .filter(item -> !isNull(item))
                                .toList();
                    case ScalarNode scalar -> List.<Node>of(scalar);
                    default -> throw wrong(key, "a mapping", "a list");
                })
                .orElse(List.of());
    }

    private static String field(MappingNode mapping, String name) {
        for (NodeTuple tuple : mapping.getValue()) {
            if (tuple.getKeyNode() instanceof ScalarNode key
                    && key.getValue().equalsIgnoreCase(name)
                    && tuple.getValueNode() instanceof ScalarNode value) {
                return value.getValue();
            }
        }
        return "";
    }

    private <T> T convert(String key, String expected, T otherwise, Function<String, T> conversion) {
        Optional<String> text = scalar(key);
        return text.isEmpty() ? otherwise : parse(key, expected, text.get(), conversion);
    }

    private <T> T parse(String key, String expected, String text, Function<String, T> conversion) {
        try {
            return conversion.apply(text);
        } catch (IllegalArgumentException e) {
            throw wrong(key, text, expected);
        }
    }

    private ConfigException wrong(String key, String value, String expected) {
        Entry entry = entries.get(key.toLowerCase(Locale.ROOT));
        String place = entry == null ? "" : ":" + entry.line;
        String written = entry == null ? key : entry.writtenKey;
        return new ConfigException(file + place + ": " + written + ": " + value + " (expected: " + expected + ")");
    }
}
