import ChipImage
import ChipSpec
import Description
import Events
import Report
import Twin

/// What a fit found, as text, JSON and device.
struct FitReport {
    let recording: String
    let image: ChipImage
    let result: DeviceFitResult

    /// Estimates of a parameter that the recording tells, of those of all neurons that have it.
    private func count(_ parameter: MismatchParameter) -> (
        told: Int, all: Int, reasons: [String: Int]
    ) {
        var told = 0
        var all = 0
        var reasons: [String: Int] = [:]
        for neuron in result.neurons {
            guard let estimate = neuron.parameters[parameter] else { continue }
            guard estimate.notIdentified != .noRegister else { continue }
            all += 1
            if let reason = estimate.notIdentified {
                reasons[reason.rawValue, default: 0] += 1
            } else {
                told += 1
            }
        }
        return (told, all, reasons)
    }

    var text: String {
        var table = TextTable([
            .init("parameter"), .init("told", alignment: .right), .init("of", alignment: .right),
            .init("mean factor", alignment: .right), .init("CV", alignment: .right),
            .init("not told"),
        ])
        for parameter in result.parameters {
            let count = count(parameter)
            let spread = result.prior.spreads[parameter]
            let reasons = count.reasons.sorted { $0.key < $1.key }
                .map { "\(Format.count($0.value)) \($0.key)" }.joined(separator: ", ")
            table.append([
                parameter.rawValue, Format.count(count.told), Format.count(count.all),
                spread.map { Format.fixed($0.meanFactor, decimals: 3) } ?? "-",
                spread.map { Format.fixed($0.coefficientOfVariation, decimals: 3) } ?? "-", reasons,
            ])
        }
        let held = result.heldOut
        let unfitted = result.neurons.count { $0.reason != nil }
        var lines = [
            table.text,
            "weight: not told; only the ratio of threshold and weights shows in spikes, and it is the "
                + "threshold's here",
            "\(Format.percent(result.lost)) of the spikes lost; fitted on \(Format.count(result.fittedSteps)) of "
                + "\(Format.count(result.steps)) steps",
        ]
        if unfitted > 0 {
            lines.append("\(Format.count(unfitted)) neurons of models that are not fitted")
        }
        if held.spikes > 0 {
            lines.append(
                "held out: distance of \(Format.count(held.spikes)) spikes "
                    + "\(Format.fixed(held.nominal / Double(held.spikes), decimals: 3)) a spike on the nominal "
                    + "chip, \(Format.fixed(held.fitted / Double(held.spikes), decimals: 3)) on the fitted one"
            )
        }
        return lines.joined(separator: "\n")
    }

    var json: JSONValue {
        let held = result.heldOut
        let parameters: [JSONValue.Member] = result.parameters.map { parameter in
            let count = count(parameter)
            let spread = result.prior.spreads[parameter]
            return JSONValue.Member(
                parameter.rawValue,
                [
                    "told": .integer(count.told), "of": .integer(count.all),
                    "meanFactor": .optional(spread?.meanFactor),
                    "coefficientOfVariation": .optional(spread?.coefficientOfVariation),
                ]
            )
        }
        return [
            "schema": "spikeloom.fit/1",
            "recording": .string(recording),
            "chip": .string(image.chip.name),
            "steps": .integer(result.steps),
            "fittedSteps": .integer(result.fittedSteps),
            "lost": .number(result.lost),
            "parameters": .object(parameters),
            "heldOut": [
                "spikes": .integer(held.spikes), "nominal": .number(held.nominal),
                "fitted": .number(held.fitted),
            ],
            "neurons": .array(result.neurons.indices.map(neuron)),
        ]
    }

    private func neuron(_ index: Int) -> JSONValue {
        let neuron = result.neurons[index]
        let place = result.place(of: index)
        let estimates: [JSONValue.Member] = result.parameters.compactMap { parameter in
            guard let estimate = neuron.parameters[parameter], estimate.factor > 0 else {
                return nil
            }
            return JSONValue.Member(
                parameter.rawValue,
                [
                    "factor": .number(estimate.factor), "low": .number(estimate.low),
                    "high": .number(estimate.high),
                    "notTold": .optional(estimate.notIdentified?.rawValue),
                ]
            )
        }
        return [
            "core": .integer(Int(place.core)), "slot": .integer(place.slot),
            "population": .string(image.network.populations[place.population].path),
            "spikes": .integer(neuron.spikes), "noise": .number(neuron.noise),
            "parameters": .object(estimates),
        ]
    }

    /// The device as a file.
    func device(named name: String) -> DeviceFile {
        let low = result.columns(\.low)
        let high = result.columns(\.high)
        return DeviceFile(
            name: name,
            summary: "Fitted to a recording of \(result.steps) steps.",
            chip: image.chip.name,
            chipDigest: image.chip.digest.description,
            device: result.device,
            intervals: low.reduce(into: [:]) { intervals, entry in
                intervals[entry.key] = .init(low: entry.value, high: high[entry.key] ?? [:])
            }
        )
    }
}
