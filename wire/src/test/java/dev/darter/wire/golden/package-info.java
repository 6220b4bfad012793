/** Conversations recorded from Dragonfly v2.1.28, and what our messages, rules and mappers make of them. */
@NullMarked
package dev.darter.wire.golden;

import org.jspecify.annotations.NullMarked;
