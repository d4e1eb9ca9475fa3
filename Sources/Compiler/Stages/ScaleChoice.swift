package import ChipSpec

/// The scales of all projections into one population.
///
/// They share the unit of the target's membrane, so they differ by powers of two: projection p has
/// the scale base · 2^exponents[p].
package struct ScaleChoice: Sendable, Equatable {
    /// Effective weight per raw weight of 1 at exponent 0.
    package var base: Double
    /// One a projection, 0 or more.
    package var exponents: [Int]
    /// Whether every weight is a whole raw weight.
    package var isExact: Bool
    /// Whether `coarsest` register, rather than a weight, decided the base.
    package var isSetByRegister: Bool
    /// Whether projections share an exponent because the chip has too few compartments.
    package var sharesCompartments: Bool

    /// Chooses scales: the finest that the rule of the blocks allows and that clip no register.
    ///
    /// If, within the same range, a scale exists at which all weights are whole numbers and none is
    /// clipped, that one is taken: a network written by hand then stays exactly what it is.
    ///
    /// - Parameters:
    ///   - blocks: Projections into the population.
    ///   - registerFloor: Smallest base at which threshold, biases and potentials fit.
    ///   - compartments: Compartment each block feeds, if the author named them; else nil.
    ///   - chip: The chip.
    ///   - isPreferred: Whether a base also keeps the registers exact.
    package init(
        for blocks: [WeightBlock],
        registerFloor: Double,
        compartments: [Int]? = nil,
        chip: ChipSpec,
        isPreferred: (Double) -> Bool
    ) {
        // What follows the scale of others has no say in it, unless there are no others.
        let leading = blocks.filter { !$0.isZero && !$0.followsScale }
        let used = leading.isEmpty ? blocks.filter { !$0.isZero } : leading
        func leads(_ block: WeightBlock) -> Bool {
            !block.isZero && (leading.isEmpty || !block.followsScale)
        }
        guard let finest = used.min(by: { $0.finestScale < $1.finestScale }),
            let coarsest = used.map(\.finestScale).max()
        else {
            base = registerFloor > 0 ? registerFloor * 2 : 1
            exponents = blocks.map { _ in 0 }
            isExact = true
            isSetByRegister = false
            sharesCompartments = false
            return
        }
        let span = Double(1 << chip.synapse.maximumExponent)
        if let anchor = used.compactMap(\.fixedScale).min() {
            let free = used.filter { $0.fixedScale == nil }.map(\.finestScale).min()
            let found = Self.anchored(
                at: anchor,
                finest: free ?? anchor,
                coarsest: coarsest,
                span: span,
                floor: registerFloor
            )
            (base, isSetByRegister) = (found.base, found.isSetByRegister)
            isExact = false
            (exponents, sharesCompartments) = Self.exponents(
                of: blocks,
                at: base,
                compartments,
                chip: chip
            )
            return
        }
        let byWeights = max(finest.finestScale, coarsest / span)
        base = max(byWeights, registerFloor)
        isSetByRegister = registerFloor > byWeights
        isExact = false
        (exponents, sharesCompartments) = Self.exponents(
            of: blocks,
            at: base,
            compartments,
            chip: chip
        )
        let shift = zip(blocks, exponents).filter { leads($0.0) }.map { $0.1 }.min() ?? 0
        base *= Double(1 << shift)
        exponents = exponents.map { max(0, $0 - shift) }

        let unclipped = used.min(by: { $0.railScale < $1.railScale }) ?? finest
        let candidates = unclipped.alignedScales.filter { $0 >= base * (1 - 1e-12) }
        var best: ScaleChoice?
        for candidate in candidates {
            let (found, shares) = Self.exponents(
                of: blocks,
                at: candidate,
                compartments,
                chip: chip,
                \.railScale
            )
            guard (found.max() ?? 0) <= chip.synapse.maximumExponent else { continue }
            let scaled = zip(blocks, found).filter { leads($0.0) }
            guard scaled.allSatisfy({ $0.0.isExact(at: candidate * Double(1 << $0.1)) }) else {
                continue
            }
            let isBest = isPreferred(candidate)
            if best == nil || isBest {
                best = self
                best?.base = candidate
                best?.exponents = found
                best?.isExact = true
                best?.sharesCompartments = shares
            }
            if isBest { break }
        }
        if let best { self = best }
    }

    /// The base of a population with a scale that its author chose: that scale, times a power of two.
    ///
    /// So the chosen scale is met exactly, and the others lose less than one bit.
    private static func anchored(
        at anchor: Double,
        finest: Double,
        coarsest: Double,
        span: Double,
        floor: Double
    ) -> (base: Double, isSetByRegister: Bool) {
        let slack = 1 - 1e-12
        var base = anchor
        while base / 2 >= finest * slack, anchor / (base / 2) <= span { base /= 2 }
        while coarsest / base > span / slack { base *= 2 }
        guard base < floor * slack else { return (base, false) }
        while base < floor * slack { base *= 2 }
        return (base, true)
    }

    /// Smallest exponents at which no projection is finer than its scale, in at most as many kinds as
    /// fit the chip.
    private static func exponents(
        of blocks: [WeightBlock],
        at base: Double,
        _ compartments: [Int]?,
        chip: ChipSpec,
        _ scale: (WeightBlock) -> Double = { $0.finestScale }
    ) -> (exponents: [Int], shared: Bool) {
        let leading = blocks.indices.filter { !blocks[$0].followsScale }
        if leading.count < blocks.count, !leading.isEmpty {
            return followed(leading, blocks, at: base, compartments, chip: chip)
        }
        var exponents = blocks.map { block in
            var exponent = 0
            let least = scale(block) * (1 - 1e-12)
            while base * Double(1 << exponent) < least { exponent += 1 }
            return exponent
        }
        guard chip.synapse.exponentShift == .perSum else { return (exponents, false) }
        if let compartments {
            // One accumulator a compartment: its projections share the coarsest exponent.
            var coarsest: [Int: Int] = [:]
            for (compartment, exponent) in zip(compartments, exponents) {
                coarsest[compartment] = max(coarsest[compartment] ?? 0, exponent)
            }
            return (compartments.map { coarsest[$0] ?? 0 }, false)
        }
        var shared = false
        while true {
            let kinds = Set(exponents).sorted()
            guard kinds.count > chip.dendrite.maximumCompartments else { break }
            // Raise the group that is nearest to the next one: it loses the fewest bits.
            let gaps = zip(kinds, kinds.dropFirst()).enumerated()
            guard
                let (_, pair) = gaps.min(by: {
                    ($0.element.1 - $0.element.0, $0.offset) < (
                        $1.element.1 - $1.element.0, $1.offset
                    )
                })
            else { break }
            exponents = exponents.map { $0 == pair.0 ? pair.1 : $0 }
            shared = true
        }
        return (exponents, shared)
    }

    /// Exponents of the leading blocks as if they were alone, and for the others the smallest at which they do
    /// not clip, of those that the chip has left.
    private static func followed(
        _ leading: [Int],
        _ blocks: [WeightBlock],
        at base: Double,
        _ compartments: [Int]?,
        chip: ChipSpec
    ) -> (exponents: [Int], shared: Bool) {
        let (own, shared) = exponents(
            of: leading.map { blocks[$0] },
            at: base,
            compartments.map { all in leading.map { all[$0] } },
            chip: chip
        )
        var exponents = [Int](repeating: 0, count: blocks.count)
        for (place, index) in leading.enumerated() { exponents[index] = own[place] }
        let isPerSum = chip.synapse.exponentShift == .perSum
        for index in blocks.indices where blocks[index].followsScale {
            var exponent = 0
            while exponent < chip.synapse.maximumExponent,
                base * Double(1 << exponent) < blocks[index].finestScale * (1 - 1e-12)
            {
                exponent += 1
            }
            let kinds = Set(leading.map { exponents[$0] }).sorted()
            if isPerSum, let compartments {
                let neighbours = leading.filter { compartments[$0] == compartments[index] }
                exponent = neighbours.map { exponents[$0] }.max() ?? exponent
            } else if isPerSum {
                // A compartment more would be one that the leading blocks might have had.
                exponent = kinds.first { $0 >= exponent } ?? kinds.last ?? exponent
            }
            exponents[index] = exponent
        }
        return (exponents, shared)
    }
}
