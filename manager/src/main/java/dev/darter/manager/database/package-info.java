/** Pool, migrations and transactions; each feature owns its SQL. */
@NullMarked
package dev.darter.manager.database;

import org.jspecify.annotations.NullMarked;
