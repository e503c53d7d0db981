"""Hosts as data frames: read, asked about, and as rows of what `tdxbench fleet` writes."""

from __future__ import annotations

import gzip
import io
import json
import lzma
from decimal import Decimal
from typing import Any, Iterable, Iterator, Optional, Sequence

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as f
from pyspark.sql.types import DecimalType, LongType, StringType, StructField, StructType

from .child import ChildError, ask, find_binary

_WHOLE = ("tdmrs", "most_areas", "pamt_kib", "optimal_pamt_kib", "dynamic_pamt_kib")

#: A host's row: the columns of hosts.csv. ``error`` is set where the host could not be read, and then all others
#: but ``host`` are null.
ROW = StructType(
    [StructField("host", StringType()), StructField("outcome", StringType()), StructField("reason", StringType())]
    + [StructField(name, LongType()) for name in _WHOLE]
    + [
        StructField("remedy", StringType()),
        # Of a machine with addresses beyond 2^63 it does not fit into 63 bits.
        StructField("remedy_bytes", DecimalType(20, 0)),
        StructField("group", StringType()),
        StructField("error", StringType()),
        StructField("kernel", StringType()),
        StructField("module_version", StringType()),
    ]
)

_ARROW = pa.schema(
    [("host", pa.string()), ("outcome", pa.string()), ("reason", pa.string())]
    + [(name, pa.int64()) for name in _WHOLE]
    + [
        ("remedy", pa.string()),
        ("remedy_bytes", pa.decimal128(20, 0)),
        ("group", pa.string()),
        ("error", pa.string()),
        ("kernel", pa.string()),
        ("module_version", pa.string()),
    ]
)

#: No host has more to say.
_MOST_BYTES = 256 << 20


def read_requests(spark: SparkSession, path: str) -> DataFrame:
    """JSON lines: each a request of `advise --jsonl`, whose `id` is the host's name."""
    lines = spark.read.option("lineSep", "\n").text(path)
    return lines.select(f.lit(None).cast("string").alias("host"), f.col("value").alias("request")).where(
        f.trim(f.regexp_replace("request", r"[\t\r]", " ")) != ""
    )


def read_parquet(spark: SparkSession, path: str) -> DataFrame:
    """Parquet with a column `host` and one of `log` (text), `logs` (texts of one machine) or `request` (JSON)."""
    table = spark.read.parquet(path)
    columns = [name for name in ("log", "logs", "request") if name in table.columns]
    if "host" not in table.columns and columns != ["request"]:
        raise ValueError(f"{path} has no column host, but {', '.join(table.columns)}")
    if len(columns) != 1:
        raise ValueError(f"{path} must have one column of log, logs and request, not {', '.join(table.columns)}")
    host = f.col("host").cast("string") if "host" in table.columns else f.lit(None).cast("string").alias("host")
    return table.select(host, columns[0])


def read_files(spark: SparkSession, path: str, folders: bool = False) -> DataFrame:
    """A file a host, called by its name; or, with ``folders``, a folder a host. Files packed by gzip or xz are unpacked."""
    files = spark.read.format("binaryFile").option("recursiveFileLookup", str(folders).lower()).load(path)
    files = files.withColumn("name", f.element_at(f.split("path", "/"), -1))
    if not folders:
        return files.select(f.col("name").alias("host"), f.col("content").alias("log"))
    # By name, as a folder is read.
    parts = files.withColumn("host", f.element_at(f.split("path", "/"), -2)).groupBy("host")
    pairs = f.sort_array(f.collect_list(f.struct("name", "content")))
    return parts.agg(f.transform(pairs, lambda pair: pair["content"]).alias("logs"))


