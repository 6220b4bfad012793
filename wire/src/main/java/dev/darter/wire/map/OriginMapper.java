package dev.darter.wire.map;

import dev.darter.core.BlockRange;
import dev.darter.core.OriginGrant;
import dev.darter.core.OriginWish;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What peers and schedulers say of reading blocks from the origin. */
public final class OriginMapper {
    private OriginMapper() {}

    public static dev.darter.proto.scheduler.v1.OriginWish toWire(OriginWish wish) {
        var message = dev.darter.proto.scheduler.v1.OriginWish.newBuilder()
                .setContentLength(wish.contentLength())
                .setBlockLength(wish.blockLength())
                .setReadingValue(wish.reading().ordinal())
                .setStarved(wish.starved());
        wish.wanted().forEach(range -> message.addWanted(toWire(range)));
        wish.read().forEach(range -> message.addRead(toWire(range)));
        return message.build();
    }

    /** @throws IllegalArgumentException if it makes no sense */
    public static OriginWish wish(dev.darter.proto.scheduler.v1.OriginWish message) {
        int reading = message.getReadingValue();
        return new OriginWish(
                message.getContentLength(),
                message.getBlockLength(),
                ranges(message.getWantedList()),
                ranges(message.getReadList()),
                reading >= 0 && reading < OriginWish.Reading.values().length
                        ? OriginWish.Reading.values()[reading]
                        : OriginWish.Reading.NONE,
                message.getStarved());
    }

    public static dev.darter.proto.scheduler.v1.OriginGrant toWire(OriginGrant grant) {
        var message = dev.darter.proto.scheduler.v1.OriginGrant.newBuilder()
                .setDelayMillis((int) grant.delay().toMillis());
        grant.blocks().forEach(range -> message.addBlocks(toWire(range)));
        return message.build();
    }

    /** Empty when it makes no sense: what nobody can read is not read. */
    public static Optional<OriginGrant> grant(dev.darter.proto.scheduler.v1.OriginGrant message) {
        try {
            return Optional.of(
                    new OriginGrant(ranges(message.getBlocksList()), Duration.ofMillis(message.getDelayMillis())));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static dev.darter.proto.darter.v1.BlockRange toWire(BlockRange range) {
        return dev.darter.proto.darter.v1.BlockRange.newBuilder()
                .setFirst(range.first())
                .setEnd(range.end())
                .build();
    }

    private static List<BlockRange> ranges(List<dev.darter.proto.darter.v1.BlockRange> ranges) {
        return ranges.stream()
                .map(range -> new BlockRange(range.getFirst(), range.getEnd()))
                .toList();
    }
}
