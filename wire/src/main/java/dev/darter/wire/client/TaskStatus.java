package dev.darter.wire.client;

/**
 * What a scheduler knows of a task.
 *
 * @param contentLength -1 when unknown
 * @param state Pending, Running, Succeeded, Failed or Leave
 */
public record TaskStatus(long contentLength, int totalPieces, String state, int peerCount, boolean hasAvailablePeer) {}
