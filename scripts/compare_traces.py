#!/usr/bin/env python3
"""Reads spike traces with python/read_spikes.py and compares them with 'spikeloom convert':
compare_traces.py SPIKELOOM FOLDER TRACE..."""
import pathlib
import subprocess
import sys

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "python"))
from read_spikes import read_spikes  # noqa: E402

program, folder = sys.argv[1], pathlib.Path(sys.argv[2])
folder.mkdir(parents=True, exist_ok=True)
for path in sys.argv[3:]:
    table = folder / "compared.csv"
    subprocess.run([program, "convert", path, str(table)], check=True, stderr=subprocess.DEVNULL)
    rows = np.loadtxt(table, delimiter=",", skiprows=1, dtype=np.uint64, ndmin=2)
    try:
        columns = read_spikes(path)
    except Exception:  # a recording without an end
        columns = read_spikes(path, recover=True)
    for name, column, expected in zip(("step", "core", "neuron"), columns, rows.T):
        if not np.array_equal(column.astype(np.uint64), expected):
            sys.exit(f"{path}: {name} differs between Python and Swift")
    print(f"{path}: {len(rows)} spikes alike in Python and Swift")
