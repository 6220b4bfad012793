package dev.darter.wire.map;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import dev.darter.core.BlockRange;
import dev.darter.core.Digest;
import dev.darter.core.DigestBatch;
import dev.darter.core.Integrity;
import dev.darter.core.Sha256;
import dev.darter.core.SignedBatch;
import dev.darter.core.SignedWarrant;
import dev.darter.core.SigningKey;
import dev.darter.core.TaskId;
import dev.darter.core.VerifyKey;
import dev.darter.core.Warrant;
import dev.darter.proto.darter.v1.DigestRun;
import dev.darter.proto.darter.v1.PieceMd5;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Warrants and batches of digests: made and signed, read from bytes. Reading checks the form only; what comes out is not yet to be believed.
 * Everything that does not fit is an {@link IllegalArgumentException} that names it.
 */
public final class ProofMapper {
    private static final int LONGEST_WARRANT = 8 << 10;
    private static final int MD5_BYTES = 16;

    private ProofMapper() {}

    /** Signs a warrant with a scheduler's key. */
    public static SignedWarrant sign(SigningKey scheduler, Warrant warrant) {
        var message = dev.darter.proto.darter.v1.Warrant.newBuilder()
                .setTaskId(warrant.task().value())
                .setGeneration(warrant.generation())
                .setReader(ByteString.copyFrom(warrant.reader().toBytes()));
        warrant.ranges()
                .forEach(range -> message.addRanges(dev.darter.proto.darter.v1.BlockRange.newBuilder()
                        .setFirst(range.first())
                        .setEnd(range.end())));
        byte[] payload = message.build().toByteArray();
        return warrant(dev.darter.proto.darter.v1.SignedWarrant.newBuilder()
                .setWarrant(ByteString.copyFrom(payload))
                .setSignature(ByteString.copyFrom(scheduler.sign(SignedWarrant.KIND, payload)))
                .setSigner(ByteString.copyFrom(scheduler.verifyKey().toBytes()))
                .build());
    }

    /** Signs a batch with a reader's key. */
    public static SignedBatch sign(SigningKey reader, DigestBatch batch) {
        var message = dev.darter.proto.darter.v1.DigestBatch.newBuilder()
                .setWarrant(ByteString.copyFrom(batch.warrant().toBytes()))
                .setVersion(batch.version())
                .setContentLength(batch.contentLength())
                .setBlockLength(batch.blockLength())
                .setPieceLength(batch.pieceLength())
                .putAllHeader(batch.header());
        for (DigestBatch.Run run : batch.runs()) {
            var digests = ByteBuffer.allocate(run.digests().size() * Sha256.BYTES);
            run.digests().forEach(digest -> digests.put(digest.toBytes()));
            message.addRuns(
                    DigestRun.newBuilder().setFirst(run.first()).setSha256(ByteString.copyFrom(digests.flip())));
        }
        for (DigestBatch.PieceMd5 piece : batch.pieces()) {
            message.addPieces(PieceMd5.newBuilder()
                    .setNumber(piece.number())
                    .setMd5(ByteString.copyFrom(
                            java.util.HexFormat.of().parseHex(piece.md5().hex()))));
        }
        byte[] payload = message.build().toByteArray();
        return batch(dev.darter.proto.darter.v1.SignedBatch.newBuilder()
                .setBatch(ByteString.copyFrom(payload))
                .setSignature(ByteString.copyFrom(reader.sign(SignedBatch.KIND, payload)))
                .build());
    }

    public static SignedWarrant warrant(dev.darter.proto.darter.v1.SignedWarrant message) {
        checkLength("warrant", message.getSerializedSize(), LONGEST_WARRANT);
        byte[] payload = message.getWarrant().toByteArray();
        var warrant = parse("warrant", payload, dev.darter.proto.darter.v1.Warrant.parser());
        return new SignedWarrant(
                Sha256.hash(ByteBuffer.wrap(payload)),
                new Warrant(
                        new TaskId(warrant.getTaskId()),
                        warrant.getGeneration(),
                        VerifyKey.of(warrant.getReader().toByteArray()),
                        warrant.getRangesList().stream()
                                .map(range -> new BlockRange(range.getFirst(), range.getEnd()))
                                .toList()),
                VerifyKey.of(message.getSigner().toByteArray()),
                payload,
                message.getSignature().toByteArray(),
                message.toByteArray());
    }

