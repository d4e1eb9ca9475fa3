import CPrefetch
package import Events

/// Checks appended spikes, and puts those of a source together in 8 bytes each.
///
/// No branch hangs on what a good spike is. Where the spikes are of several sources, a counting sort
/// follows: how many cores take turns makes little difference.
package struct SourceSorter {
    /// Why a spike does not belong here.
    package enum Problem {
        case unknownCore(Spike)
        case outOfOrder(Spike, previous: Spike)
        case tick(Spike)
        case neuron(Spike, neuronCount: UInt32)

        /// The error of a file.
        func named(path: String) -> SpikeTraceError {
            switch self {
            case .unknownCore(let spike): .unknownCore(path: path, spike: spike)
            case .outOfOrder(let spike, let previous):
                .outOfOrder(path: path, spike: spike, previous: previous)
            case .tick(let spike): .ticksNotSupported(path: path, spike: spike)
            case .neuron(let spike, let count):
                .neuronOutOfRange(path: path, spike: spike, neuronCount: count)
            }
        }
    }

    private let cores: CoreTable
    private let neuronCounts: [UInt32]
    /// Spikes that are checked at a time: what is kept of them fits the second-level cache.
    let piece: Int
    /// How many spikes were good; those before stay until the next call of `take`.
    package private(set) var count = 0
    /// Step of the first of them, from which theirs are counted.
    package private(set) var firstStep: UInt64 = 0
    /// The spikes as they came, and the source of each.
    private var spikes: [BatchSpike]
    private var sources: [UInt16]
    /// Whether the spikes are of several sources.
    private var isMixed = false
    // Scratch storage.
    private var sorted: [BatchSpike] = []
    private var places: [UInt32]

    /// Prepares for some sources.
    ///
    /// - Parameter channels: The sources, in order of their cores.
    package init(_ channels: [SpikeChannel]) {
        cores = CoreTable(channels.map(\.core))
        neuronCounts = channels.map(\.neuronCount)
        // Sorting visits every source once a piece.
        piece = max(1 << 14, min(4 * channels.count, 1 << 16))
        spikes = [BatchSpike](repeating: BatchSpike(step: 0, neuron: 0), count: piece)
        sources = [UInt16](repeating: 0, count: piece)
        places = [UInt32](repeating: 0, count: channels.count)
    }

    /// Checks spikes and takes those that are good.
    ///
    /// - Parameters:
    ///   - more: Appended spikes, from one to `piece`.
    ///   - last: The spike before.
    ///   - order: The order they must have.
    /// - Returns: What is wrong with the first one that is not taken. If it is nil, that one is 2³¹
    ///   steps behind the first and waits for the next call, or there is none.
    package mutating func take(
        _ more: Span<Spike>,
        after last: Spike?,
        order: SpikeOrder
    ) -> Problem? {
        let keepsArrival = order == .arrival
        count = 0
        if let last, let problem = problem(of: more[0], after: last, keepsArrival) {
            return problem
        }
        firstStep = more[0].step
        count = takeGood(more, keepsArrival)
        guard count < more.count else { return nil }
        return problem(of: more[count], after: more[max(count, 1) - 1], keepsArrival)
    }

    /// Takes spikes up to the first that is not plainly good; returns how many.
    private mutating func takeGood(_ more: Span<Spike>, _ keepsArrival: Bool) -> Int {
        var check = SpikeCheck(first: more[0], keepsArrival: keepsArrival)
        // Copies: the loops read no fields.
        let (cores, neuronCounts) = (cores, neuronCounts)
        var first = 0
        unsafe spikes.withUnsafeMutableBufferPointer { spikes in
            unsafe sources.withUnsafeMutableBufferPointer { sources in
                guard let spikes = spikes.baseAddress, let sources = sources.baseAddress else {
                    return
                }
                while first < more.count {
                    // Both have room for `piece` spikes.
                    let taken = unsafe check.take(
                        more.extracting(first..<min(first + SpikeCheck.block, more.count)),
                        cores,
                        neuronCounts.span,
                        spikes + first,
                        sources + first
                    )
                    first += taken
                    guard taken == SpikeCheck.block else { break }
                }
            }
        }
        isMixed = check.isMixed
        return first
    }

    /// What is wrong with a spike that follows another, perhaps of another core; nil if nothing is.
    private func problem(
        of spike: Spike,
        after previous: Spike,
        _ keepsArrival: Bool
    ) -> Problem? {
        guard let source = cores.source(of: spike.core) else { return .unknownCore(spike) }
        if spike.tick != 0 { return .tick(spike) }
        if keepsArrival ? spike.step < previous.step : spike < previous {
            return .outOfOrder(spike, previous: previous)
        }
        guard spike.neuron < neuronCounts[source] else {
            return .neuron(spike, neuronCount: neuronCounts[source])
        }
        return nil
    }

    /// Hands out the spikes that were taken, source by source, those of a source in their order.
    ///
    /// - Parameter body: Takes a source and its spikes, with steps from `firstStep` on.
    package mutating func forEachSource(_ body: (Int, Span<BatchSpike>) -> Void) {
        guard isMixed else {
            if count > 0 { body(Int(sources[0]), spikes.span.extracting(0..<count)) }
            return
        }
        sort()
        var first = 0
        for source in places.indices where Int(places[source]) > first {
            let end = Int(places[source])
            body(source, sorted.span.extracting(first..<end))
            first = end
        }
    }

    /// Puts the spikes in order of sources; `places` then says where those of each end.
    private mutating func sort() {
        if sorted.count < piece {
            sorted = [BatchSpike](repeating: BatchSpike(step: 0, neuron: 0), count: piece)
        }
        let (count, taken, sources) = (count, spikes, sources)
        let (spikes, numbers) = (taken.span, sources.span)
        unsafe places.withUnsafeMutableBufferPointer { places in
            unsafe sorted.withUnsafeMutableBufferPointer { sorted in
                unsafe places.update(repeating: 0)
                // The sources were found in the table, which has one for each place.
                for index in 0..<count {
                    unsafe places[Int(numbers[unchecked: index])] &+= 1
                }
                var sum: UInt32 = 0
                for source in 0..<places.count {
                    let count = unsafe places[source]
                    unsafe places[source] = sum
                    sum &+= count
                }
                for index in 0..<count {
                    let source = unsafe Int(numbers[unchecked: index])
                    // Each place below the count is taken once: counted just before.
                    let place = unsafe places[source]
                    unsafe sorted[Int(place)] = spikes[unchecked: index]
                    unsafe places[source] = place &+ 1
                }
            }
        }
    }
}

