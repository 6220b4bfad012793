package dev.darter.peer.storage;

import dev.darter.core.CodedException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.time.Duration;
import java.util.Optional;

/** Reads {@link DiskContent} while it lands. */
final class DiskContentReader implements ContentReader {
    private final DiskContent content;
    private final FileChannel data;
    private boolean inOrder;
    private boolean closed;

    DiskContentReader(DiskContent content, FileChannel data) {
        this.content = content;
        this.data = data;
    }

    @Override
    public long available(long position) {
        return content.available(position);
    }

    @Override
    public long await(long position, Duration timeout) throws InterruptedException {
        long deadline = System.nanoTime() + timeout.toNanos();
        inOrder = true;
        content.positions().stands(this, position);
        while (true) {
            long seen = content.version();
            long bytes = content.available(position);
            if (bytes > 0 || content.isBehindEnd(position)) {
                return bytes;
            }
            Optional<CodedException> failure = content.failure();
            if (failure.isPresent()) {
                throw failure.get();
            }
            long left = deadline - System.nanoTime();
            if (left <= 0) {
                return 0;
            }
            var _ = content.awaitChange(seen, Duration.ofNanos(left));
        }
    }

    @Override
    public int read(long position, ByteBuffer target) throws IOException {
        long bytes = content.available(position);
        int limit = target.limit();
        target.limit((int) Math.min(limit, target.position() + bytes));
        try {
            int read = Math.max(0, data.read(target, position));
            if (inOrder) {
                content.positions().stands(this, position + read);
            }
            return read;
        } finally {
            target.limit(limit);
        }
    }

    @Override
    public FileChannel channel() {
        return data;
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            content.positions().left(this);
            content.readerClosed();
        }
    }
}
