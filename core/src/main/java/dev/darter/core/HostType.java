package dev.darter.core;

import java.util.Optional;

/** What a host is for; everything but {@link #NORMAL} is a seed peer. */
public enum HostType {
    NORMAL("normal"),
    SUPER("super"),
    STRONG("strong"),
    WEAK("weak");

    private final String wireName;

    HostType(String wireName) {
        this.wireName = wireName;
    }

    public String wireName() {
        return wireName;
    }

    public boolean isSeed() {
        return this != NORMAL;
    }

    public static Optional<HostType> byWireName(String name) {
        for (HostType type : values()) {
            if (type.wireName.equals(name)) {
                return Optional.of(type);
            }
        }
        return Optional.empty();
    }
}
