package dev.darter.scheduler.swarm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The moves that are legal, all of them and no others. */
final class StatesTest {
    @Test
    void peersMoveAlongTheTable() {
        Map<PeerState, Set<PeerState>> legal = new EnumMap<>(PeerState.class);
        legal.put(PeerState.PENDING, EnumSet.of(PeerState.RECEIVED, PeerState.FAILED, PeerState.LEFT));
        legal.put(
                PeerState.RECEIVED,
                EnumSet.of(
                        PeerState.RUNNING,
                        PeerState.BACK_TO_SOURCE,
                        PeerState.SUCCEEDED,
                        PeerState.FAILED,
                        PeerState.LEFT));
        legal.put(
                PeerState.RUNNING,
                EnumSet.of(PeerState.BACK_TO_SOURCE, PeerState.SUCCEEDED, PeerState.FAILED, PeerState.LEFT));
        legal.put(PeerState.BACK_TO_SOURCE, EnumSet.of(PeerState.SUCCEEDED, PeerState.FAILED, PeerState.LEFT));
        legal.put(PeerState.SUCCEEDED, EnumSet.of(PeerState.FAILED, PeerState.LEFT));
        legal.put(PeerState.FAILED, EnumSet.of(PeerState.LEFT));
        legal.put(PeerState.LEFT, EnumSet.noneOf(PeerState.class));

        for (PeerState from : PeerState.values()) {
            assertThat(Arrays.stream(PeerState.values()).filter(from::mayBecome))
                    .as("from %s", from)
                    .containsExactlyInAnyOrderElementsOf(legal.getOrDefault(from, Set.of()));
        }
    }

    @Test
    void tasksMoveAlongTheTable() {
        Map<TaskState, Set<TaskState>> legal = new EnumMap<>(TaskState.class);
        legal.put(TaskState.PENDING, EnumSet.of(TaskState.RUNNING));
        legal.put(TaskState.RUNNING, EnumSet.of(TaskState.SUCCEEDED, TaskState.FAILED));
        legal.put(TaskState.SUCCEEDED, EnumSet.of(TaskState.RUNNING));
        legal.put(TaskState.FAILED, EnumSet.of(TaskState.RUNNING, TaskState.SUCCEEDED));

        for (TaskState from : TaskState.values()) {
            assertThat(Arrays.stream(TaskState.values()).filter(from::mayBecome))
                    .as("from %s", from)
                    .containsExactlyInAnyOrderElementsOf(legal.getOrDefault(from, Set.of()));
        }
    }
}
