/** Bytes of pieces between peers, over HTTP: the client that fetches them and the server that hands them out. */
@NullMarked
package dev.darter.peer.transfer;

import org.jspecify.annotations.NullMarked;
