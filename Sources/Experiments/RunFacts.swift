public import ChipSpec
import Events
public import SpikeTrace

/// The facts of a run that a replay needs, as the metadata of a spike trace.
public struct RunFacts: Sendable, Equatable {
    /// Digest of the chip spec, hexadecimal.
    public var chipDigest: String
    /// Digest of the image file, hexadecimal.
    public var imageDigest: String
    /// Seed of the run.
    public var runSeed: UInt64
    /// Whose fixed pattern the chip had.
    public var device: Device
    /// SHA-256 of the device, hexadecimal, if seed and coefficients do not say all about it.
    public var deviceDigest: String?
    /// Number of samples.
    public var samples: Int
    /// Steps of each sample.
    public var plan: SamplePlan
    /// Version of the tool.
    public var toolVersion: String

    private static let inputStepsKey = "inputSteps"
    private static let drainStepsKey = "drainSteps"
    private static let deviceDigestKey = "deviceDigest"

    /// Gathers the facts of a run.
    ///
    /// - Parameters:
    ///   - chipDigest: Digest of the chip spec.
    ///   - imageDigest: Digest of the image file.
    ///   - runSeed: Seed of the run.
    ///   - device: Whose fixed pattern the chip has.
    ///   - samples: Number of samples.
    ///   - plan: Steps of each sample.
    ///   - toolVersion: Version of the tool.
    public init(
        chipDigest: String,
        imageDigest: String,
        runSeed: UInt64,
        device: Device,
        samples: Int,
        plan: SamplePlan,
        toolVersion: String
    ) {
        self.chipDigest = chipDigest
        self.imageDigest = imageDigest
        self.runSeed = runSeed
        self.device = device
        deviceDigest = device.isDescribed ? device.digest.description : nil
        self.samples = samples
        self.plan = plan
        self.toolVersion = toolVersion
    }

    /// The facts as metadata of a trace.
    public var metadata: [String: String] {
        typealias Key = SpikeTraceInfo.Key
        var metadata = [
            Key.chipDigest: chipDigest,
            Key.imageDigest: imageDigest,
            Key.runSeed: String(runSeed),
            Key.deviceSeed: String(device.seed),
            Key.mismatch: MismatchArgument.text(device.variation),
            Key.samples: String(samples),
            Key.stepsPerSample: String(plan.stepsPerSample),
            Self.inputStepsKey: String(plan.inputSteps),
            Self.drainStepsKey: String(plan.drainSteps),
            Key.between: plan.between.description,
            Key.toolVersion: toolVersion,
        ]
        metadata[Self.deviceDigestKey] = deviceDigest
        return metadata
    }

    /// Reads the facts of a recorded run; nil if the trace does not tell them all.
    ///
    /// - Parameter info: What the trace says about itself.
    public init?(_ info: SpikeTraceInfo) {
        typealias Key = SpikeTraceInfo.Key
        let facts = info.metadata
        guard let chipDigest = facts[Key.chipDigest], let imageDigest = facts[Key.imageDigest],
            let runSeed = facts[Key.runSeed].flatMap({ UInt64($0) }),
            let deviceSeed = facts[Key.deviceSeed].flatMap({ UInt64($0) }),
            let variation = facts[Key.mismatch].flatMap({ try? MismatchArgument.variation($0) }),
            let samples = facts[Key.samples].flatMap({ Int($0) }), samples >= 0,
            let inputSteps = facts[Self.inputStepsKey].flatMap({ Int($0) }), inputSteps > 0,
            let drainSteps = facts[Self.drainStepsKey].flatMap({ Int($0) }), drainSteps >= 0,
            let between = facts[Key.between].flatMap({ BetweenSamples($0) }),
            inputSteps < 1 << 40, drainSteps < 1 << 40
        else { return nil }
        self.chipDigest = chipDigest
        self.imageDigest = imageDigest
        self.runSeed = runSeed
        device = Device(seed: deviceSeed, variation: variation)
        deviceDigest = facts[Self.deviceDigestKey]
        self.samples = samples
        plan = SamplePlan(inputSteps: inputSteps, drainSteps: drainSteps, between: between)
        toolVersion = facts[Key.toolVersion] ?? "unknown"
    }
}
