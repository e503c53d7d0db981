"""What a fleet comes to, by Spark SQL over the rows of its hosts: the numbers of `tdxbench fleet`."""

from __future__ import annotations

from pyspark.sql import DataFrame

# Sums of tdxbench stay at 2^64 - 1; ours are whole in 38 digits.
_MOST = 2**64 - 1

_SUMS = """
SELECT
  count(*) AS hosts,
  count_if(outcome = 'ok') AS ok,
  count_if(error IS NULL AND outcome <> 'ok') AS fails,
  count_if(error IS NOT NULL) AS unreadable,
  sum(CAST(pamt_kib AS DECIMAL(38, 0))) AS pamt_kib,
  sum(CAST(optimal_pamt_kib AS DECIMAL(38, 0))) AS optimal_pamt_kib,
  sum(CAST(dynamic_pamt_kib AS DECIMAL(38, 0))) AS dynamic_pamt_kib,
  count(DISTINCT group) AS groups
FROM {hosts}
"""

_REASONS = """
SELECT coalesce(reason, outcome) AS reason, count(*) AS hosts
FROM {hosts} WHERE error IS NULL AND outcome <> 'ok'
GROUP BY coalesce(reason, outcome)
"""

_GROUPS = """
SELECT group, count(*) AS hosts, first(outcome) AS outcome, first(reason) AS reason, first(remedy) AS remedy
FROM {hosts} WHERE error IS NULL
GROUP BY group ORDER BY hosts DESC, group
"""


def summary(hosts: DataFrame) -> dict:
    """The members of summary.json."""
    spark = hosts.sparkSession
    sums = spark.sql(_SUMS, hosts=hosts).collect()[0].asDict()
    # Code points, as tdxbench compares text.
    reasons = sorted(spark.sql(_REASONS, hosts=hosts).collect(), key=lambda row: (-row["hosts"], row["reason"]))
    answer: dict = {name: int(sums[name]) for name in ("hosts", "ok", "fails", "unreadable")}
    answer["by_reason"] = {row["reason"]: row["hosts"] for row in reasons}
    for name in ("pamt_kib", "optimal_pamt_kib", "dynamic_pamt_kib"):
        answer[name] = min(int(sums[name] or 0), _MOST)
    answer["groups"] = int(sums["groups"])
    return answer


def groups(hosts: DataFrame) -> DataFrame:
    """The rows of groups.csv: hosts of equal layout, those of most hosts first."""
    return hosts.sparkSession.sql(_GROUPS, hosts=hosts)
