internal import CHDF5
internal import Glibc

/// A running child whose standard output is read; it inherits nothing else.
///
/// Not Foundation's Process: this keeps the child free of Foundation (it starts in some 10 ms), and no pipe
/// end leaks into other children that start at the same time.
package final class ChildProgram {
    /// How a child ended.
    package enum Exit: Equatable {
        case signal(Int)
        case status(Int)
    }

    /// What a read gave.
    package enum Reading {
        case bytes(ArraySlice<UInt8>)
        case end
        case timeout
    }

    private let process: pid_t
    private let output: CInt
    private var hasEnded = false
    private var buffer = [UInt8](repeating: 0, count: 64 << 10)

    /// Starts a program.
    ///
    /// - Parameters:
    ///   - program: Its path.
    ///   - arguments: Its arguments.
    /// - Throws: `HDF5Error.missingReader`.
    package init(_ program: String, arguments: [String]) throws(HDF5Error) {
        func failed(_ code: CInt) -> HDF5Error {
            .missingReader(program: program, reason: unsafe String(cString: strerror(code)))
        }
        var ends: [CInt] = [-1, -1]
        guard unsafe sl_pipe_closed_on_exec(&ends) == 0 else { throw failed(errno) }
        defer { close(ends[1]) }

        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        unsafe posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        unsafe sl_close_from(&actions, 3)

        // The default action of every signal: a parent that ignores SIGPIPE must not pass that on.
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        unsafe posix_spawnattr_setsigmask(&attributes, &signals)
        unsafe sigfillset(&signals)
        unsafe posix_spawnattr_setsigdefault(&attributes, &signals)
        unsafe posix_spawnattr_setflags(
            &attributes,
            Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK)
        )

        var argv = unsafe ([program] + arguments).map { unsafe strdup($0) } + [nil]
        var environment = unsafe Self.environment().map { unsafe strdup($0) } + [nil]
        defer {
            unsafe argv.forEach { unsafe free($0) }
            unsafe environment.forEach { unsafe free($0) }
        }
        var process: pid_t = 0
        let code = unsafe posix_spawn(
            &process,
            program,
            &actions,
            &attributes,
            &argv,
            &environment
        )
        guard code == 0 else {
            close(ends[0])
            throw failed(code)
        }
        self.process = process
        output = ends[0]
    }

    deinit {
        end()
        close(output)
    }

    /// No settings of HDF5 from the user's environment reach the child, and no crash report starts.
    private static func environment() -> [String] {
        let kept = ["PATH", "LD_LIBRARY_PATH", "ASAN_OPTIONS", "TSAN_OPTIONS"]
        return ["SWIFT_BACKTRACE=enable=no"]
            + kept.compactMap { name in
                unsafe getenv(name).map { unsafe "\(name)=\(String(cString: $0))" }
            }
    }

    /// Waits for output.
    ///
    /// - Parameters:
    ///   - count: Most bytes to take.
    ///   - deadline: When to give up.
    /// - Returns: What came.
    package func read(upTo count: Int, until deadline: ContinuousClock.Instant) -> Reading {
        while true {
            let milliseconds = (deadline - .now) / .milliseconds(1)
            guard milliseconds > 0 else { return .timeout }
            var poll = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
            let ready = unsafe Glibc.poll(&poll, 1, CInt(min(milliseconds.rounded(.up), 1e6)))
            guard ready > 0 else { continue }
            let length = unsafe Glibc.read(output, &buffer, min(buffer.count, count))
            if length > 0 { return .bytes(buffer[..<length]) }
            if length == 0 || errno != EINTR { return .end }
        }
    }

    /// Waits for the end of a child that has closed its output.
    ///
    /// - Parameter deadline: When to give up.
    /// - Returns: How it ended, or nil if it did not in time.
    package func exit(until deadline: ContinuousClock.Instant) -> Exit? {
        while true {
            var status: CInt = 0
            let waited = unsafe waitpid(process, &status, WNOHANG)
            if waited == process {
                hasEnded = true
                let signal = status & 0x7F
                return signal == 0 ? .status(Int(status >> 8 & 0xFF)) : .signal(Int(signal))
            }
            if waited < 0, errno != EINTR {
                hasEnded = true
                return .status(-1)
            }
            guard ContinuousClock.now < deadline else { return nil }
            usleep(200)
        }
    }

    /// Kills the child if it is still there, and waits for it.
    package func end() {
        guard !hasEnded else { return }
        hasEnded = true
        kill(process, SIGKILL)
        while waitpid(process, nil, 0) < 0, errno == EINTR {}
    }
}
