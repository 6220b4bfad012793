package dev.darter.peer.task;

/**
 * Where bytes came from.
 *
 * @param local were on this host before
 * @param peer came from other peers
 * @param origin were read from the origin by this host
 */
public record BytesBySource(long local, long peer, long origin) {}
