internal import Glibc

/// An HDF5 file read by a child process with limits on memory and time.
///
/// Whatever a hostile file does to the C library, it does to the child: a child that dies, hangs or
/// babbles is an error here.
public struct HDF5ChildProcess: HDF5Source {
    /// Path of the program `spikeloom-hdf5`.
    public let program: String
    /// Path of the file.
    public let file: String
    /// Longest wait for an answer, in seconds; large arrays get more in proportion.
    public let timeLimit: Int

    /// Answers in place of a child, for tests of what is made of them: arguments, most bytes, seconds.
    package typealias Answering =
        @Sendable (_ arguments: [String], _ answerLimit: Int, _ seconds: Int) throws(HDF5Error) ->
        [UInt8]
    private let answering: Answering?

    /// Largest structure that is taken: texts and small arrays are bounded by the child.
    private static let structureLimit = 64 << 20
    /// Elements at which a batch of arrays ends.
    private static let batchLimit = 1 << 22
    /// Bytes of paths on a command line at which a batch of arrays ends.
    private static let commandLineLimit = 32 << 10

    /// Names a program and a file.
    ///
    /// - Parameters:
    ///   - program: Path of `spikeloom-hdf5`.
    ///   - file: Path of the HDF5 file.
    ///   - timeLimit: Longest wait for an answer, in seconds.
    public init(program: String, file: String, timeLimit: Int = 20) {
        self.program = program
        self.file = file
        self.timeLimit = timeLimit
        answering = nil
    }

    /// Puts answers in the place of a child.
    ///
    /// - Parameters:
    ///   - file: What messages name.
    ///   - answering: Gives the bytes of an answer.
    package init(file: String, answering: @escaping Answering) {
        program = "spikeloom-hdf5"
        self.file = file
        timeLimit = 0
        self.answering = answering
    }

    /// Where `spikeloom-hdf5` lies if it was installed beside the running program.
    ///
    /// - Returns: A path; the program need not exist.
    public static func programBesideThisOne() -> String {
        var buffer = [CChar](repeating: 0, count: 4096)
        let length = unsafe readlink("/proc/self/exe", &buffer, buffer.count)
        let path = String(
            decoding: buffer.prefix(max(0, length)).map { UInt8(bitPattern: $0) },
            as: UTF8.self
        )
        let folder = path.lastIndex(of: "/").map { path[...$0] } ?? "./"
        return folder + "spikeloom-hdf5"
    }

    /// All groups, the shapes of all arrays, and the elements of text and small arrays.
    ///
    /// - Throws: `HDF5Error`.
    /// - Returns: The root group.
    public func structure() throws(HDF5Error) -> HDF5Group {
        var answer = ByteReader(
            try run(["structure", file], answerLimit: Self.structureLimit, seconds: timeLimit)
        )
        guard try WireFormat.status(&answer, file: file, program: program) == .structure,
            let group = answer.group(), answer.isAtEnd
        else { throw garbled }
        return group
    }

    /// The elements of numeric arrays, widened to Double.
    ///
    /// - Parameter requests: Arrays and the numbers of elements that the caller expects.
    /// - Throws: `HDF5Error`, also if an array does not hold as many elements as expected.
    /// - Returns: One array a request, in their order, C order.
    public func doubles(_ requests: [HDF5Request]) throws(HDF5Error) -> [[Double]] {
        var arrays: [[Double]] = []
        var rest = requests[...]
        while !rest.isEmpty {
            var elements = 0
            var characters = 0
            var size = 0
            for request in rest {
                guard request.count <= HDF5Request.countLimit else {
                    throw .tooLarge(
                        file: file,
                        path: request.path,
                        what: "the array has \(request.count) elements",
                        limit: "\(HDF5Request.countLimit)"
                    )
                }
                elements += request.count
                characters += request.path.utf8.count + 24
                let isFull = elements > Self.batchLimit || characters > Self.commandLineLimit
                if size > 0, isFull { break }
                size += 1
            }
            arrays += try batch(rest.prefix(size))
            rest = rest.dropFirst(size)
        }
        return arrays
    }

    private var garbled: HDF5Error { .readerFailed(file: file, failure: .garbled) }

    private func batch(_ requests: ArraySlice<HDF5Request>) throws(HDF5Error) -> [[Double]] {
        let elements = requests.reduce(0) { $0 + $1.count }
        var answer = ByteReader(
            try run(
                ["values", file] + requests.flatMap { ["\($0.count)", $0.path] },
                answerLimit: 8 * elements + 16 * requests.count + (64 << 10),
                seconds: timeLimit + elements / (4 << 20)
            )
        )
        var arrays: [[Double]] = []
        for request in requests {
            guard try WireFormat.status(&answer, file: file, program: program) == .values,
                answer.word() == UInt64(request.count), let values = answer.doubles(request.count)
            else { throw garbled }
            arrays.append(values)
        }
        guard answer.isAtEnd else { throw garbled }
        return arrays
    }

    /// Runs the program and takes its whole answer, or ends it.
    func run(
        _ arguments: [String],
        answerLimit: Int,
        seconds: Int
    ) throws(HDF5Error) -> [UInt8] {
        if let answering { return try answering(arguments, answerLimit, seconds) }
        let child = try ChildProgram(program, arguments: arguments)
        defer { child.end() }
        let deadline = ContinuousClock.now + .seconds(seconds)
        var answer: [UInt8] = []
        read: while true {
            switch child.read(upTo: answerLimit - answer.count + 1, until: deadline) {
            case .bytes(let bytes):
                answer += bytes
                guard answer.count <= answerLimit else { throw garbled }
            case .end: break read
            case .timeout:
                throw .readerFailed(file: file, failure: .timeout(seconds: seconds))
            }
        }
        switch child.exit(until: deadline) {
        case nil: throw .readerFailed(file: file, failure: .timeout(seconds: seconds))
        case .signal(let number): throw .readerFailed(file: file, failure: .signal(number))
        case .status(0): return answer
        case .status(127) where answer.isEmpty:
            throw .missingReader(program: program, reason: "its libraries are not found")
        case .status(let code): throw .readerFailed(file: file, failure: .status(code))
        }
    }
}
