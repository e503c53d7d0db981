"""Asks tdxbench about the hosts of a fleet, on Apache Spark.

    hosts = tdxbench_spark.advise(tdxbench_spark.read_parquet(spark, "s3://fleet/logs"))
    hosts.write.parquet("s3://fleet/advice")
    tdxbench_spark.summary(spark.read.parquet("s3://fleet/advice"))
"""

from .child import ChildError, find_binary
from .hosts import ROW, advise, read_files, read_parquet, read_requests
from .summary import groups, summary

__all__ = [
    "ROW", "ChildError", "advise", "find_binary", "groups", "read_files", "read_parquet", "read_requests", "summary",
]
