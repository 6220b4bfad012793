package dev.darter.core;

import java.math.BigInteger;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * To which scheduler cluster a host belongs. The manager answers by it which schedulers a host may use, schedulers whom they take in: one
 * rule, so that nobody is sent where it is refused. Pure; any thread may call it.
 *
 * <p>Scores are upstream's: 0.40 for a CIDR, 0.35 for the IDC, 0.24 for the location, 0.01 for the default cluster. Upstream orders clusters
 * by them; here the first place is the only one. Source: Dragonfly v2.1.28, manager/searcher.
 */
public final class ClusterMatching {
    private static final double CIDR = 0.40;
    private static final double IDC = 0.35;
    private static final double LOCATION = 0.24;
    private static final double DEFAULT = 0.01;

    /**
     * What an operator said of the hosts of a cluster.
     *
     * @param idc labels joined by {@code |}; may be empty
     * @param location elements from wide to narrow joined by {@code |}; may be empty
     * @param cidrs one that cannot be read matches nobody
     * @param isDefault whether hosts that match nowhere belong to it
     */
    public record Scope(String idc, String location, List<String> cidrs, boolean isDefault) {
        public Scope {
            cidrs = List.copyOf(cidrs);
        }

        /** Whether the operator said anything at all. */
        public boolean isEmpty() {
            return idc.isEmpty() && location.isEmpty() && cidrs.isEmpty();
        }
    }

    /** Who wants to know; whatever it does not say is empty. */
    public record Caller(String ip, String idc, String location) {}

    /**
     * A CIDR.
     *
     * @param width bytes of an address
     * @param drop bits of an address that do not count, the last ones
     * @param prefix the bits that count
     */
    private record Network(int width, int drop, BigInteger prefix) {
        boolean contains(byte[] address) {
            return address.length == width
                    && new BigInteger(1, address).shiftRight(drop).equals(prefix);
        }
    }

    private record Cluster(Scope scope, List<Network> networks) {}

    private final List<Cluster> clusters;

    /** @param scopes of all clusters; answers are positions in this list */
    public ClusterMatching(List<Scope> scopes) {
        clusters = scopes.stream()
                .map(scope -> new Cluster(
                        scope,
                        scope.cidrs().stream()
                                .flatMap(cidr -> network(cidr).stream())
                                .toList()))
                .toList();
    }

    /** All clusters, best first; equal ones as they were given. */
    public List<Integer> ranked(Caller caller) {
        double[] scores = scores(caller);
        var order = new ArrayList<Integer>();
        for (int i = 0; i < scores.length; i++) {
            order.add(i);
        }
        order.sort(Comparator.comparingDouble((Integer i) -> -scores[i]));
        return order;
    }

    /**
     * The clusters to which the caller belongs: whichever match it best, else the default ones. Where none is the default, a caller that
     * matches nowhere belongs to those that say nothing of their hosts; a cluster that is the only one has no border.
     */
    public List<Integer> home(Caller caller) {
        if (clusters.size() == 1) {
            return List.of(0);
        }
        double[] scores = scores(caller);
        double best = 0;
        boolean anyDefault = false;
        for (int i = 0; i < scores.length; i++) {
            best = Math.max(best, scores[i]);
            anyDefault |= clusters.get(i).scope().isDefault();
        }
        boolean matched = isMatch(best);
        var home = new ArrayList<Integer>();
        for (int i = 0; i < scores.length; i++) {
            Scope scope = clusters.get(i).scope();
            boolean takesStrangers = anyDefault ? scope.isDefault() : scope.isEmpty();
            if (matched ? scores[i] == best : takesStrangers) {
                home.add(i);
            }
        }
        return home;
    }

    /** Whether the scopes of any cluster fit the caller. */
    public boolean matchesAnywhere(Caller caller) {
        return Arrays.stream(scores(caller)).anyMatch(ClusterMatching::isMatch);
    }

    /** Being the default alone is none. */
    private static boolean isMatch(double score) {
        return score > DEFAULT;
    }

    private double[] scores(Caller caller) {
        Optional<byte[]> address = address(caller.ip());
        double[] scores = new double[clusters.size()];
        for (int i = 0; i < scores.length; i++) {
            scores[i] = score(clusters.get(i), caller, address);
        }
        return scores;
    }

    private static double score(Cluster cluster, Caller caller, Optional<byte[]> address) {
        Scope scope = cluster.scope();
        boolean inside =
                address.isPresent() && cluster.networks().stream().anyMatch(network -> network.contains(address.get()));
        int sharedDepth =
                Location.sharedDepth(Location.elements(scope.location()), Location.elements(caller.location()));
        return (inside ? CIDR : 0)
                + (isSameIdc(scope.idc(), caller.idc()) ? IDC : 0)
                + LOCATION * sharedDepth / Location.DEPTH
                + (scope.isDefault() ? DEFAULT : 0);
    }

    private static boolean isSameIdc(String scope, String idc) {
        if (scope.isEmpty() || idc.isEmpty()) {
            return false;
        }
        if (scope.equalsIgnoreCase(idc)) {
            return true;
        }
        for (String element : scope.split("\\|", -1)) {
            if (element.equalsIgnoreCase(idc)) {
                return true;
            }
        }
        return false;
    }

    private static Optional<Network> network(String cidr) {
        int slash = cidr.indexOf('/');
        if (slash < 0) {
            return Optional.empty();
        }
        try {
            int bits = Integer.parseInt(cidr.substring(slash + 1).strip());
            return address(cidr.substring(0, slash).strip())
                    .filter(address -> bits >= 0 && bits <= address.length * Byte.SIZE)
                    .map(address -> {
                        int drop = address.length * Byte.SIZE - bits;
                        return new Network(address.length, drop, new BigInteger(1, address).shiftRight(drop));
                    });
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    /** The bytes of an IP literal; an IPv4 address inside IPv6 is the IPv4 address. */
    private static Optional<byte[]> address(String literal) {
        boolean whole = literal.indexOf(':') >= 0
                || literal.chars().filter(c -> c == '.').count() == 3; // 10.1 would be read as 10.0.0.1
        if (!whole) {
            return Optional.empty();
        }
        try {
            return Optional.of(InetAddress.ofLiteral(literal).getAddress());
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
