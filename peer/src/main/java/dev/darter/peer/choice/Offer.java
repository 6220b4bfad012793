package dev.darter.peer.choice;

import java.util.BitSet;

/**
 * What one parent can give now. The caller keeps {@code pieces} unchanged while a choice is made.
 *
 * @param parent its peer id
 * @param seed whether it is a seed peer, whose uplink is the scarcest of a cold start
 * @param pieces numbers of the pieces it announced
 * @param inFlight pieces being fetched from it
 * @param history how it served so far
 */
public record Offer(String parent, boolean seed, BitSet pieces, int inFlight, ParentRecord history) {
    /** The same without these pieces. */
    public Offer without(BitSet others) {
        var left = (BitSet) pieces.clone();
        left.andNot(others);
        return new Offer(parent, seed, left, inFlight, history);
    }
}
