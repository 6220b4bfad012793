@NullMarked
package dev.darter.manager.cluster;

import org.jspecify.annotations.NullMarked;
