package dev.darter.manager.rest;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * A request's JSON object, read as upstream reads it: names match in any letter case, unknown ones do not matter, {@code null} is as if
 * absent. What is wrong is collected and answered at once.
 */
final class Body {
    private final Map<String, JsonNode> fields = new LinkedHashMap<>();
    private final List<String> errors = new ArrayList<>();

    Body(String text) {
        try {
            JsonNode root = Json.MAPPER.readTree(text.isBlank() ? "{}" : text);
            if (!root.isObject()) {
                throw new InvalidRequest("body: not an object (expected: a JSON object)");
            }
            root.properties().forEach(field -> {
                if (!field.getValue().isNull()) {
                    fields.put(field.getKey().toLowerCase(Locale.ROOT), field.getValue());
                }
            });
        } catch (JacksonException e) {
            throw new InvalidRequest("body: not JSON (expected: a JSON object)");
        }
    }

    boolean has(String name) {
        return fields.containsKey(name);
    }

    /** A text; absent when it is not there or empty. */
    Optional<String> text(String name) {
        @Nullable JsonNode node = fields.get(name);
        if (node == null) {
            return Optional.empty();
        }
        if (!node.isString()) {
            errors.add(name + ": " + node + " (expected: a text)");
            return Optional.empty();
        }
        return Optional.of(node.stringValue()).filter(text -> !text.isEmpty());
    }

    String requiredText(String name) {
        Optional<String> text = text(name);
        if (text.isEmpty()) {
            errors.add(name + ": missing (expected: a text)");
        }
        return text.orElse("");
    }

    /** A number in bounds; absent when it is not there or zero. */
    Optional<Long> number(String name, long min, long max) {
        @Nullable JsonNode node = fields.get(name);
        if (node == null) {
            return Optional.empty();
        }
        if (!node.isIntegralNumber() || (node.longValue() != 0 && (node.longValue() < min || node.longValue() > max))) {
            errors.add(name + ": " + node + " (expected: " + min + ".." + max + ")");
            return Optional.empty();
        }
        return Optional.of(node.longValue()).filter(value -> value != 0);
    }

    long requiredNumber(String name, long min, long max) {
        Optional<Long> number = number(name, min, max);
        if (number.isEmpty()) {
            errors.add(name + ": missing (expected: " + min + ".." + max + ")");
        }
        return number.orElse(0L);
    }

    Optional<Boolean> flag(String name) {
        @Nullable JsonNode node = fields.get(name);
        if (node == null) {
            return Optional.empty();
        }
        if (!node.isBoolean()) {
            errors.add(name + ": " + node + " (expected: true or false)");
            return Optional.empty();
        }
        return Optional.of(node.booleanValue());
    }

    /** An object or array as it was sent. */
    Optional<JsonNode> node(String name) {
        return Optional.ofNullable(fields.get(name));
    }

    /** An object whose numbers lie in bounds, as JSON text with exactly the named fields. */
    Optional<String> limits(String name, Map<String, long[]> bounds) {
        @Nullable JsonNode node = fields.get(name);
        if (node == null) {
            return Optional.empty();
        }
        var kept = new LinkedHashMap<String, Object>();
        bounds.forEach((key, bound) -> {
            JsonNode value = node.path(key);
            long number = value.isIntegralNumber() ? value.longValue() : 0;
            if (value.isMissingNode() || number == 0) {
                kept.put(key, 0);
            } else if (number < bound[0] || number > bound[1]) {
                errors.add(name + "." + key + ": " + value + " (expected: " + bound[0] + ".." + bound[1] + ")");
            } else {
                kept.put(key, number);
            }
        });
        return Optional.of(Json.write(kept));
    }

    void require(String name) {
        if (!has(name)) {
            errors.add(name + ": missing (expected: a value)");
        }
    }

    /** @throws InvalidRequest with everything that was wrong */
    void check() {
        if (!errors.isEmpty()) {
            throw new InvalidRequest(String.join("\n", errors));
        }
    }

    /** Answered with 422 and the reason. */
    static final class InvalidRequest extends RuntimeException {
        InvalidRequest(String message) {
            super(message);
        }
    }
}
