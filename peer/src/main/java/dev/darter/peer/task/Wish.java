package dev.darter.peer.task;

/**
 * How a request wants its task to be downloaded. Somebody who joins a running download takes it as it is.
 *
 * @param bytesPerSecond most bytes a second from parents; 0 for the configured limit
 * @param backToSource whether the daemon may go to the origin of its own accord, when no scheduler and no parent helps
 */
public record Wish(double bytesPerSecond, boolean backToSource) {
    public static final Wish DEFAULT = new Wish(0, true);
}
