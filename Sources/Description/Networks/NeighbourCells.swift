/// Points sorted into cells at least as wide as a reach: what is within reach of a point lies in the
/// cells around its own.
struct NeighbourCells {
    private struct Axis {
        var low: Double
        var width: Double
        var count: Int
        var period: Double
    }

    private let axes: [Axis]
    /// Where the members of each cell begin, and how many there are.
    private let starts: [Int]
    /// Points by cell, ascending within each.
    private let members: [Int32]
    private static let mostCells = 1 << 20

    /// Sorts points into cells.
    ///
    /// - Parameters:
    ///   - points: Where they are.
    ///   - reach: Widest difference of a coordinate that matters; infinite for any.
    ///   - wrap: Period of each axis, 0 for one that does not wrap; empty for none.
    init(_ points: Positions, reach: Double, wrap: [Double]) {
        // No more cells than points, so that an empty one costs no more than a point.
        let limits = [0, Self.mostCells, 1024, 101]
        let most = min(limits[points.axes], max(1, points.count))
        axes = (0..<points.axes).map { axis in
            let period = wrap.isEmpty ? 0 : wrap[axis]
            let range = points.range(of: axis)
            let extent = period > 0 ? period : range.upperBound - range.lowerBound
            // The hair's breadth keeps a pair at exactly the reach within neighbouring cells.
            let fitting = extent / (reach * (1 + 1e-9))
            let count =
                fitting.isFinite ? Int(min(max(1, fitting.rounded(.down)), Double(most))) : most
            return Axis(
                low: period > 0 ? 0 : range.lowerBound,
                width: max(extent / Double(count), reach * (1 + 1e-9)),
                count: reach.isFinite ? count : 1,
                period: period
            )
        }
        let cells = axes.reduce(1) { $0 * $1.count }
        var starts = [Int](repeating: 0, count: cells + 1)
        var cellOfPoint = [Int32](repeating: 0, count: points.count)
        for point in 0..<points.count {
            var cell = 0
            for (index, axis) in axes.enumerated() {
                let place = Self.place(points.coordinates[point * axes.count + index], on: axis)
                cell = cell * axis.count + min(max(0, place), axis.count - 1)
            }
            cellOfPoint[point] = Int32(cell)
            starts[cell + 1] += 1
        }
        for cell in 0..<cells { starts[cell + 1] += starts[cell] }
        var next = starts
        var members = [Int32](repeating: 0, count: points.count)
        for point in 0..<points.count {
            let cell = Int(cellOfPoint[point])
            members[next[cell]] = Int32(point)
            next[cell] += 1
        }
        self.starts = starts
        self.members = members
    }

    /// The cell of a coordinate along an axis; outside of the points a number outside of the cells.
    private static func place(_ coordinate: Double, on axis: Axis) -> Int {
        guard axis.period > 0 else {
            let place = ((coordinate - axis.low) / axis.width).rounded(.down)
            // The last point lies on the end of the last cell.
            if place == Double(axis.count), coordinate - axis.low <= axis.width * Double(axis.count)
            {
                return axis.count - 1
            }
            return Int(min(max(place, -2), Double(axis.count) + 1))
        }
        let rest = coordinate.truncatingRemainder(dividingBy: axis.period)
        let within = rest < 0 ? rest + axis.period : rest
        return min(axis.count - 1, Int(within / axis.width))
    }

    /// Calls a function with each cell that may hold points within reach of a point.
    private func forEachCell(
        around points: Positions,
        _ point: Int,
        _ body: (Range<Int>) -> Void
    ) {
        var cells = [0]
        for (index, axis) in axes.enumerated() {
            let own = Self.place(points.coordinates[point * axes.count + index], on: axis)
            var near: [Int] = []
            for place in own - 1...own + 1 {
                if axis.period > 0 {
                    let wrapped = (place + axis.count) % axis.count
                    if !near.contains(wrapped) { near.append(wrapped) }
                } else if (0..<axis.count).contains(place) {
                    near.append(place)
                }
            }
            cells = cells.flatMap { cell in near.map { cell * axis.count + $0 } }
        }
        for cell in cells { body(starts[cell]..<starts[cell + 1]) }
    }

    /// Number of points that may be within reach of a point.
    func candidateCount(around points: Positions, _ point: Int) -> Int {
        var count = 0
        forEachCell(around: points, point) { count += $0.count }
        return count
    }

    /// Points that may be within reach of a point, ascending.
    ///
    /// - Parameters:
    ///   - points: Where the point is.
    ///   - point: Which it is.
    ///   - candidates: Filled with indices.
    func candidates(around points: Positions, _ point: Int, into candidates: inout [Int32]) {
        candidates.removeAll(keepingCapacity: true)
        var cells = 0
        forEachCell(around: points, point) { range in
            candidates.append(contentsOf: members[range])
            cells += range.isEmpty ? 0 : 1
        }
        if cells > 1 { candidates.sort() }
    }
}
