package dev.darter.bench.lab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** TCP's congestion control of the machine: new namespaces inherit it, and may not choose another themselves. */
final class CongestionControl implements AutoCloseable {
    private static final Path SETTING = Path.of("/proc/sys/net/ipv4/tcp_congestion_control");

    private final String name;
    private final String before;

    private CongestionControl(String name, String before) {
        this.name = name;
        this.before = before;
    }

    /** Sets it for the namespaces made from now on; an empty wish leaves it as it is. */
    static CongestionControl use(Optional<String> wish) throws IOException {
        String before = Files.readString(SETTING).strip();
        String name = wish.orElse(before);
        if (!name.equals(before)) {
            try {
                Files.writeString(SETTING, name);
            } catch (IOException e) {
                throw new LabException("--cc: " + name + " (expected: one of "
                        + Files.readString(SETTING.resolveSibling("tcp_available_congestion_control"))
                                .strip() + ")");
            }
        }
        return new CongestionControl(name, before);
    }

    String name() {
        return name;
    }

    @Override
    public void close() throws IOException {
        if (!name.equals(before)) {
            Files.writeString(SETTING, before);
        }
    }
}
