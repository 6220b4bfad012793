@NullMarked
package dev.darter.app.cli;

import org.jspecify.annotations.NullMarked;
