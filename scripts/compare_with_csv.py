"""Compares the numpy decoder with a CSV of the same trace (called by scripts/interop)."""
import hashlib
import io
import json
import struct
import sys
import zlib
from pathlib import Path

import numpy as np
from mcap.data_stream import ReadDataStream
from mcap.opcode import Opcode
from mcap.reader import make_reader
from mcap.records import Chunk, DataEnd, MessageIndex, Metadata
from mcap.stream_reader import StreamReader, get_chunk_data_stream

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "python"))
from read_spikes import ENCODING, read_spikes  # noqa: E402

FIRST_INPUT = 1 << 31


def check(condition, problem):
    """Ends with a message where something differs."""
    if not condition:
        sys.exit(problem)


def check_summary_crc(trace, footer):
    """Checks the CRC of the summary, which mcap does not."""
    data = Path(trace).read_bytes()
    # Up to the CRC itself: 4 bytes, before the closing magic of 8.
    crc = zlib.crc32(data[footer.summary_start : -12])
    check(footer.summary_start != 0, f"{trace}: no summary")
    check(crc == footer.summary_crc, f"{trace}: the CRC of the summary is wrong")


def check_indexes(trace, summary):
    """Checks that each entry of the message indexes leads to its message; gives their number."""
    data = Path(trace).read_bytes()

    def content(of, offset, opcode):
        found, length = struct.unpack_from("<BQ", of, offset)
        check(found == opcode, f"{trace}: the index leads to no {opcode.name} at byte {offset}")
        return of[offset + 9 : offset + 9 + length]

    def parse(kind, of):
        return kind.read(ReadDataStream(io.BytesIO(of)))

    count = 0
    for index in summary.chunk_indexes:
        chunk = parse(Chunk, content(data, index.chunk_start_offset, Opcode.CHUNK))
        place = index.chunk_start_offset
        check(chunk.uncompressed_crc != 0, f"{trace}: the chunk at byte {place} has no CRC")
        stream, size = get_chunk_data_stream(chunk, validate_crc=True)
        inside = stream.read(size)
        for channel, place in index.message_index_offsets.items():
            entries = parse(MessageIndex, content(data, place, Opcode.MESSAGE_INDEX)).records
            for time, start in entries:
                found, _, logged = struct.unpack_from(
                    "<HIQ", content(inside, start, Opcode.MESSAGE)
                )
                check(
                    (found, logged) == (channel, time)
                    and index.message_start_time <= time <= index.message_end_time,
                    f"{trace}: the message index at byte {place} leads to another message",
                )
                count += 1
    return count


def check_container(trace):
    """Checks CRCs, metadata and index; gives the channels by core, and the number of spikes."""
    # The whole file from front to back: chunk CRCs, and the CRC of the data section.
    with open(trace, "rb") as stream:
        records = list(StreamReader(stream, validate_crcs=True, emit_chunks=False).records)
    ends = [record for record in records if isinstance(record, DataEnd)]
    check(len(ends) == 1 and ends[0].data_section_crc != 0, f"{trace}: no CRC of the data section")
    check_summary_crc(trace, records[-1])
    facts = {r.name: dict(r.metadata) for r in records if isinstance(r, Metadata)}
    for name, key in (("spikeloom.run", "timeBaseDenominator"), ("spikeloom.end", "spikes")):
        check(key in facts.get(name, {}), f"{trace}: no '{key}' in metadata '{name}'")
        crc = facts[name].pop("crc32", None)
        text = "".join(f"{key}={value}\n" for key, value in facts[name].items())
        check(crc == f"{zlib.crc32(text.encode()):08x}", f"{trace}: metadata '{name}': bad crc32")

    # The index must agree with what the file holds.
    with open(trace, "rb") as stream:
        summary = make_reader(stream, validate_crcs=True).get_summary()
    with open(trace, "rb") as stream:
        count = sum(1 for _ in make_reader(stream, validate_crcs=True).iter_messages())
    check(summary is not None and summary.statistics is not None, f"{trace}: no summary")
    counted = summary.statistics.message_count
    check(count == counted, f"{trace}: {count} messages, the statistics count {counted}")
    indexed = check_indexes(trace, summary)
    check(count == indexed, f"{trace}: {count} messages, {indexed} of them in message indexes")
    channels = {}
    for channel in summary.channels.values():
        check(channel.message_encoding == ENCODING, f"{trace}: {channel.topic}: another encoding")
        core = int(channel.metadata["core"])
        label = channel.metadata["label"]
        topic = f"/spikes/core/{core}" if core < FIRST_INPUT else f"/spikes/input/{label}"
        check(channel.topic == topic, f"{trace}: topic {channel.topic}, expected {topic}")
        channels[core] = int(channel.metadata["neuronCount"])
    return channels, int(facts["spikeloom.end"]["spikes"])


def read_table(table):
    """Columns step, core, neuron of a CSV."""
    with open(table) as lines:
        header = lines.readline().strip()
        check(header == "step,core,neuron", f"{table}: the first line is not 'step,core,neuron'")
        rows = [tuple(map(int, line.split(","))) for line in lines]
    return [np.array(column, np.uint64) for column in (zip(*rows) if rows else ([], [], []))]


def check_equal(name, columns, reference, expected):
    """Checks that two sets of columns hold the same spikes in the same order."""
    ours, theirs = len(columns[0]), len(expected[0])
    check(ours == theirs, f"{name} has {ours} spikes, {reference} has {theirs}")
    wrong = np.zeros(ours, bool)
    for a, b in zip(columns, expected):
        wrong |= a.astype(np.uint64) != b
    if wrong.any():
        spike = np.flatnonzero(wrong)[0]
        ours, theirs = (tuple(int(c[spike]) for c in set) for set in (columns, expected))
        sys.exit(f"spike {spike + 1} (step, core, neuron): {name} {ours}, {reference} {theirs}")


def digest(columns):
    """SHA-256 over the spikes, as docs/TRACES.md says."""
    packed = np.empty(len(columns[0]), [("step", "<u8"), ("core", "<u4"), ("neuron", "<u4")])
    packed["step"], packed["core"], packed["neuron"] = columns
    return hashlib.sha256(packed.tobytes()).hexdigest()


def main(trace, table, report=None):
    channels, claimed = check_container(trace)
    expected = read_table(table)
    count = len(expected[0])
    check(count == claimed, f"{table} has {count} spikes, the end of {trace} counts {claimed}")
    check_equal(f"{trace} by its index", read_spikes(trace), table, expected)
    check_equal(f"{trace} from the front", read_spikes(trace, recover=True), table, expected)
    for core in np.unique(expected[1]).tolist():
        check(core in channels, f"{trace}: core {core} has spikes but no channel")
        most = int(expected[2][expected[1] == core].max())
        check(most < channels[core], f"{trace}: core {core}: neuron {most} of {channels[core]}")
    print(f"{trace}: {count} spikes of {len(channels)} channels equal to {table}, all CRCs good")
    if report is not None:
        ours, theirs = digest(expected), json.loads(Path(report).read_text()).get("digest")
        check(ours == theirs, f"digest: {table} {ours}, {report} {theirs}")
        print(f"{report}: digest {ours} is that of the spikes")


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except Exception as error:  # whatever mcap, numpy or json do not like
        sys.exit(f"{' '.join(sys.argv[1:])}: cannot be compared: {error!r}")
