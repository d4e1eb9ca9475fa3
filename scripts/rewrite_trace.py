#!/usr/bin/env python3
"""Writes a spike trace again with Python's own mcap in each combination of its options, and lets
spikeloom read every one of them: rewrite_trace.py SPIKELOOM RUN.mcap FOLDER"""
import itertools
import pathlib
import subprocess
import sys

from mcap.reader import make_reader
from mcap.writer import CompressionType, IndexType, Writer

program, source, folder = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
folder.mkdir(parents=True, exist_ok=True)


def as_csv(path):
    target = str(folder / "rewritten.csv")
    subprocess.run([program, "convert", str(path), target], check=True)
    return pathlib.Path(target).read_bytes()


def rewrite(path, **options):
    with open(source, "rb") as stream, open(path, "wb") as output:
        reader = make_reader(stream)
        writer = Writer(output, **options)
        writer.start(profile="spikeloom.spikes.v1", library="rewritten")
        schemas, channels = {}, {}
        for schema, channel, message in reader.iter_messages(log_time_order=False):
            if schema.id not in schemas:
                schemas[schema.id] = writer.register_schema(
                    name=schema.name, encoding=schema.encoding, data=schema.data
                )
            if channel.id not in channels:
                channels[channel.id] = writer.register_channel(
                    topic=channel.topic,
                    message_encoding=channel.message_encoding,
                    schema_id=schemas[schema.id],
                    metadata=channel.metadata,
                )
            writer.add_message(
                channel_id=channels[channel.id],
                log_time=message.log_time,
                data=message.data,
                publish_time=message.publish_time,
                sequence=message.sequence,
            )
        writer.finish()


expected = as_csv(source)
count = 0
for chunking, compression, index, crcs, chunk_size in itertools.product(
    [True, False],
    [CompressionType.NONE, CompressionType.LZ4, CompressionType.ZSTD],
    [IndexType.ALL, IndexType.NONE, IndexType.CHUNK, IndexType.MESSAGE],
    [True, False],
    [1 << 20, 4096],
):
    if not chunking and (compression != CompressionType.NONE or chunk_size != 4096):
        continue
    for statistics, offsets, repeat in [(True, True, True), (False, False, False)]:
        path = folder / "rewritten.mcap"
        rewrite(
            path,
            chunk_size=chunk_size,
            compression=compression,
            index_types=index,
            use_chunking=chunking,
            use_statistics=statistics,
            use_summary_offsets=offsets,
            repeat_channels=repeat,
            enable_crcs=crcs,
        )
        name = f"chunking {chunking}, {compression}, index {index}, CRCs {crcs}, size {chunk_size}"
        if as_csv(path) != expected:
            sys.exit(f"{source}: {name}, statistics {statistics}: spikeloom reads other spikes")
        count += 1
print(f"{source}: {count} combinations of options of Python's writer are read alike")
