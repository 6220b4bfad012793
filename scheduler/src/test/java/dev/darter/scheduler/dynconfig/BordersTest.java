package dev.darter.scheduler.dynconfig;

import static org.assertj.core.api.Assertions.assertThat;

import dev.darter.core.ClusterMatching.Scope;
import dev.darter.core.HostId;
import dev.darter.core.PeerHost;
import dev.darter.wire.client.ClusterView;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

final class BordersTest {
    private static final ClusterView.Cluster HOME =
            new ClusterView.Cluster(1, "home", new Scope("", "", List.of(), true));
    private static final ClusterView.Cluster VPC =
            new ClusterView.Cluster(2, "vpc", new Scope("", "", List.of("10.2.0.0/16"), false));

    @Test
    void knowsWhereAHostBelongsThatDoesNotBelongHere() {
        Borders home = Borders.of(1, new ClusterView.Borders(false, List.of(HOME, VPC)));
        assertThat(home.elsewhere(host("10.2.0.9", "", ""))).contains(new Borders.Elsewhere("home", List.of("vpc")));
        assertThat(home.elsewhere(host("10.1.0.9", "", ""))).isEmpty();

        Borders vpc = Borders.of(2, new ClusterView.Borders(false, List.of(HOME, VPC)));
        assertThat(vpc.elsewhere(host("10.1.0.9", "", ""))).contains(new Borders.Elsewhere("vpc", List.of("home")));
        assertThat(vpc.elsewhere(host("10.2.0.9", "", ""))).isEmpty();
    }

    @Test
    void takesHostsThatMatchNowhereIntoAnyClusterWithoutScopes() {
        var open = new ClusterView.Cluster(3, "open", new Scope("", "", List.of(), false));
        PeerHost stranger = host("10.1.0.9", "na61", "eu");
        var told = new ClusterView.Borders(false, List.of(HOME, VPC, open));
        assertThat(Borders.of(3, told).elsewhere(stranger)).isEmpty();
        assertThat(Borders.of(1, told).elsewhere(stranger)).isEmpty();
        assertThat(Borders.of(3, told).elsewhere(host("10.2.0.9", "", "")))
                .contains(new Borders.Elsewhere("open", List.of("vpc")));
        assertThat(Borders.of(2, told).elsewhere(stranger)).contains(new Borders.Elsewhere("vpc", List.of("home")));
    }

    @Test
    void takesInEverybodyWhereNothingElseIsSaid() {
        PeerHost anybody = host("10.2.0.9", "", "");
        assertThat(Borders.NONE.elsewhere(anybody)).isEmpty();
        assertThat(Borders.of(1, new ClusterView.Borders(true, List.of(HOME, VPC)))
                        .elsewhere(anybody))
                .isEmpty();
        assertThat(Borders.of(2, new ClusterView.Borders(false, List.of(VPC))).elsewhere(host("10.1.0.9", "", "")))
                .isEmpty();
        assertThat(Borders.of(7, new ClusterView.Borders(false, List.of(HOME, VPC)))
                        .elsewhere(anybody))
                .isEmpty();
        var other = new ClusterView.Cluster(3, "other", new Scope("", "", List.of("10.3.0.0/16"), false));
        assertThat(Borders.of(2, new ClusterView.Borders(false, List.of(VPC, other)))
                        .elsewhere(host("10.1.0.9", "", "")))
                .isEmpty(); // it belongs nowhere
    }

    @Test
    void guessesTheBorderOfAClusterWhoseManagerSaysLess() {
        ClusterView view = view("{\"idc\":\"na61|na62\",\"location\":\"eu|fr\",\"cidrs\":[\"10.2.0.0/16\"]}");
        Borders borders = Borders.of(2, GuessedBorders.of(2, view, List.of(1L, 2L)));
        assertThat(borders.elsewhere(host("10.1.0.9", "", "")))
                .contains(new Borders.Elsewhere("2", List.of("another one")));
        assertThat(borders.elsewhere(host("10.1.0.9", "na63", "us|east"))).isPresent();
        assertThat(borders.elsewhere(host("10.2.0.9", "", ""))).isEmpty();
        assertThat(borders.elsewhere(host("10.1.0.9", "NA62", ""))).isEmpty();
        assertThat(borders.elsewhere(host("10.1.0.9", "", "eu|de"))).isEmpty();
    }

    @Test
    void refusesNobodyInADefaultClusterNorWhileTheManagerDoesNotNameOurs() {
        ClusterView view = view("{\"cidrs\":[\"10.2.0.0/16\"]}");
        PeerHost outside = host("10.1.0.9", "", "");
        assertThat(Borders.of(2, GuessedBorders.of(2, view, List.of(2L, 1L))).elsewhere(outside))
                .isEmpty();
        assertThat(Borders.of(2, GuessedBorders.of(2, view, List.of(1L))).elsewhere(outside))
                .isEmpty();
        assertThat(Borders.of(2, GuessedBorders.of(2, view, List.of())).elsewhere(outside))
                .isEmpty();
    }

    @Test
    void takesScopesThatSayNothingForNone() {
        for (String scopes :
                List.of("", "{}", "null", "[]", "no json", "{\"idc\":\"\",\"location\":\"\",\"cidrs\":null}")) {
            assertThat(GuessedBorders.hasScopes(view(scopes))).as(scopes).isFalse();
        }
        assertThat(GuessedBorders.hasScopes(view("{\"idc\":\"na61\"}"))).isTrue();
    }

    @Test
    void keepsTheBordersOnDiskAndReadsCopiesThatHaveNone() {
        var json = JsonMapper.builder().build();
        var view = new ClusterView("", "", "{}", List.of(), Optional.empty())
                .withBorders(new ClusterView.Borders(false, List.of(HOME, VPC)));
        var copy = new Dynconfig.Copy(view, List.of());
        assertThat(json.readValue(json.writeValueAsBytes(copy), Dynconfig.Copy.class))
                .isEqualTo(copy);

        String older =
                "{\"view\":{\"config\":\"\",\"clientConfig\":\"\",\"scopes\":\"{}\",\"seeds\":[]},\"applications\":[]}";
        assertThat(json.readValue(older, Dynconfig.Copy.class).view().borders()).isEmpty();
    }

    private static ClusterView view(String scopes) {
        return new ClusterView("", "", scopes, List.of(), Optional.empty());
    }

    private static PeerHost host(String ip, String idc, String location) {
        return new PeerHost(HostId.of(ip, "node"), ip, 65000, 65002, "node", location, idc);
    }
}
