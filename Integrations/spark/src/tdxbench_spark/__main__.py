"""The job: hosts in, Parquet and a summary out.

    spark-submit --files .build/release/tdxbench job.py INPUT --output FOLDER
    python -m tdxbench_spark INPUT --output FOLDER
"""

from __future__ import annotations

import argparse
import json
import sys
from typing import Optional

from pyspark.sql import SparkSession

from . import advise, groups, read_files, read_parquet, read_requests, summary


def main(arguments: Optional[list[str]] = None) -> None:
    parser = argparse.ArgumentParser(prog="tdxbench-spark", description=__doc__.splitlines()[0])
    parser.add_argument("input", help="where the hosts are")
    parser.add_argument(
        "--format",
        choices=["jsonl", "parquet", "files", "folders"],
        default="jsonl",
        help="requests of `advise --jsonl`, a line each (default); Parquet with host and log, logs or request; "
        "a file a host; or a folder a host",
    )
    parser.add_argument("--output", required=True, help="a folder for hosts.parquet, groups.parquet")
    parser.add_argument("--binary", help="tdxbench, if it is neither shipped by that name nor in PATH")
    parser.add_argument("--partitions", type=int, help="as many tasks (default: as Spark reads)")
    parser.add_argument("--batch", type=int, default=500, help="hosts that are handed on at once (default: 500)")
    parser.add_argument("advise", nargs="*", help="options of tdxbench advise, after --")
    options = parser.parse_args(arguments)

    spark = (
        SparkSession.builder.appName("tdxbench")
        .config("spark.sql.execution.arrow.maxRecordsPerBatch", options.batch)
        .getOrCreate()
    )
    read = {
        "jsonl": read_requests,
        "parquet": read_parquet,
        "files": read_files,
        "folders": lambda spark, path: read_files(spark, path, folders=True),
    }[options.format]
    hosts = read(spark, options.input)
    if options.partitions:
        hosts = hosts.repartition(options.partitions)
    advise(hosts, options.binary, options.advise).write.mode("overwrite").parquet(f"{options.output}/hosts.parquet")
    # What was written is asked, not the work done again.
    written = spark.read.parquet(f"{options.output}/hosts.parquet")
    groups(written).coalesce(1).write.mode("overwrite").parquet(f"{options.output}/groups.parquet")
    json.dump(summary(written), sys.stdout, ensure_ascii=False)
    print()
    spark.stop()


if __name__ == "__main__":
    main()
