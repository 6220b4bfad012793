package dev.darter.wire.map;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.darter.core.BlockLength;
import dev.darter.core.BlockRange;
import dev.darter.core.OriginGrant;
import dev.darter.core.OriginWish;
import dev.darter.core.OriginWish.Reading;
import dev.darter.proto.scheduler.v1.PeerPacket;
import dev.darter.proto.scheduler.v1.PieceResult;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class OriginMapperTest {
    private static final OriginWish WISH = new OriginWish(
            (100L << 18) + 1,
            BlockLength.SMALL,
            List.of(new BlockRange(0, 1), new BlockRange(50, 101)),
            List.of(new BlockRange(3, 9)),
            Reading.UNDER_WAY,
            true);

    @Test
    void aWishComesBackAsItWas() {
        assertThat(OriginMapper.wish(OriginMapper.toWire(WISH))).isEqualTo(WISH);
    }

    @Test
    void aGrantComesBackAsItWas() {
        var grant = new OriginGrant(List.of(new BlockRange(3, 9), new BlockRange(20, 21)), Duration.ofMillis(70));
        assertThat(OriginMapper.grant(OriginMapper.toWire(grant))).contains(grant);
    }

    @Test
    void aGrantThatMakesNoSenseIsNone() {
        var none = dev.darter.proto.scheduler.v1.OriginGrant.newBuilder();
        assertThat(OriginMapper.grant(none.build())).isEmpty();
        none.addBlocks(
                dev.darter.proto.darter.v1.BlockRange.newBuilder().setFirst(5).setEnd(5));
        assertThat(OriginMapper.grant(none.build())).isEmpty();
        none.setBlocks(0, dev.darter.proto.darter.v1.BlockRange.newBuilder().setEnd(5));
        assertThat(OriginMapper.grant(none.build())).isPresent();
        assertThat(OriginMapper.grant(none.setDelayMillis(-1).build())).isEmpty();
    }

    @Test
    void whatAPeerSaysIsBounded() {
        var message = OriginMapper.toWire(WISH).toBuilder();
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        OriginMapper.wish(message.clone().setContentLength(0).build()))
                .withMessageContaining("content length: 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        OriginMapper.wish(message.clone().setBlockLength(1).build()))
                .withMessageContaining("block length: 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> OriginMapper.wish(
                        message.clone().setContentLength(100L << 18).build()))
                .withMessageContaining("up to block 101 (expected: at most 100");
        var many = message.clone().clearRead();
        IntStream.range(0, 513)
                .forEach(_ -> many.addRead(
                        dev.darter.proto.darter.v1.BlockRange.newBuilder().setEnd(1)));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> OriginMapper.wish(many.build()))
                .withMessageContaining("read: 513 ranges");
    }

    /** Whoever does not know our fields sees messages that say nothing. */
    @Test
    void theFieldsAreOurs() {
        assertThat(PieceResult.getDescriptor().findFieldByNumber(1003).getName())
                .isEqualTo("darter_origin");
        assertThat(PeerPacket.getDescriptor().findFieldByNumber(1003).getName()).isEqualTo("darter_grant");
    }
}
