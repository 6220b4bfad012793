package dev.darter.bench.lab;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** One process on one host of the lab. {@code ip netns exec} becomes the command it is given, so the process ID is the command's. */
final class LabProcess {
    private final String name;
    private final Process process;
    private final Path log;

    private LabProcess(String name, Process process, Path log) {
        this.name = name;
        this.process = process;
        this.log = log;
    }

    static LabProcess start(String name, String namespace, Path log, List<String> command) throws IOException {
        var full = new ArrayList<>(List.of("ip", "netns", "exec", namespace));
        full.addAll(command);
        var builder = new ProcessBuilder(full)
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        return new LabProcess(name, builder.start(), log);
    }

    String name() {
        return name;
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    ProcessUse use() {
        return ProcessUse.of(pid());
    }

    /** Waits until it listens on a TCP port of its namespace. */
    void awaitListening(int port, double seconds) throws InterruptedException {
        String wanted = ":%04X ".formatted(port);
        long deadline = System.nanoTime() + (long) (seconds * 1e9);
        while (!listens(wanted)) {
            if (!isAlive() || System.nanoTime() > deadline) {
                throw new LabException(name + ": does not listen on port " + port + "; it said: " + said());
            }
            Thread.sleep(20);
        }
    }

    private boolean listens(String wanted) {
        for (String table : List.of("tcp", "tcp6")) {
            try (var lines = Files.lines(Path.of("/proc", Long.toString(pid()), "net", table))) {
                if (lines.anyMatch(line -> line.contains(wanted) && line.contains(" 0A "))) {
                    return true;
                }
            } catch (IOException | UncheckedIOException e) {
                return false;
            }
        }
        return false;
    }

    /** The end of what it printed. */
    String said() {
        try {
            String text = Files.readString(log);
            return text.substring(Math.max(0, text.length() - 2000)).strip();
        } catch (IOException e) {
            return "nothing";
        }
    }

    void signal(String name) {
        Shell.tryRun("kill", "-" + name, Long.toString(pid()));
    }

    /** {@code kill -9}, and returns when it is gone. */
    void kill() {
        process.destroyForcibly();
        try {
            process.waitFor(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
