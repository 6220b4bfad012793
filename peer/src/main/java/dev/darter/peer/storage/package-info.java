/**
 * Content of tasks on this host: one content file per task, an append-only journal of finished blocks beside it, and
 * upstream's metadata file at completion. Downloads write here and responses read from here; they share nothing else.
 */
@NullMarked
package dev.darter.peer.storage;

import org.jspecify.annotations.NullMarked;
