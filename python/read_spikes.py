#!/usr/bin/env python3
"""Reads a spike trace with nothing but mcap and numpy (docs/FORMATS.md, "Spike trace").

As a module: step, core, neuron = read_spikes("run.mcap"). As a program: prints them as CSV."""
import struct
import sys

import numpy as np
from mcap.exceptions import EndOfFile
from mcap.reader import NonSeekingReader, make_reader

ENCODING = "spikeloom.spikes.v1"
HEADER = np.dtype("<u1, <u1, <u2, <u4, <u8, <u4, <u4")


def decode_gap(data):
    """Steps and neurons of one batch: a header of 24 bytes, symbols, raw bits."""
    layout, flags, _, neurons, first, _, count = np.frombuffer(data, HEADER, 1)[0].item()
    if layout != 0 or flags != 0:
        raise ValueError(f"layout {layout}, flags {flags}: only gap (0, 0) is read here")
    symbols = np.frombuffer(data, np.uint8, count, 24)
    raw = np.frombuffer(data, np.uint8, offset=24 + count)
    # A symbol below 16 is the gap; above, 4 (exponent) + 2 bits below the leading one.
    width = np.where(symbols < 16, 0, (symbols >> 2).astype(np.int64) - 2)
    start = np.cumsum(width) - width
    if (int(width.sum()) + 7) // 8 != len(raw):
        raise ValueError("the raw bits do not fit the symbols")
    gap = np.where(symbols < 16, symbols, (4 + (symbols & 3)).astype(np.uint64))
    bits = np.unpackbits(np.concatenate([raw, np.zeros(8, np.uint8)]), bitorder="little")
    low = np.zeros(count, np.uint64)
    for bit in range(int(width.max(initial=0))):
        has = np.flatnonzero(width > bit)
        low[has] |= bits[start[has] + bit].astype(np.uint64) << np.uint64(bit)
    key = np.cumsum((gap << width.astype(np.uint64)) | low, dtype=np.uint64)
    return np.uint64(first) + key // np.uint64(neurons), key % np.uint64(neurons)


def read_spikes(path, recover=False):
    """Arrays step (u64), core (u32), neuron (u32) in canonical order, all CRCs checked."""
    parts = [tuple(np.zeros(0, kind) for kind in ("u8", "u4", "u4"))]
    with open(path, "rb") as stream:
        reader = (NonSeekingReader if recover else make_reader)(stream, validate_crcs=True)
        try:
            for _, channel, message in reader.iter_messages(log_time_order=False):
                if channel.message_encoding == ENCODING:
                    step, neuron = decode_gap(message.data)
                    core = np.full(len(step), int(channel.metadata["core"]), np.uint32)
                    parts.append((step, core, neuron.astype(np.uint32)))
        except (EndOfFile, struct.error):  # the end between two fields, or in one
            if not recover:
                raise
    columns = [np.concatenate(c) for c in zip(*parts)]
    order = np.lexsort(columns[::-1])
    return tuple(column[order] for column in columns)


if __name__ == "__main__":
    print("step,core,neuron")
    for spike in zip(*read_spikes(sys.argv[1])):
        print(*spike, sep=",")
