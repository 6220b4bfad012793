package dev.darter.bench.scheduler;

import dev.darter.bench.lab.LabException;
import dev.darter.bench.lab.ProcessUse;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The distribution's scheduler as a process of its own on loopback, without a manager. One thread uses it at a time. */
final class SchedulerProcess implements AutoCloseable {
    private static final long START_NANOS = TimeUnit.SECONDS.toNanos(60);
    private static final Pattern HEAP_USED = Pattern.compile("heap\\s.*?used (\\d+)K");

    private final Process process;
    private final Path log;
    private final int port;

    private SchedulerProcess(Process process, Path log, int port) {
        this.process = process;
        this.log = log;
        this.port = port;
    }

    /**
     * Starts it and waits until it listens.
     *
     * @param home of the distribution
     * @param directory for its files
     */
    static SchedulerProcess start(Path home, Path directory) throws IOException, InterruptedException {
        Path program = home.resolve("bin").resolve("darter");
        if (!Files.isExecutable(program)) {
            throw new LabException(
                    "darter.home: " + home + " (expected: a built distribution; start the lab by ./darter lab)");
        }
        Files.createDirectories(directory);
        int port = freePort();
        Path config = directory.resolve("scheduler.yaml");
        Files.writeString(config, """
                server:
                  workHome: %1$s
                  cacheDir: %1$s/cache
                  dataDir: %1$s/data
                  logDir: %1$s/log
                  listenIP: 127.0.0.1
                  advertiseIP: 127.0.0.1
                  port: %2$d
                  host: scheduler-1
                """.formatted(directory, port));
        Path log = directory.resolve("scheduler.out");
        var process = new ProcessBuilder(List.of(program.toString(), "scheduler", "--config", config.toString()))
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                .redirectOutput(log.toFile())
                .start();
        var scheduler = new SchedulerProcess(process, log, port);
        try {
            scheduler.awaitListening();
        } catch (InterruptedException | RuntimeException e) {
            scheduler.close();
            throw e;
        }
        return scheduler;
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private void awaitListening() throws InterruptedException {
        long deadline = System.nanoTime() + START_NANOS;
        while (true) {
            try (var _ = new Socket(InetAddress.getLoopbackAddress(), port)) {
                return;
            } catch (IOException e) {
                if (!process.isAlive() || System.nanoTime() > deadline) {
                    throw new LabException("scheduler: does not listen on port " + port + "; it said: " + said());
                }
                Thread.sleep(20);
            }
        }
    }

    int port() {
        return port;
    }

    long pid() {
        return process.pid();
    }

    /** User and system, all threads, since it started. */
    double cpuSeconds() {
        if (!process.isAlive()) {
            throw new LabException("scheduler: ended; it said: " + said());
        }
        return ProcessUse.of(pid()).cpuSeconds();
    }

    double peakMiB() {
        return ProcessUse.of(pid()).peakMiB();
    }

    /** Bytes of the heap that are in use after a full collection. */
    long heapAfterFullCollection() throws IOException, InterruptedException {
        jcmd("GC.run");
        return usedBytes(jcmd("GC.heap_info"));
    }

    /** @throws LabException if the text names no heap */
    static long usedBytes(String heapInfo) {
        Matcher matcher = HEAP_USED.matcher(heapInfo);
        if (!matcher.find()) {
            throw new LabException("jcmd GC.heap_info: " + heapInfo.strip() + " (expected: a heap with \"used …K\")");
        }
        return Long.parseLong(matcher.group(1)) << 10;
    }

    private String jcmd(String command) throws IOException, InterruptedException {
        Path tool = Path.of(System.getProperty("java.home"), "bin", "jcmd");
        var run = new ProcessBuilder(tool.toString(), Long.toString(pid()), command)
                .redirectErrorStream(true)
                .start();
        String said = new String(run.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        if (run.waitFor() != 0) {
            throw new LabException("jcmd " + command + ": " + said.strip());
        }
        return said;
    }

    private String said() {
        try {
            String text = Files.readString(log);
            return text.substring(Math.max(0, text.length() - 2000)).strip();
        } catch (IOException e) {
            return "nothing";
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
        try {
            process.waitFor(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
