package dev.darter.wire.ring;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.zip.CRC32;

/**
 * Consistent hashing with 20 points a member. Point {@code i} of member {@code M} lies at CRC-32 of the decimal {@code i} directly followed
 * by {@code M}; a key belongs to the first point strictly above its own CRC-32, wrapping around. Immutable. Source: observed vectors
 * of Dragonfly v2.1.28, see {@code HashRingTest}.
 *
 * <p>Where two points collide upstream's choice depends on chance; ours is the member that sorts last, so that all of ours agree.
 */
public final class HashRing {
    private static final int POINTS_PER_MEMBER = 20;

    private final TreeMap<Long, String> points = new TreeMap<>();
    private final List<String> members;

    public HashRing(Collection<String> members) {
        this.members = List.copyOf(new TreeSet<>(members));
        for (String member : this.members) {
            for (int i = 0; i < POINTS_PER_MEMBER; i++) {
                points.put(hash(i + member), member);
            }
        }
    }

    /** The text under which a server takes part: its address with port, then its bare host (brackets only in the address). */
    public static String member(String host, int port) {
        String address = host.indexOf(':') >= 0 ? "[" + host + "]" : host;
        return address + ":" + port + ":" + host;
    }

    public List<String> members() {
        return members;
    }

    /** The member that {@code key} belongs to; empty when the ring is. */
    public Optional<String> owner(String key) {
        var above = points.higherEntry(hash(key));
        return Optional.ofNullable(above == null ? points.firstEntry() : above).map(Map.Entry::getValue);
    }

    /**
     * All members, the owner of {@code key} first, then in the order in which the ring goes on; who asks the second when the first is
     * gone asks the one that would own the key without it.
     */
    public List<String> owners(String key) {
        var found = new LinkedHashMap<String, Boolean>();
        points.tailMap(hash(key) + 1).values().forEach(member -> found.put(member, true));
        points.values().forEach(member -> found.put(member, true));
        return List.copyOf(found.keySet());
    }

    /** Small integers that upstream uses as keys to reach every member once, by member. */
    public Map<String, String> circleKeys() {
        var keys = new LinkedHashMap<String, String>();
        for (int i = 0; i <= 10 * members.size() && keys.size() < members.size(); i++) {
            String key = Integer.toString(i);
            owner(key).ifPresent(member -> keys.putIfAbsent(member, key));
        }
        return keys;
    }

    static long hash(String text) {
        var crc = new CRC32();
        crc.update(text.getBytes(UTF_8));
        return crc.getValue();
    }
}
