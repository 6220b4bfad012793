package dev.darter.app.cli.lean;

/** One field of a header list. Either part may be empty. */
record Header(String name, String value) {}
