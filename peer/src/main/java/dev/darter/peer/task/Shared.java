package dev.darter.peer.task;

import dev.darter.peer.neighbour.ParentChannels;

/** What all downloads of this host share besides their environment. */
record Shared(Environment env, ParentChannels channels, KnownParents known) {}
