"""Reads a NIR file with Python's own nir, its type check on, and compares the angle of the feedback weights
with the report of the run that wrote it: compare_nir.py LEARNED.nir REPORT.json (called by scripts/interop)."""
import json
import sys

import nir
import numpy as np

graph = nir.read(sys.argv[1])
with open(sys.argv[2]) as report:
    expected = json.load(report)["arms"][0]["runs"][0]["projections"][0]["angle"]
forward = np.asarray(graph.nodes["forward"].weight, dtype=float).T.ravel()
feedback = np.asarray(graph.nodes["feedback"].weight, dtype=float).ravel()
cosine = forward @ feedback / np.linalg.norm(forward) / np.linalg.norm(feedback)
angle = np.degrees(np.arccos(cosine))
# The report has the forward weights as the chip's registers hold them, the file as their author wrote them.
if abs(angle - expected) > 0.1:
    sys.exit(f"{sys.argv[1]}: {angle:.2f} degrees, {expected:.2f} in the report")
print(f"{len(graph.nodes)} nodes read by nir, feedback at {angle:.2f} degrees as in the report")
