/** What a daemon tells the world of itself: its host with real figures, the tasks it holds, that it lives, that it goes. */
@NullMarked
package dev.darter.peer.announce;

import org.jspecify.annotations.NullMarked;
