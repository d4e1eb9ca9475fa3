public import Events

/// What is made of the events of a recording: which pixels become which channels, and how long a step is.
///
/// The channel of a pixel is (plane · rows + row) · columns + column; with separate polarities plane 0 are
/// the changes to darker and plane 1 those to brighter, the order of a (2, rows, columns) input.
public struct EventMap: Sendable, Hashable {
    /// Part of the sensor that is kept, before downsampling.
    public var crop: Crop?
    /// Pixels along each side that become one channel.
    public var downsample = 1
    /// What becomes of polarities.
    public var polarity = Polarity.separate
    /// Length of a time step; nil keeps the ticks of the source and every event.
    public var bin: TimeBase?
    /// What time step 0 is.
    public var origin = Origin.source

    /// A rectangle of pixels.
    public struct Crop: Sendable, Hashable {
        /// First column.
        public var x: Int
        /// First row.
        public var y: Int
        /// Columns and rows.
        public var size: PixelSize
    }

    /// What becomes of polarities.
    public enum Polarity: String, Sendable, CaseIterable {
        /// Two planes of channels.
        case separate
        /// One plane for both.
        case merge
        /// One plane, of changes to brighter.
        case on
        /// One plane, of changes to darker.
        case off
    }

    /// What time step 0 is.
    public enum Origin: String, Sendable, CaseIterable {
        /// The zero of the source.
        case source
        /// The step of the earliest event.
        case first
    }

    /// Makes a map that keeps all pixels and times.
    public init() {}

    /// Reads `crop=0:0:128:128,downsample=2,polarity=merge,bin=1ms,origin=first`.
    ///
    /// - Parameter texts: Lists of settings separated by commas.
    /// - Throws: `RecordingError.option`.
    public init(_ texts: [String]) throws {
        for part in texts.flatMap({ $0.split(separator: ",") }) {
            func refused(_ problem: String) -> RecordingError {
                .option(
                    name: "--map",
                    value: String(part),
                    problem: problem,
                    advice: "Known are crop=X:Y:WIDTH:HEIGHT, downsample=K, "
                        + "polarity=separate|merge|on|off, bin=1ms and origin=source|first."
                )
            }
            let pair = part.split(separator: "=", maxSplits: 1)
            guard pair.count == 2 else { throw refused("this is no setting") }
            switch pair[0] {
            case "crop":
                let numbers = pair[1].split(separator: ":").compactMap { Int($0) }
                guard numbers.count == 4, numbers.allSatisfy({ (0...1 << 16).contains($0) }),
                    numbers[2] > 0, numbers[3] > 0
                else {
                    throw refused("a crop is four whole numbers up to 65536, the last two above 0")
                }
                crop = Crop(
                    x: numbers[0],
                    y: numbers[1],
                    size: PixelSize(width: numbers[2], height: numbers[3])
                )
            case "downsample":
                guard let factor = Int(pair[1]), (1...1 << 12).contains(factor) else {
                    throw refused("the factor must be a whole number in 1...4096")
                }
                downsample = factor
            case "polarity":
                guard let value = Polarity(rawValue: String(pair[1])) else {
                    throw refused("no such polarity")
                }
                polarity = value
            case "bin": bin = try TableOptions.time(String(pair[1]), of: "--map bin")
            case "origin":
                guard let value = Origin(rawValue: String(pair[1])) else {
                    throw refused("no such origin")
                }
                origin = value
            default: throw refused("no such setting")
            }
        }
    }

    /// Columns and rows of channels that a sensor of some size gives.
    ///
    /// - Parameter size: Columns and rows of the sensor.
    /// - Returns: Columns and rows after crop and downsampling; a part of a block at the edge counts.
    public func mapped(_ size: PixelSize) -> PixelSize {
        let size = crop?.size ?? size
        return PixelSize(
            width: (size.width + downsample - 1) / downsample,
            height: (size.height + downsample - 1) / downsample
        )
    }

    /// Planes of channels.
    public var planes: Int { polarity == .separate ? 2 : 1 }
}

/// Turns pixels into channels, for a sensor of known size.
struct PixelChannels {
    private let crop: EventMap.Crop?
    private let downsample: Int
    private let polarity: EventMap.Polarity
    /// Columns and rows of channels.
    let size: PixelSize
    /// Channels in all.
    let count: Int

    init(_ map: EventMap, size: PixelSize) {
        crop = map.crop
        downsample = map.downsample
        polarity = map.polarity
        self.size = map.mapped(size)
        count = map.planes * self.size.width * self.size.height
    }

    /// The channel of an event, or why there is none.
    @inline(__always)
    func channel(_ event: RecordedEvent) -> (channel: UInt32, cause: EventTally.Cause?) {
        var (x, y) = (Int(event.x), Int(event.y))
        if let crop {
            x -= crop.x
            y -= crop.y
            guard x >= 0, y >= 0, x < crop.size.width, y < crop.size.height else {
                return (0, .outsideCrop)
            }
        }
        if downsample > 1 {
            x /= downsample
            y /= downsample
        }
        guard x < size.width, y < size.height else { return (0, .outsideSensor) }
        let plane: Int
        switch polarity {
        case .separate: plane = event.isOn ? 1 : 0
        case .merge: plane = 0
        case .on:
            guard event.isOn else { return (0, .otherPolarity) }
            plane = 0
        case .off:
            guard !event.isOn else { return (0, .otherPolarity) }
            plane = 0
        }
        // At most 2 · 2¹⁶ · 2¹⁶ − 1 = 2³³ − 1, which the caller has refused; so it fits.
        return (UInt32(truncatingIfNeeded: (plane * size.height + y) * size.width + x), nil)
    }
}
