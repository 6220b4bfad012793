package dev.darter.bench.sim;

/** What was asked for cannot be simulated; the message says what and why. */
final class SimException extends RuntimeException {
    private static final long serialVersionUID = 1;

    SimException(String message) {
        super(message);
    }
}
