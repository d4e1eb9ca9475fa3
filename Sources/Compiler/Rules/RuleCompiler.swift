public import ChipImage
public import ChipSpec
import Diagnostics
public import NetworkIR

/// Turns the text of a learning rule into the program of a chip's engine (`docs/LEARNING.md`).
public enum RuleCompiler {
    /// Compiles a rule.
    ///
    /// - Parameters:
    ///   - rule: As its author wrote it.
    ///   - chip: Whose engine is to run it; a validated spec.
    /// - Returns: The program.
    /// - Throws: `RuleError` with the place of the first thing that is wrong.
    public static func program(
        for rule: LearningRule,
        on chip: ChipSpec
    ) throws(RuleError) -> RuleProgram {
        guard let engine = chip.learning else {
            throw RuleError(
                code: .ruleNoEngine,
                file: rule.file,
                line: 0,
                column: 0,
                key: "",
                what: "Rule '\(rule.name)' cannot run: chip '\(chip.name)' has no learning engine.",
                advice: "Choose a chip with a section 'learning', for example pilot."
            )
        }
        let limits = RuleLimits(
            chip: chip.name,
            engine: engine,
            weightBits: chip.synapse.weightBits,
            hiddenBits: chip.synapse.hiddenWeightBits
        )
        var builder = RuleBuilder(rule: rule, limits: limits)
        return try engine.engine == .odin ? builder.wiredProgram() : builder.program()
    }
}
