/// What became of the events of a recording: read = written + dropped, by cause.
public struct EventTally: Sendable, Hashable {
    /// Events that the source holds, as far as it could be read.
    public var read: UInt64 = 0
    /// Events that came out.
    public var written: UInt64 = 0
    /// Events that did not come out.
    public var dropped: [Cause: UInt64] = [:]
    /// Parts of the file that are no spikes or changes at pixels.
    public var passedOver: [Filling: UInt64] = [:]

    /// Why an event is not in the result.
    public enum Cause: String, Sendable, Hashable, CaseIterable {
        /// A pixel that the sensor does not have.
        case outsideSensor = "outside the sensor"
        /// A pixel outside the crop.
        case outsideCrop = "outside the crop"
        /// A polarity that was not asked for.
        case otherPolarity = "of the other polarity"
        /// A second one of a channel in one time step.
        case sameStep = "second of their channel in a time step"
        /// An event before time zero.
        case beforeZero = "before time zero"
        /// An event before the file told any time.
        case beforeFirstTime = "before the first time word"
        /// A time that is not a finite number or that 64 bits do not hold.
        case badTime = "with a time that is no number or too large"
        /// A unit that is negative, not whole or too large.
        case badUnit = "with a unit outside 0...4294967294"
        /// A unit that the map of neurons does not name.
        case unmapped = "of units that the map does not name"
        /// A row of another trial.
        case otherTrial = "of other trials"
        /// An event that its writer had marked invalid.
        case markedInvalid = "marked invalid in the file"
        /// An event that the format written cannot express, or of a second kind in one file.
        case outsideFormat = "that the format written has no room for"
    }

    /// What a file holds beside events.
    public enum Filling: String, Sendable, Hashable, CaseIterable {
        /// External trigger inputs.
        case triggers = "external triggers"
        /// Frames, inertial samples and the like.
        case otherData = "packets of other data"
        /// Words of a kind that the format reserves.
        case unknownWords = "words of other kinds"
        /// Markers of a clock that wrapped.
        case clockWraps = "wraps of the clock"
        /// Bytes of an event that the file ends in the middle of.
        case cutBytes = "bytes of an event cut short at the end"
        /// Packets that do not unpack or contradict themselves.
        case damagedPackets = "damaged packets"
        /// Bytes of such packets.
        case damagedBytes = "damaged bytes"
    }

    /// Makes an empty tally.
    public init() {}

    /// Counts dropped events.
    ///
    /// - Parameters:
    ///   - cause: Why.
    ///   - count: How many.
    public mutating func drop(_ cause: Cause, _ count: UInt64 = 1) {
        if count > 0 { dropped[cause, default: 0] += count }
    }

    /// Counts parts of a file that are no events.
    ///
    /// - Parameters:
    ///   - filling: What they are.
    ///   - count: How many.
    public mutating func pass(_ filling: Filling, _ count: UInt64 = 1) {
        if count > 0 { passedOver[filling, default: 0] += count }
    }

    /// Adds what another stage counted: its drops and parts passed over.
    ///
    /// - Parameter other: The tally of a stage; its events read count too.
    public mutating func add(_ other: EventTally) {
        read += other.read
        dropped.merge(other.dropped, uniquingKeysWith: +)
        passedOver.merge(other.passedOver, uniquingKeysWith: +)
    }

    /// Events dropped for any cause.
    public var droppedCount: UInt64 { dropped.values.reduce(0, +) }

    /// Lines for people: what was dropped and passed over, and why.
    ///
    /// - Parameter number: How a count is written.
    /// - Returns: A line for each cause and filling that occurred.
    public func lines(_ number: (UInt64) -> String = { String($0) }) -> [String] {
        Cause.allCases.compactMap { cause in
            dropped[cause].map { "\(number($0)) events dropped \(cause.rawValue)" }
        }
            + Filling.allCases.compactMap { filling in
                passedOver[filling].map { "\(number($0)) \(filling.rawValue) passed over" }
            }
    }
}
