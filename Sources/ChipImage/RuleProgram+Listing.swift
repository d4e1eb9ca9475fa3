import ChipSpec

extension RuleProgram {
    /// The program as a rule file (`docs/LEARNING.md`), made from what the engine runs and not from
    /// the author's text: compiled again it gives this program, apart from `source`.
    ///
    /// Only images made by hand hold what the notation cannot say: every(n) with n not a power of two.
    public var listing: [String] {
        var lines = ["name: \(quoted(name))"]
        for trace in traces {
            let tau = trace.tau.map { ", tau: \(plain($0))" } ?? ""
            let shape = trace.shape == .exponential ? "" : ", shape: \(trace.shape.rawValue)"
            lines.append(
                "\(trace.register.rawValue): { impulse: \(plain(trace.impulse))\(tau)\(shape) }"
            )
        }
        if epoch != 1 { lines.append("epoch: \(epoch)") }
        if let thirdFactor { lines.append("thirdFactor: \(thirdFactor)") }
        for target in RuleTarget.allCases {
            let changes =
                products.filter { $0.target == target }.map(text)
                + windows.filter { $0.target == target }.map(text)
            if !changes.isEmpty { lines.append("d\(target.rawValue):") }
            lines += changes.map { "  - \($0)" }
        }
        return lines
    }

    private func text(_ product: RuleProduct) -> String {
        let trigger =
            switch product.trigger {
            case .x0: "x0"
            case .y0: "y0"
            case .every(let epochs) where epochs > 0 && epochs & (epochs - 1) == 0:
                "u\(epochs.trailingZeroBitCount)"
            case .every(let epochs): "every(\(epochs))"
            }
        var factors = coefficient(product.mantissa, product.exponent, product.amplitude)
        factors.append(trigger)
        factors += product.factors.map(text)
        return sign(product.mantissa) + factors.joined(separator: "*")
    }

    private func text(_ window: RuleWindow) -> String {
        let factors = coefficient(window.mantissa, window.exponent, window.amplitude)
        let difference = window.trigger == .x0 ? "t_pre - t_post" : "t_post - t_pre"
        let first = window.firstStep > 0 ? "\(window.firstStep - 1) <" : "0 <="
        return sign(window.mantissa) + (factors.isEmpty ? "1" : factors.joined(separator: "*"))
            + " if \(first) \(difference) <= \(window.lastStep)"
            + (window.requiresNewerPartner ? ", newer" : "") + (window.skipsTies ? ", untied" : "")
    }

    private func sign(_ mantissa: Int) -> String { mantissa < 0 ? "-" : "" }

    /// Factors of a coefficient without its sign; those that are 1 are left out.
    private func coefficient(_ mantissa: Int, _ exponent: Int, _ amplitude: Int?) -> [String] {
        var factors: [String] = []
        if mantissa.magnitude != 1 { factors.append("\(mantissa.magnitude)") }
        if exponent != 0 { factors.append("2^\(exponent)") }
        if let amplitude {
            factors.append(amplitudes.indices.contains(amplitude) ? amplitudes[amplitude] : "?")
        }
        return factors
    }

    private func text(_ factor: RuleFactor) -> String {
        let name =
            factor.variable == .r ? thirdFactor ?? "r" : factor.variable.rawValue
        let sum =
            factor.constant == 0
            ? name : "\(name) \(factor.constant < 0 ? "-" : "+") \(factor.constant.magnitude)"
        if factor.isSign { return "sgn(\(sum))" }
        // A bare x0 or y0 would be a trigger.
        let isBare = factor.constant == 0 && factor.variable != .x0 && factor.variable != .y0
        return isBare ? name : "(\(sum))"
    }

    private func plain(_ value: Double) -> String {
        value == value.rounded() && value.magnitude < 1e15 ? "\(Int(value))" : "\(value)"
    }

    private func quoted(_ text: String) -> String {
        let isPlain =
            !text.isEmpty
            && text.utf8.allSatisfy {
                (97...122).contains($0) || (65...90).contains($0) || (48...57).contains($0)
                    || $0 == 45 || $0 == 95
            } && text.utf8.first != 45
        let escaped = text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        return isPlain ? text : "\"\(escaped)\""
    }
}
