package dev.darter.bench.scheduler;

import dev.darter.bench.lab.LabException;
import dev.darter.bench.lab.Statistics;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.DoubleSupplier;

/**
 * Lets fresh peers register for a time: as fast as the scheduler answers, or at a fixed rate. The peers of one host leave together when the
 * last of them has its parents, so that the swarm keeps its size; what a host's leaving costs is part of what is measured. Used by one thread.
 *
 * <p>At a fixed rate the time of a registration begins when it was due, not when it could be sent: a scheduler that stalls is not excused
 * from those that waited meanwhile.
 */
final class Registrations {
    private static final int PEERS_PER_HOST = 50;
    private static final int IN_FLIGHT = 64;

    /** More than any scheduler would leave open: a run that gets there is broken, and ends. */
    private static final int MOST_OPEN = 20_000;

    /** A scheduler takes 20,000 calls and new streams a second; a registration is one of each, and a fiftieth for leaving. */
    private static final long LEAST_NANOS_BETWEEN = TimeUnit.SECONDS.toNanos(1) / 9_800;

    private static final long PATIENCE_SECONDS = 60;

    private final Population population;
    private final Crowd crowd;
    private final DoubleSupplier serverCpu;
    private int nextHost;

    /** @param firstHost number of the first host that nobody has been yet */
    Registrations(Population population, Crowd crowd, DoubleSupplier serverCpu, int firstHost) {
        this.population = population;
        this.crowd = crowd;
        this.serverCpu = serverCpu;
        this.nextHost = firstHost;
    }

    /**
     * What a while of registrations showed.
     *
     * @param perSecond registrations that ended well
     * @param serverMicros CPU of the scheduler for each of them
     * @param p50Millis from due to first parents
     */
    record Result(
            int count, double perSecond, double serverMicros, double p50Millis, double p99Millis, double parents) {}

    /** As many as go and the scheduler allows, a fixed number at a time. */
    Result asFastAsTheyGo(double seconds) throws InterruptedException {
        return run(seconds, 0);
    }

    /** @param perSecond begun each second, whatever becomes of the ones before */
    Result at(double perSecond, double seconds) throws InterruptedException {
        return run(seconds, perSecond);
    }

    private Result run(double seconds, double perSecond) throws InterruptedException {
        var open = new Semaphore(perSecond > 0 ? MOST_OPEN : IN_FLIGHT);
        int all = open.availablePermits();
        var nanos = new ConcurrentLinkedQueue<Long>();
        var parents = new AtomicInteger();
        var failures = new ConcurrentLinkedQueue<String>();
        double cpuBefore = serverCpu.getAsDouble();
        long began = System.nanoTime();
        long length = (long) (seconds * 1e9);
        long last = began;
        Batch batch = null;
        for (long i = 0; failures.isEmpty(); i++) {
            long due = perSecond > 0
                    ? began + (long) (i / perSecond * 1e9)
                    : Math.max(last + LEAST_NANOS_BETWEEN, System.nanoTime());
            last = due;
            if (due - began >= length) {
                break;
            }
            while (due - System.nanoTime() > 0) {
                LockSupport.parkNanos(due - System.nanoTime());
            }
            acquire(open, 1);
            if (batch == null || batch.isFull()) {
                batch = new Batch(nextHost++, open);
            }
            int task = batch.next();
            Batch of = batch;
            crowd.register(of.host, population.registration(of.host, task), false, outcome -> {
                switch (outcome) {
                    case Crowd.Outcome.Parents(var _, int number) -> {
                        nanos.add(System.nanoTime() - due);
                        parents.addAndGet(number);
                    }
                    case Crowd.Outcome.Failed(var reason) -> failures.add(reason);
                }
                of.ended();
            });
        }
        if (batch != null) {
            batch.close();
        }
        acquire(open, all);
        double took = (System.nanoTime() - began) / 1e9;
        double cpu = serverCpu.getAsDouble() - cpuBefore;
        if (!failures.isEmpty()) {
            throw new LabException("a registration failed: " + failures.peek());
        }
        return result(List.copyOf(nanos), took, cpu, parents.get());
    }

    private static void acquire(Semaphore open, int permits) throws InterruptedException {
        if (!open.tryAcquire(permits, PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            throw new LabException("registrations: no answer for " + PATIENCE_SECONDS + " s");
        }
    }

    private static Result result(Collection<Long> nanos, double seconds, double cpu, int parents) {
        int count = nanos.size();
        return new Result(
                count,
                count / seconds,
                cpu / count * 1e6,
                Statistics.percentile(nanos, 0.50) / 1e6,
                Statistics.percentile(nanos, 0.99) / 1e6,
                (double) parents / count);
    }

    /** The registrations of one host, each for another task. */
    private final class Batch {
        private final int host;
        private final Semaphore open;
        private final int size = Math.min(PEERS_PER_HOST, population.tasks());
        private final AtomicInteger left = new AtomicInteger(1); // the one that hands them out
        private int given;

        Batch(int host, Semaphore open) {
            this.host = host;
            this.open = open;
        }

        boolean isFull() {
            if (given < size) {
                return false;
            }
            close();
            return true;
        }

        int next() {
            left.incrementAndGet();
            return (host + given++) % population.tasks();
        }

        void close() {
            leaveIfLast();
        }

        void ended() {
            open.release();
            leaveIfLast();
        }

        private void leaveIfLast() {
            if (left.decrementAndGet() == 0) {
                crowd.leave(host, population.hostId(host), _ -> {});
            }
        }
    }

    /** Parallel work of which a bounded part is open at a time, and none failed. */
    static final class Window {
        private final Semaphore open;
        private final int size;
        private final List<String> failures = new ArrayList<>();

        Window(int size) {
            this.size = size;
            this.open = new Semaphore(size);
        }

        void begin() throws InterruptedException {
            acquire(open, 1);
        }

        void end(boolean well, String what) {
            if (!well) {
                synchronized (failures) {
                    failures.add(what);
                }
            }
            open.release();
        }

        /** @throws LabException if any failed */
        void awaitAll() throws InterruptedException {
            acquire(open, size);
            open.release(size);
            synchronized (failures) {
                if (!failures.isEmpty()) {
                    throw new LabException(failures.size() + " calls failed, the first: " + failures.getFirst());
                }
            }
        }
    }
}
