package import ChipSpec

extension RuleProgram {
    /// Largest magnitude of a mantissa and of a constant: sums and products with registers stay exact.
    private static let largestNumber = 1 << 31
    /// Binary exponents of coefficients: far beyond every weight register.
    private static let exponents = -64...64
    /// Most factors of a product.
    private static let mostFactors = 16

    /// Checks a program against the engine that runs it.
    ///
    /// - Parameters:
    ///   - engine: The chip's engine.
    ///   - chip: Name for messages.
    /// - Throws: `ChipImageError.invalid`.
    package func verify(engine: LearningSpec, chip: String) throws(ChipImageError) {
        let place = "Rule '\(name)'"
        if engine.engine == .odin {
            guard products.isEmpty, windows.isEmpty, traces.isEmpty, amplitudes.isEmpty,
                thirdFactor == nil, (1...engine.longestEpochInSteps).contains(epoch)
            else {
                throw .invalid(
                    place: place,
                    what:
                        "it has products, windows, traces, amplitudes or an epoch of \(epoch) steps",
                    limit: "The engine odin has one rule, 'dw = sdsp', with an epoch of "
                        + "1...\(engine.longestEpochInSteps) steps"
                )
            }
            return
        }
        guard products.isEmpty != windows.isEmpty else {
            throw .invalid(
                place: place,
                what: "it has \(products.count) products and \(windows.count) windows",
                limit: "It has either products or windows"
            )
        }
        guard max(products.count, windows.count) <= engine.maximumProducts else {
            throw .invalid(
                place: place,
                what: "it has \(max(products.count, windows.count)) products",
                limit: "The engine of chip '\(chip)' runs \(engine.maximumProducts)"
            )
        }
        guard (1...engine.longestEpochInSteps).contains(epoch) else {
            throw .invalid(
                place: place,
                what: "its epoch is \(epoch) steps",
                limit: "Chip '\(chip)' has 1...\(engine.longestEpochInSteps)"
            )
        }
        guard Set(amplitudes).count == amplitudes.count else {
            throw .invalid(
                place: place,
                what: "an amplitude is there twice",
                limit: "Amplitudes have different names"
            )
        }
        for register in registersRead where !engine.registers.contains(register) {
            throw .invalid(
                place: place,
                what: "it reads \(register.rawValue)",
                limit: "The engine of chip '\(chip)' has "
                    + engine.registers.map(\.rawValue).joined(separator: ", ")
            )
        }
        if engine.engine == .loihi { try verifyForLoihi(place) }
        try verifyTraces(place, engine: engine)
        for (index, product) in products.enumerated() {
            try verify(product, "\(place), product \(index)", engine: engine)
        }
        for (index, window) in windows.enumerated() {
            try verify(window, "\(place), window \(index)", engine: engine)
        }
    }

    /// What the engine `loihi` cannot run, whatever the chip's spec lists.
    private func verifyForLoihi(_ place: String) throws(ChipImageError) {
        let foreign: Set<RuleVariable> = [
            .v, .u, .calcium, .refractory, .e, .lastPre, .lastPost,
        ]
        guard windows.isEmpty, traces.allSatisfy({ $0.shape == .exponential }),
            foreign.isDisjoint(with: registersRead)
        else {
            throw .invalid(
                place: place,
                what: "it has windows, a triangular trace, or reads registers of the soma",
                limit:
                    "The engine loihi has products of x, y, w, d, t and r, and exponential traces"
            )
        }
        for product in products where product.amplitude == nil {
            guard (-8...7).contains(product.mantissa), (-7...8).contains(product.exponent) else {
                throw .invalid(
                    place: place,
                    what: "a coefficient is \(product.mantissa) · 2^\(product.exponent)",
                    limit: "The engine loihi has mantissas of -8...7 and exponents of -7...8"
                )
            }
        }
    }

