extension DiagnosticCatalogue {
    /// Pages on learning rules.
    static let rulePages: [DiagnosticPage] = [
        DiagnosticPage(
            .ruleNoEngine,
            "The chip of a rule has no learning engine",
            meaning: "A rule is to be compiled for a chip that does not learn.",
            why: """
                Learning needs traces, hidden weight bits and a circuit that visits synapses. Chips \
                for inference leave it out.
                """,
            example: """
                # r.yaml, for chip mapping-bench
                name: r
                x1: { impulse: 32, tau: 10 }
                dw: eta*y0*x1
                """,
            message: """
                r.yaml: Rule 'r' cannot run: chip 'mapping-bench' has no learning engine. Choose a \
                chip with a section 'learning', for example pilot.
                """,
            remedy: "Choose a chip with a section 'learning' (pilot, loihi, odin)."
        ),
        DiagnosticPage(
            .ruleSyntax,
            "A line of a rule does not read",
            meaning: """
                The text of dw, dd or dt is no sum of products: a factor is missing, a bracket is \
                not closed, a sign does not exist.
                """,
            why: """
                The notation is small: sums of products of registers, numbers and powers of two, or \
                windows with 'if'. docs/LEARNING.md has its grammar.
                """,
            example: """
                # r.yaml, for chip pilot
                name: r
                x1: { impulse: 32, tau: 10 }
                dw: eta*y0*
                """,
            message: """
                r.yaml:4:12: dw: Here stands the end. A factor is a number, 2^k, a register, a name, \
                sgn(...) or (register + number).
                """,
            remedy: "Correct the line at the column of the message."
        ),
        DiagnosticPage(
            .ruleUnknownKey,
            "A key of a rule does not exist",
            meaning: "A rule has a key that is none of those of a rule.",
            why: "A key that is ignored would be a trace or a product that does nothing.",
            example: """
                a rule with the key x4.impulse, built by another program, on chip pilot
                """,
            message: """
                r.yaml:1:1: x4.impulse: A rule has no such key. Its keys are x1, x2, y1, y2, y3 \
                (with impulse, tau, shape), epoch, thirdFactor, dw, dd, dt. Did you mean x1.impulse?
                """,
            remedy: "Use the keys that the message lists."
        ),
        DiagnosticPage(
            .ruleTwice,
            "A key of a rule stands twice",
            meaning: "A key that may stand once has two entries.",
            why: "Of two impulses one would be ignored.",
            example: """
                a rule with two entries x1.impulse, built by another program, on chip pilot
                """,
            message: """
                r.yaml:2:1: x1.impulse: The key stands there twice. Delete one of the two.
                """,
            remedy: "Delete one of the two."
        ),
        DiagnosticPage(
            .ruleTooLong,
            "A rule is too long",
            meaning: """
                A rule has more entries, or a product more digits or registers, than the compiler \
                takes.
                """,
            why: """
                Engines multiply a few registers; the compiler computes coefficients exactly, in 64 \
                bits.
                """,
            example: """
                # r.yaml, for chip pilot
                name: r
                x1: { impulse: 32, tau: 10 }
                dw: y0*x1*12345678901*12345678901
                """,
            message: """
                r.yaml:4:23: dw: The numbers of the product have too many digits. Together they have \
                at most 18. Multiply them out, with powers of two as 2^k.
                """,
            remedy: "Multiply numbers out, write powers of two as 2^k, or split the rule."
        ),
        DiagnosticPage(
            .ruleEmpty,
            "A rule changes nothing",
            meaning: "The rule declares traces, and has no dw, dd or dt.",
            why: "A rule without products would cost traces and energy for nothing.",
            example: """
                # r.yaml, for chip pilot
                name: r
                """,
            message: """
                r.yaml: Rule 'r' changes nothing. It must have dw. Add for example dw: eta*x0*y1.
                """,
            remedy: "Add for example dw: eta*x0*y1."
        ),
        DiagnosticPage(
            .ruleWired,
            "The chip's rule is wired",
            meaning: """
                ODIN's synapses learn by one rule in hardware, spike-driven plasticity: it can be \
                switched on, not rewritten.
                """,
            why: """
                A wired rule is a few gates a synapse column; a programmable one is a small processor.
                """,
            example: """
                # r.yaml, for chip odin
                name: r
                x1: { impulse: 32, tau: 10 }
                dw: eta*y0*x1
                """,
            message: """
                r.yaml:3:16: x1.impulse: The rule of chip 'odin' is wired. It has the keys dw and \
                epoch. Delete the line, or choose a chip whose rules are programs.
                """,
            remedy: "Write dw: sdsp, or choose a chip whose rules are programs."
        ),
        DiagnosticPage(
            .ruleValue,
            "A value of a rule is out of its range",
            meaning: """
                The impulse, time constant or shape of a trace, the learning epoch or the name of \
                the third factor is none that the engine has.
                """,
            why: """
                Traces are registers of a few bits, seven on pilot: an impulse must fit, and the \
                decay is a shift or a table.
                """,
            example: """
                # r.yaml, for chip pilot
                name: r
                x1: { impulse: 200, tau: 10 }
                dw: eta*y0*x1
                """,
            message: """
                r.yaml:3:16: x1.impulse: The impulse is '200'. A learning trace of chip 'pilot' has \
                7 bits: the impulse is a whole number in 1...127. A quarter of the range, 32, leaves \
                room for several spikes.
                """,
            remedy: """
                Write a value of the range that the message gives. A quarter of the trace's range is \
                a good impulse.
                """
        ),
        DiagnosticPage(
            .ruleRegisterNotOnChip,
            "The chip's engine has no such register",
            meaning: """
                The rule reads a register that other engines have and this one does not.
                """,
            why: "Each register of an engine is memory for each neuron or synapse.",
            example: """
                # r.yaml, for chip loihi
                name: r
                y1: { impulse: 32, tau: 10 }
                dw: x0*y1*v
                """,
            message: """
                r.yaml:4:11: dw: Chip 'loihi' has no register v. Its engine has x0, x1, x2, y0, y1, \
                y2, y3, w, d, t, r. Write the rule with these, or choose another chip.
                """,
            remedy: """
                Write the rule with the registers that the message lists, or choose another chip.
                """
        ),
        DiagnosticPage(
            .ruleUnknownName,
            "A rule names a register that does not exist",
            meaning: "A name in a bracket, or one that looks like a register, is none.",
            why: """
                Any other name is an amplitude that the experiment sets. One that differs from a \
                register by a letter is more likely a slip.
                """,
            example: """
                # r.yaml, for chip pilot
                name: r
                x1: { impulse: 32, tau: 10 }
                dw: y0*x1*(z - 3)
                """,
            message: """
                r.yaml:4:11: dw: 'z' is no register. Registers are x0, x1, x2, y0, y1, y2, y3, w, d, \
                t, r, v, u, calcium, refractory, e. Did you mean w?
                """,
            remedy: "Correct the name, or choose another one for an amplitude."
        ),
        DiagnosticPage(
            .ruleTargetNotOnChip,
            "The chip's engine does not change that variable",
            meaning: """
                The rule has dd or dt (delay, tag), and the engine only changes weights.
                """,
            why: "What an engine writes is wired to the memory of that variable.",
            example: """
                # r.yaml, for chip pilot
                name: r
                x1: { impulse: 32, tau: 10 }
                dd: y0*x1
                """,
            message: """
                r.yaml:4:5: dd: The engine of chip 'pilot' does not change d. It changes w. Write \
                the rule with dw.
                """,
            remedy: "Write the rule with the variables that the message lists."
        ),
        DiagnosticPage(
            .ruleMixture,
            "A rule mixes products and windows",
            meaning: """
                Some lines multiply learning traces and others have a window 'if', or a window has a \
                register before 'if'.
                """,
            why: """
                An engine either multiplies traces when a spike comes, or compares the times of two \
                spikes. One rule runs in one of the two ways.
                """,
            example: """
                # r.yaml, for chip pilot
                name: r
                x1: { impulse: 32, tau: 10 }
                dw:
                  - eta*y0*x1
                  - +eta if 0 < t_pre - t_post <= 6
                """,
            message: """
                r.yaml:6:5: dw: The rule mixes products and windows ('if'). It must be all of one \
                form. Write it with learning traces throughout, or with windows throughout.
                """,
            remedy: """
                Write the rule with learning traces throughout, or with windows throughout.
                """
        ),
        DiagnosticPage(
            .ruleTooManyProducts,
            "A rule has more products than the engine holds",
            meaning: "The sum has more terms than the engine's program memory.",
            why: """
                Each product is an instruction that runs for each synapse; the memory for them is \
                small.
                """,
            example: """
                # r.yaml, for chip pilot
                name: r
                x1: { impulse: 32, tau: 10 }
                dw: y0*x1 + 2*y0*x1 + 3*y0*x1 + 4*y0*x1 + 5*y0*x1 + 6*y0*x1 + 7*y0*x1 + 8*y0*x1 + \
                9*y0*x1 + 10*y0*x1 + 11*y0*x1 + 12*y0*x1 + 13*y0*x1 + 14*y0*x1 + 15*y0*x1 + 16*y0*x1 \
                + 17*y0*x1
                """,
            message: """
                r.yaml:4:170: dw: This is product 17 of the rule. The engine of chip 'pilot' holds \
                16. Join products with the same registers, or drop the smallest.
                """,
            remedy: "Join products with the same registers, or drop the smallest."
        ),
        DiagnosticPage(
            .ruleUnused,
            "A rule declares what it does not use",
            meaning: """
                A learning trace or the third factor is declared, and no product reads it.
                """,
            why: """
                A trace costs a register in each neuron and an update in each step. A misspelt one \
                is found this way.
                """,
            example: """
                # r.yaml, for chip pilot
                name: r
                x1: { impulse: 32, tau: 10 }
                x2: { impulse: 32, tau: 20 }
                dw: eta*y0*x1
                """,
            message: """
                r.yaml:4:16: x2.impulse: x2 is declared, and no product reads it. Traces cost \
                registers and energy. Delete x2, or use it.
                """,
            remedy: "Delete the declaration, or use it."
        ),
        DiagnosticPage(
            .ruleTrigger,
            "A product has no trigger, or two",
            meaning: """
                Every product must have exactly one of x0 (presynaptic spike), y0 (postsynaptic \
                spike) and uk (every 2^k epochs) as a factor.
                """,
            why: """
                The trigger says when the engine visits the synapse. Without one it would visit all \
                synapses in every step.
                """,
            example: """
                # r.yaml, for chip pilot
                name: r
                x1: { impulse: 32, tau: 10 }
                dw: eta*x1
                """,
            message: """
                r.yaml:4:5: dw: The product has no trigger. One of its factors must be x0 \
                (presynaptic spike), y0 (postsynaptic spike) or uk (every 2^k epochs), outside of \
                brackets. Multiply by x0 or y0.
                """,
            remedy: """
                Multiply by one trigger. Pairs of spikes are made by traces: x0*y1, y0*x1.
                """
        ),
        DiagnosticPage(
            .ruleWindow,
            "A window is beyond the chip, or empty",
            meaning: """
                A window ends later than the engine counts, begins before the spike, holds no steps, \
                or the engine keeps no times of spikes.
                """,
            why: "The time since the last spike is a counter of a few bits.",
            example: """
                # r.yaml, for chip pilot
                name: r
                dw: eta if 0 < t_pre - t_post <= 100
                """,
            message: """
                r.yaml:3:34: dw: The window ends at 100 steps. Chip 'pilot' counts up to 63 steps \
                since a spike. Shorten it, or write the rule with learning traces.
                """,
            remedy: """
                Shorten the window, write a second line for the other order of spikes, or use \
                learning traces.
                """
        ),
        DiagnosticPage(
            .ruleCoefficient,
            "A coefficient is beyond the engine",
            meaning: """
                A number of a product is no mantissa times a power of two as the engine has it, is \
                too large or too small for it, or is 0.
                """,
            why: "Engines multiply by a mantissa of a few bits and shift.",
            example: """
                # r.yaml, for chip pilot
                name: r
                x1: { impulse: 32, tau: 10 }
                dw: 2^-60*y0*x1
                """,
            message: """
                r.yaml:4:5: dw: The coefficient is 1*2^-60, which is 0 on chip 'pilot'. Its smallest \
                is 2^-20 of a weight's lowest visible bit. Choose a larger one.
                """,
            remedy: """
                Round the number as the message proposes, or choose other impulses, so that the \
                traces carry a part of it.
                """
        ),
        DiagnosticPage(
            .ruleConstant,
            "A bracket is beyond the engine",
            meaning: """
                The constant beside a register lies out of range, or the engine does not take the \
                sign of that sum.
                """,
            why: """
                Brackets are adders before the multiplier, with constants of a few bits.
                """,
            example: """
                # r.yaml, for chip loihi
                name: r
                x1: { impulse: 32, tau: 10 }
                dw: y0*x1*(w - 300)
                """,
            message: """
                r.yaml:4:12: dw: The constant beside w is -300. On chip 'loihi' it lies in \
                -256...255. Scale the rule down.
                """,
            remedy: "Scale the rule down, or write the term without the bracket."
        ),
        DiagnosticPage(
            .ruleUndeclared,
            "A rule reads a trace that it does not declare",
            meaning: """
                A product reads x1, x2, y1, y2 or y3, and the rule does not say its impulse and time \
                constant.
                """,
            why: "A trace without an impulse stays 0, and the product with it.",
            example: """
                # r.yaml, for chip pilot
                name: r
                dw: eta*y0*x1
                """,
            message: """
                r.yaml:3:12: dw: x1 is read, and the rule does not declare this learning trace. Add \
                x1: { impulse: 32, tau: 10 }.
                """,
            remedy: "Declare the trace as the message shows."
        ),
        DiagnosticPage(
            .ruleAmplitudes,
            "A product has two amplitudes",
            meaning: "Two factors are names that the experiment sets.",
            why: "A product has one coefficient in the engine, which the host writes.",
            example: """
                # r.yaml, for chip pilot
                name: r
                x1: { impulse: 32, tau: 10 }
                dw: eta*decay*y0*x1
                """,
            message: """
                r.yaml:4:9: dw: 'decay' is the second named amplitude of the product, 'eta' the \
                first. It may have one. Set one amplitude to their product in the experiment.
                """,
            remedy: "Set one amplitude to their product in the experiment."
        ),
        DiagnosticPage(
            .ruleInterval,
            "The period of a uk does not fit",
            meaning: """
                k of uk lies out of range, or the chip has one k for the whole rule and two are \
                written.
                """,
            why: """
                uk comes from a counter of epochs; chips with one k have one tap of it.
                """,
            example: """
                # r.yaml, for chip pilot
                name: r
                dw: u40*w
                """,
            message: """
                r.yaml:3:5: dw: u40 acts every 2^k epochs. k lies in 0...20. Choose a smaller k.
                """,
            remedy: "Choose another k."
        ),
    ]
}
