import Events
import Glibc
import SpikeTrace

// trace-writer-probe PATH STEPS STEPS_PER_FLUSH [FILE_SIZE_LIMIT|slow]
// Records a deterministic stream and acknowledges each flush on the standard output with the number
// of spikes that are in the file for good, and of bytes. Ends with status 3 and a message if writing fails.
let arguments = CommandLine.arguments
guard arguments.count >= 4, let steps = UInt64(arguments[2]), let period = UInt64(arguments[3]),
    period > 0
else {
    print("usage: trace-writer-probe PATH STEPS STEPS_PER_FLUSH [FILE_SIZE_LIMIT|slow]")
    exit(2)
}
if arguments.count > 4, let limit = UInt(arguments[4]) {
    // A full disk, as far as a test can have one: writes beyond the limit fail, in part or whole.
    signal(SIGXFSZ, SIG_IGN)
    var bound = rlimit(rlim_cur: limit, rlim_max: limit)
    _ = unsafe setrlimit(__rlimit_resource_t(1), &bound)  // RLIMIT_FSIZE
}

/// With `slow`, chunks go to the file in pieces of 512 bytes with pauses, so that a kill tears them.
var output = OutputPolicy()
if arguments.last == "slow" {
    output.largestWrite = 512
    output.pauseInMicroseconds = 50
}

/// Writes a line at once: a killed process keeps nothing in buffers.
func acknowledge(_ line: String) {
    let bytes = Array((line + "\n").utf8)
    _ = unsafe bytes.withUnsafeBytes { unsafe write(STDOUT_FILENO, $0.baseAddress, $0.count) }
}

do {
    let writer = try SpikeTraceWriter(
        path: arguments[1],
        info: SpikeTraceInfo(
            timeBase: TimeBase(numerator: 1, denominator: 1000),
            channels: (0..<ProbeStream.cores).map {
                SpikeChannel(core: $0, neuronCount: ProbeStream.neurons, label: "probe\($0)")
            }
        ),
        flushInterval: nil,
        output: output
    )
    for step in 0..<steps {
        try writer.append(ProbeStream.spikes(ofStep: step))
        if step % period == period - 1 {
            try writer.flush()
            acknowledge("\(writer.flushedSpikeCount) \(writer.byteCount)")
        }
    }
    try writer.finish()
    acknowledge("finished \(writer.spikeCount)")
} catch {
    acknowledge("failed: \(error)")
    exit(3)
}
