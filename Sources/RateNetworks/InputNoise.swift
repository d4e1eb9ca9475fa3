import FixedPoint

/// Normal noise on the inputs, fresh at each presentation.
struct InputNoise {
    /// In units of the inputs.
    var deviation: Double
    /// Purpose `temporalNoise`.
    var stream: RandomStream
    /// Number of the pass over the data.
    var presentation: UInt32
}
