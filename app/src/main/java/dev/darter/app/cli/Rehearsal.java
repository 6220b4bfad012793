package dev.darter.app.cli;

import java.util.ArrayList;
import java.util.List;

/** Both tools, one after the other, in one process: what the AOT cache of the tools is trained with. */
final class Rehearsal {
    private Rehearsal() {}

    /** @param words of a download that succeeds */
    public static void main(String[] words) {
        var json = new ArrayList<>(List.of(words));
        json.add(Flag.JSON.written());
        int failed = DfgetMain.run(List.of(words), System.out, System.err)
                | GetMain.run(List.of(words), System.out, System.err)
                | GetMain.run(json, System.out, System.err)
                | GetMain.run(List.of("--help"), System.out, System.err);
        System.exit(failed);
    }
}
