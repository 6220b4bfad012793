package dev.darter.core;

/** Whether whoever read a task's origin signed what it found there, as far as a scheduler knows. In the wire's order. */
public enum Integrity {
    /** The scheduler says nothing, or does not know. */
    UNKNOWN,
    /** All of it is signed, or will be. */
    SIGNED,
    /** Somebody who does not sign has read it, or a part. */
    UNSIGNED
}
