#!/usr/bin/env python3
"""Writes the HDF5 files of these tests (needs h5py and numpy).

Not endless_loop.h5 and memory_fault.h5: they are affine_lif.nir of the import tests with 64 and 128 random bytes.
"""
import h5py
import numpy as np

text = h5py.string_dtype("utf-8")


def file(name):
    return h5py.File(name + ".h5", "w")


with file("kinds") as f:  # every kind that is read
    f["scalar"] = 2.5
    f["float16"] = np.arange(6, dtype="f2").reshape(2, 3) / 4
    f["big_endian"] = np.array([1.5, -2], dtype=">f8")
    f["int8"] = np.array([-128, 127], dtype="i1")
    f["uint64"] = np.array([0, 2**64 - 1], dtype="u8")
    f["utf8"] = np.array(["α β", "", "c"], dtype=text)
    f["ascii"] = np.array(["x"], dtype=h5py.string_dtype("ascii"))
    f["padded_by_zeros"] = np.array([b"ab", b"abcd"], dtype="S4")
    t = h5py.h5t.C_S1.copy()
    t.set_size(4)
    t.set_strpad(h5py.h5t.STR_SPACEPAD)
    d = h5py.h5d.create(f.id, b"padded_by_blanks", t, h5py.h5s.create_simple((2,)))
    d.write(h5py.h5s.ALL, h5py.h5s.ALL, np.array([b"ab  ", b"abcd"], dtype="S4"), t)
    f.create_dataset("edge_256", data=np.arange(256.0), compression="gzip")
    f.create_dataset("edge_257", data=np.arange(257.0), compression="gzip", shuffle=True, fletcher32=True)
    f["empty"] = np.zeros((0, 3))
    f["group/soft"] = h5py.SoftLink("/scalar")
    f["group/hard"] = f["int8"]

with file("refused") as f:  # what is not read, each beside a thing that is
    f["good"] = 1
    f["boolean"] = np.array([True, False])
    f["complex"] = np.zeros(2, dtype="c16")
    f["null"] = h5py.Empty("f8")
    f["dangling"] = h5py.SoftLink("/nowhere")
    f["external"] = h5py.ExternalLink("kinds.h5", "/scalar")
    f["into_external"] = h5py.SoftLink("/external")
    f.create_dataset("virtual", shape=(2,), dtype="f8")
    del f["virtual"]
    layout = h5py.VirtualLayout(shape=(2,), dtype="f8")
    layout[:] = h5py.VirtualSource("kinds.h5", "big_endian", shape=(2,))
    f.create_virtual_dataset("virtual", layout)
    f.create_dataset("stored_outside", shape=(4,), dtype="u1", external=[("/etc/hostname", 0, 4)])
    f.create_dataset("lzf", data=np.zeros(300), compression="lzf")
    f["named_type"] = np.dtype("f8")
    f["latin1"] = np.array([b"\xe4\xff"], dtype="S2")
    f["cycle/back"] = f["/"]

with file("deep64") as f:  # 63 groups below the root: the limit
    f.create_group("/".join(["g"] * 63))
with file("deep65") as f:
    f.create_group("/".join(["g"] * 64))

with file("bomb") as f:  # 2^40 paths by hard links, no cycle
    g = f.create_group("g0")
    for k in range(1, 41):
        h = f.create_group(f"g{k}")
        h["a"] = g
        h["b"] = g
        g = h

with file("same_name") as f:  # one text, two encodings
    f["\u00e9"] = 1
    f["e\u0301"] = 2

with file("no_utf8_name") as f:
    f[b"\xff\xfe"] = 1

with file("long_name") as f:
    f["n" * 1025] = 1
