package dev.darter.peer.scheduler;

import dev.darter.wire.client.ServerAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where the list of schedulers comes from. Used by one thread. */
public sealed interface SchedulerLists {
    /**
     * The schedulers to use, best cluster first; may be empty.
     *
     * @param urgent whether one of them could not be reached, so that an old list is no good
     */
    List<ServerAddress> list(boolean urgent);

    /** What the operator wrote. */
    static SchedulerLists of(List<ServerAddress> addresses) {
        return new Fixed(addresses);
    }

    /**
     * What a manager says, and what it said last while it does not answer.
     *
     * @param manager asks it; throws when it does not answer
     * @param goodFor how long an answer needs no other
     */
    static SchedulerLists from(
            Supplier<List<ServerAddress>> manager, Duration goodFor, Path cacheDir, InstantSource clock) {
        return new Managed(manager, goodFor, new RememberedSchedulers(cacheDir), clock);
    }

    /** A list that never changes. */
    record Fixed(List<ServerAddress> addresses) implements SchedulerLists {
        public Fixed {
            addresses = List.copyOf(addresses);
        }

        @Override
        public List<ServerAddress> list(boolean urgent) {
            return addresses;
        }
    }

    /** A list that a manager keeps. */
    final class Managed implements SchedulerLists {
        private static final Logger LOG = LoggerFactory.getLogger(SchedulerLists.class);

        private final Supplier<List<ServerAddress>> manager;
        private final Duration goodFor;
        private final RememberedSchedulers remembered;
        private final InstantSource clock;
        private List<ServerAddress> last;
        private Instant asked = Instant.MIN;
        private boolean silent;

        private Managed(
                Supplier<List<ServerAddress>> manager,
                Duration goodFor,
                RememberedSchedulers remembered,
                InstantSource clock) {
            this.manager = manager;
            this.goodFor = goodFor;
            this.remembered = remembered;
            this.clock = clock;
            this.last = remembered.load();
        }

        @Override
        public List<ServerAddress> list(boolean urgent) {
            boolean old = clock.instant().isAfter(asked.plus(goodFor));
            if (!old && !urgent && !last.isEmpty() && !silent) {
                return last;
            }
            try {
                List<ServerAddress> fresh = manager.get();
                asked = clock.instant();
                silent = false;
                // None active usually means that all of them are being restarted: those known before are still the best
                // bet.
                if (!fresh.isEmpty() && !fresh.equals(last)) {
                    last = List.copyOf(fresh);
                    remembered.store(last);
                    LOG.atInfo().addKeyValue("schedulers", last.size()).log("list of schedulers changed");
                }
            } catch (RuntimeException e) {
                if (!silent) {
                    LOG.atWarn()
                            .addKeyValue("reason", e.getMessage())
                            .addKeyValue("known", last.size())
                            .log("the manager does not list schedulers; those known before are used");
                }
                silent = true;
            }
            return last;
        }
    }
}
