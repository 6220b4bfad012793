package dev.darter.core;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;

/** An Ed25519 key pair of this process, kept in a file that only its user may read. Any thread may call it. */
public final class SigningKey {
    private static final String FOR_OWNER = "rw-------";
    private static final int LONGEST_FILE = 1024;

    private final PrivateKey key;
    private final VerifyKey verifyKey;

    private SigningKey(PrivateKey key, VerifyKey verifyKey) {
        this.key = key;
        this.verifyKey = verifyKey;
    }

    /** A key that nobody else has, and no file. */
    public static SigningKey generate() {
        try {
            var pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
            byte[] encoded = pair.getPublic().getEncoded();
            return new SigningKey(
                    pair.getPrivate(),
                    VerifyKey.of(Arrays.copyOfRange(encoded, encoded.length - VerifyKey.BYTES, encoded.length)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java has no Ed25519", e);
        }
    }

    /**
     * The key in {@code file}, made at the first start. The file appears whole or not at all; of two processes that start at the same moment
     * both get the key of the one that was first.
     *
     * @throws IOException if the file cannot be read or made, or holds no key
     */
    public static SigningKey loadOrCreate(Path file) throws IOException {
        if (Files.exists(file)) {
            return load(file);
        }
        SigningKey fresh = generate();
        Path directory = file.toAbsolutePath().getParent();
        Files.createDirectories(directory);
        Path temporary = Files.createTempFile(
                directory,
                file.getFileName() + ".",
                ".new",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(FOR_OWNER)));
        try {
            try (var out = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
                ByteBuffer bytes = ByteBuffer.wrap(fresh.encoded());
                while (bytes.hasRemaining()) {
                    out.write(bytes);
                }
                out.force(true);
            }
            Files.createLink(file, temporary);
            return fresh;
        } catch (FileAlreadyExistsException e) {
            return load(file);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    private byte[] encoded() {
        byte[] secret = key.getEncoded();
        return ByteBuffer.allocate(VerifyKey.BYTES + secret.length)
                .put(verifyKey.toBytes())
                .put(secret)
                .array();
    }

    private static SigningKey load(Path file) throws IOException {
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) || Files.size(file) > LONGEST_FILE) {
            throw new IOException("key " + file + ": no small regular file (expected: one that this program wrote)");
        }
        byte[] bytes = Files.readAllBytes(file);
        try {
            VerifyKey verifyKey = VerifyKey.of(Arrays.copyOf(bytes, Math.min(bytes.length, VerifyKey.BYTES)));
            PrivateKey secret = KeyFactory.getInstance("Ed25519")
                    .generatePrivate(new PKCS8EncodedKeySpec(Arrays.copyOfRange(bytes, VerifyKey.BYTES, bytes.length)));
            var loaded = new SigningKey(secret, verifyKey);
            if (verifyKey.verify("darter.key", new byte[0], loaded.sign("darter.key", new byte[0]))) {
                return loaded;
            }
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new IOException(
                    "key " + file + ": damaged (expected: an Ed25519 key; without it a new one is made)", e);
        }
        throw new IOException("key " + file + ": its halves do not belong together (expected: an Ed25519 key)");
    }

    /** Under which others check what is signed here. */
    public VerifyKey verifyKey() {
        return verifyKey;
    }

    /**
     * Signs bytes as a thing of one kind: what was signed as one is never taken for another.
     *
     * @param kind ASCII, without a zero byte
     */
    public byte[] sign(String kind, byte[] payload) {
        try {
            Signature signature = Signature.getInstance("Ed25519");
            signature.initSign(key);
            VerifyKey.feed(signature, kind, payload);
            return signature.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("cannot sign", e);
        }
    }

    /** Nothing of the secret. */
    @Override
    public String toString() {
        return "SigningKey[" + verifyKey + "]";
    }
}
