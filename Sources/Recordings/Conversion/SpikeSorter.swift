import Events
import Glibc
import SpikeTrace

/// Brings spikes of any number into canonical order within bounded memory.
///
/// Runs of two million are sorted in memory; where there are more, they go to a file that has no name, and
/// are merged at the end: 16 bytes a spike of disk, 64 KiB of memory a run.
package final class SpikeSorter {
    private struct Record {
        /// Step with its sign bit turned, so that negative steps come first.
        var key: UInt64
        var core: UInt32
        var neuron: UInt32

        @inline(__always)
        static func < (a: Record, b: Record) -> Bool {
            a.key != b.key
                ? a.key < b.key : a.core != b.core ? a.core < b.core : a.neuron < b.neuron
        }

        var spike: (step: Int64, core: UInt32, neuron: UInt32) {
            (Int64(bitPattern: key ^ 1 << 63), core, neuron)
        }
    }

    private struct Run {
        var position: UInt64
        var left: UInt64
        var block: [Record] = []
        var next = 0
    }

    private let folder: String
    private let capacity: Int
    private var records: [Record] = []
    private var runs: [Run] = []
    private var descriptor: Int32 = -1
    private var size: UInt64 = 0
    /// Spikes taken.
    package private(set) var count: UInt64 = 0
    /// Earliest step taken.
    package private(set) var firstStep = Int64.max

    private static let recordSize = 16
    private static let blockSize = 1 << 12

    /// Makes a sorter.
    ///
    /// - Parameters:
    ///   - path: File beside which runs go when there are many.
    ///   - capacity: Spikes held in memory.
    package init(beside path: String, capacity: Int = 1 << 21) {
        folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "./"
        self.capacity = capacity
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Takes a spike.
    package func append(step: Int64, core: UInt32, neuron: UInt32) throws {
        if records.count == capacity { try spill() }
        records.append(
            Record(key: UInt64(bitPattern: step) ^ 1 << 63, core: core, neuron: neuron)
        )
        count += 1
        firstStep = min(firstStep, step)
    }

    private func sort() {
        var isSorted = true
        for index in records.indices.dropFirst() where records[index] < records[index - 1] {
            isSorted = false
            break
        }
        if !isSorted { records.sort { $0 < $1 } }
    }

    private func failed(_ operation: String) -> RecordingError {
        .file(path: folder, operation: operation, reason: systemMessage(errno))
    }

    private func spill() throws {
        sort()
        if descriptor < 0 {
            var name = Array((folder + ".spikeloom-sort-XXXXXX").utf8CString)
            descriptor = unsafe mkstemp(&name)
            guard descriptor >= 0 else { throw failed("create a file to sort in") }
            unsafe unlink(name)
        }
        runs.append(Run(position: size, left: UInt64(records.count)))
        for start in stride(from: 0, to: records.count, by: Self.blockSize) {
            var bytes: [UInt8] = []
            bytes.reserveCapacity(Self.blockSize * Self.recordSize)
            for record in records[start..<min(start + Self.blockSize, records.count)] {
                bytes.append(little: record.key)
                bytes.append(little: record.core)
                bytes.append(little: record.neuron)
            }
            let written = unsafe bytes.withUnsafeBytes {
                unsafe pwrite(descriptor, $0.baseAddress, $0.count, off_t(size))
            }
            guard written == bytes.count else { throw failed("write a file to sort in") }
            size += UInt64(bytes.count)
        }
        records.removeAll(keepingCapacity: true)
    }

    private func load(_ run: inout Run) throws {
        let wanted = Int(min(run.left, UInt64(Self.blockSize)))
        var bytes = [UInt8](repeating: 0, count: wanted * Self.recordSize)
        let place = run.position
        let got = unsafe bytes.withUnsafeMutableBytes {
            unsafe pread(descriptor, $0.baseAddress, $0.count, off_t(place))
        }
        guard got == bytes.count else { throw failed("read a file to sort in") }
        run.block.removeAll(keepingCapacity: true)
        for index in stride(from: 0, to: bytes.count, by: Self.recordSize) {
            run.block.append(
                Record(
                    key: bytes.long(at: index),
                    core: bytes.word(at: index + 8),
                    neuron: bytes.word(at: index + 12)
                )
            )
        }
        run.next = 0
        run.position += UInt64(bytes.count)
        run.left -= UInt64(wanted)
    }

    /// Gives all spikes in canonical order; the sorter is empty afterwards.
    ///
    /// - Parameter body: Takes a step, a core and a neuron.
    /// - Throws: `RecordingError.file`, and what the body throws.
    package func drain(_ body: (Int64, UInt32, UInt32) throws -> Void) throws {
        sort()
        guard !runs.isEmpty else {
            for record in records { try body(record.spike.step, record.core, record.neuron) }
            records = []
            return
        }
        if !records.isEmpty { try spill() }
        records = []
        for index in runs.indices { try load(&runs[index]) }
        // A heap of runs by their next record.
        var heap = Array(runs.indices)
        func isBefore(_ a: Int, _ b: Int) -> Bool {
            runs[a].block[runs[a].next] < runs[b].block[runs[b].next]
        }
        func sink(_ start: Int) {
            var place = start
            while true {
                var least = place
                for child in [2 * place + 1, 2 * place + 2]
                where child < heap.count && isBefore(heap[child], heap[least]) {
                    least = child
                }
                if least == place { return }
                heap.swapAt(place, least)
                place = least
            }
        }
        for place in heap.indices.reversed() { sink(place) }
        while let top = heap.first {
            let record = runs[top].block[runs[top].next]
            try body(record.spike.step, record.core, record.neuron)
            runs[top].next += 1
            if runs[top].next == runs[top].block.count {
                if runs[top].left > 0 {
                    try load(&runs[top])
                } else {
                    heap.swapAt(0, heap.count - 1)
                    heap.removeLast()
                }
            }
            sink(0)
        }
        runs = []
    }
}