    private func verifyTraces(
        _ place: String,
        engine: LearningSpec
    ) throws(ChipImageError) {
        let registers: [RuleVariable] = [.x1, .x2, .y1, .y2, .y3]
        let top = Double((1 << engine.traceBits) - 1)
        var seen: Set<RuleVariable> = []
        for trace in traces {
            let place = "\(place), trace \(trace.register.rawValue)"
            guard registers.contains(trace.register), engine.registers.contains(trace.register),
                seen.insert(trace.register).inserted
            else {
                throw .invalid(
                    place: place,
                    what: "it is no register of the engine, or there twice",
                    limit: "A rule keeps at most one each of "
                        + registers.filter(engine.registers.contains).map(\.rawValue)
                        .joined(separator: ", ")
                )
            }
            guard (0...top).contains(trace.impulse) else {
                throw .invalid(
                    place: place,
                    what: "its impulse is \(trace.impulse)",
                    limit: "It must lie in 0...\(Int(top))"
                )
            }
            // A trace that falls by a constant needs a time; others may stand still.
            let tau = trace.tau ?? (trace.shape == .triangular ? 0 : 1)
            guard (0...0x1p31).contains(tau), tau > 0 || trace.shape == .exponential else {
                throw .invalid(
                    place: place,
                    what: "its time constant is \(trace.tau.map { "\($0)" } ?? "missing") steps",
                    limit:
                        "It must be finite and not negative, and above 0 where a trace falls by a "
                        + "constant"
                )
            }
        }
        for register in registersRead where registers.contains(register) && !seen.contains(register)
        {
            throw .invalid(
                place: place,
                what: "it reads \(register.rawValue) and keeps no such trace",
                limit: "A rule keeps every learning trace that it reads"
            )
        }
    }

    private func verify(
        _ product: RuleProduct,
        _ place: String,
        engine: LearningSpec
    ) throws(ChipImageError) {
        try verify(place, engine, product.target, product.trigger)
        try verify(place, product.mantissa, product.exponent, product.amplitude)
        guard product.factors.count <= Self.mostFactors else {
            throw .invalid(
                place: place,
                what: "it has \(product.factors.count) factors",
                limit: "A product has at most \(Self.mostFactors)"
            )
        }
        for factor in product.factors
        where factor.constant.magnitude > Self.largestNumber
            || [.lastPre, .lastPost].contains(factor.variable)
        {
            throw .invalid(
                place: place,
                what: "it has the factor \(factor.variable.rawValue) + \(factor.constant)",
                limit:
                    "Constants lie within ±\(Self.largestNumber), and last spikes are for windows"
            )
        }
    }

    private func verify(
        _ window: RuleWindow,
        _ place: String,
        engine: LearningSpec
    ) throws(ChipImageError) {
        try verify(place, engine, window.target, window.trigger)
        try verify(place, window.mantissa, window.exponent, window.amplitude)
        if case .every = window.trigger {
            throw .invalid(
                place: place,
                what: "no spike closes it",
                limit: "A window is closed by x0 or y0"
            )
        }
        guard window.firstStep >= 0, window.firstStep <= window.lastStep,
            window.lastStep <= engine.longestWindowInSteps
        else {
            throw .invalid(
                place: place,
                what: "it is open for \(window.firstStep) to \(window.lastStep) steps",
                limit: "It must lie in 0...\(engine.longestWindowInSteps), its ends in order"
            )
        }
    }

    private func verify(
        _ place: String,
        _ engine: LearningSpec,
        _ target: RuleTarget,
        _ trigger: RuleTrigger
    ) throws(ChipImageError) {
        let targets: [RuleTarget] =
            engine.engine == .pilot
            ? [.w]
            : RuleTarget.allCases.filter { target in
                engine.registers.contains { $0.rawValue == target.rawValue }
            }
        guard targets.contains(target) else {
            throw .invalid(
                place: place,
                what: "it changes \(target.rawValue)",
                limit: "The engine changes " + targets.map(\.rawValue).joined(separator: ", ")
            )
        }
        if case .every(let epochs) = trigger, !(1...Self.largestNumber).contains(epochs) {
            throw .invalid(
                place: place,
                what: "it runs every \(epochs) epochs",
                limit: "It must lie in 1...\(Self.largestNumber)"
            )
        }
    }

    private func verify(
        _ place: String,
        _ mantissa: Int,
        _ exponent: Int,
        _ amplitude: Int?
    ) throws(ChipImageError) {
        guard mantissa.magnitude <= Self.largestNumber, Self.exponents.contains(exponent),
            amplitude.map(amplitudes.indices.contains) ?? true
        else {
            throw .invalid(
                place: place,
                what: "its coefficient is \(mantissa) · 2^\(exponent)"
                    + (amplitude.map { " · amplitude \($0)" } ?? ""),
                limit: "Mantissas lie within ±\(Self.largestNumber), exponents in "
                    + "\(Self.exponents), and the rule has \(amplitudes.count) amplitudes"
            )
        }
    }
}
