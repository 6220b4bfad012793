package dev.darter.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.darter.core.Digest;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;

/** A real nginx with files in it, and its own log of what it sent. */
final class Origin implements AutoCloseable {
    private final Path directory;
    private final List<String> prefix;
    private final String address;
    private Running nginx;

    private Origin(Path directory, List<String> prefix, String address) throws IOException {
        this.directory = Files.createDirectories(directory);
        this.prefix = prefix;
        this.address = address;
        Files.createDirectories(files());
        start();
    }

    static Origin on(Path directory) throws IOException {
        return new Origin(directory, List.of(), "127.0.0.1:" + Ports.free());
    }

    /**
     * In a place of its own.
     *
     * @param prefix what to put before a command so that it runs there
     */
    static Origin in(Path directory, List<String> prefix, String address) throws IOException {
        return new Origin(directory, prefix, address);
    }

    String url(String file) {
        return "http://" + address + "/" + file;
    }

    /** Lets every connection have so many bytes a second and no more. */
    void throttle(String rate) throws IOException {
        configure("limit_rate " + rate + ";");
        Running.run(directory, "reload", command("-s", "reload")).mustSucceed();
    }

    /** Writes a file of random bytes; its SHA-256. */
    String put(String name, long bytes) throws IOException {
        var sha256 = Digest.Algorithm.SHA256.newMessageDigest();
        var random = new Random(bytes + name.hashCode());
        byte[] chunk = new byte[1 << 20];
        try (OutputStream out = Files.newOutputStream(files().resolve(name))) {
            for (long left = bytes; left > 0; left -= chunk.length) {
                random.nextBytes(chunk);
                int length = (int) Math.min(left, chunk.length);
                out.write(chunk, 0, length);
                sha256.update(chunk, 0, length);
            }
        }
        return HexFormat.of().formatHex(sha256.digest());
    }

    /** Body bytes of everything that was sent, broken-off answers included. */
    long bodyBytes() throws IOException {
        return Files.readAllLines(log()).stream()
                .mapToLong(line -> Long.parseLong(line.split(" ")[0]))
                .sum();
    }

    /** Every request so far: bytes, status, method, path. */
    List<String> requests() throws IOException {
        return Files.readAllLines(log());
    }

    void start() throws IOException {
        configure("");
        nginx = Running.start(directory, "nginx", command());
        nginx.await("nginx listens", () -> Files.exists(directory.resolve("nginx.pid")));
    }

    /** From now on it takes connections and says nothing. */
    void pause() throws IOException {
        signal("-STOP");
    }

    void resume() throws IOException {
        signal("-CONT");
    }

    private void signal(String signal) throws IOException {
        var command = new ArrayList<>(List.of("kill", signal));
        nginx.pids().forEach(pid -> command.add("" + pid));
        Running.run(directory, "kill", command).mustSucceed();
    }

    void stop() throws InterruptedException {
        nginx.stop();
    }

    @Override
    public void close() {
        nginx.close();
    }

    private Path files() {
        return directory.resolve("files");
    }

    private Path log() {
        return directory.resolve("access.log");
    }

    private List<String> command(String... more) {
        var command = new ArrayList<>(prefix);
        command.addAll(List.of(
                "nginx",
                "-p",
                directory.toString(),
                "-c",
                directory.resolve("nginx.conf").toString()));
        command.addAll(List.of("-e", directory.resolve("error.log").toString()));
        command.addAll(List.of(more));
        return command;
    }

    private void configure(String rate) throws IOException {
        assertThat(Files.isExecutable(Path.of("/usr/sbin/nginx")))
                .as("nginx is here (.ci/setup installs it)")
                .isTrue();
        // Its workers run as the same user, since nobody else may enter the directory.
        String user = System.getProperty("user.name").equals("root") ? "user root;" : "";
        Files.writeString(directory.resolve("nginx.conf"), """
                %1$s
                daemon off;
                worker_processes 2;
                pid %2$s/nginx.pid;
                events { worker_connections 1024; }
                http {
                  log_format sent '$body_bytes_sent $status $request_method $uri $http_range';
                  access_log %2$s/access.log sent;
                  sendfile on;
                  tcp_nopush on;
                  client_body_temp_path %2$s/t1;
                  proxy_temp_path %2$s/t2;
                  fastcgi_temp_path %2$s/t3;
                  uwsgi_temp_path %2$s/t4;
                  scgi_temp_path %2$s/t5;
                  server {
                    listen %3$s;
                    root %2$s/files;
                    %4$s
                  }
                }
                """.formatted(user, directory, address, rate));
    }
}
