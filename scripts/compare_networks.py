#!/usr/bin/env python3
"""Runs spikeloom on networks of frameworks and compares its counts with theirs, sample by sample.

usage: compare_networks.py SPIKELOOM ROOT [NAME...]     (ROOT as train_networks.py writes it)

For each network: the options as its JSON file says them, the float run against the framework's counts and accuracy.
Exit code 1 if a network differs whose JSON file does not say so (`differs`).
"""
import json
import pathlib
import subprocess
import sys
import tempfile


def options(about):
    """What a user types for this network."""
    if "exporter" in about:
        chosen = ["--from", about["exporter"]]
    else:
        chosen = ["--dt", str(about["dt"])]
    if "reset" in about:
        chosen += ["--reset", about["reset"]]
    return chosen + (["--min-potential", str(about["min_potential"])] if "min_potential" in about else [])


def counts(spikeloom, folder, about):
    """Counts and answers of the float run, and what it printed; None if it was refused."""
    name = folder.name
    with tempfile.TemporaryDirectory() as place:
        report = pathlib.Path(place, "run.json")
        done = subprocess.run(
            [spikeloom, "run", folder / about["network"], *options(about), "--numerics", "float", "--counts", "--input",
             folder / f"{name}_test.npz", "--json", report], capture_output=True, text=True)
        if done.returncode != 0:
            return None, None, done.stderr.strip()
        results = json.loads(report.read_text())
        return results["outputCounts"], results.get("answers"), done.stdout + done.stderr


def main():
    spikeloom, root, *names = sys.argv[1:]
    isWorse = False
    for folder in sorted(pathlib.Path(root, "nir/networks").iterdir()):
        if names and folder.name not in names:
            continue
        about = json.loads((folder / f"{folder.name}_test.json").read_text())
        got, answers, text = counts(spikeloom, folder, about)
        line = f"{folder.name}: {' '.join(options(about))}: "
        if got is None:
            print(line + "refused: " + text)
            isWorse = True
            continue
        wanted = about["output_counts"]
        differing = [k for k in range(len(wanted)) if got[k] != wanted[k]]
        far = sum(abs(a - b) for k in differing for a, b in zip(got[k], wanted[k]))
        spikes = sum(map(sum, wanted))
        print(line + f"{len(wanted) - len(differing)} of {len(wanted)} samples equal, {far} of {spikes} spikes differ, "
              f"margin {about['margin']:.1e}")
        isWorse = isWorse or (bool(differing) and "differs" not in about)
    sys.exit(isWorse)


if __name__ == "__main__":
    main()
