package dev.darter.peer.choice;

import java.util.BitSet;

/**
 * What one neighbour can give now. The caller keeps {@code blocks} unchanged while a choice is made.
 *
 * @param neighbour its place in the caller's list
 * @param blocks numbers of the blocks it has
 * @param requests what is being fetched from it; or {@link Offers#BUSY}
 * @param bytesPerSecond moving average of what it gave; 0 while it gave nothing
 * @param lastResort whether to ask it only for what nobody else has
 */
public record BlockOffer(int neighbour, BitSet blocks, int requests, double bytesPerSecond, boolean lastResort) {}
