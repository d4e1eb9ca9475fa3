public import Events
import Foundation

/// Records into a spike trace on a thread of its own.
///
/// What is appended waits in a queue of limited size: a caller that is faster than the recorder
/// waits, and nothing is ever left out. An error of the recorder is thrown by the next call. The
/// flush interval holds even if nothing more is appended.
public final class SpikeTraceRecorder {
    private let queue: RecorderQueue
    private var isFinished = false

    /// Creates a spike trace and starts the thread.
    ///
    /// - Parameters:
    ///   - path: The file; an existing one is replaced.
    ///   - info: Time base, run facts, sources of spikes and series.
    ///   - order: Whether the order of arrival is kept within a step.
    ///   - flushInterval: Longest wall time a chunk stays open; nil for no limit.
    ///   - isSynced: Whether every chunk is on the disk before it counts as flushed.
    ///   - queueLimit: Spikes (24 bytes each) that may wait, at least.
    /// - Throws: As `SpikeTraceWriter`.
    public convenience init(
        path: String,
        info: SpikeTraceInfo,
        order: SpikeOrder = .canonical,
        flushInterval: Duration? = .seconds(1),
        isSynced: Bool = false,
        queueLimit: Int = 1 << 19
    ) throws {
        let writer = try SpikeTraceWriter(
            path: path,
            info: info,
            order: order,
            flushInterval: flushInterval,
            isSynced: isSynced
        )
        self.init(writer, flushInterval: flushInterval, queueLimit: queueLimit)
    }

    /// Starts a thread for a writer that nothing else uses.
    ///
    /// - Parameters:
    ///   - writer: The writer.
    ///   - flushInterval: Its flush interval.
    ///   - queueLimit: Spikes that may wait.
    package init(_ writer: SpikeTraceWriter, flushInterval: Duration?, queueLimit: Int) {
        queue = RecorderQueue(
            writer: writer,
            interval: flushInterval.map { $0 / .seconds(1) },
            limit: queueLimit
        )
        let queue = queue
        let thread = Thread { queue.work() }
        thread.name = "spikeloom-record"
        thread.start()
    }

    /// A recorder that is not finished writes what it has been given, without an end.
    deinit { queue.close() }

    /// Most spikes that have ever waited.
    package var mostQueued: Int { queue.mostQueued }

    /// Records spikes; waits while the queue is full.
    ///
    /// - Parameter spikes: As `SpikeTraceWriter.append`.
    /// - Throws: The first error of the recording, perhaps of spikes appended before.
    public func append(_ spikes: [Spike]) throws {
        guard !isFinished else { throw SpikeTraceError.closed(path: queue.path) }
        try queue.put(spikes)
    }

    /// Records a row of a series; waits while the queue is full.
    ///
    /// - Parameters:
    ///   - row: A number for each index of the series.
    ///   - index: Which series of `info.series`.
    ///   - step: The time step, later than that of the row before.
    /// - Throws: The first error of the recording.
    public func append(_ row: [Int64], toSeries index: Int, step: UInt64) throws {
        guard !isFinished else { throw SpikeTraceError.closed(path: queue.path) }
        try queue.put(.row(row, series: index, step: step))
    }

    /// Waits for everything that was appended, writes the end, and stops the thread.
    ///
    /// - Parameter totals: What the run came to, by name.
    /// - Throws: The first error of the recording.
    public func finish(totals: [String: String] = [:]) throws {
        guard !isFinished else { throw SpikeTraceError.closed(path: queue.path) }
        isFinished = true
        try queue.finish(totals: totals)
    }
}

/// What waits for the recorder's thread; the thread alone uses the writer until it has ended.
///
/// Everything else is read and written under the lock of `condition`.
private final class RecorderQueue: @unchecked Sendable {
    enum Job {
        /// Spikes as the caller gave them.
        case spikes([Spike])
        /// Small pieces, put together in storage of the queue.
        case piece([Spike])
        case row([Int64], series: Int, step: UInt64)

        /// Memory that the job holds, in spikes of 24 bytes.
        var size: Int {
            switch self {
            case .spikes(let spikes), .piece(let spikes): spikes.count
            case .row(let row, _, _): 2 + row.count / 3
            }
        }
    }

