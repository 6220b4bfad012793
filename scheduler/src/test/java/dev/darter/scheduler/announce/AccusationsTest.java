package dev.darter.scheduler.announce;

import static org.assertj.core.api.Assertions.assertThat;

import dev.darter.core.HostId;
import dev.darter.core.HostType;
import dev.darter.core.PeerHost;
import dev.darter.scheduler.swarm.Host;
import dev.darter.scheduler.swarm.Swarm;
import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;

class AccusationsTest {
    private final Swarm swarm = new Swarm(InstantSource.fixed(Instant.EPOCH));
    private final Accusations accusations = new Accusations();
    private final Host liar = host("liar", HostType.NORMAL);
    private final Host seed = host("seed", HostType.SUPER);

    @Test
    void oneHostDropsNobodyHoweverOftenItSaysSo() {
        for (int i = 0; i < 100; i++) {
            assertThat(accusations.accuse(seed, peer(1), 1, i)).isFalse();
        }
        assertThat(accusations.accuse(seed, peer(2), 2, 100)).isFalse();
    }

    @Test
    void threeThatFetchFromItDropALiar() {
        assertThat(accusations.accuse(liar, peer(1), 8, 0)).isFalse();
        assertThat(accusations.accuse(liar, peer(2), 8, 0)).isFalse();
        assertThat(accusations.accuse(liar, peer(3), 8, 0)).isTrue();
    }

    @Test
    void ofManyThatFetchAQuarterHasToSaySo() {
        for (int i = 1; i <= 7; i++) {
            assertThat(accusations.accuse(liar, peer(i), 32, 0)).isFalse();
        }
        assertThat(accusations.accuse(liar, peer(8), 32, 0)).isTrue();
    }

    @Test
    void ofASeedHalfHasToSaySo() {
        for (int i = 1; i <= 7; i++) {
            assertThat(accusations.accuse(seed, peer(i), 16, 0)).isFalse();
        }
        assertThat(accusations.accuse(seed, peer(8), 16, 0)).isTrue();
    }

    @Test
    void whoAccusesEverybodyIsNotBelieved() {
        Host accuser = peer(1);
        for (int i = 10; i < 14; i++) {
            accusations.accuse(peer(i), accuser, 4, 0);
        }
        accusations.accuse(liar, accuser, 4, 0);
        accusations.accuse(liar, peer(2), 4, 0);
        assertThat(accusations.accuse(liar, peer(3), 4, 0)).isFalse();
        assertThat(accusations.accuse(liar, peer(4), 4, 0)).isTrue();
    }

    @Test
    void whatWasSaidIsForgottenAfterAnHour() {
        accusations.accuse(liar, peer(1), 4, 0);
        accusations.accuse(liar, peer(2), 4, 0);
        long later = Accusations.HELD.toMillis() + 1;
        assertThat(accusations.accuse(liar, peer(3), 4, later)).isFalse();
    }

    private Host peer(int number) {
        return host("peer-" + number, HostType.NORMAL);
    }

    private Host host(String name, HostType type) {
        return swarm.host(new PeerHost(new HostId(name), "10.0.0.1", 65000, 65002, name, "", ""), type, true);
    }
}
