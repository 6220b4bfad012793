/** Users, roles, sign-in. */
@NullMarked
package dev.darter.manager.access;

import org.jspecify.annotations.NullMarked;
