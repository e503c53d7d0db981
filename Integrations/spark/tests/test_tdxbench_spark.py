"""The installed package on a local Spark, against rows that are known.

    TDXBENCH=… CHECK_HOSTS=FOLDER python -m unittest discover Integrations/spark/tests

CHECK_HOSTS has what scripts/check-spark made: requests.jsonl, hosts.parquet, files, folders; and fleet/hosts.jsonl, the
rows that `tdxbench fleet` wrote for the requests.
"""

import json
import os
import stat
import tempfile
import textwrap
import unittest
from pathlib import Path

from pyspark.sql import SparkSession

import tdxbench_spark
from tdxbench_spark.child import ChildError, ask
from tdxbench_spark.hosts import _answers

HOSTS = Path(os.environ["CHECK_HOSTS"])
TDXBENCH = os.environ["TDXBENCH"]


def fleet_rows():
    rows = [json.loads(line) for line in (HOSTS / "fleet/hosts.jsonl").read_text().splitlines()]
    return {row["host"]: row for row in rows}


def rows_of(frame):
    rows = {}
    for row in frame.collect():
        row = row.asDict()
        if row["remedy_bytes"] is not None:
            row["remedy_bytes"] = int(row["remedy_bytes"])
        assert row["host"] not in rows
        rows[row["host"]] = row
    return rows


class Reading(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.spark = (
            SparkSession.builder.master("local[2]")
            .config("spark.ui.enabled", "false")
            .config("spark.sql.execution.arrow.maxRecordsPerBatch", 37)
            .config("spark.sql.shuffle.partitions", 2)
            .getOrCreate()
        )
        cls.spark.sparkContext.setLogLevel("OFF")
        cls.fleet = fleet_rows()

    @classmethod
    def tearDownClass(cls):
        cls.spark.stop()

    def hold(self, frame, least):
        rows = rows_of(tdxbench_spark.advise(frame, TDXBENCH))
        self.assertGreaterEqual(len(rows), least)
        for host, row in rows.items():
            wanted = self.fleet[host]
            # A file and a request with the same text differ in how an error names the text.
            self.assertEqual(row.pop("error") is None, wanted["error"] is None, host)
            self.assertEqual(row, {name: wanted[name] for name in row}, host)

    def test_parquet_with_logs(self):
        self.hold(tdxbench_spark.read_parquet(self.spark, str(HOSTS / "hosts.parquet")), 200)

    def test_files(self):
        self.hold(tdxbench_spark.read_files(self.spark, str(HOSTS / "files")), 100)

    def test_folders(self):
        self.hold(tdxbench_spark.read_files(self.spark, str(HOSTS / "folders"), folders=True), 20)

    def test_rows_that_say_nothing(self):
        frame = self.spark.createDataFrame(
            [("a", None), ("b", ""), ("c", "{"), ("d", "  "), (None, '{"id":7,\n"regions":[[0,1073741824]]}')],
            "host string, request string",
        )
        rows = rows_of(tdxbench_spark.advise(frame, TDXBENCH))
        self.assertEqual(set(rows), {"a", "b", "c", "d", "7"})
        for host in "abcd":
            self.assertTrue(rows[host]["error"], host)
            self.assertIsNone(rows[host]["outcome"], host)
        self.assertEqual((rows["7"]["outcome"], rows["7"]["error"]), ("ok", None))

    def test_columns_that_are_not_there(self):
        with tempfile.TemporaryDirectory() as folder:
            self.spark.range(3).write.mode("overwrite").parquet(folder)
            with self.assertRaisesRegex(ValueError, "no column host"):
                tdxbench_spark.read_parquet(self.spark, folder)

    def test_a_child_that_dies_names_the_host(self):
        frame = self.spark.createDataFrame([(f"host-{n}", "text") for n in range(100)], "host string, log string")
        with program("read a; echo '{\"id\":\"host-0\",\"error\":\"x\"}'; echo out of luck >&2; kill -9 $$") as path:
            with self.assertRaisesRegex(Exception, "killed by signal 9 before it answered for the host host-1: out of luck"):
                tdxbench_spark.advise(frame.coalesce(1), path).collect()


class program:
    """A script in place of tdxbench."""

    def __init__(self, text):
        self.text = text

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory()
        path = Path(self.folder.name) / "tdxbench"
        path.write_text("#!/bin/bash\n" + textwrap.dedent(self.text) + "\n")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        return str(path)

    def __exit__(self, *_):
        self.folder.cleanup()


def blocks(count, size, width=10):
    for first in range(0, count, size):
        names = [str(number) for number in range(first, min(first + size, count))]
        yield names, b"".join(b"%s %s\n" % (name.encode(), b"x" * width) for name in names)


class Children(unittest.TestCase):
    def test_answers_larger_than_pipes_do_not_lock(self):
        # 16 MiB each way, where a pipe holds 64 KiB, and all of a block is written before its answers are wanted.
        got = [line for block in ask(["cat"], blocks(2000, 500, width=8192)) for line in block]
        self.assertEqual([line.split()[0].decode() for line in got], [str(number) for number in range(2000)])

    def test_one_that_answers_only_at_the_end(self):
        # What a child holds back until its input ends must not be waited for before.
        with self.assertRaises(Exception):
            with program("read a; exit 3") as path:
                list(ask([path], blocks(3, 1)))

    def test_one_that_ends_early(self):
        with program("head -n 5") as path:
            with self.assertRaisesRegex(ChildError, "ended with status 0 before it answered for the host 5"):
                list(ask([path], blocks(100, 10)))

    def test_one_that_ends_in_the_middle_of_a_line(self):
        with program("read a; echo $a; printf half; exit 70") as path:
            with self.assertRaisesRegex(ChildError, "status 70 before it answered for the host 1"):
                list(ask([path], blocks(4, 2)))

    def test_one_that_fails_at_the_end(self):
        with program("cat; echo no space >&2; exit 74") as path:
            with self.assertRaisesRegex(ChildError, "status 74 after the host 9: no space"):
                list(ask([path], blocks(10, 3)))

    def test_one_that_answers_twice(self):
        with program("while read a; do echo $a; echo $a; done") as path:
            with self.assertRaisesRegex(ChildError, "more than it was asked"):
                list(ask([path], blocks(4, 4)))

    def test_one_that_is_given_up(self):
        answers = ask(["cat"], blocks(100, 10))
        next(answers)
        answers.close()

    def test_one_that_is_not_there(self):
        with self.assertRaises((ChildError, FileNotFoundError)):
            list(ask(["/no/such/tdxbench"], blocks(1, 1)))
        self.assertEqual(list(ask(["/no/such/tdxbench"], [])), [])

    def test_one_that_answers_for_another(self):
        import pyarrow

        batch = pyarrow.record_batch([["a"], ["text"]], names=["host", "log"])
        with program("read a; echo '{\"id\":\"b\",\"error\":\"\"}'") as path:
            with self.assertRaisesRegex(ChildError, "answered for b where a was asked about"):
                list(_answers([path], "log", [batch]))


if __name__ == "__main__":
    unittest.main()
