import Dispatch
import Synchronization

/// Independent jobs side by side.
enum Parallel {
    /// Maps jobs on several threads; results come in the order of the jobs.
    ///
    /// - Parameters:
    ///   - jobs: Independent of each other.
    ///   - threads: Jobs that run at a time.
    ///   - progress: Called with the number of jobs done, one call at a time.
    ///   - body: Does one job.
    /// - Returns: One result a job.
    /// - Throws: The error of the first job, in their order, that failed.
    static func map<Job: Sendable, Result: Sendable>(
        _ jobs: [Job],
        threads: Int,
        progress: @escaping @Sendable (Int) -> Void,
        _ body: @escaping @Sendable (Job) throws -> Result
    ) throws -> [Result] {
        typealias Slot = Swift.Result<Result, any Error>
        let slots = Mutex<[Slot?]>(Array(repeating: nil, count: jobs.count))
        let next = Atomic<Int>(0)
        let done = Mutex<Int>(0)
        DispatchQueue.concurrentPerform(iterations: max(1, min(threads, jobs.count))) { _ in
            while true {
                let index = next.add(1, ordering: .relaxed).oldValue
                guard index < jobs.count else { return }
                let slot = Slot { try body(jobs[index]) }
                slots.withLock { $0[index] = slot }
                done.withLock {
                    $0 += 1
                    progress($0)
                }
            }
        }
        return try slots.withLock { try $0.compactMap { try $0?.get() } }
    }
}

/// How far each of several jobs is.
final class Shares: Sendable {
    private let shares: Mutex<[Double]>

    init(count: Int) { shares = Mutex(.init(repeating: 0, count: count)) }

    /// Notes the share of a job.
    ///
    /// - Returns: Thousandths of all jobs together.
    func set(_ job: Int, to share: Double) -> Int {
        shares.withLock { list in
            list[job] = share
            return Int(list.reduce(0, +) / Double(max(1, list.count)) * 1000)
        }
    }
}
