/// A change to a chip's spec.
public struct ChipSetting: Sendable, Equatable {
    /// Path of the key, for example `learning.tieRule`.
    public var key: String
    /// Its value as YAML.
    public var value: String
    /// Where it is written, for messages.
    public var place: String
}
