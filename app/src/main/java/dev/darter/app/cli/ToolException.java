package dev.darter.app.cli;

/** What a user is told when a tool cannot do what it was asked; one line. */
class ToolException extends RuntimeException {
    ToolException(String message) {
        super(message);
    }
}
