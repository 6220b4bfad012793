package dev.darter.peer.task;

import dev.darter.core.Block;
import dev.darter.core.BlockLength;
import dev.darter.core.CodedException;
import dev.darter.core.PeerId;
import dev.darter.peer.choice.BlockChoice;
import dev.darter.peer.choice.BlockOffer;
import dev.darter.peer.choice.MeshRules;
import dev.darter.peer.choice.Offers;
import dev.darter.peer.fetch.BlockFetcher;
import dev.darter.peer.storage.TaskContent;
import dev.darter.peer.transfer.RateLimiter;
import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What a {@link Mesh} asks its neighbours for. How a request goes on is said to the mesh as {@link Mesh.Event}. Used by the download's thread
 * alone.
 *
 * <p><b>Two ways to get a block.</b> A neighbour that <em>hands out</em> (it reads the origin, or was the first to have the content) gives each
 * block to one child before it gives any twice, so there are always two requests open there for whatever comes next. Everything else is asked
 * for by number, rarest first ({@link BlockChoice}).
 *
 * <p><b>Other places.</b> What comes from there uses a line that all of this place share, so a neighbour from there is asked only for what no
 * neighbour of this place has, for few blocks at a time, and for first copies only where nobody over there takes them.
 *
 * <p><b>The endgame.</b> When all that is missing is on its way, the oldest is asked for once more of somebody else, and so is one that is all
 * but stuck; the first to come counts, the other is broken off.
 */
final class Asking {
    private static final MeshRules RULES = MeshRules.DEFAULT;

    private final BlockFetcher fetcher;
    private final TaskContent content;
    private final PeerId me;
    private final RateLimiter rate;
    private final MeshLinks links;
    private final Flights flights;
    private final DoubtfulPieces doubtful;
    private final BitSet have;
    private final Consumer<Mesh.Event> out;
    private final BlockChoice choice;

    /** @param have blocks that are here; changes */
    Asking(
            BlockFetcher fetcher,
            TaskContent content,
            PeerId me,
            RateLimiter rate,
            MeshLinks links,
            Flights flights,
            DoubtfulPieces doubtful,
            BitSet have,
            Consumer<Mesh.Event> out) {
        this.fetcher = fetcher;
        this.content = content;
        this.me = me;
        this.rate = rate;
        this.links = links;
        this.flights = flights;
        this.doubtful = doubtful;
        this.have = have;
        this.out = out;
        this.choice = new BlockChoice(me.value().hashCode());
    }

    /** Whether no block is asked for by its number. */
    boolean asksNobody() {
        return flights.requests() == 0;
    }

    /** Whether nothing more would be asked for, whatever neighbours had to give. */
    boolean isBusy() {
        int requests = flights.requests();
        int most = RULES.requestsPerLink(requests);
        return requests >= RULES.mostRequests() || links.all().stream().noneMatch(link -> link.requests() < most);
    }

    /**
     * Sends what requests may be sent; the content's cut must be known.
     *
     * @param wanted blocks that are neither here nor brought otherwise, on their way or not; changed
     */
    void start(BitSet wanted, long now) {
        askForFirstCopies(now);
        List<MeshLink> all = List.copyOf(links.all());
        List<Integer> urgent = content.awaitedBlocks(BlockChoice.URGENT_PER_READER);
        while (flights.requests() < RULES.mostRequests()) {
            wanted.andNot(flights.blocks());
            Optional<BlockChoice.Request> request = choice.next(
                    wanted, urgent, offers(all, now), RULES.requestsPerLink(flights.requests()), content.blockLength());
            if (request.isEmpty()) {
                endgame(all, now);
                return;
            }
            MeshLink link = all.get(request.get().neighbour());
            List<Block> run = new ArrayList<>();
            for (int i = 0; i < request.get().count(); i++) {
                int number = request.get().first() + i;
                run.add(Block.unclaimed(number, lengthOf(number)));
            }
            start(link, run, urgent.contains(request.get().first()), now);
        }
    }

