@NullMarked
package dev.darter.bench.lab;

import org.jspecify.annotations.NullMarked;
