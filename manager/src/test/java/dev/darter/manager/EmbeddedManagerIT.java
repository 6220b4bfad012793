package dev.darter.manager;

import dev.darter.manager.database.DatabaseConfig;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedManagerIT extends ManagerContract {
    @TempDir
    private Path directory;

    @Override
    DatabaseConfig database() {
        return new DatabaseConfig.Embedded(directory.resolve("manager"));
    }
}
