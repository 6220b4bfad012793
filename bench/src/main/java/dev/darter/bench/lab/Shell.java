package dev.darter.bench.lab;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Runs the system's own tools. */
final class Shell {
    private Shell() {}

    /** @throws LabException with what the tool said, unless it ended well */
    static String run(String... command) {
        try {
            Process process = new ProcessBuilder(List.of(command))
                    .redirectErrorStream(true)
                    .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                    .start();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new LabException(String.join(" ", command) + ": " + said.strip());
            }
            return said;
        } catch (IOException e) {
            throw new LabException(
                    command[0] + ": cannot be run (expected: installed, see .ci/setup): " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LabException("interrupted");
        }
    }

    /** For what is taken away: it may be gone already. */
    static void tryRun(String... command) {
        try {
            var _ = run(command);
        } catch (LabException e) {
            // Nothing left to take away.
        }
    }
}
