#!/usr/bin/env python3
"""Compiles the mapping benchmark's networks and writes what came out as JSON; fails if a bound is missed.

usage: measure_mapping.py PROGRAM FOLDER RESULT [--quick | --large | --growth]   (scripts/mapping)
"""
import json
import os
import pathlib
import resource
import subprocess
import sys
import time

import numpy as np

import mapping_networks

# Worst of the seeds, effort default: packets and cores (the benchmark's bounds).
MUST = {"dense": (15126, 21), "conv": (30000, 73), "local": (150000, 64), "pd": (1370000, 340)}
GROWTH = [2000, 5000, 10000, 20000, 50000, 100000]
PLOT = """
set terminal svg size 620,380 font 'sans-serif,12' background rgb 'white'
set output 'docs/images/mapping_growth.svg'
set logscale xy
set xlabel 'synapses'
set ylabel 'seconds (one thread)'
set y2label 'peak memory in bytes'
set y2tics
set logscale y2
set key top left
set grid
$data << EOD
%s
EOD
plot $data using 1:2 with linespoints lw 2 pt 7 title 'time', \\
    $data using 1:3 axes x1y2 with linespoints lw 2 pt 5 title 'memory', \\
    2e-6*x with lines dt 2 lc rgb 'gray' title '2 s a million synapses'
"""


def write(path, network, save=np.savez_compressed):
    if not path.exists():
        normal = np.random.default_rng(7).normal(0, 20, len(network["indices"]))
        network["weights"] = np.clip(np.rint(normal), -127, 127).astype(np.int8)
        save(path, **network)


def compiled(program, folder, name, seed, effort, chip="mapping-bench", more=()):
    report = folder / "report.json"
    image = folder / "image.chipimg"
    command = [program, "compile", f"{folder}/{name}.npz", "--chip", chip, "--seed", str(seed)]
    subprocess.run(
        command + [*more, "--effort", effort, "--json", report, "--quiet", "-o", image], check=True
    )
    values = json.loads(report.read_text())
    keys = ["packets", "cores", "hops", "seconds", "peakBytes", "packetsInOrder", "leastCores"]
    row = {"network": name, "seed": seed, "effort": effort} | {key: values[key] for key in keys}
    row["synapses"] = sum(projection["synapses"] for projection in values["projections"])
    row["imageBytes"] = image.stat().st_size
    print(row, flush=True)
    return row


def large(program, folder, result):
    """10^8 synapses: compiled, verified and written, then loaded from the file and verified again."""
    path = folder / "lattice.npz"
    if not path.exists():
        write(path, mapping_networks.lattice(), np.savez)
    chip = folder / "mapping-bench-large.yaml"
    chip.write_text(
        "extends: mapping-bench\nname: mapping-bench-large\nsummary: mapping-bench with 4096 cores.\n"
        "mesh:\n  width: 64\n  height: 64\n"
    )
    start = resource.getrusage(resource.RUSAGE_CHILDREN)
    row = compiled(program, folder, "lattice", 1, "default", str(chip))
    end = resource.getrusage(resource.RUSAGE_CHILDREN)
    row["processorSeconds"] = end.ru_utime + end.ru_stime - start.ru_utime - start.ru_stime
    before = time.monotonic()
    child = subprocess.Popen([program, "inspect", folder / "image.chipimg"], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    if status:
        sys.exit("the image does not load")
    row["loadSeconds"] = time.monotonic() - before
    row["loadPeakBytes"] = usage.ru_maxrss * 1024
    document = {"command": "scripts/mapping large", "run": row}
    result.write_text(json.dumps(document, indent=1) + "\n")
    print(row, flush=True)


def growing(program, folder):
    """Local networks of growing size, of each the fastest of three runs; draws the plot."""
    rows = []
    for count in GROWTH:
        path = folder / f"local{count}.npz"
        if not path.exists():
            write(path, mapping_networks.local(n=count))
        runs = [compiled(program, folder, f"local{count}", 1, "default") for _ in range(3)]
        rows.append(min(runs, key=lambda run: run["seconds"]))
    lines = "\n".join(f"{row['synapses']} {row['seconds']} {row['peakBytes']}" for row in rows)
    subprocess.run(["gnuplot"], input=PLOT % lines, text=True, check=True)
    return rows


def main():
    program, folder, result = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
    quick = "--quick" in sys.argv
    if "--large" in sys.argv:
        return large(program, folder, result)
    if "--growth" in sys.argv:
        document = json.loads(result.read_text()) | {"growth": growing(program, folder)}
        result.write_text(json.dumps(document, indent=1) + "\n")
        return
    rows = []
    missed = []
    for name, (packets, cores) in MUST.items():
        path = folder / f"{name}.npz"
        if not path.exists():
            write(path, getattr(mapping_networks, name)())
        for effort in ["default"] if quick else ["fast", "default", "best"]:
            for seed in [1] if quick else [1, 2, 3]:
                row = compiled(program, folder, name, seed, effort)
                rows.append(row)
                if effort == "default" and (row["packets"] > packets or row["cores"] > cores):
                    missed.append(row)
                if row["packets"] > row["packetsInOrder"]:
                    missed.append(row)
    # Places against an annealing of 5,000,000 proposals: the same cores, so equal packets.
    places = []
    for name in [] if quick else MUST:
        for seed in [1, 2, 3]:
            usual = next(
                row for row in rows
                if (row["network"], row["seed"], row["effort"]) == (name, seed, "default")
            )
            long = compiled(program, folder, name, seed, "default", ["--place-proposals", "5000000"])
            places.append({"network": name, "seed": seed, "hops": usual["hops"], "hopsLong": long["hops"]})
            if usual["hops"] > 1.01 * long["hops"] or usual["packets"] != long["packets"]:
                missed.append(places[-1])
    growth = [] if quick else growing(program, folder)
    document = {"command": "scripts/mapping", "runs": rows, "places": places, "growth": growth}
    result.write_text(json.dumps(document, indent=1) + "\n")
    if missed:
        sys.exit(f"bounds missed: {missed}")


if __name__ == "__main__":
    main()
