/// Encodes `isi2` batches: neuron by neuron, second differences of inter-spike intervals.
enum IntervalEncoder {
    /// Whether the layout is worth a trial: its tables have an entry a neuron.
    static func suits(neuronCount: UInt32, spikeCount: Int) -> Bool {
        Int(neuronCount) <= 4 * spikeCount + 4096
    }

    /// Writes the columns of a batch.
    ///
    /// - Parameters:
    ///   - batch: Spikes in order of (step, neuron).
    ///   - neuronCount: Every neuron is below; `suits` holds.
    ///   - bytes: Where to.
    /// - Returns: Where in `bytes` columns of another kind begin.
    static func encode(
        _ batch: HeldBatch,
        neuronCount: UInt32,
        to bytes: inout ByteWriter
    ) -> [Int] {
        var offsets = [UInt32](repeating: 0, count: Int(neuronCount) + 1)
        for neuron in batch.neurons { offsets[Int(neuron) + 1] &+= 1 }
        var present: [UInt32] = []
        for neuron in 0..<neuronCount where offsets[Int(neuron) + 1] > 0 { present.append(neuron) }
        for neuron in 0..<Int(neuronCount) { offsets[neuron + 1] &+= offsets[neuron] }
        var places = offsets
        let steps = unsafe [UInt32](unsafeUninitializedCapacity: batch.count) { output, count in
            for index in 0..<batch.count {
                let neuron = Int(batch.neurons[index])
                // The places of a neuron were counted above, so each is taken exactly once.
                unsafe output.initializeElement(at: Int(places[neuron]), to: batch.steps[index])
                places[neuron] &+= 1
            }
            count = batch.count
        }
        let symbolCount = 2 * present.count + batch.count
        var symbols = [UInt8](repeating: 0, count: symbolCount)
        var raw = [UInt8](repeating: 0, count: 8 * symbolCount + 16)
        let (rawCount, differences) = unsafe symbols.withUnsafeMutableBufferPointer { symbols in
            unsafe raw.withUnsafeMutableBytes { raw -> (Int, Int) in
                guard let symbols = symbols.baseAddress, let raw = raw.baseAddress else {
                    return (0, 0)
                }
                var encoder = unsafe SymbolEncoder(symbols: symbols, raw: raw)
                let start = unsafe put(present, offsets, steps, to: &encoder)
                return unsafe (encoder.rawBytes, start)
            }
        }
        bytes.put(UInt32(present.count))
        let start = bytes.count
        bytes.put(symbols)
        let border = bytes.count
        bytes.put(raw[..<rawCount])
        return [start + differences, border]
    }

    /// Writes all numbers; returns how many come before the second differences.
    private static func put(
        _ present: [UInt32],
        _ offsets: [UInt32],
        _ steps: [UInt32],
        to encoder: inout SymbolEncoder
    ) -> Int {
        var next: UInt32 = 0
        for neuron in present {
            unsafe encoder.put(UInt64(neuron &- next))
            next = neuron &+ 1
        }
        for neuron in present {
            let count = offsets[Int(neuron) + 1] &- offsets[Int(neuron)]
            unsafe encoder.put(UInt64(count &- 1))
        }
        for neuron in present { unsafe encoder.put(UInt64(steps[Int(offsets[Int(neuron)])])) }
        for neuron in present {
            let (first, end) = (Int(offsets[Int(neuron)]), Int(offsets[Int(neuron) + 1]))
            if end - first > 1 { unsafe encoder.put(UInt64(steps[first + 1] &- steps[first])) }
        }
        let start = unsafe encoder.count
        for neuron in present {
            let (first, end) = (Int(offsets[Int(neuron)]), Int(offsets[Int(neuron) + 1]))
            guard end - first > 2 else { continue }
            var last = steps[first + 1]
            var interval = Int64(last &- steps[first])
            for index in first + 2..<end {
                let step = steps[index]
                let new = Int64(step &- last)
                let difference = new &- interval
                unsafe encoder.put(UInt64(bitPattern: difference &<< 1 ^ difference &>> 63))
                (last, interval) = (step, new)
            }
        }
        return start
    }
}
