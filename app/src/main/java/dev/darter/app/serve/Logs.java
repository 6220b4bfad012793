package dev.darter.app.serve;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.LayoutWrappingEncoder;
import ch.qos.logback.core.rolling.FixedWindowRollingPolicy;
import ch.qos.logback.core.rolling.RollingFileAppender;
import ch.qos.logback.core.rolling.SizeBasedTriggeringPolicy;
import ch.qos.logback.core.util.FileSize;
import java.nio.file.Path;
import java.util.logging.LogManager;
import org.slf4j.LoggerFactory;

/** Where log lines go. Called once, before anything else logs. */
public final class Logs {
    private static final String FILE_SIZE = "1GB";
    private static final int FILES_KEPT = 20;

    private Logs() {}

    /** Lines for people, on standard output. */
    public static void console(boolean verbose) {
        LoggerContext context = fresh(verbose);
        var encoder = new PatternLayoutEncoder();
        encoder.setContext(context);
        encoder.setPattern("%d{HH:mm:ss.SSS} %-5level %msg %kvp%n%ex{5}");
        encoder.start();
        var appender = new ConsoleAppender<ILoggingEvent>();
        appender.setEncoder(encoder);
        add(context, appender);
    }

    /** JSON lines in {@code directory/service/core.log}, rolled over by size. */
    public static void files(Path directory, String service, boolean verbose) {
        LoggerContext context = fresh(verbose);
        Path file = directory.resolve(service).resolve("core.log");
        var encoder = new LayoutWrappingEncoder<ILoggingEvent>();
        encoder.setContext(context);
        encoder.setLayout(new JsonLines());
        encoder.start();
        var appender = new RollingFileAppender<ILoggingEvent>();
        appender.setContext(context);
        appender.setFile(file.toString());
        appender.setEncoder(encoder);
        var window = new FixedWindowRollingPolicy();
        window.setContext(context);
        window.setParent(appender);
        window.setFileNamePattern(file + ".%i");
        window.setMaxIndex(FILES_KEPT);
        window.start();
        var trigger = new SizeBasedTriggeringPolicy<ILoggingEvent>();
        trigger.setContext(context);
        trigger.setMaxFileSize(FileSize.valueOf(FILE_SIZE));
        trigger.start();
        appender.setRollingPolicy(window);
        appender.setTriggeringPolicy(trigger);
        add(context, appender);
    }

    /** Nothing: the program speaks for itself. */
    public static void off() {
        var _ = fresh(false);
    }

    private static LoggerContext fresh(boolean verbose) {
        // gRPC logs through the JDK, with stack traces for every name that does not resolve; what matters reaches us as
        // a status.
        LogManager.getLogManager().reset();
        var context = (LoggerContext) LoggerFactory.getILoggerFactory();
        context.reset();
        Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.setLevel(Level.WARN);
        // It warns at each connection of a unix socket that keep-alive means nothing there, which gRPC's server always
        // asks for.
        context.getLogger("io.netty.bootstrap").setLevel(Level.ERROR);
        context.getLogger("dev.darter").setLevel(verbose ? Level.DEBUG : Level.INFO);
        return context;
    }

    private static void add(LoggerContext context, Appender<ILoggingEvent> appender) {
        appender.setContext(context);
        appender.start();
        context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME).addAppender(appender);
    }
}
