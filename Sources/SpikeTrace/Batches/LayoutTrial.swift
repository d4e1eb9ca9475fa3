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
    ///   - compressor: For the trials.
    mutating func choose(for batch: HeldBatch, neuronCount: UInt32, _ compressor: ZstdCompressor) {
        guard batch.count >= Self.fewestSpikes else { return }
        func cost(_ layout: SpikeLayout, _ part: HeldBatch) -> Double {
            var bytes = ByteWriter()
            var borders: [Int]
            switch layout {
            case .gap:
                var encoder = GapEncoder()
                encoder.append(part, neuronCount: neuronCount)
                borders = [encoder.finish(to: &bytes, keeping: 0)]
            case .intervals:
                borders = IntervalEncoder.encode(part, neuronCount: neuronCount, to: &bytes)
            case .planes:
                borders = Planes.encode(part, neuronCount: neuronCount, to: &bytes)
            }
            borders.removeAll { $0 < 1 << 10 }
            return Double(compressor.compressed(bytes.bytes, borders: borders).count)
                / Double(part.count)
        }
        let stretch = batch.part(0..<min(batch.count, Self.sample))
        var best = (layout: SpikeLayout.gap, cost: 0.98 * cost(.gap, stretch))
        let planes = cost(.planes, stretch)
        if planes < best.cost { best = (.planes, planes) }
        let trains = batch.eighth()
        if trains.count >= Self.fewestSpikes / 8,
            IntervalEncoder.suits(neuronCount: neuronCount, spikeCount: trains.count)
        {
            let intervals = cost(.intervals, trains)
            if intervals < best.cost { best = (.intervals, intervals) }
        }
        interval = best.layout == layout ? min(64, 2 * interval) : 8
        layout = best.layout
        rest = interval
    }
}
