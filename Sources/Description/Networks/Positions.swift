import FixedPoint

/// Where the neurons of a population are, as a network file says it.
enum PositionRecipe: Sendable, Equatable {
    /// At the points of the population's shape, `spacing` apart along each axis.
    case grid(spacing: [Double], origin: [Double])
    /// On a circle around a point, at equal angles, the first one on the first axis.
    case ring(radius: Double, center: [Double])
    /// Drawn evenly from a box.
    case random(box: [Double], origin: [Double])
    /// `[neuron][axis]`.
    case given([Double], axes: Int)

    /// Number of coordinates.
    var axes: Int {
        switch self {
        case .grid(let spacing, _): spacing.count
        case .ring: 2
        case .random(let box, _): box.count
        case .given(_, let axes): axes
        }
    }

    /// Places the neurons of a population.
    ///
    /// - Parameters:
    ///   - shape: Of the population.
    ///   - stream: Of purpose `network`.
    ///   - id: Which population.
    /// - Returns: One point a neuron.
    func positions(shape: [Int], _ stream: RandomStream, id: UInt32) -> Positions {
        let count = shape.reduce(1, *)
        var result = Positions(axes: axes, coordinates: [])
        result.coordinates.reserveCapacity(count * axes)
        switch self {
        case .grid(let spacing, let origin):
            for neuron in 0..<count {
                var rest = neuron
                var stride = count
                for axis in 0..<axes {
                    stride /= shape[axis]
                    result.coordinates.append(
                        origin[axis] + Double(rest / stride) * spacing[axis]
                    )
                    rest %= stride
                }
            }
        case .ring(let radius, let center):
            for neuron in 0..<count {
                let (sine, cosine) = Self.sineAndCosine(turns: Double(neuron) / Double(count))
                result.coordinates.append(center[0] + radius * cosine)
                result.coordinates.append(center[1] + radius * sine)
            }
        case .random(let box, let origin):
            for neuron in 0..<count {
                for axis in 0..<axes {
                    let share = stream.uniform(
                        UInt32(truncatingIfNeeded: neuron),
                        id,
                        Parameter.position + UInt32(axis)
                    )
                    result.coordinates.append(origin[axis] + share * box[axis])
                }
            }
        case .given(let coordinates, _): result.coordinates = coordinates
        }
        return result
    }

    /// Sine and cosine of a share of a turn in 0..<1, the same on every CPU.
    private static func sineAndCosine(turns: Double) -> (Double, Double) {
        // Quarter turns are exact; what is left lies within an eighth of a turn.
        let quarter = (turns * 4).rounded()
        let x = (turns - quarter / 4) * 2 * Double.pi
        var (sine, cosine) = (0.0, 0.0)
        // Taylor series on |x| <= π/4: the terms of order 19 and 20 are below 2^-60.
        var n = 17.0
        while n >= 1 {
            sine = 1 - x * x / ((n + 1) * (n + 2)) * sine
            cosine = 1 - x * x / (n * (n + 1)) * cosine
            n -= 2
        }
        sine *= x
        return switch Int(quarter) % 4 {
        case 0: (sine, cosine)
        case 1: (cosine, -sine)
        case 2: (-sine, -cosine)
        default: (-cosine, sine)
        }
    }
}

/// One point a neuron.
struct Positions: Sendable {
    var axes: Int
    /// `[neuron][axis]`, row-major.
    var coordinates: [Double]

    var count: Int { coordinates.count / max(1, axes) }

    /// How far a neuron is from one of another population.
    ///
    /// - Parameters:
    ///   - neuron: Of these.
    ///   - other: Of the other population.
    ///   - others: Where those are; as many axes.
    ///   - wrap: Period of each axis, 0 for one that does not wrap; empty for none.
    /// - Returns: Shortest way on the torus.
    func separation(_ neuron: Int, _ other: Int, of others: Positions, wrap: [Double]) -> Separation
    {
        var (squares, widest) = (0.0, 0.0)
        for axis in 0..<axes {
            let difference = Self.difference(
                coordinates[neuron * axes + axis],
                others.coordinates[other * axes + axis],
                period: wrap.isEmpty ? 0 : wrap[axis]
            )
            squares += difference * difference
            widest = max(widest, difference)
        }
        return Separation(distance: squares.squareRoot(), widest: widest)
    }

    private static func difference(_ one: Double, _ other: Double, period: Double) -> Double {
        let difference = (one - other).magnitude
        guard period > 0 else { return difference }
        let within = difference.truncatingRemainder(dividingBy: period)
        return min(within, period - within)
    }

    /// Lowest and highest coordinate of an axis.
    func range(of axis: Int) -> ClosedRange<Double> {
        var (low, high) = (Double.infinity, -Double.infinity)
        for place in stride(from: axis, to: coordinates.count, by: axes) {
            low = min(low, coordinates[place])
            high = max(high, coordinates[place])
        }
        return low <= high ? low...high : 0...0
    }

    /// Longest distance that can occur to neurons of another population.
    func farthest(from others: Positions, wrap: [Double]) -> Double {
        var squares = 0.0
        for axis in 0..<axes {
            let (own, other) = (range(of: axis), others.range(of: axis))
            var difference = max(
                own.upperBound - other.lowerBound,
                other.upperBound - own.lowerBound,
                0
            )
            if !wrap.isEmpty, wrap[axis] > 0 { difference = min(difference, wrap[axis] / 2) }
            squares += difference * difference
        }
        return squares.squareRoot()
    }
}
