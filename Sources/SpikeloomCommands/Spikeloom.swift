public import ArgumentParser
import Compiler
import Diagnostics
import Foundation

/// The program: one subcommand a job.
public struct Spikeloom: ParsableCommand {
    /// Name, abstract and subcommands.
    public static let configuration = CommandConfiguration(
        commandName: "spikeloom",
        abstract: "A virtual neuromorphic chip: compile, run, measure and replay spiking networks.",
        discussion: """
            A first tour:
              spikeloom compile net.nir --from snntorch --chip pilot -o net.chipimg
              spikeloom run net.chipimg --input test.npz --record run.mcap
              spikeloom measure net.chipimg --input test.npz --mismatch 0,0.2
              spikeloom replay run.mcap --image net.chipimg --check

            An error has a code, which `spikeloom explain CODE` explains.

            Exit codes: 0 done, 1 negative answer (--check), 2 bad input or usage, \
            70 our bug.
            """,
        version: Version.text,
        subcommands: [
            Compile.self, Run.self, Measure.self, Learn.self, Train.self, CircuitCommand.self,
            SamplingCommand.self,
            ReplayCommand.self, FitCommand.self, Inspect.self, Chips.self, EnergyCommand.self,
            TrafficCommand.self,
            Convert.self, Repair.self, Diff.self, Explain.self,
        ]
    )

    /// Makes the root command.
    public init() {}

    /// Runs the program and leaves it with the exit code its users are promised.
    public static func runProgram() -> Never {
        do {
            var command = try parseAsRoot()
            if let reporting = (command as? any ReportingCommand)?.reporting {
                Console.writeDiagnostics(as: reporting.diagnostics)
            }
            try command.run()
            Foundation.exit(ExitStatus.done)
        } catch {
            leave(with: error)
        }
    }

    private static func leave(with error: any Error) -> Never {
        if let negative = error as? NegativeAnswer {
            if !negative.message.isEmpty {
                Console.tell(Complaint(severity: .warning, message: negative.message))
            }
            Foundation.exit(ExitStatus.negativeAnswer)
        }
        if let bug = ownBug(error) {
            Console.tell(complaint(error, "\(bug)\nThis is a bug of ours. Please report it."))
            Foundation.exit(ExitStatus.ownBug)
        }
        // ArgumentParser's own errors: help and version leave with 0, usage errors with 64.
        let isUsage = exitCode(for: error) == .validationFailure
        if exitCode(for: error) == .success || isUsage {
            let message = fullMessage(for: error)
            if isUsage {
                Console.complain(message)
                Foundation.exit(ExitStatus.badInput)
            }
            Console.print(message)
            Foundation.exit(ExitStatus.done)
        }
        Console.tell(complaint(error, describe(error)))
        Foundation.exit(ExitStatus.badInput)
    }

    /// What an error says, if it cannot be the user's fault.
    private static func ownBug(_ error: any Error) -> String? {
        if let bug = error as? OwnBug { return bug.message }
        if let error = error as? CompilerError, case .verification = error {
            return "\(error)"
        }
        return nil
    }

    private static func complaint(_ error: any Error, _ message: String) -> Complaint {
        Complaint(
            severity: .error,
            message: message,
            diagnostic: (error as? any DiagnosedError)?.diagnostic
        )
    }

    private static func describe(_ error: any Error) -> String {
        let text = String(describing: error)
        // Foundation's file errors describe themselves well only this way.
        return error is CocoaError ? error.localizedDescription : text
    }
}

/// What the exit codes of the program mean.
enum ExitStatus {
    /// Done.
    static let done: Int32 = 0
    /// A check was asked for and came out negative.
    static let negativeAnswer: Int32 = 1
    /// Bad input or usage.
    static let badInput: Int32 = 2
    /// A bug of ours.
    static let ownBug: Int32 = 70
}

/// A check that was asked for came out negative.
struct NegativeAnswer: Error {
    let message: String
}

/// Something that cannot be the user's fault.
struct OwnBug: Error {
    let message: String
}

/// An input that the commands themselves refuse.
struct BadInput: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
