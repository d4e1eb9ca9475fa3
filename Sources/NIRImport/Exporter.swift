/// A tool that writes NIR files, and what its files do not say.
///
/// NIR holds no time step: every exporter folds its own into the time constants.
public enum Exporter: String, Sendable, Codable, CaseIterable {
    /// snnTorch 1.0, `export_to_nir`.
    case snntorch
    /// norse 1.1, `to_nir` with its default dt of 1 ms.
    case norse
    /// sinabs 2 and 3, `to_nir`.
    case sinabs
    /// Lava and SpiNNaker2 examples of the NIR paper.
    case lava
    /// As sinabs, of neurons with `norm_input=False`.
    case unnormalisedSinabs = "sinabs-unnormalised"

    /// Step in the unit of the file's time constants.
    ///
    /// norse 1.1 writes tau = dt/tau_mem_inv where the time constant is 1/tau_mem_inv, so all its
    /// times are multiplied by dt; its step becomes dt·dt, 1e-6 for the default of 1e-3 s. Then
    /// step/tau = dt·tau_mem_inv, as in norse.
    public var timeStep: Double {
        switch self {
        case .snntorch, .lava: 1e-4
        case .norse: 1e-6
        case .sinabs, .unnormalisedSinabs: 1
        }
    }

    /// Whether sinabs wrote the file.
    var isSinabs: Bool { self == .sinabs || self == .unnormalisedSinabs }

    /// What a user of this tool must know, for the line that every compile prints.
    func remark(_ settings: ImportSettings) -> String? {
        switch self {
        case .snntorch:
            return settings.reset != nil
                ? nil
                : "A model trained with snnTorch's default reset needs --reset subtract."
        case .norse:
            return settings.timeStep != nil
                ? nil
                : "This is for norse 1.1 with dt 0.001; later versions write time constants in "
                    + "seconds: --dt 0.001."
        case .sinabs, .unnormalisedSinabs:
            return settings.reset != nil
                ? nil
                : "A model trained with sinabs's defaults (MultiSpike, MembraneSubtract) needs --reset "
                    + "subtract-all, one with SingleSpike and MembraneSubtract --reset subtract."
        case .lava: return nil
        }
    }
}
