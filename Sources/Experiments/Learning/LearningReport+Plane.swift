import Description
import NetworkIR
public import Report

/// Two weights that drift in a plane: what each run says of it.
struct PlanePoint {
    /// Name of the arm.
    var arm: String
    var seed: UInt64
    /// Weights before and after.
    var x: (before: Double, after: Double)
    var y: (before: Double, after: Double)
    /// Path weight along x minus that along y.
    var pathGap: Double
    /// Response of the path along x minus that along y.
    var responseGap: Double
    /// The network of the run without its two weights.
    var paths: Network
    /// Half the change of y − x between looks.
    var changes: [Double]
    /// Half the change of y − x, and its standard error from the changes between looks.
    var drift: Double
    var standardError: Double
    /// Lowest of both weights at any look.
    var lowest: Double

    var gapBefore: Double { x.before - y.before }
    var gapAfter: Double { x.after - y.after }
    var effectiveGapBefore: Double { gapBefore + pathGap }
    var effectiveGapAfter: Double { gapAfter + pathGap }
    /// Whether the drift is more than four standard errors from 0.
    var isSignificant: Bool { drift.magnitude > 4 * standardError }
    /// Whether the weight falls that is effectively the larger one.
    var agrees: Bool { drift * effectiveGapBefore > 0 }
}

extension LearningReport {
    /// What the runs of arms with a plane say, arm by arm.
    var planePoints: [PlanePoint] {
        zip(arms, results).flatMap { arm, results -> [PlanePoint] in
            guard let plane = arm.experiment.plane else { return [] }
            return results.compactMap { result in
                point(of: result, arm.experiment, plane)
            }
        }
    }

    private func point(
        of result: LearningResult,
        _ experiment: Experiment,
        _ plane: WeightPlane
    ) -> PlanePoint? {
        let network = experiment.network(seed: result.seed)
        guard let x = result.weights.first(where: { $0.name == plane.x }),
            let y = result.weights.first(where: { $0.name == plane.y }),
            let along = network.projections.first(where: { $0.name == plane.x }),
            let (x0, x1) = x.ends, let (y0, y1) = y.ends
        else { return nil }
        let halves = zip(x.means, y.means).map { ($1 - $0) / 2 }
        let changes = zip(halves.dropFirst(), halves).map { $0 - $1 }
        let count = Double(changes.count)
        let mean = changes.reduce(0, +) / max(1, count)
        let squares = changes.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        return PlanePoint(
            arm: experiment.arm ?? experiment.name,
            seed: result.seed,
            x: (x0, x1),
            y: (y0, y1),
            pathGap: network.pathWeight(from: along.source, to: along.target)
                - network.pathWeight(from: along.target, to: along.source),
            responseGap: network.pathResponse(from: along.source, to: along.target)
                - network.pathResponse(from: along.target, to: along.source),
            paths: network.withoutWeights(of: [plane.x, plane.y]),
            changes: changes,
            drift: (halves.last ?? 0) - (halves.first ?? 0),
            standardError: count > 1 ? (squares / (count - 1) * count).squareRoot() : .infinity,
            lowest: min(x.lowest, y.lowest)
        )
    }

    /// The runs of a network: points in its plane, and the line on which its weights would not drift.
    struct PlaneNetwork {
        var seed: UInt64
        var points: [PlanePoint]
        /// x − y at which effective weights are equal.
        var effectiveOffset: Double
        /// x − y at which what a spike changes is equal.
        var responseOffset: Double
        var line: ZeroLine?
    }

    /// One entry a seed and set of paths.
    var planeNetworks: [PlaneNetwork] {
        var networks: [PlaneNetwork] = []
        for point in planePoints {
            let place = networks.firstIndex {
                $0.seed == point.seed && $0.points[0].paths == point.paths
            }
            if let place {
                networks[place].points.append(point)
            } else {
                networks.append(
                    PlaneNetwork(
                        seed: point.seed,
                        points: [point],
                        effectiveOffset: -point.pathGap,
                        responseOffset: -point.responseGap
                    )
                )
            }
        }
        for index in networks.indices {
            let points = networks[index].points
            networks[index].line = ZeroLine(
                gaps: points.map(\.gapBefore),
                changes: points.map(\.changes)
            )
        }
        return networks
    }

    /// One row a network: where the weights do not drift, and where by their effective weights they should not;
    /// nil without a plane.
    public var planeTable: TextTable? {
        let networks = planeNetworks
        guard !networks.isEmpty else { return nil }
        var table = TextTable([
            .init("seed", alignment: .right), .init("points", alignment: .right),
            .init("no drift at x − y", alignment: .right),
            .init("effective weights equal at", alignment: .right),
            .init("responses equal at", alignment: .right),
            .init("drift beyond 4 errors", alignment: .right),
            .init("of them towards equal", alignment: .right),
            .init("lowest weight", alignment: .right),
        ])
        for network in networks {
            let clear = network.points.filter(\.isSignificant)
            table.append([
                "\(network.seed)", "\(network.points.count)",
                network.line.map {
                    Format.fixed($0.offset, decimals: 3) + " ± "
                        + Format.fixed($0.halfWidth, decimals: 3)
                } ?? "",
                Format.fixed(network.effectiveOffset, decimals: 3),
                Format.fixed(network.responseOffset, decimals: 3),
                "\(clear.count)", "\(clear.count(where: \.agrees))",
                Format.fixed(network.points.map(\.lowest).min() ?? 0, decimals: 3),
            ])
        }
        return table
    }

