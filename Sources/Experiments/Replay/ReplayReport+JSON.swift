import Analysis
import Events
public import Report

extension ReplayReport {
    /// Neurons listed in the JSON report.
    private static let mostNeurons = 10_000

    /// The report as JSON, schema `spikeloom.replay/1`.
    public var json: JSONValue {
        let first = outcome.divergence?.difference ?? outcome.comparison.firstDifference
        let replay = outcome.replay
        let isEqual = outcome.isEqual
        return [
            "schema": "spikeloom.replay/1",
            "equal": .boolean(isEqual),
            "teacherForced": .boolean(replay.isTeacherForced),
            "toleranceSteps": .integer(replay.tolerance),
            "trials": .integer(replay.trials),
            "timeConstantSteps": .number(replay.settings.timeConstant),
            "precisionSteps": .number(replay.settings.precision),
            "steps": .unsigned(outcome.steps),
            "differences": .integer(differenceCount),
            "firstDifference": isEqual ? .null : first.map { json(of: $0) } ?? .null,
            "sameImage": outcome.isSameImage.map { .boolean($0) } ?? .null,
            "neurons": .integer(outcome.neurons.count),
            "deviatingNeurons": .integer(outcome.neurons.count(where: \.deviates)),
            "populations": .array(
                populations.map { population in
                    Self.json(
                        [
                            .init("population", .string(population.path)),
                            .init("neurons", .integer(population.neurons)),
                            .init("deviatingNeurons", .integer(population.deviating)),
                        ],
                        population.counts,
                        population.distances,
                        population.trialDistances
                    )
                }
            ),
            "deviating": .array(
                outcome.deviating.prefix(Self.mostNeurons).map { neuron in
                    Self.json(
                        [
                            .init("population", .string(outcome.populations[neuron.population])),
                            .init("index", .integer(neuron.index)),
                            .init("core", .integer(Int(neuron.address.core))),
                            .init("neuron", .integer(Int(neuron.address.neuron))),
                        ],
                        neuron.counts,
                        neuron.distances,
                        neuron.trialDistances
                    )
                }
            ),
        ]
    }

    private func json(of difference: SpikeComparison.Difference) -> JSONValue {
        var members: [JSONValue.Member] = [
            .init("step", .unsigned(difference.step)),
            .init("core", .integer(Int(difference.core))),
            .init("neuron", .integer(Int(difference.neuron))),
            .init("side", .string(difference.side.rawValue)),
        ]
        if let divergence = outcome.divergence {
            members += [
                .init("population", .string(outcome.populations[divergence.population])),
                .init("index", .integer(divergence.index)),
                .init("threshold", .integer(Int(divergence.threshold))),
                .init(
                    "history",
                    .array(
                        divergence.history.map { point in
                            [
                                "step": .unsigned(point.step),
                                "v": .integer(Int(point.membrane)),
                                "u": .integer(Int(point.current)),
                                "recorded": .boolean(point.isRecorded),
                                "emulated": .boolean(point.isEmulated),
                            ]
                        }
                    )
                ),
            ]
        }
        return .object(members)
    }

    private static func json(
        _ name: [JSONValue.Member],
        _ counts: SpikeComparison.Counts,
        _ distances: TrainDistances?,
        _ trials: TrainDistances?
    ) -> JSONValue {
        .object(
            name + [
                .init("recorded", .integer(counts.recorded)),
                .init("emulated", .integer(counts.emulated)),
                .init("missing", .integer(counts.missing)),
                .init("extra", .integer(counts.extra)),
                .init("distances", distances.map { $0.json } ?? .null),
                .init("trialDistances", trials.map { $0.json } ?? .null),
            ]
        )
    }
}

extension TrainDistances {
    /// The distances as JSON; what is not defined or infinite is null.
    var json: JSONValue {
        [
            "rateError": rateError.isFinite ? .number(rateError) : .null,
            "vanRossum": .number(vanRossum),
            "victorPurpura": .optional(victorPurpura),
            "isi": .number(isi),
            "spike": .number(spike),
            "coincidence": .optional(coincidence),
            "latencySteps": .optional(latency),
        ]
    }
}
