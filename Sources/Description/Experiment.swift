public import ChipSpec
import FixedPoint
public import NetworkIR
import Yams

/// A learning experiment: chip, network, device, phases and seeds, as a YAML file describes them
/// (`docs/EXPERIMENTS.md`).
public struct Experiment: Sendable {
    /// Name.
    public var name: String
    /// One sentence.
    public var summary: String
    /// Name or path of the chip.
    public var chip: String
    /// Changes to the chip's spec, by key.
    public var chipSettings: [ChipSetting]
    /// Time of a step in the network, in seconds.
    public var stepInSeconds: Double
    /// Seeds of network, run and device; one run each.
    public var seeds: [UInt64]
    /// The network, to be drawn.
    public var recipe: NetworkRecipe
    /// Coefficient of variation of each parameter that varies from device to device.
    public var mismatch: [MismatchParameter: Double]
    /// What is done with the chip.
    public var plan: LearningPlan
    /// Two weights whose drift is reported; nil for none.
    public var plane: WeightPlane?
    /// Name of the arm that was read; nil for the document as it stands.
    public var arm: String?
    /// Value of the arm on the axis, if it is on one.
    public var axisValue: Double?

    /// Draws the network of a seed.
    ///
    /// - Parameter seed: One of `seeds`.
    /// - Returns: The network.
    public func network(seed: UInt64) -> Network { recipe.network(seed: seed) }
}
