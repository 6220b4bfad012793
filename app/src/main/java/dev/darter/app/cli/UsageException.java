package dev.darter.app.cli;

/** The command line itself is wrong: asking again will not help. */
final class UsageException extends ToolException {
    UsageException(String message) {
        super(message);
    }
}
