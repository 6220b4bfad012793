@NullMarked
package dev.darter.peer.grpc;

import org.jspecify.annotations.NullMarked;
