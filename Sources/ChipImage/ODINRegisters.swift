/// Registers of an `odinLIF` neuron besides those that all models have: its calcium and what learning asks of it.
///
/// Of the common ones, `threshold` is thr and `membraneBias` the leak, negative or 0.
public struct ODINRegisters: Sendable, Hashable {
    /// Words a neuron takes in `NeuronTables.modelRegisters`.
    public static let count = 6
    /// Values of the leak as a bias.
    public static let leakRange: ClosedRange<Int32> = -127...0

    /// Whether the neuron has calcium, and so whether synapses on it can learn.
    public var hasCalcium: Bool
    /// Potential from which on weights rise, 0...255; below, they fall.
    public var membraneThreshold: Int32
    /// Least calcium at which weights change, 0...7.
    public var lowestCalcium: Int32
    /// Calcium below which weights may fall, 0...7.
    public var fallingLimit: Int32
    /// Calcium below which weights may rise, 0...7.
    public var risingLimit: Int32
    /// Time references after which calcium loses 1, 0...31; 0 is never.
    public var calciumLeak: Int32

    /// Makes the registers of a neuron.
    ///
    /// - Parameters:
    ///   - hasCalcium: Whether the neuron has calcium.
    ///   - membraneThreshold: Potential from which on weights rise.
    ///   - lowestCalcium: θ1.
    ///   - fallingLimit: θ2.
    ///   - risingLimit: θ3.
    ///   - calciumLeak: Time references after which calcium loses 1.
    public init(
        hasCalcium: Bool = false,
        membraneThreshold: Int32 = 0,
        lowestCalcium: Int32 = 0,
        fallingLimit: Int32 = 0,
        risingLimit: Int32 = 0,
        calciumLeak: Int32 = 0
    ) {
        self.hasCalcium = hasCalcium
        self.membraneThreshold = membraneThreshold
        self.lowestCalcium = lowestCalcium
        self.fallingLimit = fallingLimit
        self.risingLimit = risingLimit
        self.calciumLeak = calciumLeak
    }

    /// Reads the registers of a neuron from its words, of which there must be `count`.
    ///
    /// - Parameter words: In the order of the properties; whether there is calcium as 0 or 1.
    public init(words: ArraySlice<Int32>) {
        let words = Array(words)
        self.init(
            hasCalcium: words[0] != 0,
            membraneThreshold: words[1],
            lowestCalcium: words[2],
            fallingLimit: words[3],
            risingLimit: words[4],
            calciumLeak: words[5]
        )
    }

    /// The registers as the words of `NeuronTables.modelRegisters`.
    public var words: [Int32] {
        [
            hasCalcium ? 1 : 0, membraneThreshold, lowestCalcium, fallingLimit, risingLimit,
            calciumLeak,
        ]
    }

    /// Whether words hold what the registers can.
    static func areValid(_ words: ArraySlice<Int32>) -> Bool {
        let limits: [Int32] = [1, 255, 7, 7, 7, 31]
        return zip(words, limits).allSatisfy { (0...$1).contains($0) }
    }
}

extension NeuronTables {
    /// Registers of an `odinLIF` neuron.
    ///
    /// - Parameter slot: A slot of a core of such neurons.
    /// - Returns: Its registers.
    public func odinRegisters(ofSlot slot: Int) -> ODINRegisters {
        let first = slot * ODINRegisters.count
        return ODINRegisters(words: modelRegisters[first..<first + ODINRegisters.count])
    }
}
