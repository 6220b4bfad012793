package dev.darter.peer.choice;

/** The piece to fetch next, and the parent to fetch it from. */
public record Choice(int piece, String parent) {}
