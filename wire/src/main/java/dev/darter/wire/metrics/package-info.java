/** Counting what happens, and telling it in Prometheus' text format under the names that the field's dashboards know. */
@NullMarked
package dev.darter.wire.metrics;

import org.jspecify.annotations.NullMarked;