/// Checks spikes, block by block.
private struct SpikeCheck {
    /// Spikes that are checked at a time, while those `ahead` are on their way from memory.
    static let block = 64
    private static let ahead = 256

    /// Whether cores and neurons have to be in order, too.
    private let isCanonical: Bool
    private let firstStep: UInt64
    private let firstCore: UInt32
    /// Of the last spike: its step after `firstStep`, its core and neuron.
    private var lastDistance: UInt64 = 0
    private var lastCore: UInt32
    private var lastNeuron: UInt32 = 0
    /// Whether the spikes may be of several cores.
    private(set) var isMixed = false

    init(first: Spike, keepsArrival: Bool) {
        isCanonical = !keepsArrival
        firstStep = first.step
        firstCore = first.core
        lastCore = first.core
    }

    /// Takes spikes up to the first that is not plainly good.
    ///
    /// - Parameters:
    ///   - more: Up to `block` spikes.
    ///   - cores: The sources of cores.
    ///   - neuronCounts: Neurons of each source.
    ///   - spikes: Takes the spikes, with steps from `firstStep` on.
    ///   - sources: Takes their sources.
    /// - Returns: How many.
    mutating func take(
        _ more: Span<Spike>,
        _ cores: CoreTable,
        _ neuronCounts: Span<UInt32>,
        _ spikes: UnsafeMutablePointer<BatchSpike>,
        _ sources: UnsafeMutablePointer<UInt16>
    ) -> Int {
        Self.prefetch(more)
        if !isMixed, let source = cores.source(of: firstCore) {
            if unsafe takeAlone(more, neuronCounts[source], spikes) {
                let number = UInt16(truncatingIfNeeded: source)
                unsafe UnsafeMutableBufferPointer(start: sources, count: more.count)
                    .update(repeating: number)
                return more.count
            }
            isMixed = true
        }
        var ticks: UInt32 = 0
        for index in more.indices { ticks |= unsafe more[unchecked: index].tick }
        let end = ticks == 0 ? nil : more.indices.first { more[$0].tick != 0 }
        let part = more.extracting(..<(end ?? more.count))
        return unsafe takeMixed(part, cores, neuronCounts, spikes, sources)
    }

    /// Asks for the memory of spikes behind some others.
    private static func prefetch(_ spikes: Span<Spike>) {
        unsafe spikes.withUnsafeBufferPointer { spikes in
            guard let first = spikes.baseAddress else { return }
            // Only asked for, so it may lie behind the last of all spikes.
            let next = unsafe UnsafeRawPointer(first) + ahead * MemoryLayout<Spike>.stride
            for line in stride(from: 0, to: spikes.count * MemoryLayout<Spike>.stride, by: 64) {
                unsafe prefetch_line(next + line)
            }
        }
    }

