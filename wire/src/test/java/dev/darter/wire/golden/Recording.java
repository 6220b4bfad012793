package dev.darter.wire.golden;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.Message;
import dev.darter.proto.cdnsystem.v1.SeederGrpc;
import dev.darter.proto.dfdaemon.v1.DaemonGrpc;
import dev.darter.proto.manager.v1.ManagerGrpc;
import dev.darter.proto.scheduler.v1.SchedulerGrpc;
import dev.darter.proto.security.v1.CertificateGrpc;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.PrototypeMarshaller;
import io.grpc.ServiceDescriptor;
import io.grpc.health.v1.HealthGrpc;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What processes of Dragonfly v2.1.28 said to each other, one line per message, in the order of time. */
public final class Recording {
    private static final Map<String, MethodDescriptor<?, ?>> METHODS = Stream.of(
                    SchedulerGrpc.getServiceDescriptor(),
                    DaemonGrpc.getServiceDescriptor(),
                    SeederGrpc.getServiceDescriptor(),
                    ManagerGrpc.getServiceDescriptor(),
                    dev.darter.proto.manager.v2.ManagerGrpc.getServiceDescriptor(),
                    CertificateGrpc.getServiceDescriptor(),
                    HealthGrpc.getServiceDescriptor())
            .map(ServiceDescriptor::getMethods)
            .flatMap(Collection::stream)
            .collect(Collectors.toMap(method -> "/" + method.getFullMethodName(), method -> method));

    private Recording() {}

    /**
     * One line.
     *
     * @param kind request, response, trailer, half-close, reset, goaway or note
     * @param method full path, empty where the line belongs to no call
     */
    public record Line(String file, int seq, String kind, String method, JsonNode content) {
        /** The call that the line belongs to. */
        public String call() {
            return content.path("conn").asString() + "/"
                    + content.path("stream").asString();
        }

        /** Bytes of the message, or of the status in a trailer. */
        public Optional<byte[]> bytes() {
            return content.has("hex")
                    ? Optional.of(HexFormat.of().parseHex(content.path("hex").asString()))
                    : Optional.empty();
        }

        public JsonNode json() {
            return content.path("json");
        }

        public String type() {
            return content.path("type").asString("");
        }

        public String header(String name) {
            return content.path("headers").path(name).asString("");
        }

        /** An empty message of the type that our stubs expect here; empty for methods that we do not have. */
        public Optional<Message> prototype() {
            var descriptor = METHODS.get(method);
            if (descriptor == null) {
                return Optional.empty();
            }
            var marshaller =
                    kind.equals("request") ? descriptor.getRequestMarshaller() : descriptor.getResponseMarshaller();
            return Optional.of(
                    (Message) Objects.requireNonNull(((PrototypeMarshaller<?>) marshaller).getMessagePrototype()));
        }

        /** The message of a request or response. */
        public Message message() {
            try {
                return prototype().orElseThrow().getParserForType().parseFrom(bytes().orElseThrow());
            } catch (IOException e) {
                throw new UncheckedIOException(this + "", e);
            }
        }

        @Override
        public String toString() {
            return file + ":" + seq + " " + kind + " " + method;
        }
    }

    /** Names of all files. */
    public static List<String> files() {
        try (Stream<Path> files = Files.list(Path.of(Objects.requireNonNull(Recording.class.getResource("/golden/v1"))
                .toURI()))) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        } catch (IOException | URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The lines of all files. */
    public static List<Line> all() {
        return files().stream().flatMap(file -> lines(file).stream()).toList();
    }

    public static List<Line> lines(String file) {
        var mapper = JsonMapper.builder().build();
        var lines = new ArrayList<Line>();
        try (InputStream in = Objects.requireNonNull(Recording.class.getResourceAsStream("/golden/v1/" + file))) {
            for (String text : new String(in.readAllBytes(), UTF_8).split("\n")) {
                JsonNode content = mapper.readTree(text);
                lines.add(new Line(
                        file,
                        content.path("seq").asInt(),
                        content.path("kind").asString(),
                        content.path("method").asString(""),
                        content));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return lines;
    }
}
