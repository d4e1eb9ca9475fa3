public import ChipSpec

/// How mismatch is written: on the command line, in recordings and in reports.
public enum MismatchArgument {
    /// Largest coefficient of variation that makes sense to ask for.
    public static let largest = 5.0

    /// Why a mismatch cannot be read.
    public enum Fault: Error, Equatable, CustomStringConvertible {
        /// Not a number in range.
        case badCoefficient(String)
        /// No such parameter.
        case unknownParameter(String)

        /// What is wrong and what to do.
        public var description: String {
            switch self {
            case .badCoefficient(let text):
                "--mismatch: '\(text)' is not a coefficient of variation. It must be a number in "
                    + "0...5, for example 0.2 for 20 %, or `off`."
            case .unknownParameter(let name):
                "--mismatch: there is no parameter '\(name)'. Known are "
                    + MismatchParameter.allCases.map(\.rawValue).joined(separator: ", ")
                    + ". Write for example threshold=0.2,weight=0.1, or one number for all that "
                    + "the chip spec names."
            }
        }
    }

    /// Reads one coefficient.
    ///
    /// - Parameter text: A number in 0...5.
    /// - Returns: The coefficient of variation.
    /// - Throws: `Fault.badCoefficient`.
    public static func coefficient(_ text: String) throws -> Double {
        guard let value = Double(text), value >= 0, value <= largest else {
            throw Fault.badCoefficient(text)
        }
        return value
    }

    /// Reads coefficients by parameter.
    ///
    /// - Parameter text: `off`, or `threshold=0.2,weight=0.1`.
    /// - Returns: Coefficient of variation by parameter.
    /// - Throws: `Fault`.
    public static func variation(_ text: String) throws -> [MismatchParameter: Double] {
        if text == "off" { return [:] }
        var variation: [MismatchParameter: Double] = [:]
        for part in text.split(separator: ",") {
            let sides = part.split(separator: "=", maxSplits: 1).map(String.init)
            guard sides.count == 2 else { throw Fault.badCoefficient(String(part)) }
            guard let parameter = MismatchParameter(rawValue: sides[0]) else {
                throw Fault.unknownParameter(sides[0])
            }
            variation[parameter] = try coefficient(sides[1])
        }
        return variation
    }

    /// Reads the mismatch of a device of a chip.
    ///
    /// - Parameters:
    ///   - text: `off`, one number for all parameters that the chip names, or numbers by parameter.
    ///   - chip: The chip.
    ///   - seed: Seed of the fixed pattern.
    /// - Returns: The device.
    /// - Throws: `Fault`.
    public static func device(_ text: String, of chip: ChipSpec, seed: UInt64) throws -> Device {
        if text == "off" { return .ideal }
        if text.contains("=") { return Device(seed: seed, variation: try variation(text)) }
        return .drawn(from: chip, coefficient: try coefficient(text), seed: seed)
    }

    /// Writes coefficients by parameter, in the order of the parameters.
    ///
    /// - Parameter variation: Coefficient of variation by parameter.
    /// - Returns: What `variation(_:)` reads.
    public static func text(_ variation: [MismatchParameter: Double]) -> String {
        let parts = MismatchParameter.allCases.compactMap { parameter in
            variation[parameter].map { "\(parameter.rawValue)=\($0)" }
        }
        return parts.isEmpty ? "off" : parts.joined(separator: ",")
    }
}
