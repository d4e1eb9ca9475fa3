import Foundation
import Synchronization

/// Threads that run the parts of a time step side by side.
///
/// A step is short, so workers spin for the next one for a while before they sleep.
final class WorkerPool: @unchecked Sendable {
    private static let spins = 20_000

    private let generation = Atomic<UInt64>(0)
    private let nextPart = Atomic<Int>(0)
    private let unfinished = Atomic<Int>(0)
    private let sleepers = Atomic<Int>(0)
    private let isStopped = Atomic<Bool>(false)
    private let condition = NSCondition()
    private let helpers: Int
    /// Written by the caller before a generation is published, read by workers after.
    private var parts = 0
    private var work: (@Sendable (Int) -> Void)?

    /// Starts `threads − 1` helpers; the caller of `run` is the last thread.
    init(threads: Int) {
        helpers = max(0, threads - 1)
        for number in 0..<helpers {
            let thread = Thread { [weak self] in WorkerPool.serve(self) }
            thread.name = "spikeloom-\(number)"
            thread.start()
        }
    }

    /// Runs `work(0)` … `work(parts − 1)`, each once, on any thread; returns when all are done.
    func run(parts count: Int, _ body: @escaping @Sendable (Int) -> Void) {
        parts = count
        work = body
        nextPart.store(0, ordering: .relaxed)
        unfinished.store(helpers, ordering: .relaxed)
        generation.add(1, ordering: .sequentiallyConsistent)
        if sleepers.load(ordering: .sequentiallyConsistent) > 0 {
            condition.lock()
            condition.broadcast()
            condition.unlock()
        }
        takeParts()
        while unfinished.load(ordering: .acquiring) > 0 { sched_yield() }
    }

    func stop() {
        isStopped.store(true, ordering: .sequentiallyConsistent)
        generation.add(1, ordering: .sequentiallyConsistent)
        condition.lock()
        condition.broadcast()
        condition.unlock()
    }

    private func takeParts() {
        while true {
            let part = nextPart.add(1, ordering: .relaxed).oldValue
            guard part < parts else { return }
            work?(part)
        }
    }

    private static func serve(_ pool: WorkerPool?) {
        guard let pool else { return }
        var seen: UInt64 = 0
        while true {
            seen = pool.waitForWork(after: seen)
            if pool.isStopped.load(ordering: .acquiring) { return }
            pool.takeParts()
            pool.unfinished.subtract(1, ordering: .releasing)
        }
    }

    private func waitForWork(after seen: UInt64) -> UInt64 {
        for _ in 0..<Self.spins {
            let now = generation.load(ordering: .acquiring)
            if now != seen { return now }
        }
        condition.lock()
        defer { condition.unlock() }
        sleepers.add(1, ordering: .sequentiallyConsistent)
        defer { sleepers.subtract(1, ordering: .sequentiallyConsistent) }
        while true {
            let now = generation.load(ordering: .sequentiallyConsistent)
            if now != seen { return now }
            condition.wait()
        }
    }
}
