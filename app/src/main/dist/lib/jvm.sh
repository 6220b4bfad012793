# JVM flags of every role, in one place. Reads role, sets flags. DARTER_JVM_FLAGS is appended by the launcher.

# The log would print an AOT cache's refusal into a tool's output.
flags="-XX:+UseCompactObjectHeaders -XX:-UsePerfData -Xlog:disable -Xlog:all=error:stderr"
# Netty and protobuf reach for native memory; a download by itself has neither.
[ "$role" = tool ] || flags="--enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow $flags"
case $role in
    # Short-lived: the quickest start is all that counts. A tool is one download, cli is every other command.
    tool | cli) flags="$flags -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xss512k -Xms8m -Xmx256m" ;;
    # Bytes flow through direct buffers and sendfile; the heap holds little. Most of its time is kernel and SHA-256: the last tier of
    # compilation, at its usual thresholds, cost a peer more than it saved in the first gigabyte. What an origin sends is taken in steps of
    # 256 KiB instead of 16, each of which wakes a thread: the first gigabyte takes 2.1 CPU-s instead of 3.7.
    peer) flags="$flags -XX:+UseSerialGC -Xss512k -Xmx256m -XX:MaxDirectMemorySize=192m -Djdk.httpclient.bufsize=262144
        -XX:Tier4InvocationThreshold=50000 -XX:Tier4MinInvocationThreshold=6000
        -XX:Tier4CompileThreshold=150000 -XX:Tier4BackEdgeThreshold=400000" ;;
    # Its heap is the swarm: 1 GiB holds 100,000 peers. What a peer leaves behind lives for seconds, longer than any young collection is
    # away: copying it again and again took 35 ms each time. With few young bytes, moved to the old ones soon, the slowest of a hundred
    # registrations took 16 to 58 ms instead of 71 to 76.
    scheduler) flags="$flags -XX:+UseG1GC -Xmn32m -XX:MaxTenuringThreshold=2 -Xmx1g" ;;
    manager) flags="$flags -XX:+UseSerialGC -Xmx256m" ;;
    # A whole cluster in one process.
    up) flags="$flags -XX:+UseSerialGC -Xss512k -Xmx512m -XX:MaxDirectMemorySize=512m -Djdk.httpclient.bufsize=262144" ;;
esac
