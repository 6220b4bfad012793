package dev.darter.peer.storage;

import dev.darter.core.ByteRange;
import dev.darter.core.Sha256;
import dev.darter.peer.storage.TaskContent.State;
import java.io.IOException;
import java.util.Optional;

/**
 * What can be read of one content, and the look at doubtful blocks before: each is hashed against its journalled SHA-256 before its first
 * read. One that fails is as if it had never come: its piece is fetched again.
 *
 * <p>Any thread may call it. It has no state, and hashes without the {@link Ledger}'s monitor: two readers may hash the same block, and
 * find the same.
 */
final class SecondLook {
    private final Ledger ledger;
    private final DataFile data;

    SecondLook(Ledger ledger, DataFile data) {
        this.ledger = ledger;
        this.data = data;
    }

    /** Whether these bytes are readable, and no block of them is doubtful. */
    boolean isAtHand(ByteRange bytes) {
        synchronized (ledger) {
            Layout layout = ledger.layout();
            if (ledger.state() == State.FAILED || !layout.isCut()) {
                return false;
            }
            int first = layout.blockAt(bytes.start());
            int last = layout.blockAt(bytes.end() - 1);
            int doubt = ledger.blocks().firstDoubt(first);
            return ledger.blocks().areReadable(first, last + 1) && (doubt < 0 || doubt > last);
        }
    }

    /** Bytes that can be read at {@code position} without a gap; doubtful blocks on the way are checked first. */
    long available(long position) {
        while (true) {
            int first;
            synchronized (ledger) {
                Layout layout = ledger.layout();
                if (ledger.state() == State.FAILED || !layout.isCut() || position < 0) {
                    return 0;
                }
                first = layout.blockAt(position);
                if (!ledger.blocks().isReadable(first)) {
                    return 0;
                }
                int doubt = ledger.blocks().firstDoubt(first);
                if (doubt != first) {
                    int gap = ledger.blocks().firstGap(first);
                    int end = doubt >= 0 ? Math.min(doubt, gap) : gap;
                    return Math.max(0, layout.bytesUpTo(end) - position);
                }
            }
            check(first);
        }
    }

    /** Whether no byte will ever come at {@code position}: it lies behind the content. */
    boolean isBehindEnd(long position) {
        Layout layout = ledger.layout();
        return layout.isLengthKnown() && position >= layout.length();
    }

    /** As {@link TaskContent#verify}. */
    boolean verify() {
        for (long position = 0; !isBehindEnd(position); ) {
            long bytes = available(position);
            if (bytes <= 0) {
                return false;
            }
            position += bytes;
        }
        return ledger.state() == State.COMPLETE;
    }

    private void check(int block) {
        Layout layout;
        Optional<Sha256> expected;
        synchronized (ledger) {
            layout = ledger.layout();
            expected = ledger.blocks().digest(block);
        }
        boolean good;
        try {
            good = expected.equals(Optional.of(data.sha256(layout.start(block), layout.lengthOf(block))));
        } catch (IOException e) {
            good = false;
        }
        synchronized (ledger) {
            if (ledger.blocks().firstDoubt(block) != block) {
                return; // somebody else has looked, and it may have come anew since
            }
            if (good) {
                ledger.blocks().trust(block);
            } else {
                ledger.forget(block);
            }
        }
    }
}
