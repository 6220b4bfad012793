package dev.darter.core;

import java.util.Optional;

/**
 * One contiguous slice of a task's content, the unit of the v1 wire.
 *
 * @param number position within the task, from 0
 * @param offset first byte within the content, from 0
 * @param length bytes; only the last piece may be shorter than the task's piece length
 * @param md5 what the holder claims; empty where digests are switched off
 */
public record Piece(int number, long offset, long length, Optional<Digest> md5) {
    public Piece {
        if (number < 0) {
            throw new IllegalArgumentException("piece number: " + number + " (expected: >= 0)");
        }
        if (offset < 0) {
            throw new IllegalArgumentException("piece offset: " + offset + " (expected: >= 0)");
        }
        if (length < 0 || length > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("piece length: " + length + " (expected: 0 to 2147483647)");
        }
    }

    /** First byte after the piece. */
    public long end() {
        return offset + length;
    }
}
