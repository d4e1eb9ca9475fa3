import Events

/// A source of spikes and its open batch.
struct SpikeSource {
    let id: UInt16
    let channel: SpikeChannel
    /// The layout that all batches must have; chosen by trial if nil.
    private let forced: SpikeLayout?
    private var trial = LayoutTrial()
    /// Batches finished so far in the file.
    private(set) var batches: UInt32 = 0
    /// Spikes of the open batch.
    private(set) var count = 0
    /// Step of its first spike.
    private(set) var firstStep: UInt64 = 0
    private var lastStep: UInt64 = 0
    private var isHeld = false
    private var gaps = GapEncoder()
    private var held = HeldBatch()

    /// Describes a source without spikes.
    init(id: UInt16, channel: SpikeChannel, layout: SpikeLayout?) {
        self.id = id
        self.channel = channel
        forced = layout
    }

    /// Bytes that the open batch has, or may have in the end if its spikes are held.
    var openBytes: Int { isHeld ? 3 * count : gaps.byteCount }

    /// Begins a batch: spikes are coded at once unless the layout needs all of them.
    mutating func begin(at step: UInt64) {
        firstStep = step
        isHeld = (forced ?? trial.layout) != .gap || forced == nil && trial.isDue
    }

    /// Adds spikes that fit the batch.
    ///
    /// - Parameters:
    ///   - spikes: Spikes of the source.
    ///   - step: The step from which theirs are counted.
    /// - Returns: By how much `openBytes` grew.
    mutating func append(_ spikes: Span<BatchSpike>, from step: UInt64) -> Int {
        let before = openBytes
        if isHeld {
            held.append(spikes, from: step &- firstStep)
        } else {
            gaps.append(spikes, from: step &- firstStep, neuronCount: channel.neuronCount)
        }
        count += spikes.count
        if !spikes.isEmpty { lastStep = step &+ spikes[spikes.count - 1].step }
        return openBytes - before
    }

    /// Writes the batch and starts an empty one.
    ///
    /// - Parameters:
    ///   - bytes: Where to.
    ///   - keepsArrival: Whether spikes of a step stay in the order in which they came.
    ///   - kept: Bytes of storage to keep for the next batch.
    ///   - tools: For encoding and trials.
    /// - Returns: Where in `bytes` columns of another kind begin.
    mutating func finish(
        to bytes: inout ByteWriter,
        keepsArrival: Bool,
        keeping kept: Int,
        _ tools: BatchTools
    ) -> [Int] {
        let neuronCount = channel.neuronCount
        if forced == nil {
            if isHeld && trial.isDue {
                trial.choose(for: held, neuronCount: neuronCount, tools)
            } else {
                trial.skip()
            }
        }
        var layout = isHeld ? forced ?? trial.layout : .gap
        if layout == .intervals || layout == .means,
            !IntervalEncoder.suits(neuronCount: neuronCount, spikeCount: count)
        {
            layout = .gap
        }
        BatchHeader(
            layout: layout.rawValue,
            flags: keepsArrival ? BatchHeader.arrivalOrder : 0,
            neuronCount: neuronCount,
            firstStep: firstStep,
            stepCount: UInt32(truncatingIfNeeded: lastStep &- firstStep &+ 1),
            spikeCount: UInt32(truncatingIfNeeded: count)
        ).write(to: &bytes)
        let start = bytes.count
        var borders: [Int]
        if isHeld {
            borders = tools.put(held, layout, neuronCount: neuronCount, to: &bytes)
        } else {
            borders = [gaps.finish(to: &bytes, keeping: kept)]
        }
        borders.removeAll { $0 < start }
        held.removeAll(keeping: kept)
        batches &+= 1
        count = 0
        isHeld = false
        return borders
    }
}

/// A series and its open batch.
struct SeriesSource {
    let id: UInt16
    let channel: SeriesChannel
    private(set) var batches: UInt32 = 0
    private(set) var firstStep: UInt64 = 0
    private var stride: UInt32 = 1
    private var rows = 0
    private var words: [UInt64] = []
    private var lastStep: UInt64?

    /// Describes a series without rows.
    init(id: UInt16, channel: SeriesChannel) {
        self.id = id
        self.channel = channel
    }

    var isEmpty: Bool { rows == 0 }

    /// What is wrong with a row; nil if nothing is.
    func problem(_ row: [UInt64], isInteger: Bool, step: UInt64) -> String? {
        guard row.count == channel.indices.count else {
            return "a row of \(row.count) numbers at step \(step). It has \(channel.indices.count) "
                + "columns: give one number each"
        }
        guard isInteger == (channel.element != .float64) else {
            return "integers and floating point numbers do not mix. Its numbers are "
                + "'\(channel.element.name)'"
        }
        if let lastStep, step <= lastStep {
            return "a row of step \(step) after one of step \(lastStep). Steps must grow"
        }
        let misfit = row.first { SeriesPlanes.extended($0, channel.element) != $0 }
        return misfit.map {
            "\(Int64(bitPattern: $0)) at step \(step) does not fit '\(channel.element.name)'. "
                + "Choose a wider type"
        }
    }

    /// Whether a row can go into the open batch: rows of a batch are equally far apart.
    func takes(_ step: UInt64) -> Bool {
        guard rows > 0, let lastStep else { return true }
        let distance = step - lastStep
        if rows == 1 { return distance <= UInt64(UInt32.max) }
        return distance == UInt64(stride) && rows < Int(UInt32.max)
    }

    mutating func append(_ row: [UInt64], step: UInt64) {
        if rows == 0 {
            (firstStep, stride) = (step, 1)
        } else if rows == 1 {
            stride = UInt32(truncatingIfNeeded: step - firstStep)
        }
        words += row
        rows += 1
        lastStep = step
    }

    /// Writes the batch and starts an empty one.
    mutating func finish(to bytes: inout ByteWriter) -> [Int] {
        SeriesHeader(
            element: channel.element,
            columns: channel.indices.count,
            firstStep: firstStep,
            stride: stride,
            rows: rows
        ).write(to: &bytes)
        let borders = SeriesPlanes.encode(
            words,
            columns: channel.indices.count,
            element: channel.element,
            to: &bytes
        )
        words.removeAll(keepingCapacity: true)
        rows = 0
        batches &+= 1
        return borders
    }
}