    /// One row an arm: how far weights and effective weights are apart, medians over seeds; nil without a plane.
    public var planeArms: TextTable? {
        let points = planePoints
        guard !points.isEmpty else { return nil }
        var table = TextTable([
            .init("arm"), .init("x", alignment: .right), .init("y", alignment: .right),
            .init("|x − y|", alignment: .right), .init("after", alignment: .right),
            .init("effective", alignment: .right), .init("after", alignment: .right),
            .init("worst", alignment: .right), .init("lowest weight", alignment: .right),
        ])
        var done: Set<String> = []
        for arm in points.map(\.arm) where done.insert(arm).inserted {
            let own = points.filter { $0.arm == arm }
            func row(_ value: (PlanePoint) -> Double) -> String {
                Format.fixed(median(own.map(value)), decimals: 3)
            }
            table.append([
                arm, row(\.x.before), row(\.y.before),
                row(\.gapBefore.magnitude), row(\.gapAfter.magnitude),
                row(\.effectiveGapBefore.magnitude), row(\.effectiveGapAfter.magnitude),
                Format.fixed(own.map(\.effectiveGapAfter.magnitude).max() ?? 0, decimals: 3),
                Format.fixed(own.map(\.lowest).min() ?? 0, decimals: 3),
            ])
        }
        return table
    }

    /// Where the weights of the network drift whose paths differ most, and for all networks where they do not
    /// drift against where effective weights are equal; nil without a plane.
    public var planeFigure: MultiFigure? {
        let networks = planeNetworks
        guard let plane = arms.lazy.compactMap(\.experiment.plane).first,
            let shown = networks.max(by: {
                $0.effectiveOffset.magnitude < $1.effectiveOffset.magnitude
            })
        else { return nil }
        var parts = [MultiFigure.Part.field(field(of: shown, plane))]
        if networks.count > 1 { parts.append(.lines(Self.offsets(networks, plane))) }
        return MultiFigure(
            title: arms.first?.experiment.summary ?? "",
            parts: parts,
            columns: 2
        )
    }

    private func field(of network: PlaneNetwork, _ plane: WeightPlane) -> FieldFigure {
        let ends = network.points.flatMap { [$0.x.before, $0.y.before] }
        let (low, high) = (ends.min() ?? 0, ends.max() ?? 1)
        /// The line x − y = offset within the square of the points.
        func line(_ name: String, _ offset: Double) -> FieldFigure.Line {
            FieldFigure.Line(
                name,
                [max(low, low + offset), min(high, high + offset)].map {
                    FigurePoint($0, $0 - offset)
                }
            )
        }
        return FieldFigure(
            title: "Drift, seed \(network.seed)",
            x: FigureAxis("weight of \(plane.x)", unit: "log-odds"),
            y: FigureAxis("weight of \(plane.y)", unit: "log-odds"),
            arrows: network.points.map { point in
                FieldFigure.Arrow(
                    FigurePoint(point.x.before, point.y.before),
                    drift: FigurePoint(
                        point.x.after - point.x.before,
                        point.y.after - point.y.before
                    )
                )
            },
            lines: [line("effective weights equal", network.effectiveOffset)]
                + [network.line.map { line("no drift", $0.offset) }].compactMap(\.self)
        )
    }

    private static func offsets(_ networks: [PlaneNetwork], _ plane: WeightPlane) -> LineFigure {
        let expected = networks.map(\.effectiveOffset)
        let ends = [expected.min() ?? 0, expected.max() ?? 0]
        return LineFigure(
            title: "Where the weights do not drift",
            x: FigureAxis("\(plane.x) − \(plane.y) with equal effective weights", unit: "log-odds"),
            y: FigureAxis("\(plane.x) − \(plane.y) without drift", unit: "log-odds"),
            series: [
                .init("effective weights equal", ends.map { .init($0, $0) }, look: .line),
                .init("weights equal", ends.map { .init($0, 0) }, look: .line),
                .init(
                    "measured",
                    networks.compactMap { network in
                        network.line.map { line in
                            .init(
                                network.effectiveOffset,
                                line.offset,
                                low: line.offset - line.halfWidth,
                                high: line.offset + line.halfWidth
                            )
                        }
                    },
                    look: .marks
                ),
            ],
            caption: "One mark a network, with its 95 % interval."
        )
    }

    /// The plane for other programs; nil without one.
    var planeJSON: JSONValue? {
        let networks = planeNetworks
        guard let plane = arms.lazy.compactMap(\.experiment.plane).first, !networks.isEmpty else {
            return nil
        }
        return [
            "x": .string(plane.x),
            "y": .string(plane.y),
            "networks": .array(
                networks.map { network in
                    [
                        "seed": .unsigned(network.seed),
                        "effectiveOffset": .number(network.effectiveOffset),
                        "responseOffset": .number(network.responseOffset),
                        "zeroLine": network.line.map { line in
                            [
                                "offset": .number(line.offset),
                                "halfWidth": .number(line.halfWidth),
                                "slope": .number(line.slope),
                            ]
                        } ?? .null,
                        "points": .array(network.points.map(json)),
                    ]
                }
            ),
        ]
    }

    private func json(_ point: PlanePoint) -> JSONValue {
        [
            "arm": .string(point.arm),
            "x": [.number(point.x.before), .number(point.x.after)],
            "y": [.number(point.y.before), .number(point.y.after)],
            "effectiveGap": [
                .number(point.effectiveGapBefore), .number(point.effectiveGapAfter),
            ],
            "drift": .number(point.drift),
            "standardError": .optional(
                point.standardError.isFinite ? point.standardError : nil
            ),
        ]
    }
}

extension Network {
    /// The network with other weights of some projections: what two runs of one plane have in common.
    fileprivate func withoutWeights(of names: [String]) -> Network {
        var network = self
        for index in projections.indices
        where projections[index].name.map(names.contains) ?? false {
            network.projections[index].connectivity = .dense([])
            network.projections[index].plasticity?.fullScale = 1
        }
        return network
    }
}
