@NullMarked
package dev.darter.app.demo;

import org.jspecify.annotations.NullMarked;
