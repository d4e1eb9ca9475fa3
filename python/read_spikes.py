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
SHARES = [256, 256, 128, 85, 64, 51, 43, 37, 32]  # of the newest interval in a running mean, / 256


def numbers(data, count):
    """The first `count` numbers of a symbol column and its raw bits, which fill the rest."""
    symbols = np.frombuffer(data, np.uint8, count)
    raw = np.frombuffer(data, np.uint8, offset=count)
    # A symbol below 16 is the number; above, 4 (exponent) + 2 bits below the leading one.
    width = np.where(symbols < 16, 0, (symbols >> 2).astype(np.int64) - 2)
    start = np.cumsum(width) - width
    if (int(width.sum()) + 7) // 8 != len(raw):
        raise ValueError("the raw bits do not fit the symbols")
    value = np.where(symbols < 16, symbols, (4 + (symbols & 3)).astype(np.uint64))
    bits = np.unpackbits(np.concatenate([raw, np.zeros(8, np.uint8)]), bitorder="little")
    low = np.zeros(count, np.uint64)
    for bit in range(int(width.max(initial=0))):
        has = np.flatnonzero(width > bit)
        low[has] |= bits[start[has] + bit].astype(np.uint64) << np.uint64(bit)
    return (value << width.astype(np.uint64)) | low


def decode_trains(data, count, is_mean):
    """Steps (after the first) and neurons of an `isi2` or `mean` batch, neuron by neuron."""
    trains = struct.unpack_from("<I", data)[0]
    column = numbers(data[4:], 2 * trains + count)
    neurons = np.cumsum(column[:trains] + np.uint64(1)) - np.uint64(1)
    counts = (column[trains : 2 * trains] + np.uint64(1)).astype(np.int64)
    rest = iter(column[2 * trains :].tolist())
    step, steps = [next(rest) for _ in range(trains)], []
    interval = [next(rest) if n > 1 else 0 for n in counts]
    for t, last, n in zip(step, interval, counts.tolist()):
        mean, expected = last << 8, last
        for k in range(1, n):
            steps.append(t)
            t += last
            if k == n - 1:
                break
            code = next(rest)
            last = expected + ((code >> 1) ^ -(code & 1))
            mean += ((last << 8) - mean) * SHARES[min(k + 1, 8)] >> 8
            expected = (mean + 128) >> 8 if is_mean else last
        steps.append(t)
    return np.array(steps, np.uint64), np.repeat(neurons, counts)


def decode(data):
    """Steps and neurons of one batch: a header of 24 bytes, then columns."""
    layout, flags, _, neurons, first, _, count = np.frombuffer(data, HEADER, 1)[0].item()
    body = data[24:]
    if layout == 0 and flags == 0:  # gap
        key = np.cumsum(numbers(body, count), dtype=np.uint64)
        return np.uint64(first) + key // np.uint64(neurons), key % np.uint64(neurons)
    if layout in (1, 3) and flags == 0:  # isi2, mean
        gaps, neuron = decode_trains(body, count, layout == 3)
        return np.uint64(first) + gaps, neuron
    if layout == 2 and flags < 2:  # planes
        widths = body[0], body[1]
        planes = np.frombuffer(body, np.uint8, offset=2).reshape(sum(widths), count)
        weights = np.array([1 << 8 * p for w in widths for p in range(w)], np.uint64)[:, None]
        parts = planes.astype(np.uint64) * weights
        gaps, neuron = parts[: widths[0]].sum(0, np.uint64), parts[widths[0] :].sum(0, np.uint64)
        return np.uint64(first) + np.cumsum(gaps, dtype=np.uint64), neuron
    raise ValueError(f"layout {layout}, flags {flags}: a newer version wrote this")


def read_spikes(path, recover=False):
    """Arrays step (u64), core (u32), neuron (u32) in canonical order, all CRCs checked."""
    parts = [tuple(np.zeros(0, kind) for kind in ("u8", "u4", "u4"))]
    with open(path, "rb") as stream:
        reader = (NonSeekingReader if recover else make_reader)(stream, validate_crcs=True)
        try:
            for _, channel, message in reader.iter_messages(log_time_order=False):
                if channel.message_encoding == ENCODING:
                    step, neuron = decode(message.data)
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
