/** The manager whole, on every database that it supports. */
@NullMarked
package dev.darter.manager;

import org.jspecify.annotations.NullMarked;