    /// Takes spikes if all of them are of the first core, and good; a loop without a branch.
    private mutating func takeAlone(
        _ more: Span<Spike>,
        _ neuronCount: UInt32,
        _ spikes: UnsafeMutablePointer<BatchSpike>
    ) -> Bool {
        let (first, core, most) = (firstStep, firstCore, UInt64(neuronCount) &- 1)
        // The bits that have to be in order: below 2^63, so that a descent has the highest bit.
        let mask: UInt64 = isCanonical ? .max : ~0xFFFF_FFFF
        var last = BatchSpike(step: lastDistance, neuron: UInt64(lastNeuron)).bits & mask
        var (strange, far, signs) = (UInt32(0), UInt64(0), UInt64(0))
        for index in more.indices {
            let spike = unsafe more[unchecked: index]
            let distance = spike.step &- first
            let next = BatchSpike(step: distance, neuron: UInt64(spike.neuron))
            unsafe spikes[index] = next
            strange |= spike.tick | spike.core ^ core
            far |= distance
            signs |= (next.bits & mask &- last) | (most &- UInt64(spike.neuron))
            last = next.bits & mask
        }
        guard strange == 0, far >> 31 == 0, signs >> 63 == 0 else { return false }
        unsafe note(more[more.count - 1], distance: spikes[more.count - 1].step)
        return true
    }

    /// Takes spikes of any cores, up to the first that is not plainly good; returns how many.
    private mutating func takeMixed(
        _ more: Span<Spike>,
        _ cores: CoreTable,
        _ neuronCounts: Span<UInt32>,
        _ spikes: UnsafeMutablePointer<BatchSpike>,
        _ sources: UnsafeMutablePointer<UInt16>
    ) -> Int {
        let (first, orderMask) = (firstStep, UInt64(isCanonical ? 1 : 0))
        var lastDistance = lastDistance
        var lastKey = UInt64(lastCore) << 32 | UInt64(lastNeuron)
        var taken = more.count
        for index in more.indices {
            let spike = unsafe more[unchecked: index]
            guard let source = cores.source(of: spike.core) else {
                taken = index
                break
            }
            let distance = spike.step &- first
            let key = UInt64(spike.core) &<< 32 | UInt64(spike.neuron)
            let isEarlier: UInt64 = key < lastKey ? 1 : 0
            // All conditions in one number, so that there is one branch, and that a good guess. The
            // highest bit of a difference: distances are below 2^32, neurons too.
            let n = unsafe UInt64(neuronCounts[unchecked: source])
            let misfit =
                distance &>> 31 | (n &- 1 &- UInt64(spike.neuron)) &>> 63
                | (distance &- lastDistance &- isEarlier & orderMask) &>> 63
            guard misfit == 0 else {
                taken = index
                break
            }
            unsafe spikes[index] = BatchSpike(step: distance, neuron: UInt64(spike.neuron))
            unsafe sources[index] = UInt16(truncatingIfNeeded: source)
            (lastDistance, lastKey) = (distance, key)
        }
        if taken > 0 { note(more[taken - 1], distance: lastDistance) }
        return taken
    }

    private mutating func note(_ last: Spike, distance: UInt64) {
        (lastDistance, lastCore, lastNeuron) = (distance, last.core, last.neuron)
    }
}

/// Finds the source of a core.
private struct CoreTable {
    /// Cores of the sources, ascending.
    private let cores: [UInt32]
    /// Sources of the low cores by their number, and of the first inputs; −1 where there is none.
    private let low: [Int32]
    private let inputs: [Int32]

    init(_ cores: [UInt32]) {
        self.cores = cores
        low = Self.table(cores, from: 0)
        inputs = Self.table(cores, from: NeuronAddress.firstInputCore)
    }

    /// Sources of the cores from one on, as far as they have small distances to it.
    private static func table(_ cores: [UInt32], from first: UInt32) -> [Int32] {
        var table: [Int32] = []
        for (source, core) in cores.enumerated() where core >= first && core - first < 1 << 16 {
            table += [Int32](repeating: -1, count: Int(core - first) + 1 - table.count)
            table[Int(core - first)] = Int32(source)
        }
        return table
    }

    /// The source of a core; nil if it has none.
    @inline(__always)
    func source(of core: UInt32) -> Int? {
        if Int(core) < low.count {
            let source = Int(low[Int(core)])
            return source >= 0 ? source : nil
        }
        return sourceBehindTable(of: core)
    }

    private func sourceBehindTable(of core: UInt32) -> Int? {
        let input = Int(core) - Int(NeuronAddress.firstInputCore)
        if input >= 0, input < inputs.count {
            let source = Int(inputs[input])
            return source >= 0 ? source : nil
        }
        var (low, high) = (0, cores.count)
        while low < high {
            let middle = (low + high) / 2
            if cores[middle] < core { low = middle + 1 } else { high = middle }
        }
        return low < cores.count && cores[low] == core ? low : nil
    }
}
