"""The installed wheel, held against the vectors and against tdxbench.

    python -m unittest discover Integrations/python/tests

TDXMEMORY_VECTORS names the directory of linux.jsonl and tdx-module.jsonl (default: the checkout's own);
TDXBENCH a built tdxbench, which advice is held against.
"""

import doctest
import json
import os
import subprocess
import threading
import unittest
from pathlib import Path

import numpy

import tdxmemory
from tdxmemory import PAMT, TDMR, Extent, Limits
from tdxmemory._session import _Rows

ROOT = Path(__file__).resolve().parents[3]
VECTORS = Path(os.environ.get("TDXMEMORY_VECTORS", ROOT / "Tests" / "TestSupport" / "Vectors"))
TDXBENCH = os.environ.get("TDXBENCH")

GIB = 1 << 30
MACHINE = [(0x1000, 0x9F000, 0), (0x100000, 2 * GIB, 0), (4 * GIB, 66 * GIB, 0), (66 * GIB, 130 * GIB, 1)]


def vectors(name):
    return [with_numbers(json.loads(line)) for line in (VECTORS / name).read_text().splitlines() if line.strip()]


def with_numbers(value):
    """A vector whose numbers, which may be strings ("0x…"), are numbers."""
    if isinstance(value, list):
        return [with_numbers(one) for one in value]
    if isinstance(value, dict):
        return {name: one if name in ("id", "expect") else with_numbers(one) for name, one in value.items()}
    return int(value, 0) if isinstance(value, str) and value[:1].isdigit() else value


def pairs(rows):
    return numpy.array(rows, numpy.uint64).reshape(-1, 2)


def options(vector):
    limits = vector["limits"]
    entry = limits["pamt_entry_bytes"]
    if not isinstance(entry, dict):
        entry = {level: entry for level in ("4k", "2m", "1g")}
    return {
        "dynamic_pamt": vector["dynamic_pamt"],
        "limits": Limits(limits["max_tdmrs"], limits["max_reserved"], entry["4k"], entry["2m"], entry["1g"]),
    }


class Vectors(unittest.TestCase):
    def test_plans_as_linux_does(self):
        for vector in vectors("linux.jsonl"):
            given = dict(options(vector), policy=vector["policy"], placement=vector["placement"])
            array = numpy.array(vector["regions"], numpy.uint64).reshape(-1, 3)
            cmrs = vector.get("cmrs")
            of_list = tdxmemory.plan(vector["regions"], cmrs, **given).to_dict()
            of_array = tdxmemory.plan(array, None if cmrs is None else pairs(cmrs), **given)
            self.assertEqual(of_array.to_dict(), of_list)
            expected = vector["expect"]
            self.assertEqual({name: of_list.get(name) for name in expected}, expected, vector["id"])
            self.assertEqual("tdmrs" in of_list, "tdmrs" in expected, vector["id"])

    def test_validates_as_the_module_does(self):
        for vector in vectors("tdx-module.jsonl"):
            tdmrs = [
                TDMR(
                    one["base"],
                    one["size"],
                    0,
                    PAMT(*(Extent(*one["pamt"][level]) for level in ("4k", "2m", "1g"))),
                    tuple(map(tuple, one["reserved"])),
                )
                for one in vector["tdmrs"]
            ]
            verdict = tdxmemory.validate(
                tdmrs, vector["cmrs"], keyid_bits=vector.get("keyid_bits", 6), **options(vector)
            )
            expected = vector["expect"]
            self.assertEqual((hex(verdict.status), verdict.name), (expected["status"], expected["name"]), vector["id"])
            if "tdmr" in expected:
                self.assertEqual(verdict.tdmr, expected["tdmr"], vector["id"])


