package dev.darter.wire.client;

import dev.darter.core.SeedShare;
import dev.darter.core.SignedWarrant;
import java.util.Optional;

/**
 * How a seed peer is to fetch a task.
 *
 * @param warrant to sign what it reads; empty for one that cannot, and for one that helps: it gets one with every part
 */
public record SeedOrder(Optional<SignedWarrant> warrant, SeedShare share) {}
