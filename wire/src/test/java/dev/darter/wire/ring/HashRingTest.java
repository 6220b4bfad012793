package dev.darter.wire.ring;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class HashRingTest {
    private static final String ONE = "10.0.0.1:8002:10.0.0.1";
    private static final String TWO = "10.0.0.2:8002:10.0.0.2";
    private static final String THREE = "10.0.0.3:8002:10.0.0.3";

    private final HashRing ring = new HashRing(List.of(THREE, ONE, TWO));

    @ParameterizedTest
    @CsvSource({
        "010.0.0.1:8002:10.0.0.1, 519855747",
        "1910.0.0.1:8002:10.0.0.1, 1422916981",
        "100680ad546ce6a577f42f52df33b4cfdca756859e664b8d7de329b150d09ce9, 2510371561",
        "2773851c628744fb7933003195db436ce397c1722920696c4274ff804d86920b, 1427307117",
        "576206b227f8f7b894299df624b7b9e46f402495f61c524173d039a4ae149b1c, 1424437540",
        "0, 4108050209",
        "1, 2212294583",
        "3, 1842515611"
    })
    void placesPointsAndKeysWhereTheFieldDoes(String text, long position) {
        assertThat(HashRing.hash(text)).isEqualTo(position);
    }

    @ParameterizedTest
    @CsvSource({
        "100680ad546ce6a577f42f52df33b4cfdca756859e664b8d7de329b150d09ce9, " + TWO,
        "2773851c628744fb7933003195db436ce397c1722920696c4274ff804d86920b, " + THREE,
        "576206b227f8f7b894299df624b7b9e46f402495f61c524173d039a4ae149b1c, " + THREE,
        "0, " + THREE,
        "1, " + ONE,
        "3, " + TWO
    })
    void choosesTheOwnerThatTheFieldChooses(String key, String owner) {
        assertThat(ring.owner(key)).contains(owner);
        assertThat(ring.owners(key)).startsWith(owner).containsExactlyInAnyOrder(ONE, TWO, THREE);
    }

    @Test
    void findsTheKeysThatReachEveryMemberOnce() {
        assertThat(ring.circleKeys()).isEqualTo(Map.of(THREE, "0", ONE, "1", TWO, "3"));
    }

    @Test
    void wrapsAroundToTheSmallestPoint() {
        var alone = new HashRing(List.of(ONE));
        long last = IntStream.range(0, 20)
                .mapToLong(i -> HashRing.hash(i + ONE))
                .max()
                .orElseThrow();
        String beyond = IntStream.range(0, 1_000_000)
                .mapToObj(Integer::toString)
                .filter(key -> HashRing.hash(key) > last)
                .findFirst()
                .orElseThrow();

        assertThat(alone.owner(beyond)).contains(ONE);
    }

    @Test
    void theSecondOwnerIsTheFirstWithoutTheFirst() {
        IntStream.range(0, 200).mapToObj(i -> "task-" + i).forEach(key -> {
            List<String> owners = ring.owners(key);
            var without = new HashRing(owners.subList(1, owners.size()));
            assertThat(without.owners(key)).isEqualTo(owners.subList(1, owners.size()));
        });
    }

    @Test
    void anEmptyRingOwnsNothing() {
        var empty = new HashRing(List.of());
        assertThat(empty.owner("x")).isEmpty();
        assertThat(empty.owners("x")).isEmpty();
        assertThat(empty.circleKeys()).isEmpty();
    }

    @Test
    void aMemberIsItsAddressAndItsBareHost() {
        assertThat(HashRing.member("10.0.0.1", 8002)).isEqualTo("10.0.0.1:8002:10.0.0.1");
        assertThat(HashRing.member("sched.example", 8002)).isEqualTo("sched.example:8002:sched.example");
        assertThat(HashRing.member("fd00::7", 8002)).isEqualTo("[fd00::7]:8002:fd00::7");
    }

    @Test
    void neitherOrderNorRepetitionOfMembersMatters() {
        var same = new HashRing(List.of(TWO, TWO, THREE, ONE));
        assertThat(same.members()).isEqualTo(ring.members()).containsExactly(ONE, TWO, THREE);
        assertThat(same.owners("any")).isEqualTo(ring.owners("any"));
    }
}
