"""Calls of the library."""

from __future__ import annotations

import ctypes
import struct
import threading
from itertools import chain
from typing import Any, Iterable, Optional, Sequence, Union

from . import _abi
from ._model import TDMR, Advice, Comparison, Error, Limits, Plan, Range, Verdict

_library = _abi.load()

#: Rows of (start, end) or (start, end, node), or a numpy array of them.
Regions = Union[Iterable[Sequence[int]], Any]
#: Rows of (start, end), or a numpy array of them.
Ranges = Union[Iterable[Sequence[int]], Any]


class _Rows:
    """Rows of 64-bit words somewhere in memory: those of a numpy array, or a copy of anything else."""

    __slots__ = ("address", "count", "_keep")

    def __init__(self, rows: Any, width: int, what: str, fields: tuple[str, ...], ascending: bool = False):
        interface = getattr(rows, "__array_interface__", None)
        if interface is not None:
            self.address, self.count = _array(interface, width, what, fields)
            self._keep = rows
            return
        try:
            table = [tuple(row) for row in rows]
            if ascending:
                table.sort(key=lambda row: row[:2])
            if width == 3:
                table = [(*row, 0) if len(row) == 2 else row for row in table]
            if any(len(row) != width for row in table):
                raise ValueError(f"a row of {what} is ({', '.join(fields)})")
            words = struct.pack(f"={width * len(table)}Q", *chain.from_iterable(table))
        except (TypeError, IndexError, struct.error) as problem:
            raise ValueError(f"{what}: not rows of whole numbers of 64 bits: {problem}") from None
        # One byte more, so that an empty list has an address, too: that CMRs are known.
        self._keep = ctypes.create_string_buffer(words, len(words) + 1)
        self.address, self.count = ctypes.addressof(self._keep), len(table)


def _array(interface: dict, width: int, what: str, fields: tuple[str, ...]) -> tuple[int, int]:
    """Where a numpy array lies that is rows of 64-bit words as it is."""
    shape, strides = interface["shape"], interface.get("strides")
    if interface["typestr"] == "<u8" and len(shape) == 2 and shape[1] == width:
        if strides is not None and strides != (8 * width, 8):
            raise ValueError(f"{what} is a part of an array: numpy.ascontiguousarray makes a copy that is whole")
    elif (
        interface["typestr"] == f"|V{8 * width}"
        and len(shape) == 1
        and [tuple(one) for one in interface["descr"]] == [(name, "<u8") for name in fields]
    ):
        if strides is not None and strides != (8 * width,):
            raise ValueError(f"{what} is a part of an array: numpy.ascontiguousarray makes a copy that is whole")
    else:
        raise ValueError(
            f"{what} must be an array of n x {width} numpy.uint64 ({', '.join(fields)}), or of records with "
            f"these fields, not {interface['typestr']} of shape {shape}"
        )
    return interface["data"][0], shape[0]


