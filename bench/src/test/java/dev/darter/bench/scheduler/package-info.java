@NullMarked
package dev.darter.bench.scheduler;

import org.jspecify.annotations.NullMarked;
