package dev.darter.manager;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Empty;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import dev.darter.manager.database.DatabaseConfig;
import dev.darter.proto.manager.v1.ManagerGrpc;
import dev.darter.wire.metrics.MetricRegistry;
import dev.darter.wire.rpc.Channels;
import dev.darter.wire.rpc.RpcRuntime;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.PrototypeMarshaller;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A scheduler, a seed peer and a peer of v2.1.28 start, and say to the manager what they said then; it has to answer as v2.1.28's did, field
 * by field: the rows they enter, the lists, the configuration of the cluster, and who is active once it keeps alive.
 */
@Timeout(60)
final class RecordedManagerIT {
    private static final String KEEP_ALIVE = "KeepAlive";

    /** What an operator had written about the cluster before it was asked the last time. */
    private static final String WRITTEN_LATER = "bio";

    /** v2.1.28 answers ListSeedPeers with an empty cluster, which it does not load; ours says which one it is. */
    private static final String NOT_LOADED = "manager.SeedPeer.seed_peer_cluster";

    private record Line(int seq, String call, String method, String kind, JsonNode json) {}

    private final JsonMapper mapper = JsonMapper.builder().build();
    private final RpcRuntime runtime = new RpcRuntime();
    private final Map<String, StreamObserver<Message>> streams = new HashMap<>();
    private ManagerServer manager;
    private ManagedChannel channel;

    @TempDir
    private Path directory;

    @BeforeEach
    void start() throws Exception {
        manager = ManagerServer.start(
                ManagerContract.config(new DatabaseConfig.Embedded(directory.resolve("manager"))),
                InstantSource.system(),
                runtime,
                new MetricRegistry(InstantSource.system()));
        channel = Channels.tcp(runtime, "127.0.0.1", manager.grpcPort());
    }

    @AfterEach
    void stop() {
        channel.shutdownNow();
        manager.close();
        runtime.close();
    }

    @Test
    void answersTheProcessesOfAStartingClusterAsTheRecordedManagerDid() throws Exception {
        int compared = 0;
        List<Line> startup = lines("01-startup.jsonl");
        var lines = new ArrayList<>(startup);
        lines.addAll(lines("17-peer-start-topology.jsonl")); // what the same cluster was told later
        for (Line line : startup) {
            if (!line.kind().equals("request")) {
                continue;
            }
            MethodDescriptor<Message, Message> method = method(line.method());
            Message request = parse(method.getRequestMarshaller(), line);
            if (line.method().endsWith(KEEP_ALIVE)) {
                keepAlive(line, method, request);
                continue;
            }
            // Who sends a keepalive is active a moment later: as soon as it is in the database.
            await().atMost(Duration.ofSeconds(10))
                    .untilAsserted(() -> assertThat(legalAnswers(lines, line, method))
                            .as("%s", line)
                            .contains(answer(method, request)));
            compared++;
        }
        assertThat(compared).isEqualTo(19);
        assertThat(streams).hasSize(2);
    }

    private void keepAlive(Line line, MethodDescriptor<Message, Message> method, Message request) {
        streams.computeIfAbsent(
                        line.call(),
                        _ -> ClientCalls.asyncClientStreamingCall(
                                channel.newCall(method, CallOptions.DEFAULT), new Ignored()))
                .onNext(request);
    }

    /** The answer, or the number of the status. */
    private String answer(MethodDescriptor<Message, Message> method, Message request) {
        try {
            return text(ClientCalls.blockingUnaryCall(channel, method, CallOptions.DEFAULT, request));
        } catch (StatusRuntimeException e) {
            return "status " + e.getStatus().getCode().value();
        }
    }

    /**
     * What was answered then. The recorded manager kept lists for some seconds: where it repeated itself, what it said later is as
     * right.
     */
    private List<String> legalAnswers(List<Line> lines, Line request, MethodDescriptor<Message, Message> method) {
        var same = lines.stream()
                .filter(line -> line.kind().equals("request")
                        && line.method().equals(request.method())
                        && parse(method.getRequestMarshaller(), line)
                                .equals(parse(method.getRequestMarshaller(), request)))
                .toList();
        int place = same.indexOf(request);
        var legal = new ArrayList<String>();
        legal.add(expected(lines, request, method));
        boolean repeated = place > 0 && legal.contains(expected(lines, same.get(place - 1), method));
        if (repeated) {
            same.subList(place + 1, same.size()).forEach(later -> legal.add(expected(lines, later, method)));
        }
        return legal;
    }

