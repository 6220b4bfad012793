package dev.darter.peer.task;

import dev.darter.core.CodedException;
import dev.darter.core.Piece;
import dev.darter.core.TaskId;
import dev.darter.peer.fetch.PieceFetcher;
import dev.darter.peer.storage.PieceWriter;
import dev.darter.peer.transfer.RateLimiter;
import java.io.IOException;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The pieces of one download that are on their way, a thread each. All methods are called by the download's thread; events
 * come on the others.
 */
final class Fetches implements AutoCloseable {
    private final PieceFetcher fetcher;
    private final TaskId task;
    private final RateLimiter rate;
    private final boolean checkMd5;
    private final Consumer<ExchangeEvent> out;
    private final Map<Integer, Thread> running = new HashMap<>();

    /** @param rate of this task, besides that of the host */
    Fetches(PieceFetcher fetcher, TaskId task, RateLimiter rate, boolean checkMd5, Consumer<ExchangeEvent> out) {
        this.fetcher = fetcher;
        this.task = task;
        this.rate = rate;
        this.checkMd5 = checkMd5;
        this.out = out;
    }

    /** Begins to fill a claimed piece; the writer is closed before the event comes. */
    void start(Fetch fetch, PieceWriter writer) {
        int number = fetch.announced().number();
        running.put(
                number,
                Thread.ofVirtual()
                        .name("piece-" + number)
                        .start(() -> run(fetch, writer).ifPresent(out)));
    }

    /** Its event was taken. */
    void ended(Fetch fetch) {
        running.remove(fetch.announced().number());
    }

    boolean isEmpty() {
        return running.isEmpty();
    }

    /** Of the pieces that are under way; the caller may change the set. */
    BitSet numbers() {
        var numbers = new BitSet();
        running.keySet().forEach(numbers::set);
        return numbers;
    }

    /** Stops all of them and waits until their claims are given back. */
    @Override
    public void close() {
        var threads = List.copyOf(running.values());
        threads.forEach(Thread::interrupt);
        boolean interrupted = false;
        for (Thread thread : threads) {
            while (thread.isAlive()) {
                try {
                    thread.join();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Empty when it was stopped. */
    private Optional<ExchangeEvent> run(Fetch fetch, PieceWriter writer) {
        long began = System.nanoTime();
        Piece wanted = checkMd5 ? fetch.announced() : withoutMd5(fetch.announced());
        try (writer) {
            Piece piece = fetcher.fetch(fetch.address(), task, fetch.holder(), wanted, writer, rate);
            return Optional.of(new ExchangeEvent.Fetched(fetch, piece, System.nanoTime() - began));
        } catch (CodedException e) {
            if (Thread.currentThread().isInterrupted()) {
                return Optional.empty();
            }
            return Optional.of(new ExchangeEvent.Failed(
                    fetch, e.code(), String.valueOf(e.getMessage()), System.nanoTime() - began));
        } catch (IOException e) {
            return Thread.currentThread().isInterrupted()
                    ? Optional.empty()
                    : Optional.of(new ExchangeEvent.StorageFailed(e));
        } catch (InterruptedException e) {
            return Optional.empty();
        }
    }

    private static Piece withoutMd5(Piece piece) {
        return new Piece(piece.number(), piece.offset(), piece.length(), Optional.empty());
    }
}
