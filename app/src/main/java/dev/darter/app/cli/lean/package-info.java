/** Asking a daemon over its unix socket with next to nothing: a download of a small file must not wait for a gRPC library to load. */
@NullMarked
package dev.darter.app.cli.lean;

import org.jspecify.annotations.NullMarked;
