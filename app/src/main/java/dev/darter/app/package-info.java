/** Every main(): command line, configuration files, signals. */
@NullMarked
package dev.darter.app;

import org.jspecify.annotations.NullMarked;
