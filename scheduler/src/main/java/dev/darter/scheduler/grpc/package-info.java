/** The v1 service: decode, one call, encode. No state of its own. */
@NullMarked
package dev.darter.scheduler.grpc;

import org.jspecify.annotations.NullMarked;
