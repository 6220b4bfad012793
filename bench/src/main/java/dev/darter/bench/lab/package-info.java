/** Real processes in network namespaces with shaped links, and a driver that measures them. Needs root. */
@NullMarked
package dev.darter.bench.lab;

import org.jspecify.annotations.NullMarked;
