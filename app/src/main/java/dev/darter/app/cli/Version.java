package dev.darter.app.cli;

/** What the tools say of themselves: the version that they stand in for, then our own. */
final class Version {
    static final String MAJOR = "2";
    static final String MINOR = "1";
    static final String GIT = "v2.1.28+darter.0.1.0";

    private Version() {}
}
