/** What a daemon offers over gRPC: downloads and cache commands to local tools, pieces to children, seeding to schedulers. */
@NullMarked
package dev.darter.peer.grpc;

import org.jspecify.annotations.NullMarked;
