package dev.darter.core;

/**
 * The host of a peer as it introduces itself when it registers a task.
 *
 * @param ip an IP literal
 * @param rpcPort gRPC port, for piece metadata
 * @param downPort HTTP port, for piece bytes
 * @param location elements from wide to narrow joined with {@code |}; may be empty
 * @param idc label of the data centre; may be empty
 */
public record PeerHost(HostId id, String ip, int rpcPort, int downPort, String hostname, String location, String idc) {}