class Session:
    """Plans machine after machine in memory that is used again. Calls from several threads wait for each other.

    The functions of this module use a session of each thread.
    """

    def __init__(self) -> None:
        self._handle = ctypes.c_void_p(_library.tdxmemory_create())
        self._lock = threading.Lock()
        self._options = _abi.Options()
        self._defaults = _abi.Options()
        _library.tdxmemory_options_init(ctypes.byref(self._defaults))
        self._memory = _abi.Memory()
        self._result = _abi.PlanResult()
        self._verdict = _abi.Verdict()
        self._buffers = _abi.Buffers()
        self._make_room(64, 1088)
        self._addresses = [
            ctypes.addressof(one) for one in (self._memory, self._options, self._buffers, self._result)
        ]

    def __del__(self) -> None:
        handle = getattr(self, "_handle", None)
        if handle is not None:
            _library.tdxmemory_destroy(handle)

    def _make_room(self, tdmrs: int, areas: int) -> None:
        self._tdmrs = ctypes.create_string_buffer(80 * tdmrs + 1)
        self._areas = ctypes.create_string_buffer(16 * areas + 1)
        self._buffers.tdmrs, self._buffers.tdmr_capacity = ctypes.addressof(self._tdmrs), tdmrs
        self._buffers.areas, self._buffers.area_capacity = ctypes.addressof(self._areas), areas

    def _set_options(
        self,
        policy: str,
        placement: str,
        dynamic_pamt: bool,
        keyid_bits: int,
        limits: Optional[Limits],
        slack: int = 0,
    ) -> None:
        options = self._options
        ctypes.pointer(options)[0] = self._defaults
        try:
            options.policy = _abi.POLICIES.index(policy)
        except ValueError:
            raise ValueError(f"policy must be one of {', '.join(_abi.POLICIES)}, not {policy!r}") from None
        try:
            options.placement = _abi.PLACEMENTS.index(placement)
        except ValueError:
            raise ValueError(f"placement must be one of {', '.join(_abi.PLACEMENTS)}, not {placement!r}") from None
        options.dynamic_pamt = bool(dynamic_pamt)
        # ctypes cuts numbers to the size of a field.
        options.keyid_bits = _whole("keyid_bits", keyid_bits, 52)
        options.slack = _whole("slack", slack, 1024)
        if limits is not None:
            options.max_tdmrs = _whole("max_tdmrs", limits.max_tdmrs, 2**64 - 1)
            options.max_reserved = _whole("max_reserved", limits.max_reserved, 2**64 - 1)
            for level in _abi.LEVELS:
                name = f"pamt_entry_bytes_{level}"
                setattr(options, f"pamt_{level}_entry_bytes", _whole(name, getattr(limits, name), 2**16 - 1))

    def _set_memory(self, regions: Regions, cmrs: Optional[Ranges]) -> tuple:
        """Returns what must live as long as the call."""
        rows = _Rows(regions, 3, "regions", ("start", "end", "node"), ascending=True)
        self._memory.regions, self._memory.region_count = rows.address, rows.count
        if cmrs is None:
            self._memory.cmrs, self._memory.cmr_count = None, 0
            return (rows,)
        ranges = _Rows(cmrs, 2, "cmrs", ("start", "end"), ascending=True)
        self._memory.cmrs, self._memory.cmr_count = ranges.address, ranges.count
        return rows, ranges

    def _message(self) -> str:
        return _library.tdxmemory_message(self._handle).decode()

    def _text(self, which: int) -> str:
        length = _library.tdxmemory_text(self._handle, which, None, 0)
        if length == 0:
            return ""
        buffer = ctypes.create_string_buffer(length + 1)
        _library.tdxmemory_text(self._handle, which, buffer, length + 1)
        return buffer.value.decode()

    def _module(self, verdict: _abi.Verdict) -> Optional[Verdict]:
        if not verdict.is_known:
            return None
        return Verdict(
            verdict.status,
            "TDX_SUCCESS" if verdict.status == 0 else self._text(_abi.TEXT_STATUS_NAME),
            verdict.tdmr if verdict.tdmr >= 0 else None,
            _abi.LEVELS[verdict.level] if verdict.level >= 0 else None,
        )

    def plan(
        self,
        regions: Regions,
        cmrs: Optional[Ranges] = None,
        *,
        policy: str = "linux",
        placement: str = "first-fit",
        dynamic_pamt: bool = False,
        keyid_bits: int = 6,
        limits: Optional[Limits] = None,
    ) -> Plan:
        """Plans a machine: memory map -> TDMRs, PAMTs, reserved areas.

        ``regions``: rows of (start, end) or (start, end, node). A numpy array of n x 3 uint64, or of records with
        these three fields, is read where it lies and must ascend; anything else is copied and sorted.
        ``cmrs``: convertible memory, rows of (start, end); None where it is not known.

        Raises ``Error`` where ranges overlap, end before they start or do not ascend, ``ValueError`` for an option that
        there is not. That a machine cannot be planned is no error: ``Plan.outcome`` says so.
        """
        with self._lock:
            self._set_options(policy, placement, dynamic_pamt, keyid_bits, limits)
            keep = self._set_memory(regions, cmrs)
            result = self._result
            status = _library.tdxmemory_plan(self._handle, *self._addresses)
            if status == _abi.ERROR_CAPACITY:
                self._make_room(2 * result.tdmr_count, 2 * result.area_count)
                status = _library.tdxmemory_plan(self._handle, *self._addresses)
            del keep
            if status != _abi.OK:
                raise Error(self._message(), status)
            lines = self._text(_abi.TEXT_LINUX_MESSAGES)
            return Plan(
                outcome=_abi.OUTCOMES[result.outcome],
                messages=tuple(lines.splitlines()) if lines else (),
                pamt_bytes=result.pamt_bytes,
                module=self._module(result.module) if result.module.is_known else None,
                proved=bool(result.is_proved) if policy == "optimal" and result.outcome == 0 else None,
                why=self._message() if result.outcome else "",
                _tdmrs=ctypes.string_at(self._buffers.tdmrs, 80 * result.tdmr_count),
                _areas=ctypes.string_at(self._buffers.areas, 16 * result.area_count),
            )

    def validate(
        self,
        tdmrs: Union[Plan, Iterable[TDMR]],
        cmrs: Ranges,
        *,
        dynamic_pamt: bool = False,
        keyid_bits: int = 6,
        limits: Optional[Limits] = None,
    ) -> Verdict:
        """Holds a configuration against the TDX module's rules: its first refusal, exactly.

        ``cmrs``: the CMR table as the BIOS hands it to the module, rows of (BASE, SIZE), empty ones included.

        Raises ``Error`` where a TDMR has more areas than ``limits.max_reserved``.
        """
        headers, areas = [], []
        for tdmr in tdmrs.tdmrs if isinstance(tdmrs, Plan) else tdmrs:
            pamt = tdmr.pamt
            headers.append(
                (tdmr.base, tdmr.size, *pamt.page_1g, *pamt.page_2m, *pamt.page_4k, len(areas), len(tdmr.reserved), 0)
            )
            areas.extend(tdmr.reserved)
        try:
            table = b"".join(struct.pack(_abi.TDMR, *one) for one in headers)
        except struct.error as problem:
            raise ValueError(f"tdmrs: not numbers of 64 bits: {problem}") from None
        keep = ctypes.create_string_buffer(table, len(table) + 1)
        rows = _Rows(areas, 2, "reserved areas", ("offset", "size"))
        slots = _Rows(cmrs, 2, "cmrs", ("base", "size"))
        configuration = _abi.Configuration(
            ctypes.addressof(keep), len(headers), rows.address, rows.count, slots.address, slots.count
        )
        with self._lock:
            self._set_options("linux", "first-fit", dynamic_pamt, keyid_bits, limits)
            status = _library.tdxmemory_validate(
                self._handle,
                ctypes.addressof(configuration),
                ctypes.addressof(self._options),
                ctypes.addressof(self._verdict),
            )
            if status != _abi.OK:
                raise Error(self._message(), status)
            verdict = self._module(self._verdict)
            assert verdict is not None
            return verdict

    def advise(
        self,
        regions: Regions,
        cmrs: Optional[Ranges] = None,
        *,
        placement: str = "first-fit",
        dynamic_pamt: bool = False,
        keyid_bits: int = 6,
        limits: Optional[Limits] = None,
        slack: int = 0,
    ) -> Advice:
        """Says what to change on a machine so that TDX initialises, or what its plan costs.

        ``slack``: reserved areas to keep free where memory is withheld, for PAMTs that land in no model. The other
        arguments and errors are those of ``plan``.
        """
        with self._lock:
            self._set_options("linux", placement, dynamic_pamt, keyid_bits, limits, slack)
            keep = self._set_memory(regions, cmrs)
            comparisons = (_abi.Comparison * 14)()
            answer = _abi.Advice()
            capacity = 128
            while True:
                withheld = ctypes.create_string_buffer(16 * capacity)
                buffers = _abi.AdviceBuffers(
                    ctypes.addressof(comparisons), 14, ctypes.addressof(withheld), capacity
                )
                status = _library.tdxmemory_advise(
                    self._handle,
                    ctypes.addressof(self._memory),
                    ctypes.addressof(self._options),
                    ctypes.addressof(buffers),
                    ctypes.addressof(answer),
                )
                if status != _abi.ERROR_CAPACITY or answer.withheld_count <= capacity:
                    break
                capacity = answer.withheld_count
            del keep
            if status != _abi.OK:
                raise Error(self._message(), status)
            ranges = struct.iter_unpack(_abi.PAIR, withheld.raw[: 16 * answer.withheld_count])
            return Advice(
                succeeds=bool(answer.succeeds),
                remedy=_abi.REMEDIES[answer.remedy],
                why=self._message(),
                withhold=tuple(Range(*one) for one in ranges),
                withheld_bytes=answer.withheld_bytes,
                kernel_parameters=self._text(_abi.TEXT_KERNEL_PARAMETERS),
                grub_line=self._text(_abi.TEXT_GRUB_LINE),
                fits_command_line=bool(answer.fits_command_line),
                holds_for=tuple(
                    name for code, name in enumerate(_abi.PLACEMENTS) if answer.holds_for & 1 << code
                ),
                areas_to_spare=answer.areas_to_spare,
                plans=tuple(_comparison(one) for one in comparisons[: answer.comparison_count]),
            )


def _comparison(one: _abi.Comparison) -> Comparison:
    return Comparison(
        _abi.POLICIES[one.policy],
        _abi.PLACEMENTS[one.placement] if one.placement < len(_abi.PLACEMENTS) else None,
        bool(one.dynamic_pamt),
        _abi.OUTCOMES[one.outcome],
        one.tdmr_count,
        one.most_areas,
        one.pamt_bytes,
        one.pamt_bytes_for_holes,
        one.module.status if one.module.is_known else None,
    )


def _whole(name: str, value: int, most: int) -> int:
    if not isinstance(value, int) or not 0 <= value <= most:
        raise ValueError(f"{name} must be 0 to {most}, not {value!r}")
    return value


_threads = threading.local()


def session() -> Session:
    """The session of this thread."""
    if not hasattr(_threads, "session"):
        _threads.session = Session()
    return _threads.session