def advise(hosts: DataFrame, binary: Optional[str] = None, arguments: Sequence[str] = ()) -> DataFrame:
    """A row (``ROW``) for each host, by a tdxbench for each partition.

    A host that cannot be read is a row with an ``error``. Where tdxbench dies the task fails, and names the host.

    ``binary``: as ``find_binary`` takes it. ``arguments``: of `tdxbench advise`, such as `--dynamic-pamt`.
    """
    content = next(name for name in hosts.columns if name != "host")

    def partition(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        # Made on the executor: the driver may be another kind of machine.
        command = [find_binary(binary), "advise", "--jsonl", "--keep-going", *arguments]
        yield from _answers(command, content, batches)

    return hosts.select("host", content).mapInArrow(partition, ROW)


def _answers(
    command: Sequence[str], content: str, batches: Iterable[pa.RecordBatch]
) -> Iterator[pa.RecordBatch]:
    # What could not be made a request has its error already, at its place.
    prepared: list[list[tuple[Optional[str], Optional[str]]]] = []

    def blocks() -> Iterator[tuple[list[str], bytes]]:
        for batch in batches:
            names: list[str] = []
            lines: list[bytes] = []
            rows: list[tuple[Optional[str], Optional[str]]] = []
            for host, value in zip(batch.column(0).to_pylist(), batch.column(1).to_pylist()):
                try:
                    lines.append(_request(host, value, content))
                    names.append(_name(host, lines[-1]))
                    rows.append((host, None))
                except ValueError as problem:
                    rows.append((host, str(problem)))
            prepared.append(rows)
            if not names:
                continue
            yield names, b"".join(lines)

    answers = ask(command, blocks())
    for block in answers:
        # Batches of which no host could be asked about come out with the next one.
        while prepared and not any(error is None for _, error in prepared[0]):
            yield _batch([(host, error, None) for host, error in prepared.pop(0)])
        rows = prepared.pop(0)
        lines = iter(block)
        yield _batch([(host, error, None if error else next(lines)) for host, error in rows])
    for rows in prepared:
        yield _batch([(host, error, None) for host, error in rows])


def _request(host: Optional[str], value: Any, content: str) -> bytes:
    """One line. Raises ``ValueError`` where there is nothing to ask about."""
    if value is None:
        raise ValueError(f"{content} is null")
    if content == "request":
        # Where JSON may have the end of a line, it may have a blank.
        line = str(value).replace("\n", " ").replace("\r", " ")
        if not line.strip():
            raise ValueError("the request is empty")
        return line.encode("utf-8", "replace") + b"\n"
    texts = [_text(one) for one in (value if content == "logs" else [value])]
    request = {"id": host, **({"logs": texts} if content == "logs" else {"log": texts[0]})}
    return json.dumps(request).encode() + b"\n"


def _name(host: Optional[str], line: bytes) -> str:
    """How a host is called where tdxbench dies."""
    if host is not None:
        return host
    try:
        return str(json.loads(line)["id"])
    except (ValueError, KeyError, TypeError):
        return line[:80].decode("utf-8", "replace").strip()


def _text(value: Any) -> str:
    if value is None:
        raise ValueError("a log is null")
    if isinstance(value, str):
        return value
    value = bytes(value)
    try:
        if value[:2] == b"\x1f\x8b":
            value = _bounded(gzip.GzipFile(fileobj=io.BytesIO(value)))
        elif value[:6] == b"\xfd7zXZ\x00":
            value = _bounded(lzma.LZMAFile(io.BytesIO(value)))
    except (OSError, EOFError, lzma.LZMAError) as problem:
        raise ValueError(f"cannot be unpacked: {problem}") from None
    return value.decode("utf-8", "replace")


def _bounded(file: Any) -> bytes:
    text = file.read(_MOST_BYTES + 1)
    if len(text) > _MOST_BYTES:
        raise ValueError(f"over {_MOST_BYTES >> 20} MiB, which no host has to say")
    return text


def _batch(rows: list[tuple[Optional[str], Optional[str], Optional[bytes]]]) -> pa.RecordBatch:
    columns: dict[str, list] = {name: [] for name in _ARROW.names}
    for host, error, line in rows:
        answer = {"error": error} if line is None else _answer(host, line)
        columns["host"].append(host if host is not None else _text_of_id(answer.get("id")))
        for name in _ARROW.names[1:]:
            value = answer.get(name)
            columns[name].append(Decimal(value) if name == "remedy_bytes" and value is not None else value)
    return pa.RecordBatch.from_arrays(
        [pa.array(columns[one.name], one.type) for one in _ARROW], schema=_ARROW
    )


def _answer(host: Optional[str], line: bytes) -> dict:
    answer = json.loads(line)
    if host is not None and answer.get("id") not in (host, None):
        raise ChildError(f"tdxbench answered for {answer['id']} where {host} was asked about")
    return answer


def _text_of_id(value: Any) -> Optional[str]:
    """The host's name: text as it is, anything else as JSON has it, as `fleet` does."""
    return value if value is None or isinstance(value, str) else json.dumps(value)
