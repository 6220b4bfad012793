@NullMarked
package dev.darter.app.config;

import org.jspecify.annotations.NullMarked;
