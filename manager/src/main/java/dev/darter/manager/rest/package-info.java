/** The REST API as the console and existing clients expect it. JSON shapes stop here. */
@NullMarked
package dev.darter.manager.rest;

import org.jspecify.annotations.NullMarked;
