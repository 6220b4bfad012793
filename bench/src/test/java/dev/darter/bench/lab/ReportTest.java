package dev.darter.bench.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringReader;
import java.util.List;
import java.util.Map;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.junit.jupiter.api.Test;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;
import picocli.CommandLine;
import tools.jackson.databind.json.JsonMapper;

final class ReportTest {
    private static final SwarmOptions OPTIONS = CommandLine.populateCommand(
                    new SwarmCommand(), "--peers=2", "--size=1MiB")
            .options();

    private static PeerResult peer(String name, double end, PeerResult.Outcome outcome) {
        var curve = List.of(
                new PeerResult.Point(1, 1 << 18), new PeerResult.Point(2, 1 << 18), new PeerResult.Point(end, 1 << 20));
        return new PeerResult(name, true, 0, end, outcome, "", 0, 1 << 20, 0, curve);
    }

    private static RunResult run(int number, double cpuShare, PeerResult... peers) {
        return new RunResult(
                number,
                2,
                false,
                1 << 20,
                new OriginLog.Use(1, 1 << 20),
                Map.of("seed", new LinkUse(3 << 19, 1 << 20, 9), "peer-1", new LinkUse(1 << 19, 1 << 20, 9)),
                Map.of(
                        "seed",
                        new ProcessUse(1, 100),
                        "peer-1",
                        new ProcessUse(2, 200),
                        "peer-2",
                        new ProcessUse(4, 100)),
                cpuShare,
                2,
                List.of(peers));
    }

    private static RunResult done(int number, double cpuShare, double last) {
        return run(
                number,
                cpuShare,
                peer("peer-1", last - 0.5, PeerResult.Outcome.DONE),
                peer("peer-2", last, PeerResult.Outcome.DONE));
    }

    @Test
    void judgesByTheLastCompletionAgainstTheLimit() {
        var run = done(1, 0.5, 3);
        assertThat(run.last()).isEqualTo(1.5);
        assertThat(run.first()).isEqualTo(1.25);
        assertThat(run.originCopies()).isEqualTo(1);
        assertThat(run.seedUpCopies()).isEqualTo(1.5);
        assertThat(run.busiestPeerUpCopies()).isEqualTo(0.5);
        assertThat(run.peerMean(ProcessUse::cpuSeconds)).isEqualTo(3);
        // 1 + 2 + 4 CPU-seconds in 3 seconds on 2 cores
        assertThat(run.ownCpuShare()).isEqualTo(7.0 / 6);
    }

    @Test
    void judgesAStaggeredPeerFromItsOwnRequestOn() {
        var late = new PeerResult("peer-1", true, 1, 3, PeerResult.Outcome.DONE, "", 0, 0, 0, List.of());
        var run = new RunResult(1, 2, true, 1, new OriginLog.Use(0, 0), Map.of(), Map.of(), 0, 2, List.of(late));
        assertThat(run.last()).isEqualTo(1);
    }

    @Test
    void doesNotCountRunsThatTheCpuDecided() {
        var report = new Report(OPTIONS, "bbr", List.of(done(1, 0.5, 3), done(2, 0.9, 9), done(3, 0.5, 4)));
        assertThat(report.median(RunResult::last)).isEqualTo(1.75);
        assertThat(report.markdown()).contains("| cpu-bound |").contains("1 cpu-bound not counted");
    }

    @Test
    void saysSoWhenTheCpuDecidedAll() {
        var report = new Report(OPTIONS, "bbr", List.of(done(1, 0.9, 3)));
        assertThat(report.median(RunResult::last)).isEqualTo(1.5);
        assertThat(report.markdown().lines().toList().getLast())
                .startsWith("| **median** | 1.500")
                .endsWith("| cpu-bound |");
    }

    @Test
    void namesFailuresAndWrongBytes() {
        var run = run(
                1, 0.5, peer("peer-1", 3, PeerResult.Outcome.DONE).wrong(), peer("peer-2", 4, PeerResult.Outcome.DONE));
        assertThat(run.last()).isEqualTo(2);
        assertThat(new Report(OPTIONS, "bbr", List.of(run)).markdown())
                .contains("1 failed, 1 of them with wrong bytes");
    }

    @Test
    void tellsWhenTheLastReaderHadItsFirstMiB() {
        var options = CommandLine.populateCommand(new SwarmCommand(), "--peers=2", "--size=1MiB", "--pipe")
                .options();
        var report = new Report(options, "bbr", List.of(done(1, 0.5, 3), done(2, 0.5, 4)));
        assertThat(report.markdown())
                .contains("cold, read in order")
                .contains("seconds after its request: 3.00 4.00; median 3.50");
    }

    @Test
    void writesAnObjectThatProgramsRead() {
        var report = new Report(OPTIONS, "bbr", List.of(done(1, 0.5, 3)));
        var json = JsonMapper.builder().build().readTree(report.json());
        assertThat(json.at("/median/last").asDouble()).isEqualTo(1.5);
        assertThat(json.at("/runs/0/run/links/seed/up").asLong()).isEqualTo(3 << 19);
        assertThat(json.at("/runs/0/run/peers/1/outcome").asString()).isEqualTo("DONE");
    }

    @Test
    void drawsALineForEachPeerBesideTheLimit() throws ParserConfigurationException, IOException, SAXException {
        String svg = Curves.svg("a < b & c", done(1, 0.5, 3));
        var document =
                DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new InputSource(new StringReader(svg)));
        var paths = document.getElementsByTagName("path");
        int peers = 0;
        String limit = "";
        for (int i = 0; i < paths.getLength(); i++) {
            var attributes = paths.item(i).getAttributes();
            switch (attributes.getNamedItem("class").getNodeValue()) {
                case "peer" -> peers++;
                case "limit" -> limit = attributes.getNamedItem("d").getNodeValue();
                default -> {}
            }
        }
        assertThat(peers).isEqualTo(2);
        // From nothing at 0 s, bottom left, to everything at the limit: 2 of 3 × 1.03 seconds of 644 units
        assertThat(limit).isEqualTo("M56 356 L472.8 44");
        assertThat(document.getElementsByTagName("title").item(0).getTextContent())
                .isEqualTo("a < b & c");
    }

    @Test
    void marksTimeInRoundSteps() {
        assertThat(Curves.step(6)).isEqualTo(1);
        assertThat(Curves.step(28)).isEqualTo(5);
        assertThat(Curves.step(70)).isEqualTo(20);
        assertThat(Curves.step(0.4)).isEqualTo(0.1);
    }

    @Test
    void namesSizesInTheLargestUnitThatIsWhole() {
        assertThat(Report.size(256L << 20)).isEqualTo("256 MiB");
        assertThat(Report.size(10 << 10)).isEqualTo("10 KiB");
        assertThat(Report.size(1000)).isEqualTo("1000 B");
    }
}
