package dev.darter.peer.transfer;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.Optional;

/**
 * Lets another thread break off a fetch by closing its socket. Interrupting the fetching thread would do too much: a thread that is interrupted
 * while it writes a file closes the file, for everybody. Any thread may call it.
 */
public final class Breaker {
    @GuardedBy("this")
    private Optional<Connections.Connection> connection = Optional.empty();

    @GuardedBy("this")
    private boolean broken;

    /** Whether the fetch was broken off. */
    public synchronized boolean isBroken() {
        return broken;
    }

    /** The fetch ends as soon as it touches its socket. */
    public synchronized void breakOff() {
        broken = true;
        connection.ifPresent(Connections.Connection::close);
    }

    synchronized void use(Connections.Connection used) {
        connection = Optional.of(used);
        if (broken) {
            used.close();
        }
    }

    /** The connection may carry somebody else's request from now on. */
    synchronized void done() {
        connection = Optional.empty();
    }
}