    private void askForFirstCopies(long now) {
        // What those over there take comes here once; what they do not take would have to go back, too.
        boolean isTakenElsewhere =
                !asksNobody() && links.all().stream().anyMatch(link -> link.isFar() && !link.handsOut());
        for (MeshLink link : links.all()) {
            if (link.isFar() && isTakenElsewhere) {
                continue;
            }
            while (link.mayAskNext(now, RULES.nextPerLink())) {
                start(new Flight(link, List.of(), now, Long.MAX_VALUE));
            }
        }
    }

    private int lengthOf(int block) {
        long left = content.length().orElse(Long.MAX_VALUE) - (long) block * content.blockLength();
        return (int) Math.min(content.blockLength(), left);
    }

    private List<BlockOffer> offers(List<MeshLink> all, long now) {
        int far = all.stream()
                .filter(MeshLink::isFar)
                .mapToInt(MeshLink::requests)
                .sum();
        var offers = new ArrayList<BlockOffer>();
        for (int i = 0; i < all.size(); i++) {
            MeshLink link = all.get(i);
            if (!link.isInReach(now)) {
                continue;
            }
            boolean mayAsk = link.mayAsk(now) && !(link.isFar() && far >= RULES.mostFarRequests());
            offers.add(new BlockOffer(
                    i,
                    doubtful.offeredBy(link, content),
                    mayAsk ? link.requests() : Offers.BUSY,
                    link.bytesPerSecond(),
                    link.handsOut() || link.isFar()));
        }
        return offers;
    }

    private void start(MeshLink link, List<Block> run, boolean urgent, long now) {
        long bytes = run.stream().mapToLong(Block::length).sum();
        start(new Flight(link, run, now, now + MeshRules.patience(bytes, link.bytesPerSecond(), urgent)));
    }

    private void endgame(List<MeshLink> all, long now) {
        for (Flight flight : flights.mayBeRaced(RULES.mostRacers())) {
            Block block = flight.run().getFirst();
            if (have.get(block.number())) {
                continue;
            }
            for (MeshLink link : all) {
                boolean sooner = link != flight.link()
                        && link.mayAsk(now)
                        && link.requests() == 0
                        && !link.handsOut()
                        && link.blocks().get(block.number())
                        && RULES.isWorthRacing(now - flight.began(), block.length(), link.bytesPerSecond(), missing());
                if (sooner) {
                    start(link, List.of(block), true, now);
                    return;
                }
            }
        }
    }

    /** Blocks that are not here, as far as that is known. */
    private int missing() {
        return content.length().isPresent()
                ? BlockLength.count(content.length().getAsLong(), content.blockLength()) - have.cardinality()
                : Integer.MAX_VALUE;
    }

    private void start(Flight flight) {
        flights.add(flight);
        flight.link().began(flight.isForAny());
        int most = BlockChoice.runLength(flight.link().bytesPerSecond(), content.blockLength());
        fetcher.run(() -> {
            Mesh.Result result = flight.breaker().isBroken() ? new Mesh.Result.Stopped() : fetch(flight, most);
            out.accept(new Mesh.Event.Ended(flight, result));
        });
    }

    /** @param most blocks that it takes where it names none */
    private Mesh.Result fetch(Flight flight, int most) {
        MeshLink link = flight.link();
        BlockFetcher.Progress progress = (block, stored) -> out.accept(new Mesh.Event.Came(flight, block, stored));
        try {
            if (flight.isForAny()) {
                return switch (fetcher.next(
                        link.uploadAddress(), content, me.value(), most, rate, flight.breaker(), progress)) {
                    case BLOCKS -> new Mesh.Result.Done();
                    case LATER -> new Mesh.Result.Stopped();
                    case BUSY -> new Mesh.Result.Busy();
                    case NOTHING_MORE -> new Mesh.Result.NothingMore();
                };
            }
            int came = fetcher.fetch(
                    link.uploadAddress(), link.holder(), content, flight.run(), rate, flight.breaker(), progress);
            return came == flight.run().size() ? new Mesh.Result.Done() : new Mesh.Result.Busy();
        } catch (CodedException e) {
            return flight.breaker().isBroken() ? new Mesh.Result.Stopped() : new Mesh.Result.Failed(e);
        } catch (IOException e) {
            return flight.breaker().isBroken() ? new Mesh.Result.Stopped() : new Mesh.Result.StorageFailed(e);
        } catch (InterruptedException e) {
            return new Mesh.Result.Stopped();
        }
    }
}