    private String expected(List<Line> lines, Line request, MethodDescriptor<Message, Message> method) {
        for (Line line : lines) {
            if (line.call().equals(request.call()) && line.kind().equals("response")) {
                return text(parse(method.getResponseMarshaller(), line));
            }
            if (line.call().equals(request.call()) && line.kind().equals("trailer")) {
                return "status "
                        + line.json().path("headers").path("grpc-status").asString();
            }
        }
        throw new IllegalStateException(request + ": no answer recorded");
    }

    /** The fields of v2.1.28, with JSON inside bytes compared as JSON. */
    private String text(Message message) {
        var text = new StringBuilder();
        write(message, text);
        return text.toString();
    }

    private void write(Message message, StringBuilder text) {
        text.append('{');
        message.getAllFields().forEach((field, value) -> {
            if (field.getNumber() >= 1000
                    || field.getFullName().equals(NOT_LOADED)
                    || field.getName().equals(WRITTEN_LATER)) {
                return;
            }
            List<?> values = field.isRepeated() ? (List<?>) value : List.of(value);
            for (Object one : values) {
                text.append(field.getName()).append(": ");
                if (one instanceof Message nested) {
                    write(nested, text);
                } else if (field.getType() == FieldDescriptor.Type.BYTES) {
                    text.append(mapper.readTree(((com.google.protobuf.ByteString) one).toStringUtf8()));
                } else {
                    text.append(one);
                }
                text.append(' ');
            }
        });
        text.append('}');
    }

    private static List<Line> lines(String file) throws IOException {
        var mapper = JsonMapper.builder().build();
        var lines = new ArrayList<Line>();
        try (InputStream in =
                Objects.requireNonNull(RecordedManagerIT.class.getResourceAsStream("/golden/v1/" + file))) {
            for (String text : new String(in.readAllBytes(), UTF_8).split("\n")) {
                JsonNode json = mapper.readTree(text);
                String method = json.path("method").asString("");
                if (method.startsWith("/manager.")) {
                    lines.add(new Line(
                            json.path("seq").asInt(),
                            json.path("conn").asString("") + "/"
                                    + json.path("stream").asString(""),
                            method,
                            json.path("kind").asString(""),
                            json));
                }
            }
        }
        return lines;
    }

    private static Message parse(MethodDescriptor.Marshaller<Message> marshaller, Line line) {
        Message prototype = Objects.requireNonNull(((PrototypeMarshaller<Message>) marshaller).getMessagePrototype());
        try {
            return prototype
                    .getParserForType()
                    .parseFrom(HexFormat.of().parseHex(line.json().path("hex").asString()));
        } catch (InvalidProtocolBufferException e) {
            throw new UncheckedIOException(e);
        }
    }

    @SuppressWarnings("unchecked")
    private static MethodDescriptor<Message, Message> method(String path) {
        return (MethodDescriptor<Message, Message>) Stream.of(
                        ManagerGrpc.getServiceDescriptor(),
                        dev.darter.proto.manager.v2.ManagerGrpc.getServiceDescriptor())
                .flatMap(service -> service.getMethods().stream())
                .filter(method -> path.equals("/" + method.getFullMethodName()))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException(path + ": not a method of ours"));
    }

    /** What becomes of a stream of keepalives is nothing that this test looks at. */
    private static final class Ignored implements StreamObserver<Message> {
        @Override
        public void onNext(Message answer) {
            assertThat(answer).isEqualTo(Empty.getDefaultInstance());
        }

        @Override
        public void onError(Throwable failure) {
            // the channel was closed
        }

        @Override
        public void onCompleted() {
            // the manager ended it
        }
    }
}
