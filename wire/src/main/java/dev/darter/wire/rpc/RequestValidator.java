package dev.darter.wire.rpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.OneofDescriptor;
import com.google.protobuf.Message;
import dev.darter.proto.rules.FieldRule;
import dev.darter.proto.rules.Rules;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Checks a request against the rules that stand beside its fields in the {@code .proto} files. What is worth checking of a message type
 * is worked out once. Any thread may call it.
 */
final class RequestValidator {
    private final Map<Descriptor, Plan> plans = new ConcurrentHashMap<>();

    /** What is to be checked of one message type. */
    private record Plan(List<RuledField> ruled, List<FieldDescriptor> nested, List<OneofDescriptor> required) {}

    private record RuledField(FieldDescriptor field, FieldRule rule) {}

    /** @throws IllegalArgumentException naming the first field that breaks its rule */
    void check(Message message) {
        check(message, "");
    }

    private void check(Message message, String path) {
        Plan plan = plans.computeIfAbsent(message.getDescriptorForType(), RequestValidator::plan);
        for (OneofDescriptor oneof : plan.required) {
            if (!message.hasOneof(oneof)) {
                throw illegal(path + oneof.getName(), "not set", "one of its members");
            }
        }
        for (RuledField ruled : plan.ruled) {
            checkRule(message, ruled.field, ruled.rule, path + ruled.field.getName());
        }
        for (FieldDescriptor field : plan.nested) {
            checkNested(message, field, path + field.getName());
        }
    }

    private void checkNested(Message message, FieldDescriptor field, String name) {
        if (field.isRepeated()) {
            for (int i = 0; i < message.getRepeatedFieldCount(field); i++) {
                check((Message) message.getRepeatedField(field, i), name + "[" + i + "].");
            }
        } else if (message.hasField(field)) {
            check((Message) message.getField(field), name + ".");
        }
    }

    private static void checkRule(Message message, FieldDescriptor field, FieldRule rule, String name) {
        if (field.isRepeated()) {
            int items = message.getRepeatedFieldCount(field);
            if (items < rule.getMinItems() && !(items == 0 && rule.getOrEmpty())) {
                throw illegal(name, items + " items", "at least " + rule.getMinItems());
            }
            return;
        }
        if (field.hasPresence() && !message.hasField(field)) {
            if (rule.getRequired()) {
                throw illegal(name, "not set", "a value");
            }
            return;
        }
        switch (message.getField(field)) {
            case String text -> checkText(text, rule, name);
            case ByteString bytes -> checkSize(bytes.size(), rule, name, bytes.size() + " bytes");
            case Integer number -> checkNumber(number, rule, name);
            case Long number -> checkNumber(number, rule, name);
            case Double number -> checkNumber(number, rule, name);
            case EnumValueDescriptor value -> {
                if (rule.getKnownEnum() && value.getType().findValueByNumber(value.getNumber()) == null) {
                    throw illegal(
                            name,
                            Integer.toString(value.getNumber()),
                            "a known value of " + value.getType().getName());
                }
            }
            default -> {} // a message's own fields are checked when it is visited
        }
    }

    private static void checkText(String text, FieldRule rule, String name) {
        if (text.isEmpty() && rule.getOrEmpty()) {
            return;
        }
        checkSize(text.codePointCount(0, text.length()), rule, name, TextFormats.shorten(text));
        if (!TextFormats.matches(rule.getFormat(), text)) {
            throw illegal(name, TextFormats.shorten(text), TextFormats.describe(rule.getFormat()));
        }
        if (rule.getOneOfCount() > 0 && !rule.getOneOfList().contains(text)) {
            throw illegal(name, TextFormats.shorten(text), "one of " + String.join(", ", rule.getOneOfList()));
        }
    }

    private static void checkSize(int size, FieldRule rule, String name, String shown) {
        if (size < rule.getMinChars()) {
            throw illegal(
                    name,
                    shown,
                    "at least " + rule.getMinChars() + (rule.getMinChars() == 1 ? " character" : " characters"));
        }
        if (rule.getMaxChars() > 0 && size > rule.getMaxChars()) {
            throw illegal(name, shown, "at most " + rule.getMaxChars() + " characters");
        }
    }

    private static void checkNumber(double number, FieldRule rule, String name) {
        if (number == 0 && rule.getOrEmpty()) {
            return;
        }
        boolean inside = (!rule.hasMin() || number >= rule.getMin()) && (!rule.hasMax() || number <= rule.getMax());
        if (!inside) {
            String shown = number == Math.rint(number) ? Long.toString((long) number) : Double.toString(number);
            String low = rule.hasMin() ? Long.toString(rule.getMin()) : "";
            throw illegal(name, shown, rule.hasMax() ? low + ".." + rule.getMax() : ">= " + low);
        }
    }

    private static Plan plan(Descriptor type) {
        var ruled = new ArrayList<RuledField>();
        var nested = new ArrayList<FieldDescriptor>();
        for (FieldDescriptor field : type.getFields()) {
            if (field.getOptions().hasExtension(Rules.field)) {
                ruled.add(new RuledField(field, field.getOptions().getExtension(Rules.field)));
            }
            boolean ours = field.getJavaType() == FieldDescriptor.JavaType.MESSAGE
                    && !field.isMapField()
                    && !field.getMessageType().getFullName().startsWith("google.protobuf.");
            if (ours) {
                nested.add(field);
            }
        }
        var required = type.getOneofs().stream()
                .filter(oneof -> oneof.getOptions().getExtension(Rules.oneofRequired))
                .toList();
        return new Plan(List.copyOf(ruled), List.copyOf(nested), required);
    }

    private static IllegalArgumentException illegal(String name, String value, String expected) {
        return new IllegalArgumentException(name + ": " + value + " (expected: " + expected + ")");
    }
}
