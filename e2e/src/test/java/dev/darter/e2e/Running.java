package dev.darter.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** A program that was started here, with whatever it starts itself. What it prints goes to a file. */
final class Running implements AutoCloseable {
    /** Generous: the machine may be busy with something else. */
    static final Duration PATIENCE = Duration.ofMinutes(3);

    private final String name;
    private final Process process;
    private final Path output;

    private Running(String name, Process process, Path output) {
        this.name = name;
        this.process = process;
        this.output = output;
    }

    /** Starts it with both outputs in {@code DIRECTORY/NAME.out}; what an earlier one printed stays above. */
    static Running start(Path directory, String name, List<String> command) throws IOException {
        Path output = directory.resolve(name + ".out");
        var builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()));
        // What the user of this machine has set for tools must not decide where a test's tool looks.
        builder.environment().keySet().removeAll(List.of("DARTER_CLUSTER", "DARTER_ROOT_PASSWORD"));
        return new Running(name, builder.start(), output);
    }

    /** Runs it to its end. */
    static Ended run(Path directory, String name, List<String> command) throws IOException {
        Files.deleteIfExists(directory.resolve(name + ".out"));
        try (Running running = start(directory, name, command)) {
            return running.awaitEnd();
        }
    }

    /**
     * How it went.
     *
     * @param output all that it printed
     */
    record Ended(int code, String output) {
        Ended mustSucceed() {
            assertThat(code).as(output).isZero();
            return this;
        }

        /** A person can read it: one line that names the thing, no stack. */
        Ended mustFailWithOneLineAbout(String... things) {
            assertThat(code).as(output).isEqualTo(1);
            assertThat(output.strip().lines()).as(output).hasSize(1);
            assertThat(output).contains(things).doesNotContain("Exception", "\tat ");
            return this;
        }

        Ended mustNotContain(String secret) {
            assertThat(output).doesNotContain(secret);
            return this;
        }
    }

    Ended awaitEnd() {
        try {
            if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                throw new AssertionError(name + ": still runs (expected: ended)\n" + output());
            }
            return new Ended(process.exitValue(), output());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(name + ": interrupted", e);
        }
    }

    /** Waits for something; if it does not come, or the program ends before, tells what the program printed. */
    void await(String what, Callable<Boolean> condition) {
        Awaitility.await(what)
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(50))
                .pollDelay(Duration.ZERO)
                .failFast(() -> assertThat(process.isAlive())
                        .as(name + " has ended\n" + output())
                        .isTrue())
                .until(condition);
    }

    /** Waits until it has printed nothing new for so long. */
    void awaitSilence(Duration length) {
        var last = new AtomicReference<>(output());
        Awaitility.await(name + " prints nothing")
                .during(length)
                .atMost(PATIENCE)
                .until(() -> {
                    String now = output();
                    return last.getAndSet(now).equals(now);
                });
    }

    /** Every process that belongs to it. */
    Stream<Long> pids() {
        return Stream.concat(Stream.of(process.toHandle()), process.descendants())
                .map(ProcessHandle::pid);
    }

    long pid() {
        return process.pid();
    }

    String output() {
        try {
            return Files.readString(output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void tellToStop() {
        process.destroy();
    }

    /** SIGTERM, then how it ended. */
    Ended stop() {
        process.destroy();
        return awaitEnd();
    }

    @Override
    public void close() {
        List<ProcessHandle> children = process.descendants().toList();
        process.destroy();
        try {
            if (!process.waitFor(45, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        children.forEach(ProcessHandle::destroyForcibly);
    }
}