    /** Of a field that need not be filled, and is worth nothing when it makes no sense. */
    public static Optional<SignedWarrant> optionalWarrant(dev.darter.proto.darter.v1.SignedWarrant message) {
        try {
            return message.getWarrant().isEmpty() ? Optional.empty() : Optional.of(warrant(message));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    public static SignedBatch batch(dev.darter.proto.darter.v1.SignedBatch message) {
        checkLength("batch", message.getSerializedSize(), SignedBatch.LONGEST);
        byte[] payload = message.getBatch().toByteArray();
        var batch = parse("batch", payload, dev.darter.proto.darter.v1.DigestBatch.parser());
        return new SignedBatch(
                Sha256.hash(ByteBuffer.wrap(payload)),
                new DigestBatch(
                        Sha256.of(batch.getWarrant().toByteArray()),
                        batch.getVersion(),
                        batch.getContentLength(),
                        batch.getBlockLength(),
                        batch.getPieceLength(),
                        batch.getHeaderMap(),
                        batch.getRunsList().stream().map(ProofMapper::run).toList(),
                        batch.getPiecesList().stream().map(ProofMapper::piece).toList()),
                payload,
                message.getSignature().toByteArray(),
                message.toByteArray());
    }

    /** A number that nobody declared says nothing. */
    public static Integrity integrity(int number) {
        return number >= 0 && number < Integrity.values().length ? Integrity.values()[number] : Integrity.UNKNOWN;
    }

    /** As {@link SignedWarrant#raw} was written. */
    public static SignedWarrant readWarrant(byte[] raw) {
        return warrant(parse("warrant", raw, dev.darter.proto.darter.v1.SignedWarrant.parser()));
    }

    /** As {@link SignedBatch#raw} was written. */
    public static SignedBatch readBatch(byte[] raw) {
        checkLength("batch", raw.length, SignedBatch.LONGEST);
        return batch(parse("batch", raw, dev.darter.proto.darter.v1.SignedBatch.parser()));
    }

    public static dev.darter.proto.darter.v1.SignedWarrant toWire(SignedWarrant warrant) {
        return parse("warrant", warrant.raw(), dev.darter.proto.darter.v1.SignedWarrant.parser());
    }

    public static dev.darter.proto.darter.v1.SignedBatch toWire(SignedBatch batch) {
        return parse("batch", batch.raw(), dev.darter.proto.darter.v1.SignedBatch.parser());
    }

    private static DigestBatch.Run run(DigestRun run) {
        ByteString bytes = run.getSha256();
        if (bytes.size() % Sha256.BYTES != 0 || bytes.size() / Sha256.BYTES > DigestBatch.MOST_BLOCKS) {
            throw new IllegalArgumentException("run: " + bytes.size() + " bytes (expected: 32 for each of at most "
                    + DigestBatch.MOST_BLOCKS + " blocks)");
        }
        List<Sha256> digests = new ArrayList<>(bytes.size() / Sha256.BYTES);
        for (int at = 0; at < bytes.size(); at += Sha256.BYTES) {
            digests.add(Sha256.of(bytes.substring(at, at + Sha256.BYTES).toByteArray()));
        }
        return new DigestBatch.Run(run.getFirst(), digests);
    }

    private static DigestBatch.PieceMd5 piece(PieceMd5 piece) {
        if (piece.getMd5().size() != MD5_BYTES) {
            throw new IllegalArgumentException(
                    "MD5: " + piece.getMd5().size() + " bytes (expected: " + MD5_BYTES + ")");
        }
        return new DigestBatch.PieceMd5(
                piece.getNumber(), Digest.md5(Digest.hex(piece.getMd5().toByteArray())));
    }

    private static void checkLength(String what, int bytes, int most) {
        if (bytes > most) {
            throw new IllegalArgumentException(what + ": " + bytes + " bytes (expected: at most " + most + ")");
        }
    }

    private static <T extends Message> T parse(String what, byte[] bytes, com.google.protobuf.Parser<T> parser) {
        try {
            return parser.parseFrom(bytes);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalArgumentException(what + ": " + e.getMessage() + " (expected: a message)", e);
        }
    }
}
