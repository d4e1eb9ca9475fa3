extension MappingGraph {
    /// Groups vertices that share many axons.
    ///
    /// Each vertex joins the neighbour, or the group of a neighbour, with the highest sum of
    /// weight / (size − 1) over shared nets: what staying together is worth if a net is cut at random.
    /// Of long lists only a sample is read, so the cost is linear.
    ///
    /// - Parameters:
    ///   - largest: Limits of a group.
    ///   - core: Core of each vertex: only vertices of one core join.
    ///   - draws: Random numbers.
    ///   - sampled: Whether a vertex may join another; empty for all.
    /// - Returns: Group of each vertex, numbered from 0 by first member, and their number.
    package func groups(
        within largest: CoreLimits,
        core: [Int32],
        _ draws: inout Draws,
        among sampled: [Bool] = []
    ) -> (group: [Int32], count: Int) {
        let count = vertexCount
        // A group is named by its first member.
        var leader = [Int32](repeating: -1, count: count)
        var groupNeurons = neurons.map { Int($0) }
        var groupBytes = bytes
        var groupAxons = ownAxons.map { Int($0) }
        var score = [Float](repeating: 0, count: count)
        var touched: [Int32] = []
        var order = (0..<count).map { Int32($0) }
        for k in stride(from: count - 1, to: 0, by: -1) { order.swapAt(k, draws.below(k + 1)) }
        let (netSample, pinSample) = (24, 48)

        func add(_ net: Int, _ vertex: Int, share: Float, _ draws: inout Draws) {
            let first = outOffsets[net]
            let listeners = outOffsets[net + 1] - first
            let size = listeners + (nets[net].home >= 0 ? 1 : 0)
            guard size > 1 else { return }
            var worth = Float(nets[net].weight) / Float(size - 1) * share
            var (start, steps) = (0, listeners)
            if listeners > pinSample {
                start = draws.below(listeners)
                steps = pinSample
                worth *= Float(listeners) / Float(pinSample)
            }
            for step in 0..<steps {
                var k = start + step
                if k >= listeners { k -= listeners }
                credit(Int(outVertices[first + k]), vertex, worth)
            }
            if nets[net].home >= 0 { credit(Int(nets[net].home), vertex, worth) }
        }
        func credit(_ other: Int, _ vertex: Int, _ worth: Float) {
            if other == vertex || core[other] != core[vertex] { return }
            let name = leader[other] < 0 ? other : Int(leader[other])
            if score[name] == 0 { touched.append(Int32(truncatingIfNeeded: name)) }
            score[name] += worth
        }

        for vertex in order {
            let vertex = Int(vertex)
            guard leader[vertex] < 0 else { continue }
            if !sampled.isEmpty, !sampled[vertex] {
                leader[vertex] = Int32(truncatingIfNeeded: vertex)
                continue
            }
            touched.removeAll(keepingCapacity: true)
            let ins = inOffsets[vertex]..<inOffsets[vertex + 1]
            if ins.count <= netSample {
                for k in ins { add(Int(inNets[k]), vertex, share: 1, &draws) }
            } else {
                let share = Float(ins.count) / Float(netSample)
                // Evenly spread, from a random start.
                let start = draws.below(ins.count)
                for step in 0..<netSample {
                    var k = start + step * ins.count / netSample
                    if k >= ins.count { k -= ins.count }
                    add(Int(inNets[ins.lowerBound + k]), vertex, share: share, &draws)
                }
            }
            for k in homeOffsets[vertex]..<homeOffsets[vertex + 1] {
                add(Int(homeNets[k]), vertex, share: 1, &draws)
            }
            var best = -1
            var bestScore: Float = 0
            for name in touched {
                let name = Int(name)
                let worth = score[name]
                score[name] = 0
                guard name != vertex,
                    groupNeurons[name] + Int(neurons[vertex]) <= largest.neurons,
                    groupBytes[name] + bytes[vertex] <= Int64(largest.bytes),
                    groupAxons[name] + Int(ownAxons[vertex]) <= largest.axons
                else { continue }
                // Light groups first: sizes stay even.
                let penalty = Float(groupBytes[name] + 64) * Float(groupNeurons[name] + 1)
                let rated = worth / penalty.squareRoot()
                if rated > bestScore || rated == bestScore && name < best {
                    (best, bestScore) = (name, rated)
                }
            }
            leader[vertex] = Int32(vertex)
            guard best >= 0 else { continue }
            if leader[best] < 0 { leader[best] = Int32(best) }
            leader[vertex] = Int32(best)
            groupNeurons[best] += Int(neurons[vertex])
            groupBytes[best] += bytes[vertex]
            groupAxons[best] += Int(ownAxons[vertex])
        }
        var number = [Int32](repeating: -1, count: count)
        var group = [Int32](repeating: 0, count: count)
        var groups = 0
        for vertex in 0..<count {
            let name = Int(leader[vertex])
            if number[name] < 0 {
                number[name] = Int32(groups)
                groups += 1
            }
            group[vertex] = number[name]
        }
        return (group, groups)
    }

    /// Pins of the graph of groups.
    ///
    /// - Parameters:
    ///   - group: Group of each vertex.
    ///   - count: Number of groups.
    ///   - sampled: Whether a vertex counts; empty for all.
    /// - Returns: Pairs of a net and a group that listens to it.
    package func pins(of group: [Int32], count: Int, among sampled: [Bool] = []) -> Int {
        var stamp = [Int32](repeating: -1, count: count)
        var pins = 0
        for net in 0..<netCount {
            for k in outOffsets[net]..<outOffsets[net + 1] {
                let vertex = Int(outVertices[k])
                if !sampled.isEmpty, !sampled[vertex] { continue }
                let name = Int(group[vertex])
                if stamp[name] != Int32(truncatingIfNeeded: net) {
                    stamp[name] = Int32(truncatingIfNeeded: net)
                    pins += 1
                }
            }
        }
        return pins
    }

    /// The graph of groups.
    ///
    /// Nets that only one group listens to, and whose sender it holds or who have none, cost the
    /// same wherever it lies: they become axons of the group's own. Nets of one home with the same
    /// listeners become one.
    ///
    /// - Parameters:
    ///   - group: Group of each vertex.
    ///   - count: Number of groups.
    /// - Returns: The coarser graph.
    package func coarsened(_ group: [Int32], count: Int) -> MappingGraph {
        var neurons = [Int32](repeating: 0, count: count)
        var bytes = [Int64](repeating: 0, count: count)
        var ownAxons = [Int32](repeating: 0, count: count)
        // Members of a group share a core, and with it their label.
        var label = [Int32](repeating: 0, count: self.label.isEmpty ? 0 : count)
        for vertex in 0..<vertexCount {
            let g = Int(group[vertex])
            if !label.isEmpty { label[g] = self.label[vertex] }
            neurons[g] += self.neurons[vertex]
            bytes[g] += self.bytes[vertex]
            ownAxons[g] += self.ownAxons[vertex]
        }
        // Listeners of each net, by group.
        var offsets = [0]
        offsets.reserveCapacity(netCount + 1)
        var pins: [Int32] = []
        var kept: [Int32] = []
        var stamp = [Int32](repeating: -1, count: count)
        var hashes: [UInt64] = []
        for net in 0..<netCount {
            let start = pins.count
            for k in outOffsets[net]..<outOffsets[net + 1] {
                let g = Int(group[Int(outVertices[k])])
                if stamp[g] != Int32(truncatingIfNeeded: net) {
                    stamp[g] = Int32(truncatingIfNeeded: net)
                    pins.append(Int32(truncatingIfNeeded: g))
                }
            }
            let holder: Int32 = nets[net].home < 0 ? -1 : group[Int(nets[net].home)]
            if pins.count - start == 1, holder < 0 || holder == pins[start] {
                let g = Int(pins[start])
                ownAxons[g] += nets[net].axons
                bytes[g] += Int64(headerBytes[net])
                pins.removeLast()
                continue
            }
            if pins.count == start { continue }
            pins[start...].sort()
            var hash: UInt64 = UInt64(UInt32(bitPattern: holder)) &+ 0x9E37_79B9_7F4A_7C15
            for k in start..<pins.count {
                hash = (hash ^ UInt64(UInt32(bitPattern: pins[k]))) &* 0x0000_0100_0000_01B3
                hash ^= hash >> 29
            }
            hashes.append(hash)
            kept.append(Int32(net))
            offsets.append(pins.count)
        }
        // Nets of one home with the same listeners.
        var coarse: [Net] = []
        var headerBytes: [Int32] = []
        var merged: [UInt64: Int] = [:]
        merged.reserveCapacity(kept.count)
        var first: [Int32] = []
        for (position, net) in kept.enumerated() {
            let net = Int(net)
            let holder: Int32 = nets[net].home < 0 ? -1 : group[Int(nets[net].home)]
            if let twin = merged[hashes[position]], coarse[twin].home == holder,
                pins[offsets[position]..<offsets[position + 1]].elementsEqual(
                    pins[offsets[Int(first[twin])]..<offsets[Int(first[twin]) + 1]]
                )
            {
                coarse[twin].weight += nets[net].weight
                coarse[twin].axons += nets[net].axons
                headerBytes[twin] += self.headerBytes[net]
                continue
            }
            if merged[hashes[position]] == nil { merged[hashes[position]] = coarse.count }
            first.append(Int32(position))
            coarse.append(Net(weight: nets[net].weight, home: holder, axons: nets[net].axons))
            headerBytes.append(self.headerBytes[net])
        }
        var inOffsets = [Int](repeating: 0, count: count + 1)
        for position in first {
            for k in offsets[Int(position)]..<offsets[Int(position) + 1] {
                inOffsets[Int(pins[k]) + 1] += 1
            }
        }
        for g in 0..<count { inOffsets[g + 1] += inOffsets[g] }
        var next = inOffsets
        var inNets = [Int32](repeating: 0, count: inOffsets[count])
        for (net, position) in first.enumerated() {
            for k in offsets[Int(position)]..<offsets[Int(position) + 1] {
                inNets[next[Int(pins[k])]] = Int32(net)
                next[Int(pins[k])] += 1
            }
        }
        return MappingGraph(
            neurons: neurons,
            bytes: bytes,
            ownAxons: ownAxons,
            inOffsets: inOffsets,
            inNets: inNets,
            nets: coarse,
            headerBytes: headerBytes,
            label: label,
            weightUnit: weightUnit
        )
    }
}
