package dev.darter.manager.cluster;

import io.netty.util.NetUtil;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * Which cluster a caller belongs to. Scores are upstream's: 0.40 for a CIDR, 0.35 for the IDC, 0.24 for the location, 0.01 for the default
 * cluster. Upstream only orders clusters by it; here a caller that matches somewhere gets that cluster, everybody else the default
 * one, so that peers of different networks never meet. Pure.
 */
public final class ClusterMatching {
    private static final double CIDR = 0.40;
    private static final double IDC = 0.35;
    private static final double LOCATION = 0.24;
    private static final double DEFAULT = 0.01;
    private static final int LOCATION_DEPTH = 5;

    /** What an operator said of the callers of a cluster. */
    public record Scope(String idc, String location, List<String> cidrs, boolean isDefault) {
        public Scope {
            cidrs = List.copyOf(cidrs);
        }
    }

    /** Who asks. */
    public record Caller(String ip, String idc, String location) {}

    private ClusterMatching() {}

    /** 0 to 1. */
    public static double score(Scope scope, Caller caller) {
        return (isInside(scope.cidrs(), caller.ip()) ? CIDR : 0)
                + (sameIdc(scope.idc(), caller.idc()) ? IDC : 0)
                + LOCATION * sharedDepth(scope.location(), caller.location()) / LOCATION_DEPTH
                + (scope.isDefault() ? DEFAULT : 0);
    }

    /**
     * Indexes of the clusters that a caller may use, best first.
     *
     * @param all whether clusters that do not match come too, at the end, as upstream has it
     */
    public static List<Integer> choose(List<Scope> scopes, Caller caller, boolean all) {
        var order = new ArrayList<Integer>();
        for (int i = 0; i < scopes.size(); i++) {
            order.add(i);
        }
        order.sort(Comparator.comparingDouble((Integer i) -> -score(scopes.get(i), caller)));
        if (all) {
            return order;
        }
        double best = order.isEmpty() ? 0 : score(scopes.get(order.getFirst()), caller);
        boolean matched = best > DEFAULT;
        return order.stream()
                .filter(i -> matched
                        ? score(scopes.get(i), caller) == best
                        : scopes.get(i).isDefault())
                .toList();
    }

    private static boolean sameIdc(String scope, String idc) {
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

    private static int sharedDepth(String scope, String location) {
        if (scope.isEmpty() || location.isEmpty()) {
            return 0;
        }
        if (scope.equalsIgnoreCase(location)) {
            return LOCATION_DEPTH;
        }
        String[] a = scope.toLowerCase(Locale.ROOT).split("\\|", -1);
        String[] b = location.toLowerCase(Locale.ROOT).split("\\|", -1);
        int depth = 0;
        while (depth < Math.min(LOCATION_DEPTH, Math.min(a.length, b.length)) && a[depth].equals(b[depth])) {
            depth++;
        }
        return depth;
    }

    /** A CIDR that cannot be read matches nobody. */
    static boolean isInside(List<String> cidrs, String ip) {
        byte[] address = NetUtil.createByteArrayFromIpAddressString(ip);
        return address != null && cidrs.stream().anyMatch(cidr -> isInside(cidr, address));
    }

    private static boolean isInside(String cidr, byte[] address) {
        int slash = cidr.indexOf('/');
        if (slash < 0) {
            return false;
        }
        byte[] network = NetUtil.createByteArrayFromIpAddressString(
                cidr.substring(0, slash).strip());
        if (network == null || network.length != address.length) {
            return false;
        }
        try {
            int bits = Integer.parseInt(cidr.substring(slash + 1).strip());
            int drop = address.length * Byte.SIZE - bits;
            return bits >= 0
                    && drop >= 0
                    && new BigInteger(1, network).shiftRight(drop).equals(new BigInteger(1, address).shiftRight(drop));
        } catch (NumberFormatException e) {
            return false;
        }
    }
}
