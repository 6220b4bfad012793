package dev.darter.bench.lab;

/** The lab cannot do what it was asked to; the message is for whoever started it. */
public final class LabException extends RuntimeException {
    public LabException(String message) {
        super(message);
    }
}
