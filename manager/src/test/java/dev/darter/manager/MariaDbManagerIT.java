package dev.darter.manager;

import dev.darter.manager.database.DatabaseConfig;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MariaDbManagerIT extends ManagerContract {
    private TestDatabaseServer server;
    private DatabaseConfig schema;

    @BeforeAll
    void startServer(@TempDir Path directory) throws Exception {
        server = TestDatabaseServer.mariaDb(directory);
    }

    @BeforeEach
    @Override
    void start() throws Exception {
        schema = server.schema();
        super.start();
    }

    @AfterAll
    void stopServer() throws InterruptedException {
        server.close();
    }

    @Override
    DatabaseConfig database() {
        return schema;
    }
}
