import Events

/// The decoded spikes of a chunk, handed out in order, a piece at a time.
///
/// Batches are decoded as a whole, so that a damaged one gives no spikes at all, into storage that
/// serves chunk after chunk. Pieces stay in the second-level cache on their way to the caller.
struct ChunkSpikes {
    /// A decoded batch.
    struct Batch {
        var core: UInt32
        var header: BatchHeader
        /// Where its spikes lie among those of the chunk; from the next one on.
        var places: Range<Int>
    }

    /// Spikes of a piece, about.
    static let piece = 1 << 14

    /// Spikes of all batches, one batch after the other.
    private var storage: [BatchSpike] = []
    /// Batches with spikes that have not been handed out.
    private var batches: [Batch] = []
    private var next = 0
    private var steps: ClosedRange<UInt64> = 0...UInt64.max
    /// Whether batches follow each other in time.
    private var isSequence = true
    /// Steps that are merged at a time, where they do not.
    private var window: UInt64 = 1
    /// What had to be sorted as a whole.
    private var sorted: ArraySlice<Spike> = []
    // Scratch storage.
    private var ends: [UInt32] = []

    /// Whether there are spikes left.
    var isAtEnd: Bool { next == batches.count && sorted.isEmpty }

    /// Decodes batches in place of those before.
    ///
    /// - Parameters:
    ///   - wanted: The batches in order of their cores, with places one after the other.
    ///   - steps: Spikes of other steps are left out.
    ///   - order: Whether spikes of a step and core come in the order in which they arrived.
    ///   - decode: Decodes a batch of a number into its places, and returns what is wrong with it.
    /// - Returns: What is wrong with the first damaged batch; then there are no spikes.
    mutating func load(
        _ wanted: [Batch],
        steps: ClosedRange<UInt64>,
        order: SpikeOrder,
        _ decode: (Batch, Int, UnsafeMutableBufferPointer<BatchSpike>) -> String?
    ) -> String? {
        batches = []
        next = 0
        sorted = []
        self.steps = steps
        let total = wanted.last?.places.upperBound ?? 0
        if storage.count < total {
            // Nothing of it is kept, so nothing is copied.
            storage = []
            storage = [BatchSpike](repeating: BatchSpike(step: 0, neuron: 0), count: total)
        }
        let problem: String? = unsafe storage.withUnsafeMutableBufferPointer { storage in
            for (index, batch) in wanted.enumerated() {
                let places = unsafe UnsafeMutableBufferPointer(rebasing: storage[batch.places])
                if let problem = unsafe decode(batch, index, places) { return problem }
            }
            return nil
        }
        if let problem { return problem }
        batches = wanted.filter { !$0.places.isEmpty }
        isSequence = zip(batches, batches.dropFirst()).allSatisfy {
            $0.header.lastStep <= $1.header.firstStep
        }
        let isArrival = batches.contains { $0.header.flags & BatchHeader.arrivalOrder != 0 }
        if order == .canonical && (isArrival || hasOverlap) {
            sortAll(withinSteps: true)
        } else if !isSequence {
            chooseWindow(of: total)
        }
        return nil
    }

    /// The next piece: at least one spike, or nil after the last one.
    mutating func piece() -> [Spike]? {
        while !isAtEnd {
            var spikes: [Spike]
            if !sorted.isEmpty {
                spikes = Array(sorted.prefix(Self.piece))
                sorted = sorted.dropFirst(Self.piece)
            } else if isSequence {
                spikes = sequence()
            } else {
                spikes = merged()
            }
            if let first = spikes.first, let last = spikes.last,
                !steps.contains(first.step) || !steps.contains(last.step)
            {
                spikes.removeAll { !steps.contains($0.step) }
            }
            if !spikes.isEmpty { return spikes }
        }
        return nil
    }

    /// All spikes that are left.
    mutating func rest() -> [Spike] {
        var all: [Spike] = []
        while let more = piece() { all += more }
        return all
    }

    /// Some spikes of the next batch.
    private mutating func sequence() -> [Spike] {
        let batch = batches[next]
        let end = min(batch.places.lowerBound + Self.piece, batch.places.upperBound)
        let places = batch.places.lowerBound..<end
        batches[next].places = end..<batch.places.upperBound
        if end == batch.places.upperBound { next += 1 }
        return unsafe storage.withUnsafeBufferPointer { storage in
            unsafe [Spike](unsafeUninitializedCapacity: places.count) { output, count in
                for index in 0..<places.count {
                    // The places of a batch lie within the storage.
                    let spike = unsafe storage[places.lowerBound &+ index]
                    unsafe output.initializeElement(
                        at: index,
                        to: Spike(
                            step: batch.header.firstStep &+ spike.step,
                            core: batch.core,
                            neuron: spike.neuron
                        )
                    )
                }
                count = places.count
            }
        }
    }
}

