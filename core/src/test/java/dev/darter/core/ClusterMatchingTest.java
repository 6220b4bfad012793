package dev.darter.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.darter.core.ClusterMatching.Caller;
import dev.darter.core.ClusterMatching.Scope;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ClusterMatchingTest {
    private static final Scope DEFAULT = new Scope("", "", List.of(), true);
    private static final Scope VPC = new Scope("", "", List.of("10.2.0.0/16", "2001:db8::/32"), false);
    private static final Scope IDC = new Scope("na61|NA62", "", List.of(), false);
    private static final Scope PLACE = new Scope("", "eu|fr|paris", List.of(), false);
    private static final List<Scope> ALL = List.of(DEFAULT, VPC, IDC, PLACE);

    @Test
    void givesAHostToTheClusterThatItMatchesAndToNoOther() {
        assertThat(home(ALL, "10.2.3.4", "", "")).containsExactly(1);
        assertThat(home(ALL, "2001:db8:1::7", "", "")).containsExactly(1);
        assertThat(home(ALL, "10.1.0.1", "na62", "")).containsExactly(2);
        assertThat(home(ALL, "10.1.0.1", "", "EU|FR|Paris")).containsExactly(3);
        assertThat(home(ALL, "10.1.0.1", "", "eu|de")).containsExactly(3);
    }

    @Test
    void weighsTheNetworkOverTheDataCentreOverTheLocation() {
        assertThat(home(ALL, "10.2.3.4", "na61", "eu|fr|paris")).containsExactly(1);
        assertThat(home(ALL, "10.9.0.1", "na61", "eu|fr|paris")).containsExactly(2);
        var both = new Scope("na61", "eu", List.of(), false);
        assertThat(home(List.of(VPC, both), "10.2.3.4", "na61", "eu")).containsExactly(1);
    }

    @Test
    void givesAHostThatMatchesNowhereToTheDefaultCluster() {
        assertThat(home(ALL, "10.1.0.1", "", "")).containsExactly(0);
        assertThat(home(ALL, "192.168.0.1", "elsewhere", "us|east")).containsExactly(0);
        assertThat(home(ALL, "", "", "")).containsExactly(0);
    }

    @Test
    void givesAHostToAllThatMatchEquallyWell() {
        var same = new Scope("", "", List.of("10.2.0.0/16"), false);
        assertThat(home(List.of(DEFAULT, VPC, same), "10.2.0.1", "", "")).containsExactly(1, 2);
    }

    @Test
    void leavesHostsThatMatchNowhereToClustersWithoutScopesWhereNoneIsTheDefault() {
        var open = new Scope("", "", List.of(), false);
        assertThat(home(List.of(VPC, open), "10.1.0.1", "", "")).containsExactly(1);
        assertThat(home(List.of(VPC, IDC), "10.1.0.1", "", "")).isEmpty();
    }

    @Test
    void knowsWhetherAnyScopesFitAHost() {
        var matching = new ClusterMatching(ALL);
        assertThat(matching.matchesAnywhere(new Caller("10.2.3.4", "", ""))).isTrue();
        assertThat(matching.matchesAnywhere(new Caller("10.1.0.1", "", "eu|de")))
                .isTrue();
        assertThat(matching.matchesAnywhere(new Caller("10.1.0.1", "na63", "us")))
                .isFalse();
    }

    @Test
    void drawsNoBorderAroundTheOnlyCluster() {
        assertThat(home(List.of(VPC), "10.1.0.1", "", "")).containsExactly(0);
        assertThat(home(List.of(DEFAULT), "10.1.0.1", "", "")).containsExactly(0);
        assertThat(home(List.of(), "10.1.0.1", "", "")).isEmpty();
    }

    @Test
    void ranksAllAsUpstreamDoes() {
        assertThat(ranked(ALL, "10.2.3.4", "na61", "eu")).containsExactly(1, 2, 3, 0);
        assertThat(ranked(ALL, "10.1.0.1", "", "")).containsExactly(0, 1, 2, 3);
    }

    @Test
    void readsNetworksToTheBit() {
        assertThat(isInside("10.0.0.0/9", "10.127.255.255")).isTrue();
        assertThat(isInside("10.0.0.0/9", "10.128.0.0")).isFalse();
        assertThat(isInside("10.1.2.3/32", "10.1.2.3")).isTrue();
        assertThat(isInside("0.0.0.0/0", "203.0.113.9")).isTrue();
        assertThat(isInside("0.0.0.0/0", "::1")).isFalse();
        assertThat(isInside("10.0.0.0/8", "::ffff:10.1.2.3")).isTrue();
        assertThat(isInside("fd00::/8", "fd12::1")).isTrue();
    }

    @Test
    void takesACidrThatCannotBeReadForNobodys() {
        for (String cidr : List.of("", "10.0.0.0", "10.0/8", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/x", "a.b.c.d/8")) {
            assertThat(isInside(cidr, "10.0.0.1")).as(cidr).isFalse();
        }
        assertThat(isInside("10.0.0.0/8", "not an address")).isFalse();
    }

    private static boolean isInside(String cidr, String ip) {
        return home(List.of(DEFAULT, new Scope("", "", List.of(cidr), false)), ip, "", "")
                .equals(List.of(1));
    }

    private static List<Integer> home(List<Scope> scopes, String ip, String idc, String location) {
        return new ClusterMatching(scopes).home(new Caller(ip, idc, location));
    }

    private static List<Integer> ranked(List<Scope> scopes, String ip, String idc, String location) {
        return new ClusterMatching(scopes).ranked(new Caller(ip, idc, location));
    }
}
