package dev.darter.app.config;

/** A configuration cannot be used; the message says where it is wrong and what was expected, for the operator. */
public final class ConfigException extends RuntimeException {
    public ConfigException(String message) {
        super(message);
    }
}
