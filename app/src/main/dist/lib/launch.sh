# Shared by all launchers: finds a JDK 25 or newer and runs one role of Darter. Sourced, never run. Plain sh and no
# other program, since a download of a small file takes less time than starting a few of them.

# Sets java_home.
find_java_home() {
    for java_home in "${JAVA_HOME:-/nowhere}" /usr/lib/jvm/*; do
        [ -x "$java_home/bin/java" ] && [ -r "$java_home/release" ] || continue
        while read -r line; do
            case $line in JAVA_VERSION=\"2[5-9]* | JAVA_VERSION=\"[3-9][0-9]*) return 0 ;; esac
        done <"$java_home/release"
    done
    echo "darter: JAVA_HOME: ${JAVA_HOME:-not set} (expected: a JDK 25 there or under /usr/lib/jvm)" >&2
    return 1
}

# launch HOME ROLE MAIN ARG...: becomes the JVM.
launch() {
    # Without links: a running process keeps its own jars when a newer build takes the place of "current".
    home=$(cd -P "$1" && pwd -P) role=$2 main=$3
    shift 3
    find_java_home || exit 1
    . "$home/lib/jvm.sh"
    classpath=
    case $role in
        # A JVM opens every jar of its class path: all of them would take longer than a small download.
        tool) for jar in "$home"/lib/darter-app-*.jar "$home"/lib/darter-core-*.jar "$home"/lib/darter-source-*.jar; do
            classpath=$classpath:$jar
        done ;;
        *) for jar in "$home"/lib/*.jar; do classpath=$classpath:$jar; done ;;
    esac
    if [ -n "${DARTER_TRAIN:-}" ]; then
        flags="$flags -XX:AOTCacheOutput=$DARTER_TRAIN/$role-$$.aot"
    elif [ -e "$home/aot/$role.aot" ]; then
        flags="$flags -XX:AOTCache=$home/aot/$role.aot"
    fi
    # shellcheck disable=SC2086 # flags are words
    exec "$java_home/bin/java" $flags ${DARTER_JVM_FLAGS:-} -Ddarter.home="$home" -cp "${classpath#:}" "$main" "$@"
}
