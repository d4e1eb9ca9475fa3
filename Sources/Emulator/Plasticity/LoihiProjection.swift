import ChipImage
import ChipSpec
import Events
import FixedPoint

/// The engine `loihi` on one projection of a machine.
///
/// As in lava-nc, the spikes of step t are delivered with the weights of before the end of step t: charges are
/// rewritten after the delivery of the next step.
@safe
final class LoihiProjection {
    let engine: LoihiEngine
    let bank: TraceBank
    let blocks: [PlasticBlock]
    private let format: WeightFormat
    /// Block and row of each row of the engine.
    private var places: [(block: Int, row: Int)] = []
    /// First synapse of each block among those of the engine.
    private var firstSynapse: [Int] = []
    private var pendingRows: [Int] = []

    init(
        program: RuleProgram,
        projection: ProjectionTable,
        bank: TraceBank,
        blocks: [PlasticBlock],
        format: WeightFormat,
        seed: UInt64
    ) {
        self.bank = bank
        self.blocks = blocks
        self.format = format
        var rows = LoihiRows(
            rowLine: [],
            rowStart: [0],
            targets: [],
            weights: [],
            lineCore: (0..<bank.lines.count).map { bank.lines[$0].denseCore },
            neuronCore: (0..<bank.posts.count).map { bank.posts[$0].denseCore }
        )
        for (index, block) in blocks.enumerated() {
            firstSynapse.append(rows.targets.count)
            for row in 0..<block.rowLine.count {
                places.append((index, row))
                rows.rowLine.append(block.rowLine[row])
                for synapse in Int(block.rowStart[row])..<Int(block.rowStart[row + 1]) {
                    rows.targets.append(block.post[synapse])
                    rows.weights.append(block.register[synapse])
                }
                rows.rowStart.append(UInt32(rows.targets.count))
            }
        }
        let name = projection.name ?? "\(projection.source)>\(projection.target)"
        engine = LoihiEngine(
            program: program,
            rows: rows,
            signMode: projection.signMode,
            draws: .projection(name, seed: seed)
        )
    }

    /// Runs a step of plasticity.
    ///
    /// - Parameters:
    ///   - lines: Lines that fire.
    ///   - posts: Neurons that fire, by their entry in the bank.
    ///   - step: Number of the step, from 0.
    ///   - isOn: Whether synapses learn.
    ///   - cores: Counts of the step by core; raised.
    func step(
        lines: [UInt32],
        posts: [UInt32],
        step: UInt64,
        isOn: Bool,
        cores: inout [CoreStepCounts]
    ) {
        flush()
        engine.note(preSpikes: lines, postSpikes: posts, step: step + 1)
        engine.endOfStep(step: step + 1, isOn: isOn, cores: &cores)
        for row in engine.changedRows {
            let (block, local) = places[row]
            for synapse in synapses(block, local) {
                blocks[block].register[synapse] = engine.register(
                    .w,
                    of: firstSynapse[block] + synapse
                )
            }
            pendingRows.append(row)
        }
    }

    /// Writes the weight of a synapse, at once.
    func setRegister(_ value: Int32, of synapse: Int, in block: PlasticBlock) {
        guard let index = blocks.firstIndex(where: { $0 === block }) else { return }
        engine.setRegister(.w, of: firstSynapse[index] + synapse, to: value)
        block.register[synapse] = engine.register(.w, of: firstSynapse[index] + synapse)
        block.writeCharge(synapse, format)
    }

    private func flush() {
        for row in pendingRows {
            let (block, local) = places[row]
            for synapse in synapses(block, local) { blocks[block].writeCharge(synapse, format) }
        }
        pendingRows.removeAll(keepingCapacity: true)
    }

    private func synapses(_ block: Int, _ row: Int) -> Range<Int> {
        Int(blocks[block].rowStart[row])..<Int(blocks[block].rowStart[row + 1])
    }
}
