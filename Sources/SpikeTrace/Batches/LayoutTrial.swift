/// Which layout the batches of a channel get: the smallest in trials now and then.
struct LayoutTrial {
    /// Spikes below which a batch is not worth a trial.
    static let fewestSpikes = 2048
    /// Spikes of the sample for `planes`.
    private static let sample = 1 << 15

    /// The layout of the next batch.
    private(set) var layout = SpikeLayout.gap
    /// Batches to go before the next trial.
    private var rest = 0
    private var interval = 8

    /// Whether the next batch is to be held for a trial.
    var isDue: Bool { rest == 0 }

    /// Notes a batch that got the layout without a trial.
    mutating func skip() { rest = max(0, rest - 1) }

    /// Chooses by what a batch takes in each layout; other layouts must save 2 % over `gap`.
    ///
    /// Only the data decide, so equal spikes give equal bytes. `isi2` is tried on about every eighth
    /// neuron and `planes` on a stretch of spikes: their share of header and tables is then right.
    ///
    /// - Parameters:
    ///   - batch: A full batch in canonical order.
    ///   - neuronCount: Neurons of the channel.
    ///   - tools: For the trials.
    mutating func choose(for batch: HeldBatch, neuronCount: UInt32, _ tools: BatchTools) {
        guard batch.count >= Self.fewestSpikes else { return }
        let stretch = batch.first(Self.sample)
        let gap = tools.cost(of: .gap, stretch, neuronCount: neuronCount)
        var best = (layout: SpikeLayout.gap, cost: 0.98 * gap)
        let planes = tools.cost(of: .planes, stretch, neuronCount: neuronCount)
        if planes < best.cost { best = (.planes, planes) }
        let trains = batch.eighth()
        if trains.count >= Self.fewestSpikes / 8,
            IntervalEncoder.suits(neuronCount: neuronCount, spikeCount: trains.count)
        {
            for layout in [SpikeLayout.intervals, .means] {
                let cost = tools.cost(of: layout, trains, neuronCount: neuronCount)
                if cost < best.cost { best = (layout, cost) }
            }
        }
        interval = best.layout == layout ? min(64, 2 * interval) : 8
        layout = best.layout
        rest = interval
    }
}

/// What encoding batches needs again and again.
struct BatchTools {
    /// Symbols repeat by chance, and such matches cost more than they save: a small table finds
    /// few, and stays in the first-level cache.
    let compressor = ZstdCompressor(level: 1, hashLog: 10)
    let intervals = IntervalEncoder()

    /// Writes the columns of a held batch.
    ///
    /// - Returns: Where in `bytes` columns of another kind begin.
    func put(
        _ batch: HeldBatch,
        _ layout: SpikeLayout,
        neuronCount: UInt32,
        to bytes: inout ByteWriter
    ) -> [Int] {
        switch layout {
        case .gap:
            var encoder = GapEncoder()
            encoder.append(batch, neuronCount: neuronCount)
            return [encoder.finish(to: &bytes, keeping: 0)]
        case .intervals, .means:
            return intervals.encode(
                batch,
                neuronCount: neuronCount,
                isMean: layout == .means,
                to: &bytes
            )
        case .planes:
            return Planes.encode(batch, neuronCount: neuronCount, to: &bytes)
        }
    }

    /// Compressed bytes a spike.
    func cost(of layout: SpikeLayout, _ batch: HeldBatch, neuronCount: UInt32) -> Double {
        var bytes = ByteWriter()
        let borders = put(batch, layout, neuronCount: neuronCount, to: &bytes).filter { $0 > 0 }
        return Double(compressor.compressed(bytes.bytes, borders: borders).count)
            / Double(batch.count)
    }
}
