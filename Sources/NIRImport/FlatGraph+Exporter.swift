import FixedPoint
import NetworkIR

/// Corrections of what a tool writes where it means something else, on the parameters as read.
extension FlatGraph {
    /// Gives the parameters of neurons the values with which NIR's equations do what the tool does.
    ///
    /// - Parameters:
    ///   - settings: The tool that wrote the file, if it is known, and the reset.
    ///   - timeStep: The step in the unit of the file's time constants.
    /// - Returns: A line for each kind of correction.
    mutating func correct(for settings: ImportSettings, timeStep: Double) -> [String] {
        switch settings.exporter {
        case .snntorch: boundDecays(timeStep: timeStep)
        case .sinabs, .unnormalisedSinabs:
            matchExponential(timeStep: timeStep, isNormalised: settings.exporter == .sinabs)
        case .norse: countFromLeak(subtracts: settings.resetRule.subtracts)
        case nil, .lava: []
        }
    }

    /// Takes sinabs's decay e^(−h/τ) as Euler's: τ becomes h/(1 − e^(−h/τ)), then 1 − h/τ is that decay.
    ///
    /// sinabs's LIF multiplies its input by 1 − e^(−h/τ), which r = 1 does then as well; ExpLeak, and
    /// LIF with `norm_input=False`, do not, though the exporter writes r = 1 (sinabs 3.1.3, `nir.py`).
    private mutating func matchExponential(timeStep: Double, isNormalised: Bool) -> [String] {
        var exponential: [String] = []
        var unnormalised: [String] = []
        for index in nodes.indices {
            guard case .neuron(let neuron) = nodes[index].kind,
                neuron.model == .leakyIntegrateAndFire || neuron.model == .leakyIntegrator,
                let tau = neuron.parameters["tau"]?.values, tau.allSatisfy({ $0 > 0 })
            else { continue }
            let exact = tau.map { timeStep / (1 - PortableMath.exp(-timeStep / $0)) }
            // A τ of 10¹⁶ steps has no decay that a Double can tell from 1.
            guard exact.allSatisfy(\.isFinite) else { continue }
            nodes[index].set(exact, of: "tau")
            exponential.append(nodes[index].path)
            guard !isNormalised || neuron.model == .leakyIntegrator else { continue }
            nodes[index].replace("r", by: exact.map { $0 / timeStep }, as: "tau")
            unnormalised.append(nodes[index].path)
        }
        guard !exponential.isEmpty else { return [] }
        var lines = [
            "sinabs decays by exp(−dt/tau): taken so in \(list(exponential)), by a tau for which NIR's "
                + "step is the same."
        ]
        if !unnormalised.isEmpty {
            lines.append(
                "sinabs adds the whole input where norm_input=False, but writes r = 1: taken as tau/dt "
                    + "in \(list(unnormalised))."
            )
        }
        if exponential.count > unnormalised.count {
            lines.append(
                "LIF neurons are read as with sinabs's default norm_input=True; if the model has "
                    + "norm_input=False: --from sinabs-unnormalised."
            )
        }
        return lines
    }

    /// Counts the potentials of norse's neurons from v_leak, where they start in norse.
    ///
    /// v − v_leak obeys the same equation without v_leak and starts at 0, as all state here does. Not
    /// where a spike subtracts the threshold: that would be another one then.
    private mutating func countFromLeak(subtracts: Bool) -> [String] {
        var shifted: [String] = []
        var late: [String] = []
        for index in nodes.indices {
            guard case .neuron(let neuron) = nodes[index].kind,
                let leak = neuron.parameters["v_leak"], let leaks = leak.values,
                leaks.contains(where: { $0 != 0 })
            else { continue }
            guard let threshold = neuron.parameters["v_threshold"], !subtracts else {
                late.append(nodes[index].path)
                continue
            }
            let shape = leak.isSingle ? "v_threshold" : "v_leak"
            func less(_ values: [Double]) -> [Double] {
                (0..<max(values.count, leaks.count)).map {
                    values[values.count == 1 ? 0 : $0] - leaks[leaks.count == 1 ? 0 : $0]
                }
            }
            let count = max(threshold.count, leak.count)
            let resets = neuron.parameters["v_reset"]?.values ?? [0]
            nodes[index].replace("v_threshold", by: less(threshold.values ?? []), as: shape)
            nodes[index].replace(
                "v_reset",
                by: less(
                    resets.count == count ? resets : Array(repeating: resets[0], count: count)
                ),
                as: shape
            )
            nodes[index].set([Double](repeating: 0, count: leaks.count), of: "v_leak")
            shifted.append(nodes[index].path)
        }
        var lines: [String] = []
        if !shifted.isEmpty {
            lines.append(
                "norse starts at v_leak: potentials of \(list(shifted)) are counted from there."
            )
        }
        if !late.isEmpty {
            lines.append("norse starts at v_leak, here \(list(late)) start at 0.")
        }
        return lines
    }

    /// Bounds decays to 0 … 1 as snnTorch does when it runs, but not when it exports.
    ///
    /// A learned beta above 1 gives a negative τ = h/(1 − beta), one of 1 an infinite, one below 0 a τ
    /// shorter than a step; r = τ/h and w_in = τ_syn/h with them (snnTorch 1.0.0, `export_nir.py`).
    private mutating func boundDecays(timeStep: Double) -> [String] {
        var bounded: [String] = []
        for index in nodes.indices {
            guard case .neuron(let neuron) = nodes[index].kind else { continue }
            for (name, gain) in [("tau", "r"), ("tau_mem", "r"), ("tau_syn", "w_in")] {
                guard let taus = neuron.parameters[name]?.values,
                    let gains = neuron.parameters[gain],
                    let values = gains.values, values.count == taus.count,
                    // Files hold single precision.
                    taus.contains(where: {
                        $0 <= 0 || $0 == .infinity || $0 < timeStep * (1 - 1e-6)
                    })
                else { continue }
                let inBounds = taus.map { tau in
                    // A leak so slow that it is lost in a Double's rounding.
                    tau <= 0 || tau == .infinity
                        ? timeStep * Self.stepsWithoutLeak : tau < timeStep ? timeStep : tau
                }
                nodes[index].set(inBounds, of: name)
                nodes[index].set(
                    taus.indices.map {
                        inBounds[$0] == taus[$0] ? values[$0] : inBounds[$0] / timeStep
                    },
                    of: gain
                )
                bounded.append(nodes[index].path)
            }
        }
        guard !bounded.isEmpty else { return [] }
        return [
            "Decays (alpha, beta) that training moved out of 0 to 1 count as 0 or 1, as in snnTorch, in "
                + "\(list(bounded))."
        ]
    }

    /// Time constant in steps of a decay of 1.
    static let stepsWithoutLeak = Double(sign: .plus, exponent: 60, significand: 1)
}

extension Node {
    /// Replaces a parameter of a neuron, in the shape of another one.
    fileprivate mutating func replace(_ name: String, by values: [Double], as other: String) {
        guard case .neuron(var neuron) = kind, var parameter = neuron.parameters[other] else {
            return
        }
        parameter.path = neuron.parameters[name]?.path ?? parameter.path
        parameter.values = values
        neuron.parameters[name] = parameter
        kind = .neuron(neuron)
    }
}
