"""Compares the numpy decoder with a CSV of the same trace (called by scripts/interop)."""
import sys
from pathlib import Path

import numpy as np
from mcap.reader import make_reader
from mcap.records import DataEnd
from mcap.stream_reader import StreamReader

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "python"))
from read_spikes import ENCODING, read_spikes  # noqa: E402

trace, table = sys.argv[1:]

# The whole file from front to back: chunk CRCs, and the CRC of the data section.
with open(trace, "rb") as stream:
    records = list(StreamReader(stream, validate_crcs=True, emit_chunks=False).records)
ends = [record for record in records if isinstance(record, DataEnd)]
if len(ends) != 1 or ends[0].data_section_crc == 0:
    sys.exit(f"{trace}: no CRC of the data section")

# The index must agree with what the file holds.
with open(trace, "rb") as stream:
    summary = make_reader(stream, validate_crcs=True).get_summary()
with open(trace, "rb") as stream:
    messages = list(make_reader(stream, validate_crcs=True).iter_messages())
if summary.statistics.message_count != len(messages):
    sys.exit(f"{trace}: {len(messages)} messages, the statistics say {summary.statistics}")
if any(c.message_encoding != ENCODING for c in summary.channels.values()):
    sys.exit(f"{trace}: a channel of another encoding")

decoded = read_spikes(trace)
with open(table) as lines:
    if lines.readline().strip() != "step,core,neuron":
        sys.exit(f"{table}: the first line is not 'step,core,neuron'")
    rows = [tuple(map(int, line.split(","))) for line in lines]
if len(rows) != len(decoded[0]):
    sys.exit(f"{table} has {len(rows)} spikes, {trace} has {len(decoded[0])}")
expected = [np.array(column, np.uint64) for column in (zip(*rows) if rows else ([], [], []))]
for name, ours, theirs in zip(("step", "core", "neuron"), decoded, expected):
    wrong = np.flatnonzero(ours.astype(np.uint64) != theirs)
    if len(wrong):
        line = wrong[0]
        sys.exit(f"{table}:{line + 2}: {name} is {theirs[line]}, decoded from {trace}: {ours[line]}")
print(f"{trace}: {len(rows)} spikes equal to {table}, all CRCs good")
