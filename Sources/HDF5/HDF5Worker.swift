internal import Glibc

/// The program `spikeloom-hdf5`: reads one file within limits and answers on standard output.
///
/// Usage: `spikeloom-hdf5 structure FILE`, or `spikeloom-hdf5 values FILE (COUNT PATH)…`, or for parts of
/// large files `layout`, `attributes`, `block` and `rows` (`HDF5SliceSource`). The answer is in a binary format that only `HDF5ChildProcess` of the same build reads.
public enum HDF5Worker {
    /// Most address space that the program takes: 1.5 GiB.
    package static let addressSpaceLimit = 1536 << 20

    /// Whether an address or thread sanitizer is in: they map terabytes.
    package static var isSanitized: Bool {
        ["__asan_init", "__tsan_init"].contains { (name: String) in
            unsafe dlsym(nil, name) != nil
        }
    }

    /// Runs the program.
    ///
    /// - Parameter arguments: Command line without the program's name.
    /// - Returns: Exit status: 0 with an answer, which may be an error; 2 for wrong usage.
    public static func run(_ arguments: [String]) -> Int32 {
        guard arguments.count >= 2 else { return usage() }
        let file = HDF5File(path: arguments[1])
        limitResources(for: file.path)
        do throws(HDF5Error) {
            switch arguments[0] {
            case "structure" where arguments.count == 2:
                write(WireFormat.encoded(try file.structure()))
            case "values":
                guard let requests = requests(arguments.dropFirst(2)) else { return usage() }
                try file.forEachArray(requests) { write($0) }
            case "layout" where arguments.count == 3:
                write(WireFormat.encoded(try file.layout(arguments[2]).group))
            case "attributes" where arguments.count == 3:
                let attributes = try file.attributes(arguments[2])
                let members = attributes.mapValues { contents in
                    HDF5Object.dataset(HDF5Dataset(contents))
                }
                write(WireFormat.encoded(HDF5Group(members: members)))
            case "block":
                guard let (start, shape) = block(arguments.dropFirst(3)) else { return usage() }
                write(try file.block(arguments[2], start: start, shape: shape))
            case "rows":
                let numbers = arguments.dropFirst(3).compactMap { Int($0) }
                guard arguments.count == 5, numbers.count == 2, numbers[0] >= 0, numbers[1] >= 0,
                    numbers[0] <= 1 << 48, numbers[1] <= HDF5Layout.rowLimit
                else { return usage() }
                let range = numbers[0]..<numbers[0] + numbers[1]
                for row in try file.rows(arguments[2], range) { write(row) }
            default: return usage()
            }
        } catch {
            write(WireFormat.encoded(error))
        }
        return 0
    }

    private static func usage() -> Int32 {
        let text =
            "usage: spikeloom-hdf5 structure FILE | values FILE (COUNT PATH)... | layout FILE "
            + "PATH | attributes FILE PATH | block FILE PATH START... LENGTH... | rows FILE PATH START "
            + "COUNT\n"
        write(Array(text.utf8), to: 2)
        return 2
    }

    /// Starts and lengths, as many of the one as of the other.
    private static func block(_ arguments: ArraySlice<String>) -> (start: [Int], shape: [Int])? {
        let numbers = arguments.compactMap { Int($0) }
        guard numbers.count == arguments.count, numbers.count % 2 == 0, !numbers.isEmpty,
            numbers.allSatisfy({ $0 >= 0 })
        else { return nil }
        let rank = numbers.count / 2
        return (Array(numbers.prefix(rank)), Array(numbers.suffix(rank)))
    }

    private static func requests(_ arguments: ArraySlice<String>) -> [HDF5Request]? {
        var requests: [HDF5Request] = []
        var rest = arguments
        while let count = rest.popFirst() {
            guard let count = Int(count), count >= 0, let path = rest.popFirst() else { return nil }
            requests.append(HDF5Request(path: path, count: count))
        }
        return requests
    }

    /// Bounds memory and processor time before the file is touched; no core dumps.
    private static func limitResources(for path: String) {
        var status = stat()
        let size = unsafe stat(path, &status) == 0 ? Int(status.st_size) : 0
        limit(RLIMIT_CORE, to: 0)
        limit(RLIMIT_CPU, to: 3 + size / (8 << 20))
        if !isSanitized { limit(RLIMIT_AS, to: addressSpaceLimit) }
    }

    private static func limit(_ resource: __rlimit_resource, to value: Int) {
        // Lower limits of the user stay. A second between the limits of processor time: SIGXCPU at
        // the first says why, SIGKILL at the second would not.
        var limit = rlimit()
        _ = unsafe getrlimit(__rlimit_resource_t(resource.rawValue), &limit)
        limit.rlim_cur = min(limit.rlim_cur, rlim_t(value))
        limit.rlim_max = min(limit.rlim_max, rlim_t(resource == RLIMIT_CPU ? value + 1 : value))
        _ = unsafe setrlimit(__rlimit_resource_t(resource.rawValue), &limit)
    }

    private static func write(_ values: [Double]) {
        var header = ByteWriter(bytes: WireFormat.magic + [WireFormat.Status.values.rawValue])
        header.put(UInt64(values.count))
        write(header.bytes)
        unsafe values.withUnsafeBytes { unsafe write($0, to: 1) }
    }

    private static func write(_ bytes: [UInt8], to descriptor: CInt = 1) {
        unsafe bytes.withUnsafeBytes { unsafe write($0, to: descriptor) }
    }

    private static func write(_ buffer: UnsafeRawBufferPointer, to descriptor: CInt) {
        var position = 0
        while position < buffer.count {
            let rest = unsafe UnsafeRawBufferPointer(rebasing: buffer[position...])
            let written = unsafe Glibc.write(descriptor, rest.baseAddress, rest.count)
            if written < 0 {
                if errno == EINTR { continue }
                return  // The reader of the answer is gone.
            }
            position += written
        }
    }
}
