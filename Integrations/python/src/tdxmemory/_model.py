"""What goes in and what comes out, as Python has it. Addresses and sizes are bytes; ranges are [start, end)."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple, Optional

from . import _abi


class Error(ValueError):
    """A call could not read what it was handed. ``status`` is the number of tdxmemory.h."""

    def __init__(self, message: str, status: int):
        super().__init__(message)
        self.status = status


class Extent(NamedTuple):
    """``size`` bytes from ``base`` on."""

    base: int
    size: int


class Range(NamedTuple):
    """``[start, end)``."""

    start: int
    end: int


class PAMT(NamedTuple):
    """The metadata of a TDMR's pages, one extent for each page size."""

    page_4k: Extent
    page_2m: Extent
    page_1g: Extent


class TDMR(NamedTuple):
    """A Trust Domain Memory Region: what one entry of TDMR_INFO says."""

    base: int
    size: int
    #: The NUMA node that Linux prefers for the PAMT.
    node: int
    pamt: PAMT
    #: Reserved areas as (offset from ``base``, size).
    reserved: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Limits:
    """What the TDX module takes; the defaults are those of every module so far."""

    max_tdmrs: int = 64
    max_reserved: int = 16
    #: Bytes of PAMT per page.
    pamt_entry_bytes_4k: int = 16
    pamt_entry_bytes_2m: int = 16
    pamt_entry_bytes_1g: int = 16


class Verdict(NamedTuple):
    """What the TDX module answers."""

    #: RAX; 0 where it accepts.
    status: int
    #: ``TDX_SUCCESS``, ``TDX_PAMT_OUTSIDE_CMRS``, …
    name: str
    #: The TDMR and the level of PAMT that a refusal is about.
    tdmr: Optional[int]
    level: Optional[str]

    @property
    def accepted(self) -> bool:
        return self.status == 0


@dataclass(frozen=True)
class Plan:
    """What comes of a machine's memory."""

    #: ``ok``, ``ENOSPC``, ``ENOMEM`` or ``EINVAL``: what Linux would return.
    outcome: str
    #: The lines that Linux would log, without the PAMT total and "module initialized".
    messages: tuple[str, ...]
    #: All PAMTs together. Linux prints this // 1024.
    pamt_bytes: int
    #: The module's answer; None where there is no plan or the CMRs are not known.
    module: Optional[Verdict]
    #: Of the policy ``optimal``: whether no plan costs less.
    proved: Optional[bool]
    #: Why there is no plan; empty where there is one.
    why: str
    _tdmrs: bytes = field(repr=False)
    _areas: bytes = field(repr=False)

    @property
    def ok(self) -> bool:
        """Whether there is a plan, and the module takes it as far as is known."""
        return self.outcome == "ok" and (self.module is None or self.module.accepted)

    @cached_property
    def tdmrs(self) -> tuple[TDMR, ...]:
        """The TDMRs, ascending; empty where there is no plan. Made when they are first looked at."""
        areas = tuple(struct.iter_unpack(_abi.PAIR, self._areas))
        tdmrs = []
        for b, s, b1, s1, b2, s2, b4, s4, first, count, node in struct.iter_unpack(_abi.TDMR, self._tdmrs):
            pamt = PAMT(Extent(b4, s4), Extent(b2, s2), Extent(b1, s1))
            tdmrs.append(TDMR(b, s, node, pamt, areas[first : first + count]))
        return tuple(tdmrs)

    def to_dict(self) -> dict:
        """The members that ``tdxbench plan --jsonl`` answers with for these."""
        answer: dict = {"outcome": self.outcome, "messages": list(self.messages)}
        if self.outcome == "ok":
            answer["tdmrs"] = [
                {
                    "base": tdmr.base,
                    "size": tdmr.size,
                    "node": tdmr.node,
                    "pamt": {level: list(extent) for level, extent in zip(_abi.LEVELS, tdmr.pamt)},
                    "reserved": [list(area) for area in tdmr.reserved],
                }
                for tdmr in self.tdmrs
            ]
            answer["pamt_kib"] = self.pamt_bytes // 1024
        if self.proved is not None:
            answer["proved"] = self.proved
        if self.module is not None:
            answer["module"] = {"status": hex(self.module.status), "name": self.module.name}
        return answer


class Comparison(NamedTuple):
    """What comes of a machine under one policy and placement."""

    policy: str
    #: None for a policy that places PAMTs itself.
    placement: Optional[str]
    dynamic_pamt: bool
    outcome: str
    tdmrs: int
    #: The most reserved areas in one TDMR.
    most_reserved: int
    pamt_bytes: int
    #: What of the PAMT describes no memory.
    pamt_bytes_for_holes: int
    #: The status of the module; None where it was not asked.
    module_status: Optional[int]


@dataclass(frozen=True)
class Advice:
    """What to change so that TDX initialises, or what the plan costs."""

    #: Whether Linux succeeds as it is, with the placement that was asked about.
    succeeds: bool
    #: ``not needed``, ``withhold`` or ``none``: whether keeping memory from the kernel makes Linux succeed.
    remedy: str
    #: What fails, or why nothing that is withheld helps; empty where nothing does.
    why: str
    #: The memory to withhold, by address.
    withhold: tuple[Range, ...]
    withheld_bytes: int
    #: The same as kernel parameters, and as a line of /etc/default/grub.
    kernel_parameters: str
    grub_line: str
    #: Whether Linux, which takes 2047 characters, can read the parameters.
    fits_command_line: bool
    #: The placements that the rest succeeds with.
    holds_for: tuple[str, ...]
    #: Reserved areas to spare in the fullest TDMR of the rest.
    areas_to_spare: int
    #: Every policy and placement, with static and with Dynamic PAMT.
    plans: tuple[Comparison, ...]
