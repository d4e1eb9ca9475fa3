import ChipSpec
import Diagnostics
import Foundation
import Glibc
import TestSupport

// mutation-probe image|yaml|nir FILE ROUNDS SEED CHIPSPEC READER
// Damages a valid file in ROUNDS ways and reads each; networks are compiled too. Each round may compute for
// 2 s: then SIGPROF ends the process, as does any crash. A line before each round tells which one it was, the
// last line how many were accepted and refused.

/// Starts the two seconds of processor time of a round anew.
func restartTimer() {
    var limit = itimerval(
        it_interval: timeval(tv_sec: 0, tv_usec: 0),
        it_value: timeval(tv_sec: 2, tv_usec: 0)
    )
    _ = unsafe setitimer(__itimer_which_t(ITIMER_PROF.rawValue), &limit, nil)
}

/// Writes a line at once: a killed process keeps nothing in buffers.
func tell(_ line: String) {
    let bytes = Array((line + "\n").utf8)
    _ = unsafe bytes.withUnsafeBytes { unsafe write(STDOUT_FILENO, $0.baseAddress, $0.count) }
}

let arguments = CommandLine.arguments
guard arguments.count == 7, let kind = Reading.Kind(rawValue: arguments[1]),
    let rounds = Int(arguments[3]), let seed = UInt64(arguments[4])
else {
    tell("usage: mutation-probe image|yaml|nir FILE ROUNDS SEED CHIPSPEC READER")
    exit(2)
}
let read = Reading(
    kind: kind,
    path: arguments[2],
    chip: try ChipSpec.load(contentsOf: arguments[5]),
    reader: arguments[6]
)
var damage = Damage(
    original: [UInt8](try Data(contentsOf: URL(fileURLWithPath: arguments[2]))),
    isText: kind == .yaml,
    random: SplitMix64(seed: seed)
)
var (accepted, refused) = (0, 0)
for round in 0..<rounds {
    var bytes = damage.next()
    // Most images are damaged behind their checksums.
    if kind == .image, round % 8 != 0 { bytes = bytes.withRightChecksums }
    tell("round \(round)")
    restartTimer()
    do {
        try read(bytes)
        accepted += 1
    } catch {
        refused += 1
        // An error without a code, or a broken promise of our own, is not a clean one.
        guard let diagnostic = (error as? any DiagnosedError)?.diagnostic,
            diagnostic.code != .compilerFault
        else {
            tell("unclean: \(error)")
            exit(3)
        }
    }
}
tell("accepted \(accepted) refused \(refused)")
