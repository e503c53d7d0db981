"""What Intel TDX makes of a machine's memory: TDMRs, PAMTs and reserved areas, as Linux plans them.

>>> import tdxmemory
>>> plan = tdxmemory.plan([(0x100000, 0x80000000, 0), (0x100000000, 0x1080000000, 0)])
>>> plan.outcome, len(plan.tdmrs), plan.pamt_bytes // 1024
('ok', 2, 262664)
>>> tdxmemory.validate(plan, [(0x100000, 0x7ff00000), (0x100000000, 0xf80000000)]).name
'TDX_SUCCESS'

Addresses and sizes are bytes; ranges are [start, end).
"""

from ._model import PAMT, TDMR, Advice, Comparison, Error, Extent, Limits, Plan, Range, Verdict
from ._session import Session, session

__all__ = [
    "PAMT", "TDMR", "Advice", "Comparison", "Error", "Extent", "Limits", "Plan", "Range", "Session", "Verdict",
    "advise", "plan", "validate",
]


def plan(regions, cmrs=None, **options) -> Plan:
    """``Session.plan`` with the session of this thread."""
    return session().plan(regions, cmrs, **options)


def validate(tdmrs, cmrs, **options) -> Verdict:
    """``Session.validate`` with the session of this thread."""
    return session().validate(tdmrs, cmrs, **options)


def advise(regions, cmrs=None, **options) -> Advice:
    """``Session.advise`` with the session of this thread."""
    return session().advise(regions, cmrs, **options)
