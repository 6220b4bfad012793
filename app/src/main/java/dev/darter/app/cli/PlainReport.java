package dev.darter.app.cli;

import dev.darter.app.cli.lean.DownloadProgress;
import java.io.PrintStream;

/** For people: where it goes, a bar, where the bytes came from. */
final class PlainReport implements Report {
    private final PrintStream out;
    private final PrintStream err;
    private final Bar bar;

    PlainReport(PrintStream out, PrintStream err, boolean terminal) {
        this.out = out;
        this.err = err;
        this.bar = new Bar(out, terminal);
    }

    @Override
    public void begin(Wanted wanted) {
        out.println(wanted.url() + " -> " + wanted.output());
    }

    @Override
    public void progress(DownloadProgress progress) {
        bar.show(progress);
    }

    @Override
    public void note(String message) {
        bar.clear();
        err.println("darter get: " + message);
    }

    @Override
    public void done(Wanted wanted, DownloadProgress last) {
        bar.clear();
        out.println(Bar.size(last.completed()) + " in " + Bar.seconds(bar.nanos()) + " s, "
                + Bar.size(bar.rate(last.completed())) + "/s (" + Bar.size(last.peer()) + " from peers, "
                + Bar.size(last.origin()) + " from the origin, " + Bar.size(last.local()) + " were here)");
    }

    @Override
    public void error(int code, String message) {
        note(message);
    }
}
