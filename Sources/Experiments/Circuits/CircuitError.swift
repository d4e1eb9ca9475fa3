/// Why a chip cannot run a circuit.
public enum CircuitError: Error, Equatable, CustomStringConvertible {
    /// The chip's engine has no register e.
    case noDendrites(chip: String)
    /// A rule has no amplitude of the name that the circuit sets.
    case noAmplitude(String, rule: String)
    /// A soma would have to feel more of its apical potential than the chip's register holds.
    case couplingTooLarge(layer: Int, factor: Double, limit: Double)

    /// What, the limit, and what to do.
    public var description: String {
        switch self {
        case .noDendrites(let chip):
            "Chip '\(chip)' has no dendritic errors: its engine lacks register e. Choose another chip, for "
                + "example pilot."
        case .noAmplitude(let name, let rule):
            "Rule '\(rule)' has no amplitude '\(name)', so that nothing sets how fast it learns. Multiply its "
                + "products by \(name)."
        case .couplingTooLarge(let layer, let factor, let limit):
            "Hidden layer \(layer) feels its apical potential \(Int(factor.rounded())) times in its own units. "
                + "The chip holds up to \(Int(limit)). Bring network.fullScale of the layers nearer to each "
                + "other."
        }
    }
}
