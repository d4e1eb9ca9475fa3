#!/usr/bin/env python3
"""Writes the HDF5 files of these tests (needs h5py, numpy and nir >= 1.0.8)."""
import h5py
import nir
import numpy as np

# Spiking Heidelberg Digits as it is: lists of half-precision times and of units, labels.
with h5py.File("shd.h5", "w") as f:
    times = f.create_dataset("spikes/times", (3,), dtype=h5py.vlen_dtype("f2"))
    units = f.create_dataset("spikes/units", (3,), dtype=h5py.vlen_dtype("i8"))
    times[0], units[0] = np.array([0.25, 0.5], "f2"), np.array([699, 3])
    times[1], units[1] = np.array([], "f2"), np.array([], "i8")
    times[2], units[2] = np.array([1.5, 0.125, 0.75], "f2"), np.array([1, 2, 3])
    f["labels"] = np.array([7, 0, 19], "u2")

# SONATA before populations had groups.
with h5py.File("old_sonata.h5", "w") as f:
    f["spikes/timestamps"] = np.array([0.5, 10.1, 3.0])
    f["spikes/gids"] = np.array([4, 0, 2], "u4")

# NIR graph data by its own writer: events with padding, a grid of Booleans, potentials beside them.
grid = np.zeros((2, 5, 3), bool)
grid[0, 1, 2] = grid[0, 4, 0] = grid[1, 0, 1] = True
events = nir.EventData(
    idx=np.array([[2, 0, -1], [1, 1, 5]]),
    time=np.array([[0.001, 0.0125, np.inf], [0.5, 0.75, 1.0]]),
    n_neurons=6,
    t_max=1.5,
)
nir.write_data(
    "nir_data.h5",
    nir.NIRGraphData(
        nodes={
            "hidden": nir.NIRNodeData(observables={"spikes": events}),
            "out": nir.NIRNodeData(
                observables={
                    "spikes": nir.TimeGriddedData(data=grid, dt=0.001),
                    "v": nir.TimeGriddedData(data=np.ones((2, 5, 3), "f4"), dt=0.001),
                }
            ),
        }
    ),
)

# A shape of 2^40 spikes without any data: SONATA and Heidelberg digits.
with h5py.File("claims.h5", "w") as f:
    f.create_dataset("spikes/timestamps", (1 << 40,), "f8", chunks=(1024,))
    f.create_dataset("spikes/node_ids", (1 << 40,), "u4", chunks=(1024,))
with h5py.File("claimed_lists.h5", "w") as f:
    f.create_dataset("spikes/times", (1 << 40,), h5py.vlen_dtype("f2"), chunks=(1024,))
    f.create_dataset("spikes/units", (1 << 40,), h5py.vlen_dtype("i8"), chunks=(1024,))
