package dev.darter.wire.metrics;

import java.lang.management.BufferPoolMXBean;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.util.List;
import java.util.function.DoubleSupplier;
import java.util.stream.Stream;

/**
 * The Java runtime under the names that dashboards made for upstream ask for. Each family shows what comes nearest in a JVM, as its help text
 * says; what has no counterpart is zero.
 */
public final class RuntimeMetrics {
    private static final String MEMORY = "go_memstats_";
    private static final double MILLIS = 1000.0;

    private final MetricRegistry registry;
    private final MemoryMXBean memory = ManagementFactory.getMemoryMXBean();

    private RuntimeMetrics(MetricRegistry registry) {
        this.registry = registry;
    }

    public static void register(MetricRegistry registry) {
        var metrics = new RuntimeMetrics(registry);
        metrics.threads();
        metrics.collections();
        metrics.heap();
        metrics.outsideTheHeap();
        metrics.withoutCounterpart();
    }

    private void threads() {
        var threads = ManagementFactory.getThreadMXBean();
        registry.gauge("go_info", "Version of the runtime.", List.of("version"))
                .with("java" + Runtime.version().feature())
                .set(1);
        gauge("go_goroutines", "Platform threads of the JVM that are alive.", threads::getThreadCount);
        gauge("go_threads", "Platform threads of the JVM that are alive.", threads::getThreadCount);
    }

    private void collections() {
        registry.sampledSummary(
                "go_gc_duration_seconds",
                "Time spent in garbage collections.",
                () -> collectors()
                                .mapToLong(GarbageCollectorMXBean::getCollectionTime)
                                .sum()
                        / MILLIS,
                () -> collectors()
                        .mapToLong(GarbageCollectorMXBean::getCollectionCount)
                        .sum());
        gauge(
                MEMORY + "last_gc_time_seconds",
                "When the JVM started; later collections are not told.",
                () -> ManagementFactory.getRuntimeMXBean().getStartTime() / MILLIS);
    }

    private void heap() {
        DoubleSupplier used = () -> memory.getHeapMemoryUsage().getUsed();
        DoubleSupplier committed = () -> memory.getHeapMemoryUsage().getCommitted();
        gauge(MEMORY + "alloc_bytes", "Heap in use.", used);
        gauge(MEMORY + "heap_alloc_bytes", "Heap in use.", used);
        gauge(MEMORY + "heap_inuse_bytes", "Heap in use.", used);
        gauge(
                MEMORY + "heap_idle_bytes",
                "Heap taken from the system and not in use.",
                () -> committed.getAsDouble() - used.getAsDouble());
        gauge(MEMORY + "heap_sys_bytes", "Heap taken from the system.", committed);
        gauge(
                MEMORY + "next_gc_bytes",
                "Most that the heap may grow to.",
                () -> memory.getHeapMemoryUsage().getMax());
        gauge(
                MEMORY + "sys_bytes",
                "Heap and runtime memory taken from the system.",
                () -> committed.getAsDouble() + memory.getNonHeapMemoryUsage().getCommitted());
        registry.sampledCounter(
                MEMORY + "alloc_bytes_total",
                "Bytes that the platform threads alive have allocated.",
                () -> ManagementFactory.getThreadMXBean() instanceof com.sun.management.ThreadMXBean threads
                        ? threads.getTotalThreadAllocatedBytes()
                        : Double.NaN);
    }

    private void outsideTheHeap() {
        gauge(
                MEMORY + "other_sys_bytes",
                "Memory of the runtime itself: classes, compiled code.",
                () -> ManagementFactory.getMemoryPoolMXBeans().stream()
                        .filter(pool -> pool.getType() == MemoryType.NON_HEAP)
                        .map(MemoryPoolMXBean::getUsage)
                        .mapToLong(usage -> usage == null ? 0 : usage.getUsed())
                        .sum());
        DoubleSupplier buffers = () -> ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .mapToLong(BufferPoolMXBean::getMemoryUsed)
                .sum();
        gauge(MEMORY + "mspan_inuse_bytes", "Direct and mapped buffers.", buffers);
        gauge(MEMORY + "mspan_sys_bytes", "Direct and mapped buffers.", buffers);
    }

    private void withoutCounterpart() {
        for (String name : List.of(
                "buck_hash_sys_bytes",
                "gc_sys_bytes",
                "heap_objects",
                "heap_released_bytes",
                "mcache_inuse_bytes",
                "mcache_sys_bytes",
                "stack_inuse_bytes",
                "stack_sys_bytes")) {
            gauge(MEMORY + name, "Has no counterpart in a JVM.", () -> 0);
        }
        for (String name : List.of("frees_total", "lookups_total", "mallocs_total")) {
            registry.sampledCounter(MEMORY + name, "Has no counterpart in a JVM.", () -> 0);
        }
    }

    private void gauge(String name, String help, DoubleSupplier source) {
        registry.sampledGauge(name, help, source);
    }

    private static Stream<GarbageCollectorMXBean> collectors() {
        return ManagementFactory.getGarbageCollectorMXBeans().stream();
    }
}
