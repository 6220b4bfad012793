package dev.darter.app.up;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Every part in a process of its own, for those who want to kill one. A part that dies stays dead, and one line says so. */
final class Separate implements Parts {
    private static final int STOP_SECONDS = 35;

    private final Path log;
    private final PrintStream out;
    private final Map<String, Process> processes = new LinkedHashMap<>();
    private volatile boolean closing;

    /** @param log directory for what the parts print */
    Separate(Path log, PrintStream out) {
        this.log = log;
        this.out = out;
    }

    @Override
    public void startManager(Path config) throws IOException {
        start("manager", "manager", config);
    }

    @Override
    public void startScheduler(Path config) throws IOException {
        start("scheduler-1", "scheduler", config);
    }

    @Override
    public void startDaemon(String name, Path config) throws IOException {
        start(name, "daemon", config);
    }

    private void start(String name, String role, Path config) throws IOException {
        Process process = new ProcessBuilder(command(role, config))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        log.resolve(name + ".out").toFile()))
                .start();
        synchronized (processes) {
            processes.put(name, process);
        }
        process.onExit().thenAccept(ended -> {
            if (!closing) {
                out.println(name + " (pid " + ended.pid() + ") has ended with code " + ended.exitValue()
                        + "; the rest goes on. Bring it back with: darter " + role + " --config " + config);
            }
        });
    }

    /** The same program that runs now. */
    private static List<String> command(String role, Path config) {
        String home = System.getProperty("darter.home", "");
        if (!home.isEmpty()) {
            return List.of(home + "/bin/darter", role, "--console", "--config", config.toString());
        }
        var command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path")));
        command.addAll(List.of("dev.darter.app.Main", role, "--console", "--config", config.toString()));
        return command;
    }

    /** What a part says last is why it ended. */
    @Override
    public void check() throws IOException {
        Map<String, Process> all;
        synchronized (processes) {
            all = Map.copyOf(processes);
        }
        for (var entry : all.entrySet()) {
            if (!entry.getValue().isAlive()) {
                List<String> said = Files.readAllLines(log.resolve(entry.getKey() + ".out"));
                throw new IOException(said.isEmpty() ? entry.getKey() + ": ended at once" : said.getLast());
            }
        }
    }

    @Override
    public long of(String name) {
        synchronized (processes) {
            Process process = processes.get(name);
            return process == null ? ProcessHandle.current().pid() : process.pid();
        }
    }

    @Override
    public void close() {
        closing = true;
        List<Process> all;
        synchronized (processes) {
            all = new ArrayList<>(processes.values()).reversed();
        }
        all.forEach(Process::destroy);
        for (Process process : all) {
            try {
                if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                }
            } catch (InterruptedException e) {
                process.destroyForcibly();
            }
        }
    }
}
