package dev.darter.bench.lab;

import java.nio.file.Path;
import java.util.List;

/** nginx, as one process with nothing outside its directory. */
final class Origin {
    private Origin() {}

    static List<String> command(Path home, Path config) {
        return List.of(
                "nginx",
                "-p",
                home.toString(),
                "-c",
                config.toString(),
                "-e",
                home.resolve("error.log").toString());
    }

    static String configuration(Path home, int port) {
        return """
                daemon off;
                master_process off;
                pid %1$s/nginx.pid;
                error_log %1$s/error.log;
                events { worker_connections 1024; }
                http {
                  client_body_temp_path %1$s/temp;
                  proxy_temp_path %1$s/temp;
                  fastcgi_temp_path %1$s/temp;
                  uwsgi_temp_path %1$s/temp;
                  scgi_temp_path %1$s/temp;
                  log_format lab "%2$s";
                  access_log %1$s/access.log lab;
                  sendfile on;
                  tcp_nopush on;
                  sendfile_max_chunk 2m;
                  keepalive_requests 100000;
                  default_type application/octet-stream;
                  server {
                    listen %3$d;
                    root %1$s/files;
                  }
                }
                """.formatted(home, OriginLog.FORMAT, port);
    }
}
