package dev.darter.manager.rest;

import dev.darter.manager.ManagerConfig;
import dev.darter.manager.access.Roles;
import dev.darter.manager.access.SignInLimit;
import dev.darter.manager.access.Tokens;
import dev.darter.manager.access.Users;
import dev.darter.manager.cluster.Clusters;
import dev.darter.manager.cluster.Instances;
import dev.darter.manager.database.Database;
import dev.darter.wire.metrics.HttpMetrics;
import io.javalin.Javalin;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import io.javalin.http.UnauthorizedResponse;
import io.javalin.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * REST under {@code /api/v1}, sign-in, health, metrics and the status page. Deny by default: every path under the API needs a token and a role
 * that allows it, except signing in and out.
 */
public final class RestServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RestServer.class);
    private static final String API = "/api/v1";
    private static final String SIGN_IN = API + "/users/signin";
    private static final String SIGN_OUT = API + "/users/signout";
    private static final String REFRESH = API + "/users/refresh_token";
    private static final int LARGEST_BODY = 1 << 20;
    private static final int NANOS_PER_MILLI = 1_000_000;

    private final Users users;
    private final Roles roles;
    private final Tokens tokens;
    private final SignInLimit signInLimit;
    private final String realm;
    private final Javalin javalin;

    private RestServer(
            ManagerConfig config,
            Users users,
            Roles roles,
            Tokens tokens,
            SignInLimit signInLimit,
            Clusters clusters,
            Instances instances,
            HttpMetrics counts,
            Supplier<String> metrics)
            throws IOException {
        this.users = users;
        this.roles = roles;
        this.tokens = tokens;
        this.signInLimit = signInLimit;
        this.realm = config.jwt().realm();
        String page = readPage();
        this.javalin = Javalin.create(javalinConfig -> {
            javalinConfig.concurrency.useVirtualThreads = true;
            javalinConfig.startup.showJavalinBanner = false;
            javalinConfig.http.maxRequestSize = LARGEST_BODY;
            javalinConfig.http.defaultContentType = "application/json; charset=utf-8";
            javalinConfig.jsonMapper(new Mapper());
            javalinConfig.requestLogger.http((context, millis) -> count(counts, context, millis));
            addRoutes(javalinConfig.routes, clusters, instances, metrics, page);
        });
    }

    /** Starts to serve; an address that cannot be listened on is an {@link IOException} that names it. */
    public static RestServer start(
            ManagerConfig config,
            Users users,
            Roles roles,
            Tokens tokens,
            SignInLimit signInLimit,
            Clusters clusters,
            Instances instances,
            HttpMetrics counts,
            Supplier<String> metrics)
            throws IOException {
        var server = new RestServer(config, users, roles, tokens, signInLimit, clusters, instances, counts, metrics);
        try {
            server.javalin.start(config.rest().host(), config.rest().port());
        } catch (RuntimeException e) {
            throw new IOException(
                    "listen on " + config.rest().host() + ":" + config.rest().port() + ": " + innermost(e)
                            + " (expected: a free port)",
                    e);
        }
        return server;
    }

    public int port() {
        return javalin.port();
    }

    @Override
    public void close() {
        javalin.stop();
    }

    private void addRoutes(
            RoutesConfig routes, Clusters clusters, Instances instances, Supplier<String> metrics, String page) {
        routes.before(API + "/*", this::authorize);
        routes.get(
                "/healthy",
                context ->
                        context.contentType("application/json; charset=utf-8").result("\"OK\""));
        routes.get(
                "/metrics",
                context -> context.contentType("text/plain; version=0.0.4; charset=utf-8")
                        .result(metrics.get()));
        routes.get("/", context -> context.html(page));
        routes.post(SIGN_IN, this::signIn);
        routes.post(SIGN_OUT, context -> context.header("Set-Cookie", "jwt=; Path=/; Max-Age=0"));
        routes.post(
                REFRESH,
                context -> send(
                        context, presented(context).flatMap(tokens::refresh).orElseThrow(UnauthorizedResponse::new)));
        routes.get(
                API + "/users",
                context ->
                        Pages.send(context, users.all().stream().map(Json::user).toList(), false));
        routes.get(
                API + "/users/{id}",
                context -> context.json(
                        Json.user(users.user(Pages.id(context, "id")).orElseThrow(Pages.NotFound::new))));
        routes.get(API + "/users/{id}/roles", context -> context.json(roles.of(Pages.id(context, "id"))));
        new ClusterRoutes(clusters).add(routes, API);
        new InstanceRoutes(instances, clusters).add(routes, API);
        addErrors(routes);
    }

    /** By route, not by path: ids would make a series each. */
    private static void count(HttpMetrics counts, Context context, float millis) {
        String route = context.endpoints().lastHttpEndpoint() == null
                ? "other"
                : context.endpoints().lastHttpEndpoint().path;
        counts.answered(
                context.statusCode(),
                context.method().name(),
                route,
                String.valueOf(context.host()),
                route,
                (long) (millis * NANOS_PER_MILLI),
                context.contentLength(),
                context.res().getBufferSize());
    }

    private void addErrors(RoutesConfig routes) {
        routes.exception(
                Body.InvalidRequest.class, (e, context) -> context.status(422).json(Map.of("errors", text(e))));
        routes.exception(Pages.NotFound.class, (_, context) -> message(context, 404, "Not Found"));
        routes.exception(Pages.Refused.class, (e, context) -> message(context, 500, text(e)));
        routes.exception(UnauthorizedResponse.class, (_, context) -> {
            context.header("WWW-Authenticate", "JWT realm=" + realm);
            message(context, 401, "Unauthorized");
        });
        routes.exception(Exception.class, (e, context) -> {
            if (Database.isDuplicate(e)) {
                message(context, 409, "Conflict");
                return;
            }
            LOG.atError()
                    .addKeyValue("path", context.path())
                    .setCause(e)
                    .log("a request failed in a way nobody foresaw");
            message(context, 500, "Internal Server Error");
        });
        routes.error(404, context -> {
            String body = context.result();
            if (body == null || !body.startsWith("{")) {
                message(context, 404, "Not Found");
            }
        });
    }

    private void authorize(Context context) {
        String path = context.path();
        boolean open = context.method().equals(HandlerType.POST)
                && (path.equals(SIGN_IN) || path.equals(SIGN_OUT) || path.equals(REFRESH));
        if (open) {
            return;
        }
        long user = presented(context).flatMap(tokens::user).orElseThrow(UnauthorizedResponse::new);
        String object = path.substring(API.length() + 1).split("/", 2)[0];
        boolean reads =
                context.method().equals(HandlerType.GET) || context.method().equals(HandlerType.HEAD);
        if (!roles.may(user, object, !reads)) {
            message(context, 401, "permission deny");
            context.skipRemainingHandlers();
        }
    }

    /** Cookie, header, query, in upstream's order. */
    private static Optional<String> presented(Context context) {
        String cookie = context.cookie("jwt");
        if (cookie != null) {
            return Optional.of(cookie);
        }
        String header = context.header("Authorization");
        if (header != null && header.startsWith("Bearer ")) {
            return Optional.of(header.substring("Bearer ".length()));
        }
        return Optional.ofNullable(context.queryParam("token"));
    }

    private void signIn(Context context) {
        String name;
        String password;
        try {
            var body = new Body(context.body());
            name = body.requiredText("name");
            password = body.requiredText("password");
            body.check();
        } catch (Body.InvalidRequest e) {
            throw new UnauthorizedResponse(); // upstream says no more of a malformed sign-in than of a wrong one
        }
        String source = context.ip() + " " + name;
        if (!signInLimit.mayTry(source)) {
            message(context, 429, "Too Many Requests");
            return;
        }
        Optional<Users.User> user = users.signIn(name, password);
        if (user.isEmpty()) {
            signInLimit.failed(source);
            throw new UnauthorizedResponse();
        }
        send(context, tokens.issue(user.get().id()));
    }

    private void send(Context context, Tokens.Token token) {
        // Readable by scripts, since upstream's console takes the user's id from it; SameSite keeps other sites from
        // using it.
        context.header(
                "Set-Cookie",
                "jwt=" + token.text() + "; Path=/; Max-Age=" + tokens.timeout().toSeconds() + "; SameSite=Lax");
        var json = new LinkedHashMap<String, Object>();
        json.put("expire", Json.time(token.expires()));
        json.put("token", token.text());
        context.json(json);
    }

    private static void message(Context context, int status, String message) {
        context.status(status).json(Map.of("message", message));
    }

    private static String text(Exception failure) {
        return String.valueOf(failure.getMessage());
    }

    private static String innermost(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return String.valueOf(cause.getMessage());
    }

    private static String readPage() throws IOException {
        try (InputStream page = RestServer.class.getResourceAsStream("/status.html")) {
            if (page == null) {
                throw new IOException("status.html: not in the program (expected: it is built in)");
            }
            return new String(page.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** Jackson 3, which Javalin does not know by itself. */
    private static final class Mapper implements JsonMapper {
        @Override
        public String toJsonString(Object value, Type type) {
            return Json.write(value);
        }

        @Override
        @SuppressWarnings("TypeParameterUnusedInFormals") // Javalin's signature
        public <T> T fromJsonString(String json, Type type) {
            return Json.MAPPER.readValue(json, Json.MAPPER.constructType(type));
        }
    }
}