// MARK: - Batches that overlap

extension ChunkSpikes {
    /// Whether a batch begins before the end of the one before it of the same core, as those of other
    /// writers may. (Ours share at most a step, in order of its neurons.)
    private var hasOverlap: Bool {
        zip(batches, batches.dropFirst()).contains { before, next in
            guard before.core == next.core, next.header.firstStep <= before.header.lastStep else {
                return false
            }
            let last = storage[before.places.upperBound - 1]
            let first = storage[next.places.lowerBound]
            return (next.header.firstStep &+ first.step, first.neuron)
                < (before.header.firstStep &+ last.step, last.neuron)
        }
    }

    /// Decides how to merge batches that overlap in time.
    private mutating func chooseWindow(of total: Int) {
        let first = batches.map(\.header.firstStep).min() ?? 0
        let last = batches.map(\.header.lastStep).max() ?? 0
        let span = last - first
        // Where most steps have no spike, sorting all of them is cheaper than counting by steps.
        guard span / 4 <= UInt64(total) + 1 << 14 else {
            return sortAll(withinSteps: false)
        }
        window = min(max(1, span * UInt64(Self.piece) / UInt64(total)), 1 << 16)
    }

    /// Puts all spikes in order of their steps at once, within a step in that of neurons or as they come.
    private mutating func sortAll(withinSteps: Bool) {
        var all: [Spike] = []
        all.reserveCapacity(batches.reduce(0) { $0 + $1.places.count })
        let wasSequence = isSequence
        isSequence = true
        let limits = steps
        steps = 0...UInt64.max
        while next < batches.count { all += sequence() }
        steps = limits
        if !wasSequence && !all.isSortedByStep { all.sortByStep() }
        if withinSteps { all.sortWithinSteps() }
        sorted = all[...]
    }

    /// The spikes of the next steps of all batches, by a counting sort.
    private mutating func merged() -> [Spike] {
        var low = UInt64.max
        for batch in batches {
            if let place = batch.places.first {
                low = min(low, batch.header.firstStep + storage[place].step)
            }
        }
        // Not past the end of time: no batch is.
        let width = Int(window)
        ends.removeAll(keepingCapacity: true)
        ends.append(contentsOf: repeatElement(0, count: width + 1))
        var found: [(core: UInt32, places: Range<Int>, distance: UInt64)] = []
        for index in batches.indices {
            let (places, header) = (batches[index].places, batches[index].header)
            guard let first = places.first, header.firstStep + storage[first].step - low < window
            else { continue }
            // Wraps where the batch begins before the window: sums of steps are right all the same.
            let distance = header.firstStep &- low
            let end = count(places, distance)
            found.append((batches[index].core, places.lowerBound..<end, distance))
            batches[index].places = end..<places.upperBound
        }
        if batches.allSatisfy(\.places.isEmpty) { next = batches.count }
        var total: UInt32 = 0
        for step in 0..<width {
            total += ends[step + 1]
            ends[step + 1] = total
        }
        return unsafe [Spike](unsafeUninitializedCapacity: Int(total)) { output, count in
            unsafe storage.withUnsafeBufferPointer { storage in
                unsafe ends.withUnsafeMutableBufferPointer { ends in
                    for (core, places, distance) in found {
                        for place in places {
                            // Within the window, and each place taken once: counted just before.
                            let spike = unsafe storage[place]
                            let step = distance &+ spike.step
                            let target = unsafe ends[Int(truncatingIfNeeded: step)]
                            unsafe ends[Int(truncatingIfNeeded: step)] = target &+ 1
                            unsafe output.initializeElement(
                                at: Int(target),
                                to: Spike(step: low &+ step, core: core, neuron: spike.neuron)
                            )
                        }
                    }
                }
            }
            count = Int(total)
        }
    }

    /// Counts the spikes of a batch in the window, by their steps; returns where they end.
    private mutating func count(_ places: Range<Int>, _ distance: UInt64) -> Int {
        let window = window
        return unsafe storage.withUnsafeBufferPointer { storage in
            unsafe ends.withUnsafeMutableBufferPointer { ends in
                var place = places.lowerBound
                while place < places.upperBound {
                    let step = unsafe distance &+ storage[place].step
                    guard step < window else { break }
                    unsafe ends[Int(truncatingIfNeeded: step) &+ 1] &+= 1
                    place &+= 1
                }
                return place
            }
        }
    }
}

extension BatchHeader {
    /// The last step; the batch is checked not to end after the last of all steps.
    var lastStep: UInt64 { firstStep &+ UInt64(max(stepCount, 1)) &- 1 }
}