    private let writer: SpikeTraceWriter
    private let interval: Double?
    private let limit: Int
    private let condition = NSCondition()
    private var jobs: [Job] = []
    /// Small pieces, put together before they become a job.
    private var pending: [Spike] = []
    /// Storage of pieces that have been written: new memory costs more than copying into old.
    private var spare: [[Spike]] = []
    /// Of all that waits or is being written.
    private var size = 0
    private var most = 0
    private var error: (any Error)?
    private var isClosing = false
    private var hasEnded = false
    let path: String

    init(writer: SpikeTraceWriter, interval: Double?, limit: Int) {
        self.writer = writer
        self.interval = interval
        self.limit = limit
        path = writer.path
    }

    var mostQueued: Int { condition.withLock { most } }

    /// Spikes that make a job: as many as the writer takes at a time.
    private static let piece = 1 << 14
    /// Pieces whose storage is kept.
    private static let mostSpare = 4

    /// Adds spikes when there is room.
    func put(_ spikes: [Spike]) throws {
        condition.lock()
        defer { condition.unlock() }
        try waitForRoom(spikes.count)
        size += spikes.count
        most = max(most, size)
        if spikes.count >= Self.piece {
            makeJobOfPending()
            jobs.append(.spikes(spikes))
            condition.broadcast()
        } else {
            pending += spikes
            if pending.count >= Self.piece {
                makeJobOfPending()
                condition.broadcast()
            }
        }
    }

    private func makeJobOfPending() {
        guard !pending.isEmpty else { return }
        jobs.append(.piece(pending))
        pending = spare.popLast() ?? []
        pending.reserveCapacity(2 * Self.piece)
    }

    /// Waits until some spikes fit the queue; what is larger than the limit goes in alone.
    private func waitForRoom(_ more: Int) throws {
        while error == nil && size > 0 && size + more > limit {
            makeJobOfPending()
            condition.broadcast()
            condition.wait()
        }
        if let error { throw error }
    }

    /// Adds a job when there is room.
    func put(_ job: Job) throws {
        condition.lock()
        defer { condition.unlock() }
        try waitForRoom(job.size)
        makeJobOfPending()
        jobs.append(job)
        size += job.size
        most = max(most, size)
        condition.broadcast()
    }

    func close() {
        condition.withLock {
            isClosing = true
            condition.broadcast()
        }
    }

    /// Waits for the thread to end, then ends the file.
    func finish(totals: [String: String]) throws {
        close()
        let error = condition.withLock {
            while !hasEnded { condition.wait() }
            return self.error
        }
        if let error { throw error }
        try writer.finish(totals: totals)
    }

    /// What the thread does.
    func work() {
        do {
            while var jobs = next() {
                let isDue = jobs.isEmpty
                jobs.reverse()
                while let job = jobs.popLast() {
                    let written = job.size
                    switch consume job {
                    case .spikes(let spikes): try writer.append(spikes)
                    case .piece(let spikes):
                        try writer.append(spikes)
                        keep(spikes)
                    case .row(let row, let series, let step):
                        try writer.append(row, toSeries: series, step: step)
                    }
                    condition.withLock {
                        size -= written
                        condition.broadcast()
                    }
                }
                if isDue { try writer.flush() }
            }
            // Also without an end, everything is in the file.
            try writer.flush()
        } catch {
            // What came before the error is kept, as far as the file takes it.
            try? writer.flush()
            condition.withLock {
                self.error = error
                jobs = []
                pending = []
                size = 0
            }
        }
        condition.withLock {
            hasEnded = true
            condition.broadcast()
        }
    }

    /// Keeps the storage of a piece that was written.
    private func keep(_ piece: consuming [Spike]) {
        piece.removeAll(keepingCapacity: true)
        condition.lock()
        defer { condition.unlock() }
        if spare.count < Self.mostSpare { spare.append(piece) }
    }

    /// All jobs that wait; none when the flush interval is over; nil when it is time to end.
    private func next() -> [Job]? {
        condition.lock()
        defer { condition.unlock() }
        while jobs.isEmpty {
            if isClosing { makeJobOfPending() }
            if !jobs.isEmpty { break }
            if isClosing { return nil }
            guard let interval else {
                condition.wait()
                continue
            }
            if !condition.wait(until: Date(timeIntervalSinceNow: interval)), jobs.isEmpty {
                makeJobOfPending()
                if jobs.isEmpty && !isClosing { return [] }
            }
        }
        defer { jobs = [] }
        return jobs
    }
}
