package dev.darter.wire.client;

import com.google.protobuf.ByteString;
import dev.darter.core.Block;
import dev.darter.core.Digest;
import dev.darter.core.DigestBatch;
import dev.darter.core.Piece;
import dev.darter.core.Sha256;
import dev.darter.core.SignedBatch;
import dev.darter.core.SignedWarrant;
import dev.darter.proto.darter.v1.BlockNews;
import dev.darter.proto.darter.v1.WholePiece;
import dev.darter.wire.map.ProofMapper;
import java.util.List;
import java.util.Optional;

/** What neighbours tell each other, in core's words and back. */
public final class BlockMapper {
    private BlockMapper() {}

    /** @throws IllegalArgumentException naming what cannot be */
    public static BlockStream.News.Blocks blocks(
            BlockNews news, List<SignedWarrant> warrants, List<SignedBatch> batches) {
        int blockLength = news.getBlockLength();
        return new BlockStream.News.Blocks(
                news.getRef(),
                news.getPeerId(),
                news.getAddress(),
                news.getContentLength(),
                blockLength,
                news.getPieceLength(),
                news.getHeaderMap(),
                news.getBlocksList().stream()
                        .map(block -> block(block, blockLength))
                        .toList(),
                news.getPiecesList().stream().map(BlockMapper::piece).toList(),
                news.getHandsOut(),
                warrants,
                batches);
    }

    private static Block block(dev.darter.proto.darter.v1.Block block, int blockLength) {
        int length = block.getLength() == 0 ? blockLength : block.getLength();
        if (block.getNumber() > DigestBatch.MOST_NUMBER) {
            throw new IllegalArgumentException(
                    "block: " + block.getNumber() + " (expected: at most " + DigestBatch.MOST_NUMBER + ")");
        }
        return block.getSha256().isEmpty()
                ? Block.unclaimed(block.getNumber(), length)
                : new Block(
                        block.getNumber(), length, Sha256.of(block.getSha256().toByteArray()));
    }

    /** @param claims whether the digests of blocks are sent though they prove nothing: those who know no proofs need them */
    public static BlockNews news(BlockStream.News.Blocks news, boolean claims) {
        var message = BlockNews.newBuilder()
                .setRef(news.ref())
                .setPeerId(news.holder())
                .setAddress(news.address())
                .setContentLength(news.contentLength())
                .setBlockLength(news.blockLength())
                .setPieceLength(news.pieceLength())
                .putAllHeader(news.header())
                .setHandsOut(news.handsOut());
        for (Block block : news.blocks()) {
            var told = dev.darter.proto.darter.v1.Block.newBuilder()
                    .setNumber(block.number())
                    .setLength(block.length() == news.blockLength() ? 0 : block.length());
            if (claims) {
                told.setSha256(ByteString.copyFrom(block.sha256().toBytes()));
            }
            message.addBlocks(told);
        }
        for (Piece piece : news.pieces()) {
            message.addPieces(WholePiece.newBuilder()
                    .setNumber(piece.number())
                    .setOffset(piece.offset())
                    .setLength(piece.length())
                    .setMd5(piece.md5().map(Digest::hex).orElse("")));
        }
        news.warrants().forEach(warrant -> message.addWarrants(ProofMapper.toWire(warrant)));
        news.batches().forEach(batch -> message.addBatches(ProofMapper.toWire(batch)));
        return message.build();
    }

    private static Piece piece(WholePiece piece) {
        return new Piece(
                piece.getNumber(),
                piece.getOffset(),
                piece.getLength(),
                piece.getMd5().isEmpty() ? Optional.empty() : Optional.of(Digest.md5(piece.getMd5())));
    }
}
