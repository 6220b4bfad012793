package dev.darter.manager;

import dev.darter.manager.database.DatabaseConfig;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

class MariaDbManagerIT extends ManagerContract {
    private static TestDatabaseServer server;

    private DatabaseConfig schema;

    @BeforeAll
    static void startServer(@TempDir Path directory) throws Exception {
        server = TestDatabaseServer.mariaDb(directory);
    }

    @BeforeEach
    @Override
    void start() throws Exception {
        schema = server.schema();
        super.start();
    }

    @AfterAll
    static void stopServer() throws InterruptedException {
        server.close();
    }

    @Override
    DatabaseConfig database() {
        return schema;
    }
}
