package dev.darter.scheduler.swarm;

import dev.darter.core.CodedException;
import dev.darter.core.ErrorCode;
import dev.darter.core.HostId;
import dev.darter.core.HostType;
import dev.darter.core.PeerHost;
import dev.darter.core.PeerId;
import dev.darter.core.Priority;
import dev.darter.core.TaskId;
import dev.darter.core.TaskType;
import dev.darter.core.UrlMeta;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/** All hosts, tasks and peers that this scheduler knows. Soft state: what is lost is announced again. Any thread may call it. */
public final class Swarm {
    /** Tasks that one host may hold or want: a node full of small files stays far below. */
    static final int PEERS_PER_HOST = 200_000;

    private final InstantSource clock;
    private final Map<HostId, Host> hosts = new ConcurrentHashMap<>();
    private final Map<TaskId, Task> tasks = new ConcurrentHashMap<>();
    private final Map<PeerId, Peer> peers = new ConcurrentHashMap<>();
    private final Map<HostId, Set<Peer>> byHost = new ConcurrentHashMap<>();

    public Swarm(InstantSource clock) {
        this.clock = clock;
    }

    public long now() {
        return clock.millis();
    }

    public Optional<Host> host(HostId id) {
        return Optional.ofNullable(hosts.get(id));
    }

    /** The host, made or brought up to date. */
    public Host host(PeerHost address, HostType type, boolean darter) {
        return hosts.compute(address.id(), (_, known) -> {
            if (known == null) {
                return new Host(address, type, darter, now());
            }
            known.update(address, type, darter, now());
            return known;
        });
    }

    /** As {@link #host}, for a host that registers a peer: a known host keeps its type. */
    public Host registering(PeerHost address, boolean darter) {
        return hosts.compute(address.id(), (_, known) -> {
            if (known == null) {
                return new Host(address, HostType.NORMAL, darter, now());
            }
            known.update(address, known.type(), darter || known.isDarter(), now());
            return known;
        });
    }

    public Optional<Task> task(TaskId id) {
        return Optional.ofNullable(tasks.get(id));
    }

    /** The task, made if need be. It counts as used from now on, so that it is not forgotten before the caller's peer is in it. */
    public Task task(TaskId id, TaskType type, String url, UrlMeta meta) {
        return tasks.compute(id, (_, known) -> {
            Task task = known == null ? new Task(id, type, url, meta, now()) : known;
            task.touch(now());
            return task;
        });
    }

    public Optional<Peer> peer(PeerId id) {
        return Optional.ofNullable(peers.get(id));
    }

    /**
     * The peer, made if need be; a known one stays what it is, so that registering twice does no harm.
     *
     * @throws CodedException SCHED_ERROR if the host has more peers than any host can need
     */
    public Peer peer(PeerId id, Task task, Host host, Priority priority) {
        return peers.computeIfAbsent(id, _ -> {
            int known = byHost.getOrDefault(host.id(), Set.of()).size();
            if (known >= PEERS_PER_HOST) {
                throw new CodedException(
                        ErrorCode.SCHED_ERROR,
                        "host " + host.id() + ": " + known + " peers (expected: fewer than " + PEERS_PER_HOST + ")");
            }
            var peer = new Peer(id, task, host, priority, now());
            task.add(peer);
            byHost.computeIfAbsent(host.id(), _ -> ConcurrentHashMap.newKeySet())
                    .add(peer);
            return peer;
        });
    }

    /** Forgets a peer; its children, which have to look for other parents. */
    public List<Peer> remove(Peer peer) {
        if (!peers.remove(peer.id(), peer)) {
            return List.of();
        }
        byHost.computeIfPresent(peer.host().id(), (_, set) -> {
            set.remove(peer);
            return set.isEmpty() ? null : set;
        });
        return peer.task().remove(peer, now());
    }

    /** Forgets a task that {@code idle} holds for; nobody can get it from {@link #task} meanwhile. */
    public void removeIf(Task task, Predicate<Task> idle) {
        tasks.computeIfPresent(task.id(), (_, known) -> known == task && idle.test(task) ? null : known);
    }

    /** Forgets a host that {@code idle} holds for; nobody can get it from {@link #host} meanwhile. */
    public void removeIf(Host host, Predicate<Host> idle) {
        hosts.computeIfPresent(host.id(), (_, known) -> known == host && idle.test(host) ? null : known);
    }

    public List<Peer> peersOf(HostId host) {
        return List.copyOf(byHost.getOrDefault(host, Set.of()));
    }

    public Collection<Host> hosts() {
        return hosts.values();
    }

    public Collection<Task> tasks() {
        return tasks.values();
    }

    public Collection<Peer> peers() {
        return peers.values();
    }
}
