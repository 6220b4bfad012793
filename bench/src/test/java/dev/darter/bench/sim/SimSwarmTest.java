package dev.darter.bench.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

final class SimSwarmTest {
    private static Scenario scenario(String... arguments) {
        return CommandLine.populateCommand(new Sim(), arguments).scenarios().getFirst();
    }

    private static SimResult run(String... arguments) {
        return new SimSwarm(scenario(arguments)).run();
    }

    @Test
    void theSameSeedHasTheSameEndAndAnotherOneAnother() {
        String[] swarm = {"--peers=60", "--size=8MiB", "--slow=10%:20mbit", "--leave=10%@50%"};
        SimResult first = run(swarm);
        assertThat(run(swarm)).isEqualTo(first);
        assertThat(run("--peers=60", "--size=8MiB", "--slow=10%:20mbit", "--leave=10%@50%", "--seed=2")
                        .seconds())
                .isNotEqualTo(first.seconds());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--peers=1 --size=8MiB",
                "--peers=100 --size=8MiB",
                "--peers=100 --size=8MiB --policy=in-order",
                "--peers=100 --size=8MiB --policy=random",
                "--peers=100 --size=8MiB --policy=readers",
                "--peers=100 --size=8MiB --leave=30%@50%",
                "--peers=100 --size=8MiB --slow=10%:5mbit",
                "--peers=100 --size=8MiB --locations=3 --thin-mbit=50",
                "--peers=100 --size=8MiB --stagger=1s --seed-mbit=50",
                "--peers=40 --size=64MiB --mbit=10000"
            })
    void everyByteThatIsSentIsReceivedAndNobodyBeatsTheLimit(String arguments) {
        SimResult result = run(arguments.split(" "));

        var bytes = result.bytes();
        assertThat(result.unfinished()).isZero();
        assertThat(bytes.received()).isCloseTo(bytes.sent(), within(1.0));
        // What is still on its way when the last one that counts has finished is neither stored nor wasted yet.
        double underWay = bytes.sent() - bytes.stored() - bytes.wasted();
        assertThat(underWay)
                .isBetween(
                        -1.0,
                        4.0
                                * (result.scenario().peers() + 1)
                                * result.scenario().blockBytes());
        if (result.scenario().stagger().isZero()) {
            assertThat(result.seconds().getLast()).isGreaterThanOrEqualTo(result.limit() * (1 - 1e-9));
        }
    }

    @Test
    void allWhoStayFinishThoughMostOfTheOthersGo() {
        for (String seed : new String[] {"1", "2", "3"}) {
            SimResult result =
                    run("--peers=200", "--size=16MiB", "--leave=50%@50%", "--leave=10%@90%", "--seed=" + seed);
            assertThat(result.unfinished()).isZero();
            assertThat(result.seconds()).hasSizeBetween(70, 90);
        }
    }

    @Test
    void onePeerTakesTheTimeOfTheFileAndOneBlockMore() {
        SimResult result = run("--peers=1", "--size=64MiB");
        assertThat(result.last()).isBetween(1.0, 1.02);
        assertThat(result.copies(result.bytes().seedSent())).isCloseTo(1, within(1e-6));
    }

    @Test
    void stateOfTheLimitIsTheLabs() {
        // 64 MiB over 100 Mbit/s of which 1448 in 1514 bytes are content
        double fluid = (64 << 20) / (100e6 / 8 * 1448 / 1514);
        assertThat(scenario("--peers=1000").limit()).isCloseTo(fluid, within(1e-9));
        assertThat(scenario("--peers=1000", "--origin-mbit=50").limit()).isCloseTo(2 * fluid, within(1e-9));
        assertThat(scenario("--peers=1000", "--slow=10%:5mbit").limit()).isCloseTo(fluid, within(0.05 * fluid));
        assertThat(scenario("--peers=2", "--locations=2", "--thin-mbit=20").limit())
                .isCloseTo(5 * fluid, within(1e-9));
    }

    /** Each of the few who take from the other place asks there for a few blocks at a time, or several would ask for the same ones. */
    @Test
    void betweenTwoPlacesEachBlockTravelsAboutOnce() {
        SimResult result = run("--peers=8", "--size=256MiB", "--mbit=25", "--locations=2", "--thin-mbit=12.5");
        assertThat(result.copies(result.bytes().crossed())).isBetween(1.0, 1.2);
    }

    /** Least and goal of the swarm, as far as policy alone decides. */
    @ParameterizedTest
    @CsvSource({"4, 1.05", "8, 1.05", "16, 1.05", "32, 1.10", "64, 1.10"})
    void theLastOfACrowdIsLateByLittle(int peers, double most) {
        SimResult result = run("--peers=" + peers, "--size=256MiB");
        assertThat(result.last()).isLessThanOrEqualTo(most);
        assertThat(result.copies(result.bytes().seedSent())).isLessThanOrEqualTo(most);
    }

    /** Ten times as many are one or two steps more from one to the next, which take a quarter of a second each on these links. */
    @Test
    void twoThousandHaveItSoonAfterAHundred() {
        SimResult few = run("--peers=100", "--size=4MiB");
        SimResult many = run("--peers=2000", "--size=4MiB");
        assertThat(many.unfinished()).isZero();
        assertThat(many.seconds().getLast() - few.seconds().getLast()).isLessThan(0.9);
    }

    @Test
    void aShortQueueKeepsACrowdFromWaitingAtAFew() {
        double shortQueue = run("--peers=32", "--size=64MiB", "--queue=4").last();
        double longQueue = run("--peers=32", "--size=64MiB", "--queue=256").last();
        assertThat(shortQueue).isLessThan(longQueue);
    }

    @Test
    void makesARowForEveryCombination() {
        var all = CommandLine.populateCommand(
                        new Sim(), "--peers=4,8", "--links=4,8,16", "--policy=rarest,random", "--size=1000KiB")
                .scenarios();
        assertThat(all).hasSize(12);
        assertThat(all.getFirst().blocks()).isEqualTo(4);
        assertThat(all.getLast().rules().mostLinks()).isEqualTo(16);
    }

    @ParameterizedTest
    @CsvSource({
        "--peers=0, --peers: 0",
        "--slow=10:5, --slow: 10:5",
        "--slow=100%:5mbit, --slow: ",
        "--leave=10%, --leave: 10%",
        "--policy=best, --policy: best",
        "--latency=soon, --latency: "
    })
    void namesTheFlagTheValueAndWhatIsExpected(String argument, String message) {
        assertThatThrownBy(() -> scenario(argument))
                .isInstanceOf(SimException.class)
                .hasMessageContaining(message)
                .hasMessageContaining("(expected: ");
    }
}
