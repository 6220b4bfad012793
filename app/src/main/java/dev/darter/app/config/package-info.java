/** Upstream's configuration files, read into the services' own records. */
@NullMarked
package dev.darter.app.config;

import org.jspecify.annotations.NullMarked;
