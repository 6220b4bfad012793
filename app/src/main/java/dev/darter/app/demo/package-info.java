/** The five-minute tour: a cluster, an origin with a narrow link, downloads that anybody can watch. */
@NullMarked
package dev.darter.app.demo;

import org.jspecify.annotations.NullMarked;
