package dev.darter.manager.access;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.MACVerifier;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/**
 * Sign-in tokens: JWT, HS256, with the claims {@code id}, {@code exp} and {@code orig_iat}, so that upstream's managers take ours and we take
 * theirs when both know the key. Immutable.
 */
public final class Tokens {
    /** HS256 wants 32 bytes; HMAC itself pads a shorter key with zeros, so padding here changes no signature. */
    private static final int SHORTEST_KEY = 32;

    private final byte[] key;
    private final Duration timeout;
    private final Duration maxRefresh;
    private final InstantSource clock;

    public Tokens(String key, Duration timeout, Duration maxRefresh, InstantSource clock) {
        byte[] bytes = key.getBytes(UTF_8);
        this.key = bytes.length < SHORTEST_KEY ? Arrays.copyOf(bytes, SHORTEST_KEY) : bytes;
        this.timeout = timeout;
        this.maxRefresh = maxRefresh;
        this.clock = clock;
    }

    /** A token and when it ends. */
    public record Token(String text, Instant expires) {}

    public Token issue(long user) {
        Instant now = clock.instant();
        Instant expires = now.plus(timeout);
        try {
            var token = new JWSObject(
                    new JWSHeader.Builder(JWSAlgorithm.HS256)
                            .type(JOSEObjectType.JWT)
                            .build(),
                    new Payload(Map.of("id", user, "exp", expires.getEpochSecond(), "orig_iat", now.getEpochSecond())));
            token.sign(new MACSigner(key));
            return new Token(token.serialize(), expires);
        } catch (JOSEException e) {
            throw new IllegalStateException("a token cannot be signed", e);
        }
    }

    /** Whose token it is; empty when it is not ours or has ended. */
    public Optional<Long> user(String text) {
        return claims(text)
                .filter(claims -> number(claims, "exp") > clock.instant().getEpochSecond())
                .map(claims -> number(claims, "id"));
    }

    /** A fresh token for one that has ended, but was issued not too long ago. */
    public Optional<Token> refresh(String text) {
        long oldest = clock.instant().minus(maxRefresh).getEpochSecond();
        return claims(text)
                .filter(claims -> number(claims, "orig_iat") >= oldest)
                .map(claims -> issue(number(claims, "id")));
    }

    public Duration timeout() {
        return timeout;
    }

    private Optional<Map<String, Object>> claims(String text) {
        try {
            JWSObject token = JWSObject.parse(text);
            if (!token.getHeader().getAlgorithm().equals(JWSAlgorithm.HS256) || !token.verify(new MACVerifier(key))) {
                return Optional.empty();
            }
            return Optional.ofNullable(token.getPayload().toJSONObject());
        } catch (ParseException | JOSEException e) {
            return Optional.empty();
        }
    }

    private static long number(Map<String, Object> claims, String name) {
        return claims.get(name) instanceof Number number ? number.longValue() : 0;
    }
}
