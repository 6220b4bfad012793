package dev.darter.wire.client;

import com.google.protobuf.ByteString;
import dev.darter.core.Block;
import dev.darter.core.Digest;
import dev.darter.core.Piece;
import dev.darter.core.Sha256;
import dev.darter.proto.darter.v1.BlockNews;
import dev.darter.proto.darter.v1.WholePiece;
import java.util.Optional;

/** What neighbours tell each other, in core's words and back. */
public final class BlockMapper {
    private BlockMapper() {}

    /** @throws IllegalArgumentException naming what cannot be */
    public static BlockStream.News.Blocks blocks(BlockNews news) {
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
                        .map(block -> new Block(
                                block.getNumber(),
                                block.getLength() == 0 ? blockLength : block.getLength(),
                                Sha256.of(block.getSha256().toByteArray())))
                        .toList(),
                news.getPiecesList().stream().map(BlockMapper::piece).toList(),
                news.getHandsOut());
    }

    public static BlockNews news(BlockStream.News.Blocks news) {
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
            message.addBlocks(dev.darter.proto.darter.v1.Block.newBuilder()
                    .setNumber(block.number())
                    .setLength(block.length() == news.blockLength() ? 0 : block.length())
                    .setSha256(ByteString.copyFrom(block.sha256().toBytes())));
        }
        for (Piece piece : news.pieces()) {
            message.addPieces(WholePiece.newBuilder()
                    .setNumber(piece.number())
                    .setOffset(piece.offset())
                    .setLength(piece.length())
                    .setMd5(piece.md5().map(Digest::hex).orElse("")));
        }
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
