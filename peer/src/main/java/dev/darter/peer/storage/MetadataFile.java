package dev.darter.peer.storage;

import dev.darter.core.Digest;
import dev.darter.core.Piece;
import dev.darter.core.PieceDigests;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/**
 * Upstream's description of whole content, so that its daemon can take over our directory. Names, order and shapes are those that
 * v2.1.28 writes; it is written to a temporary name and renamed.
 */
final class MetadataFile {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String STRATEGY = "io.d7y.storage.v2.simple";

    private MetadataFile() {}

    static void write(Path path, DiskContent content, List<Piece> pieces, Map<String, String> header, long length)
            throws IOException {
        var byNumber = new LinkedHashMap<String, Object>();
        pieces.forEach(piece -> byNumber.put(Integer.toString(piece.number()), describe(piece)));
        var root = new LinkedHashMap<String, Object>();
        root.put("storeStrategy", STRATEGY);
        root.put("taskID", content.task().value());
        root.put("taskMeta", Map.of());
        root.put("contentLength", length);
        root.put("totalPieces", pieces.size());
        root.put("peerID", content.peer().value());
        root.put("pieces", byNumber);
        root.put(
                "pieceMd5Sign",
                PieceDigests.sign(pieces.stream()
                        .map(piece -> piece.md5().map(Digest::hex).orElse(""))
                        .toList()));
        root.put("dataFilePath", content.dataFile().toAbsolutePath().toString());
        root.put("done", true);
        var lists = new LinkedHashMap<String, List<String>>();
        header.forEach((name, value) -> lists.put(name, List.of(value)));
        root.put("header", header.isEmpty() ? null : lists);
        Path temporary = path.resolveSibling(path.getFileName() + ".new");
        Files.write(temporary, JSON.writeValueAsBytes(root));
        Files.move(temporary, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** Zero numbers and offsets are left out, as upstream leaves them out. */
    private static Map<String, Object> describe(Piece piece) {
        var fields = new LinkedHashMap<String, Object>();
        if (piece.number() > 0) {
            fields.put("num", piece.number());
        }
        piece.md5().ifPresent(md5 -> fields.put("md5", md5.hex()));
        if (piece.offset() > 0) {
            fields.put("offset", piece.offset());
        }
        var range = new LinkedHashMap<String, Object>();
        range.put("Start", piece.offset());
        range.put("Length", piece.length());
        fields.put("range", range);
        return fields;
    }
}
