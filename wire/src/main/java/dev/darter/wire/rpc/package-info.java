/** gRPC servers and channels as every process of Darter has them: limits, request rules, errors, health, reflection. */
@NullMarked
package dev.darter.wire.rpc;

import org.jspecify.annotations.NullMarked;
