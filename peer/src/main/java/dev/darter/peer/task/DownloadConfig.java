package dev.darter.peer.task;

import java.time.Duration;
import java.util.Optional;

/**
 * How tasks are downloaded; {@code download} in {@code dfget.yaml}, without its listeners. Rates are bytes a second.
 *
 * @param totalRateLimit for all downloads together, from parents and origins
 * @param perPeerRateLimit for one task, from parents, where the request names no limit of its own; 0 for none
 * @param pieceDownloadTimeout for one piece from a parent
 * @param grpcDialTimeout to reach a parent's gRPC
 * @param watchdogTimeout without any progress, before the parents are given up; zero for never
 * @param calculateDigest whether the MD5s of v1 pieces are computed and checked; SHA-256 of blocks always are
 * @param prefetch whether a ranged request also starts the whole file
 * @param concurrent reading an origin with several ranged requests; empty for never
 */
public record DownloadConfig(
        long totalRateLimit,
        long perPeerRateLimit,
        Duration pieceDownloadTimeout,
        Duration grpcDialTimeout,
        Duration watchdogTimeout,
        boolean calculateDigest,
        boolean prefetch,
        Optional<Concurrent> concurrent) {
    /** A limit below one block a few times a second cannot be kept evenly. */
    public static final long LOWEST_RATE = 64 << 10;

    public static final DownloadConfig DEFAULT = new DownloadConfig(
            1L << 30,
            512L << 20,
            Duration.ofSeconds(30),
            Duration.ofSeconds(10),
            Duration.ofSeconds(30),
            true,
            false,
            Optional.empty());

    /**
     * @param thresholdSize bytes from which on an origin is read concurrently
     * @param thresholdSpeed bytes a second below which a single stream is given up for several; 0 for never
     * @param goroutineCount upstream's name of how many requests run at once
     */
    public record Concurrent(
            long thresholdSize,
            long thresholdSpeed,
            int goroutineCount,
            Duration initBackoff,
            Duration maxBackoff,
            int maxAttempts) {
        public Concurrent {
            goroutineCount = goroutineCount > 0 ? goroutineCount : 4;
            initBackoff = initBackoff.isPositive() ? initBackoff : Duration.ofMillis(500);
            maxBackoff = maxBackoff.isPositive() ? maxBackoff : Duration.ofSeconds(3);
            maxAttempts = maxAttempts > 0 ? maxAttempts : 3;
        }
    }

    public DownloadConfig {
        if (totalRateLimit < LOWEST_RATE) {
            throw new IllegalArgumentException(
                    "download.totalRateLimit: " + totalRateLimit + " (expected: at least " + LOWEST_RATE + ")");
        }
        if (perPeerRateLimit != 0 && perPeerRateLimit < LOWEST_RATE) {
            throw new IllegalArgumentException("download.perPeerRateLimit: " + perPeerRateLimit
                    + " (expected: 0, or at least " + LOWEST_RATE + ")");
        }
        requirePositive("download.pieceDownloadTimeout", pieceDownloadTimeout);
        requirePositive("download.grpcDialTimeout", grpcDialTimeout);
        if (watchdogTimeout.isNegative()) {
            throw new IllegalArgumentException(
                    "download.watchdogTimeout: " + watchdogTimeout + " (expected: 0 or more)");
        }
    }

    private static void requirePositive(String name, Duration value) {
        if (!value.isPositive()) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: more than 0)");
        }
    }

    public DownloadConfig withWatchdogTimeout(Duration timeout) {
        return new DownloadConfig(
                totalRateLimit,
                perPeerRateLimit,
                pieceDownloadTimeout,
                grpcDialTimeout,
                timeout,
                calculateDigest,
                prefetch,
                concurrent);
    }
}
