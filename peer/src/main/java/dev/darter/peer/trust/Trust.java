package dev.darter.peer.trust;

import dev.darter.core.SigningKey;

/**
 * Whom this host believes, and who it is itself.
 *
 * @param key under which this host signs what it reads at origins
 * @param schedulers whose warrants count here
 * @param bans who is not to be asked any more
 */
public record Trust(SigningKey key, SchedulerKeys schedulers, Bans bans) {}