@unittest.skipUnless(TDXBENCH, "TDXBENCH names no tdxbench")
class AdviceOfTdxbench(unittest.TestCase):
    def test_is_the_same(self):
        remedies = set()
        for vector in [one for one in vectors("linux.jsonl") if one["expect"]["outcome"] != "EINVAL"][::12]:
            request = {name: vector[name] for name in ("regions", "cmrs") if name in vector}
            run = subprocess.run(
                [TDXBENCH, "advise", "--format", "json", "-"],
                input=json.dumps(request),
                stdout=subprocess.PIPE,
                text=True,
            )
            self.assertIn(run.returncode, (0, 1))
            wanted = json.loads(run.stdout)
            advice = tdxmemory.advise(vector["regions"], vector.get("cmrs"))
            remedies.add(advice.remedy)
            self.assertEqual(advice.succeeds, wanted["succeeds"], vector["id"])
            self.assertEqual(advice.remedy == "withhold", "withhold" in wanted, vector["id"])
            if "withhold" in wanted:
                other = wanted["withhold"]
                self.assertEqual([list(one) for one in advice.withhold], other["ranges"], vector["id"])
                self.assertEqual(advice.kernel_parameters, other["kernel_parameters"])
                self.assertEqual(advice.grub_line, other["grub_line"])
                self.assertEqual(advice.withheld_bytes, other["bytes"])
                self.assertEqual(advice.fits_command_line, other["fits_command_line"])
                self.assertEqual(sorted(advice.holds_for), sorted(other["holds_for"]))
                self.assertEqual(advice.areas_to_spare, other["areas_to_spare"])
            if advice.remedy == "none":
                self.assertEqual(advice.why, wanted["cannot_help"])
            self.assertEqual(
                [
                    (one.policy, one.placement, one.dynamic_pamt, one.outcome, one.tdmrs, one.most_reserved,
                     one.pamt_bytes // 1024, one.pamt_bytes_for_holes // 1024)
                    for one in advice.plans
                ],
                [
                    (one["policy"], one.get("placement"), one["dynamic_pamt"], one["outcome"], one["tdmrs"],
                     one["most_reserved"], one["pamt_kib"], one["pamt_kib_for_holes"])
                    for one in wanted["plans"]
                ],
            )
        self.assertEqual(remedies, {"not needed", "withhold", "none"})


class Arrays(unittest.TestCase):
    def test_are_read_where_they_lie(self):
        array = numpy.array(MACHINE, numpy.uint64)
        rows = _Rows(array, 3, "regions", ("start", "end", "node"))
        self.assertEqual((rows.address, rows.count), (array.ctypes.data, 4))
        array.setflags(write=False)
        before = array.copy()
        self.assertEqual(tdxmemory.plan(array).to_dict(), tdxmemory.plan(MACHINE).to_dict())
        self.assertTrue((array == before).all())

    def test_may_be_records(self):
        kind = numpy.dtype([("start", "u8"), ("end", "u8"), ("node", "u8")])
        self.assertEqual(
            tdxmemory.plan(numpy.array(MACHINE, kind)).to_dict(), tdxmemory.plan(MACHINE).to_dict()
        )

    def test_of_another_kind_are_refused(self):
        array = numpy.array(MACHINE, numpy.uint64)
        for wrong in (
            array.astype(numpy.int64), array.astype(">u8"), array.astype(numpy.uint32), array[:, :2], array[::2],
            array.T, array.ravel(), numpy.asfortranarray(array), array.astype(float),
            numpy.array(MACHINE, [("a", "u8"), ("b", "u8"), ("c", "u8")]),
            numpy.array(MACHINE, [("start", "u8"), ("end", "u8"), ("node", "u4"), ("flags", "u4")][:3]),
        ):
            with self.assertRaises(ValueError):
                tdxmemory.plan(wrong)

    def test_must_ascend(self):
        with self.assertRaisesRegex(tdxmemory.Error, "starts before") as context:
            tdxmemory.plan(numpy.array(MACHINE[::-1], numpy.uint64))
        self.assertEqual(context.exception.status, 6)
        self.assertEqual(tdxmemory.plan(MACHINE[::-1]).to_dict(), tdxmemory.plan(MACHINE).to_dict())

    def test_may_be_empty(self):
        plan = tdxmemory.plan(numpy.zeros((0, 3), numpy.uint64), numpy.zeros((0, 2), numpy.uint64))
        self.assertEqual((plan.outcome, plan.tdmrs), ("ENOMEM", ()))
        self.assertTrue(plan.why)


class Errors(unittest.TestCase):
    def test_name_the_row(self):
        with self.assertRaisesRegex(tdxmemory.Error, r"regions\[1\].*overlaps"):
            tdxmemory.plan([(0, 2 * GIB), (GIB, 3 * GIB)])
        with self.assertRaisesRegex(tdxmemory.Error, r"regions\[0\].*ends before it starts"):
            tdxmemory.plan([(GIB, 0)])
        with self.assertRaisesRegex(tdxmemory.Error, "node 4294967296 is above"):
            tdxmemory.plan([(0, GIB, 1 << 32)])

    def test_name_the_option(self):
        for wrong in (
            {"policy": "best"}, {"placement": "left"}, {"keyid_bits": 53}, {"keyid_bits": 2**32 + 6},
            {"limits": Limits(max_tdmrs=-1)}, {"limits": Limits(pamt_entry_bytes_4k=2**16)}, {"keyid_bits": "6"},
        ):
            with self.assertRaises(ValueError):
                tdxmemory.plan(MACHINE, **wrong)

    def test_rows_that_are_none(self):
        for wrong in ([(1,)], [(1, 2, 3, 4)], [("a", "b")], [(0, -1)], [(0, 2**64)], [1.5], 7, None, [(0, 0.5)]):
            with self.subTest(rows=wrong), self.assertRaises(ValueError):
                tdxmemory.plan(wrong)
            with self.subTest(cmrs=wrong), self.assertRaises(ValueError):
                tdxmemory.validate([], wrong)


class Use(unittest.TestCase):
    def test_a_plan_is_what_the_module_takes(self):
        cmrs = [(0x100000, 2 * GIB), (4 * GIB, 130 * GIB)]
        plan = tdxmemory.plan(MACHINE, cmrs)
        self.assertTrue(plan.ok and plan.module.accepted)
        self.assertTrue(tdxmemory.validate(plan, [(start, end - start) for start, end in cmrs]).accepted)
        self.assertEqual(
            tdxmemory.validate(plan, [(0x100000, GIB), (4 * GIB, 126 * GIB)]).name, "TDX_TDMR_OUTSIDE_CMRS"
        )

    def test_room_grows(self):
        # More than 200 TDMRs with a dozen holes in each: more than a session has room for at first. All PAMTs are in
        # the first.
        regions = [
            (4 * GIB + index * (80 << 20), 4 * GIB + index * (80 << 20) + (79 << 20), 0) for index in range(3000)
        ]
        plan = tdxmemory.plan(regions, limits=Limits(max_tdmrs=4096, max_reserved=1024))
        self.assertEqual(plan.outcome, "ok")
        self.assertGreater(len(plan.tdmrs), 64)
        self.assertGreater(sum(len(tdmr.reserved) for tdmr in plan.tdmrs), 2000)

    def test_a_session_may_be_shared(self):
        session = tdxmemory.Session()
        machines = [[(GIB, (2 + index) * GIB)] for index in range(8)]
        wanted = [tdxmemory.plan(machine).to_dict() for machine in machines]
        wrong = []

        def work(index):
            for _ in range(200):
                if session.plan(machines[index]).to_dict() != wanted[index]:
                    wrong.append(index)

        threads = [threading.Thread(target=work, args=(index,)) for index in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(wrong, [])

    def test_the_example(self):
        self.assertEqual(doctest.testmod(tdxmemory).failed, 0)


if __name__ == "__main__":
    unittest.main()
