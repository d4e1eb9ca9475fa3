import Foundation
import Synchronization

/// Threads that run the parts of a time step side by side.
///
/// A step is short, so workers spin for the next one for a while before they sleep, and the caller
/// waits for parts rather than for threads: a thread that wakes late finds nothing left and holds
/// nobody up.
final class WorkerPool: @unchecked Sendable {
    /// One word that hands out parts: generation, number of parts, next part.
    ///
    /// Taking a part is one atomic addition, and what it returns is all a thread needs to know. The
    /// work itself is read only by a thread that got a part, so before the caller can go on.
    private struct Ticket {
        static let fieldBits: UInt64 = 20
        static let fieldMask: UInt64 = (1 << fieldBits) - 1

        let word: UInt64

        init(word: UInt64) { self.word = word }

        init(generation: UInt64, parts: Int) {
            word = generation << (2 * Self.fieldBits) | UInt64(parts) << Self.fieldBits
        }

        var generation: UInt64 { word >> (2 * Self.fieldBits) }

        /// The part that was taken; nil if there was none left.
        var part: Int? {
            let next = word & Self.fieldMask
            let parts = word >> Self.fieldBits & Self.fieldMask
            return next < parts ? Int(next) : nil
        }
    }

    /// Looks for work before a thread sleeps: some 100 µs.
    private static let spins = 100_000
    /// The most parts a step may have.
    ///
    /// Half of what the field holds: threads that find nothing left count on.
    static let mostParts = 1 << 19

    private let ticket = Atomic<UInt64>(0)
    private let unfinished = Atomic<Int>(0)
    private let sleepers = Atomic<Int>(0)
    private let isStopped = Atomic<Bool>(false)
    private let condition = NSCondition()
    private var work: (@Sendable (Int) -> Void)?

    /// Starts `threads − 1` helpers; the caller of `run` is the last thread.
    init(threads: Int) {
        for number in 1..<max(1, threads) {
            let thread = Thread { [self] in serve() }
            thread.name = "spikeloom-\(number)"
            thread.start()
        }
    }

    /// Runs `work(0)` … `work(parts − 1)`, each once, on any thread; returns when all are done.
    func run(parts: Int, _ body: @escaping @Sendable (Int) -> Void) {
        precondition(parts <= Self.mostParts, "parts fit their field of the ticket")
        work = body
        unfinished.store(parts, ordering: .relaxed)
        let last = Ticket(word: ticket.load(ordering: .relaxed)).generation
        let next = Ticket(generation: last &+ 1, parts: parts)
        // Publishes the work: whoever gets a part of this generation sees it.
        ticket.store(next.word, ordering: .sequentiallyConsistent)
        if sleepers.load(ordering: .sequentiallyConsistent) > 0 {
            condition.lock()
            condition.broadcast()
            condition.unlock()
        }
        takeParts()
        while unfinished.load(ordering: .acquiring) > 0 { sched_yield() }
    }

    /// Lets the helpers end; each does so when it next looks for work.
    func stop() {
        isStopped.store(true, ordering: .sequentiallyConsistent)
        condition.lock()
        condition.broadcast()
        condition.unlock()
    }

    private func takeParts() {
        while true {
            let taken = ticket.add(1, ordering: .acquiringAndReleasing).oldValue
            guard let part = Ticket(word: taken).part else { return }
            work?(part)
            unfinished.subtract(1, ordering: .releasing)
        }
    }

    private func serve() {
        while waitForWork() { takeParts() }
    }

    /// Whether there may be work; false when the pool has stopped.
    private func waitForWork() -> Bool {
        for _ in 0..<Self.spins where hasNews { return !hasStopped }
        condition.lock()
        defer { condition.unlock() }
        sleepers.add(1, ordering: .sequentiallyConsistent)
        defer { sleepers.subtract(1, ordering: .sequentiallyConsistent) }
        while !hasNews { condition.wait() }
        return !hasStopped
    }

    private var hasStopped: Bool { isStopped.load(ordering: .sequentiallyConsistent) }

    private var hasNews: Bool {
        let current = Ticket(word: ticket.load(ordering: .sequentiallyConsistent))
        return current.part != nil || hasStopped
    }
}
