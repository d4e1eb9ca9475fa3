/// One event of a recording as its file has it: a spike of a unit, or a change at a pixel.
public struct RecordedEvent: Sendable, Hashable {
    /// Time in ticks of the source's time base; zero is the source's own.
    public var time: Int64
    /// Unit within its population; unused for pixels.
    public var unit: UInt32
    /// Column of a pixel.
    public var x: UInt16
    /// Row of a pixel.
    public var y: UInt16
    /// Index into the source's populations.
    public var population: UInt16
    /// Polarity of a pixel's change: whether it got brighter.
    public var isOn: Bool

    /// Makes an event of a unit.
    ///
    /// - Parameters:
    ///   - time: Ticks of the source's time base.
    ///   - unit: Unit within its population.
    ///   - population: Index into the source's populations.
    @inlinable
    public init(time: Int64, unit: UInt32, population: UInt16 = 0) {
        self.time = time
        self.unit = unit
        self.population = population
        x = 0
        y = 0
        isOn = true
    }

    /// Makes an event of a pixel.
    ///
    /// - Parameters:
    ///   - time: Ticks of the source's time base.
    ///   - x: Column.
    ///   - y: Row.
    ///   - isOn: Whether the pixel got brighter.
    @inlinable
    public init(time: Int64, x: UInt16, y: UInt16, isOn: Bool) {
        self.time = time
        self.x = x
        self.y = y
        self.isOn = isOn
        unit = 0
        population = 0
    }
}

/// Columns and rows of an event camera.
public struct PixelSize: Sendable, Hashable {
    /// Columns, 1 … 65,536.
    public var width: Int
    /// Rows, 1 … 65,536.
    public var height: Int

    /// Makes a size.
    ///
    /// - Parameters:
    ///   - width: Columns.
    ///   - height: Rows.
    public init(width: Int, height: Int) {
        self.width = width
        self.height = height
    }

    /// Reads a size written as `1280x720`.
    ///
    /// - Parameter text: Columns, the letter x, rows; nil if it is anything else or out of range.
    public init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "x", omittingEmptySubsequences: false)
        guard parts.count == 2, let width = Int(parts[0]), let height = Int(parts[1]),
            (1...1 << 16).contains(width), (1...1 << 16).contains(height)
        else { return nil }
        self.init(width: width, height: height)
    }
}
