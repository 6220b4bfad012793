package dev.darter.scheduler.swarm;

import dev.darter.core.HostId;
import dev.darter.core.HostType;
import dev.darter.core.PeerHost;
import dev.darter.core.VerifyKey;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A machine with a daemon. What it says of itself is replaced whole; upload slots are counted without a lock, so that a slot is reserved
 * before anybody is told of it. Any thread may call it.
 */
public final class Host {
    /** Children that a normal host feeds at once where the manager says nothing. */
    public static final int NORMAL_UPLOAD_LIMIT = 50;

    /** Children that a seed peer feeds at once where the manager says nothing. */
    public static final int SEED_UPLOAD_LIMIT = 300;

    /** Announcements that a host may miss. */
    private static final int MISSED = 3;

    /** Hosts of the field announce themselves every 30 s unless told otherwise (milliseconds). */
    private static final long LEAST_LEASE = 90_000;

    /** One long outage must not make it look like a habit. */
    private static final int MOST_PAUSES = 4;

    private final HostId id;
    private final AtomicInteger uploads = new AtomicInteger();
    private final AtomicInteger uploadFailures = new AtomicInteger();
    private final AtomicInteger uploadsEver = new AtomicInteger();
    private volatile PeerHost address;
    private volatile HostType type;
    private volatile boolean darter;
    private volatile int uploadLimit;
    private volatile long seenAt;
    private volatile Optional<VerifyKey> key = Optional.empty();
    private volatile long distrustedUntil;
    private volatile Place place;
    private volatile boolean silent;

    /** When it announced itself last (milliseconds); 0 before the first time. */
    private volatile long announcedAt;

    /** How often it announces itself, by what was seen: the longest pause, slowly forgotten (milliseconds). */
    private volatile long interval;

    /** When it was heard itself, by whatever message (milliseconds); what others say of it does not count. */
    private volatile long heardAt;

    Host(PeerHost address, HostType type, boolean darter, long now) {
        this.id = address.id();
        this.address = address;
        this.place = Place.of(address);
        this.type = type;
        this.darter = darter;
        this.uploadLimit = type.isSeed() ? SEED_UPLOAD_LIMIT : NORMAL_UPLOAD_LIMIT;
        this.seenAt = now;
    }

    public HostId id() {
        return id;
    }

    public PeerHost address() {
        return address;
    }

    public HostType type() {
        return type;
    }

    /** Whether it is one of ours, which may feed a peer that feeds it. */
    public boolean isDarter() {
        return darter;
    }

    /** Somebody who knows said so. */
    public void saidItIsDarter() {
        darter = true;
    }

    /** Under which it signs what it reads at an origin; empty while it has told none. */
    public Optional<VerifyKey> key() {
        return key;
    }

    /** @param told empty changes nothing: not every message carries it */
    public void hasKey(Optional<VerifyKey> told) {
        if (told.isPresent()) {
            key = told;
        }
    }

    /** Offers it to nobody until then (milliseconds). */
    public void distrust(long until) {
        distrustedUntil = until;
    }

    public boolean isDistrusted(long now) {
        return now < distrustedUntil;
    }

    /** Milliseconds of the last sign of life. */
    public long seenAt() {
        return seenAt;
    }

    public void seen(long now) {
        seenAt = now;
        heardAt = now;
    }

    public Place place() {
        return place;
    }

    /** It announced itself, as it does every so often. */
    public void announced(long now) {
        if (announcedAt != 0) {
            long pause = now - announcedAt;
            long remembered = interval - interval / 8;
            interval = interval == 0 ? pause : Math.max(remembered, Math.min(pause, MOST_PAUSES * interval));
        }
        announcedAt = now;
        seen(now);
    }

    /**
     * Whether it has missed so many announcements that it must be taken for gone. A host that never announced itself promised nothing: it
     * is kept until it is forgotten.
     */
    public boolean hasLapsed(long now) {
        return announcedAt != 0 && now - heardAt > Math.max(LEAST_LEASE, MISSED * interval);
    }

    /** Whether it counts as gone: none of its peers is a parent until it is heard again. */
    public boolean isSilent() {
        return silent;
    }

    public void silent(boolean now) {
        silent = now;
    }

    void update(PeerHost newAddress, HostType newType, boolean isDarter, long now) {
        if (!newAddress.equals(address)) {
            address = newAddress;
            place = Place.of(newAddress);
        }
        type = newType;
        darter = isDarter;
        seenAt = now;
    }

    /** @param limit children at once; not positive leaves it as it is */
    public void limitUploads(int limit) {
        if (limit > 0) {
            uploadLimit = limit;
        }
    }

    /** Takes one of the host's slots; false when all are taken. */
    boolean reserveUpload() {
        for (int taken = uploads.get(); taken < uploadLimit; taken = uploads.get()) {
            if (uploads.compareAndSet(taken, taken + 1)) {
                uploadsEver.incrementAndGet();
                return true;
            }
        }
        return false;
    }

    void releaseUpload() {
        uploads.decrementAndGet();
    }

    public int freeUploads() {
        return Math.max(0, uploadLimit - uploads.get());
    }

    public int uploadLimit() {
        return uploadLimit;
    }

    public void uploadFailed() {
        uploadFailures.incrementAndGet();
    }

    /** Share of uploads that went well, 0 to 1; 1 while nothing is known. */
    public double uploadSuccess() {
        int ever = uploadsEver.get();
        int failed = uploadFailures.get();
        if (failed == 0) {
            return 1;
        }
        return ever <= failed ? 0 : (double) (ever - failed) / ever;
    }
}
