/** manager v1 and v2: thin adapters. */
@NullMarked
package dev.darter.manager.grpc;

import org.jspecify.annotations.NullMarked;
