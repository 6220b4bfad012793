package dev.darter.peer.grpc;

import dev.darter.core.PeerHost;
import dev.darter.peer.neighbour.Followers;
import dev.darter.peer.scheduler.Holdings;
import dev.darter.peer.task.TaskMetrics;
import dev.darter.peer.task.Tasks;
import io.grpc.BindableService;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Supplier;

/** The services of a daemon, by who may reach them. */
public final class PieceServices implements AutoCloseable {
    private final PieceDirectory directory;
    private final DaemonService daemon;
    private final SeederService seeder;
    private final NeighbourService neighbours;

    /** @param host this host with the ports it really has; may wait until they are known */
    public PieceServices(
            Tasks tasks,
            Followers followers,
            Holdings holdings,
            TaskMetrics metrics,
            Supplier<PeerHost> host,
            InstantSource clock) {
        this.directory = new PieceDirectory(tasks, host);
        this.daemon = new DaemonService(directory, new FileDownloads(tasks, metrics), tasks.cache());
        this.neighbours = new NeighbourService(followers);
        this.seeder = new SeederService(tasks, holdings, directory, metrics, host, clock);
    }

    /** Over TCP: children and schedulers. */
    public List<BindableService> forPeers() {
        return List.of(daemon, seeder, neighbours);
    }

    /** Over the unix socket: tools. */
    public List<BindableService> forTools() {
        return List.of(daemon);
    }

    /** Ends what children only listen to; other calls go on. */
    @Override
    public void close() {
        directory.close();
        neighbours.close();
    }
}
