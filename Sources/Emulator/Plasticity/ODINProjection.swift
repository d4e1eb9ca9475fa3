import ChipSpec
import Events

/// The engine `odin` on one projection of a machine: `docs/NUMERICS.md`, section 13.
///
/// The events change weights where they are delivered (`ODIN`), so the charges of the partition are the
/// weights; here they are switched, drift to their stable states, and are read back into the registers.
final class ODINProjection {
    let blocks: [PlasticBlock]
    private let signMode: SignMode
    /// Steps between two drifts.
    private let period: UInt64

    init(blocks: [PlasticBlock], signMode: SignMode, period: Int) {
        self.blocks = blocks
        self.signMode = signMode
        self.period = UInt64(max(1, period))
    }

    /// Switches learning on or off.
    func setOn(_ isOn: Bool) {
        for block in blocks {
            let flags = block.partition.tables.synapseFlags
            for k in 0..<block.count {
                let place = Int(block.charge[k])
                flags[place] = flags[place] & ~ODIN.isLearning | (isOn ? ODIN.isLearning : 0)
            }
        }
    }

    /// Ends a step: the weights drift if it is time.
    ///
    /// - Parameters:
    ///   - step: Number of the step.
    ///   - cores: Counts of the step by core; raised.
    ///   - coreOfPost: Index of the core of an entry of the bank.
    func endStep(_ step: UInt64, cores: inout [CoreStepCounts], coreOfPost: (UInt32) -> Int) {
        guard (step + 1) % period == 0 else { return }
        for block in blocks {
            let charges = block.partition.tables.charges
            for k in 0..<block.count {
                let place = Int(block.charge[k])
                let size = Int16(charges[place].magnitude)
                let drifted = size >= 4 ? min(size + 1, 7) : max(size - 1, 0)
                charges[place] = signMode == .inhibitory ? -drifted : drifted
                cores[coreOfPost(block.post[k])].weightUpdates &+= 1
            }
        }
    }

    /// Reads the weights into the registers of the blocks.
    func readRegisters() {
        for block in blocks {
            let charges = block.partition.tables.charges
            for k in 0..<block.count { block.register[k] = Int32(charges[Int(block.charge[k])]) }
        }
    }

    /// Writes a weight; saturates.
    func setRegister(_ value: Int32, of synapse: Int, in block: PlasticBlock) {
        let range: ClosedRange<Int32> = signMode == .inhibitory ? -7...0 : 0...7
        let weight = min(max(value, range.lowerBound), range.upperBound)
        block.register[synapse] = weight
        block.partition.tables.charges[Int(block.charge[synapse])] = Int16(weight)
    }
}
