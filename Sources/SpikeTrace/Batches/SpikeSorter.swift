import Events

/// Checks appended spikes and hands them out source by source.
struct SpikeSorter {
    /// Spikes of one source that stand together.
    struct Run {
        var source: Int
        var end: Int
    }

    /// Why a spike does not belong here.
    enum Problem {
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

    /// Cores and neurons of the sources, in order of cores.
    private let cores: [UInt32]
    private let neuronCounts: [UInt32]
    /// Sources of the low cores by their number, and of the first inputs; −1 where there is none.
    private let coreTable: [Int32]
    private let inputTable: [Int32]
    /// Runs of the spikes checked last.
    private(set) var runs: [Run] = []
    // Scratch storage.
    private var places: [Int]
    private var sorted: [Spike] = []

    init(_ channels: [SpikeChannel]) {
        cores = channels.map(\.core)
        neuronCounts = channels.map(\.neuronCount)
        places = [Int](repeating: 0, count: channels.count)
        coreTable = Self.table(cores, from: 0)
        inputTable = Self.table(cores, from: NeuronAddress.firstInputCore)
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

    /// Checks spikes and finds their sources.
    ///
    /// - Parameters:
    ///   - spikes: Appended spikes.
    ///   - range: Which of them, at least one.
    ///   - last: The spike before.
    ///   - order: The order they must have.
    /// - Returns: What is wrong with the first one behind the runs; nil if the runs have all.
    mutating func takeRuns(
        of spikes: [Spike],
        _ range: Range<Int>,
        after last: Spike?,
        order: SpikeOrder
    ) -> Problem? {
        runs.removeAll(keepingCapacity: true)
        let span = spikes.span
        let keepsArrival = order == .arrival
        var previous = last ?? span[range.lowerBound]
        if last == nil { previous.neuron = 0 }
        var index = range.lowerBound
        while index < range.upperBound {
            let first = span[index]
            guard let source = find(first.core) else { return .unknownCore(first) }
            let problem = problem(of: first, after: previous, source, keepsArrival)
            if let problem { return problem }
            index = endOfRun(span, from: index, to: range.upperBound, source, keepsArrival)
            runs.append(Run(source: source, end: index))
            previous = span[index - 1]
        }
        return nil
    }

    /// Where spikes of a source that follow a good one stop to be plainly good themselves.
    ///
    /// What is behind need not be bad: a gap of 2³¹ steps, too, ends a run.
    private func endOfRun(
        _ spikes: Span<Spike>,
        from start: Int,
        to end: Int,
        _ source: Int,
        _ keepsArrival: Bool
    ) -> Int {
        let core = cores[source]
        let n = UInt64(neuronCounts[source])
        // Without it, the order of neurons is of no interest.
        let orderMask: UInt64 = keepsArrival ? 0 : 1
        var (step, neuron) = (spikes[start].step, UInt64(spikes[start].neuron))
        for index in start + 1..<end {
            // All conditions in one number, so that there is one branch, and that a good guess.
            let spike = unsafe spikes[unchecked: index]
            let distance = spike.step &- step
            let next = UInt64(spike.neuron)
            // Its highest bit: the spike is early, if the distance is below 2^31 and N below 2^32.
            let gap = distance &* n &+ next &- neuron
            let misfit =
                UInt64(spike.core ^ core | spike.tick) | distance &>> 31
                | (n &- 1 &- next) &>> 63 | gap &>> 63 & orderMask
            if misfit != 0 { return index }
            (step, neuron) = (spike.step, next)
        }
        return end
    }

    /// What is wrong with a spike that follows another, perhaps of another core; nil if nothing is.
    private func problem(
        of spike: Spike,
        after previous: Spike,
        _ source: Int,
        _ keepsArrival: Bool
    ) -> Problem? {
        if spike.tick != 0 { return .tick(spike) }
        if keepsArrival ? spike.step < previous.step : spike < previous {
            return .outOfOrder(spike, previous: previous)
        }
        guard spike.neuron < neuronCounts[source] else {
            return .neuron(spike, neuronCount: neuronCounts[source])
        }
        return nil
    }

    /// The source of a core.
    private func find(_ core: UInt32) -> Int? {
        if Int(core) < coreTable.count {
            let source = Int(coreTable[Int(core)])
            return source >= 0 ? source : nil
        }
        let input = Int(core) - Int(NeuronAddress.firstInputCore)
        if input >= 0, input < inputTable.count {
            let source = Int(inputTable[input])
            return source >= 0 ? source : nil
        }
        var (low, high) = (0, cores.count)
        while low < high {
            let middle = (low + high) / 2
            if cores[middle] < core { low = middle + 1 } else { high = middle }
        }
        return low < cores.count && cores[low] == core ? low : nil
    }

    /// Hands out the spikes of the runs, those of a source in their order.
    ///
    /// Where runs are short, spikes are first sorted by source.
    mutating func forEachSource(
        of spikes: [Spike],
        from start: Int,
        _ body: (Int, Span<Spike>) -> Void
    ) {
        guard let end = runs.last?.end else { return }
        guard runs.count > 1, 16 * runs.count > end - start else {
            var first = start
            for run in runs {
                body(run.source, spikes.span.extracting(first..<run.end))
                first = run.end
            }
            return
        }
        var touched: [Int] = []
        var first = start
        for run in runs {
            if places[run.source] == 0 { touched.append(run.source) }
            places[run.source] += run.end - first
            first = run.end
        }
        touched.sort()
        var place = 0
        for source in touched {
            let count = places[source]
            places[source] = place
            place += count
        }
        if sorted.count < place {
            sorted.append(
                contentsOf: repeatElement(Spike(step: 0, core: 0, neuron: 0), count: place)
            )
        }
        first = start
        let span = spikes.span
        unsafe sorted.withUnsafeMutableBufferPointer { sorted in
            unsafe places.withUnsafeMutableBufferPointer { places in
                for run in runs {
                    var target = unsafe places[run.source]
                    for index in first..<run.end {
                        // Below `place`: the spikes of each source were counted above.
                        unsafe sorted[target] = unsafe span[unchecked: index]
                        target &+= 1
                    }
                    unsafe places[run.source] = target
                    first = run.end
                }
            }
        }
        first = 0
        for source in touched {
            body(source, sorted.span.extracting(first..<places[source]))
            first = places[source]
            places[source] = 0
        }
    }
}
