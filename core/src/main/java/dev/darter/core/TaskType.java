package dev.darter.core;

/** Where the content of a task comes from; the ordinal is the number on the wire. */
public enum TaskType {
    /** A URL that can be fetched. */
    STANDARD,
    /** Imported by dfcache: there is no source to go back to. */
    DFCACHE,
    /** An object of an object store. */
    DFSTORE
}
