import ChipImage
public import Emulator

/// Weight registers of a learning chip at some steps, as text and back.
///
/// A line is `step,projection,pre,post,register`, the register with its hidden bits; lines of a look stand
/// together. Only projections with a rule are recorded.
public struct WeightRecording: Sendable, Equatable {
    /// One synapse at one look.
    public struct Value: Sendable, Equatable {
        /// Index of the presynaptic neuron in its population.
        public var pre: Int
        /// Index of the postsynaptic neuron.
        public var post: Int
        /// Weight register, hidden bits included.
        public var register: Int
    }

    /// All synapses of a projection at one step.
    public struct Look: Sendable, Equatable {
        /// Steps that the machine had run.
        public var step: UInt64
        /// Name of the projection.
        public var projection: String
        /// In the order of the file.
        public var values: [Value]
    }

    /// Why a text is no recording of weights.
    public enum Fault: Error, Equatable, CustomStringConvertible {
        /// A line that cannot be read.
        case badLine(path: String, line: Int)
        /// More values than are kept.
        case tooLong(path: String, limit: Int)

        /// What is wrong and what to do.
        public var description: String {
            switch self {
            case .badLine(let path, let line):
                "\(path):\(line): is not step,projection,pre,post,register. Give what "
                    + "'spikeloom learn --record-weights' writes."
            case .tooLong(let path, let limit):
                "\(path) holds more than \(limit) values. Look at the weights less often "
                    + "(probeEverySeconds)."
            }
        }
    }

    private static let header = "step,projection,pre,post,register"
    /// Values of a recording, at most.
    private static let mostValues = 1 << 26

    /// Looks in the order of time.
    public private(set) var looks: [Look] = []
    private var valueCount = 0

    /// Nothing recorded yet.
    public init() {}

    /// Notes the weights of all projections with a rule.
    ///
    /// - Parameter machine: A machine between two steps.
    /// - Throws: `Fault` if it is too much.
    public mutating func note(_ machine: Machine) throws(Fault) {
        for look in Self.looks(at: machine) {
            try append(look, of: "The recording of weights")
        }
    }

    /// Adds a look at a projection.
    mutating func append(_ look: Look, of path: String) throws(Fault) {
        valueCount += look.values.count
        guard valueCount <= Self.mostValues else {
            throw .tooLong(path: path, limit: Self.mostValues)
        }
        looks.append(look)
    }

    /// The weights of all projections with a rule as they are now.
    static func looks(at machine: Machine) -> [Look] {
        projections(of: machine.image.network).map { index, name in
            let values = machine.synapses(of: index).map {
                Value(pre: $0.pre, post: $0.post, register: $0.register)
            }
            return Look(step: machine.currentStep, projection: name, values: values)
        }
    }

    /// Projections with a rule and their names in a recording: without commas, each once.
    static func projections(of network: NetworkTable) -> [(index: Int, name: String)] {
        var uses: [String: Int] = [:]
        return network.projections.enumerated().compactMap { index, projection in
            guard projection.rule != nil else { return nil }
            let name = (projection.name ?? "\(projection.source) > \(projection.target)")
                .replacing(",", with: " ")
            uses[name, default: 0] += 1
            return (index, uses[name] == 1 ? name : "\(name) (\(uses[name, default: 1]))")
        }
    }

    /// The recording as text.
    public var text: String {
        var text = Self.header + "\n"
        for look in looks {
            for value in look.values {
                text += "\(look.step),\(look.projection),\(value.pre),\(value.post),"
                text += "\(value.register)\n"
            }
        }
        return text
    }

    /// Reads a recording.
    ///
    /// - Parameters:
    ///   - text: As `text` gives it.
    ///   - path: What messages name.
    /// - Throws: `Fault`.
    public init(text: String, path: String) throws(Fault) {
        for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false)
            .enumerated()
        {
            if number == 0 {
                guard line == Self.header else { throw .badLine(path: path, line: 1) }
                continue
            }
            if line.isEmpty { continue }
            let parts = line.split(separator: ",", omittingEmptySubsequences: false)
            guard parts.count == 5, let step = UInt64(parts[0]), let pre = Int(parts[2]),
                let post = Int(parts[3]), let register = Int(parts[4])
            else { throw .badLine(path: path, line: number + 1) }
            valueCount += 1
            guard valueCount <= Self.mostValues else {
                throw .tooLong(path: path, limit: Self.mostValues)
            }
            let value = Value(pre: pre, post: post, register: register)
            if let last = looks.last, last.step == step, last.projection == parts[1] {
                looks[looks.count - 1].values.append(value)
            } else {
                looks.append(Look(step: step, projection: String(parts[1]), values: [value]))
            }
        }
    }
}
