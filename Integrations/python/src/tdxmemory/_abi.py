"""The structures and functions of tdxmemory.h, by the same names."""

import ctypes
from ctypes import POINTER, c_char_p, c_int32, c_int64, c_size_t, c_uint16, c_uint32, c_uint64, c_void_p
from pathlib import Path

ABI_VERSION = 1

OK = 0
ERROR_CAPACITY = 8

TEXT_LINUX_MESSAGES = 0
TEXT_STATUS_NAME = 1
TEXT_STATUS_MEANING = 2
TEXT_KERNEL_PARAMETERS = 3
TEXT_GRUB_LINE = 4

POLICIES = ("linux", "linux-cmr", "optimal")
PLACEMENTS = ("first-fit", "top", "bottom")
OUTCOMES = {0: "ok", 12: "ENOMEM", 22: "EINVAL", 28: "ENOSPC"}
LEVELS = ("4k", "2m", "1g")
REMEDIES = ("not needed", "withhold", "none")

# Layouts, for the module struct.
REGION = "=QQQ"
PAIR = "=QQ"
TDMR = "=QQQQQQQQQII"


class Options(ctypes.Structure):
    _fields_ = [
        ("policy", c_uint32),
        ("placement", c_uint32),
        ("dynamic_pamt", c_uint32),
        ("keyid_bits", c_uint32),
        ("max_tdmrs", c_uint64),
        ("max_reserved", c_uint64),
        ("pamt_4k_entry_bytes", c_uint16),
        ("pamt_2m_entry_bytes", c_uint16),
        ("pamt_1g_entry_bytes", c_uint16),
        ("slack", c_uint16),
    ]


class Memory(ctypes.Structure):
    _fields_ = [
        ("regions", c_void_p),
        ("region_count", c_size_t),
        ("cmrs", c_void_p),
        ("cmr_count", c_size_t),
    ]


class Buffers(ctypes.Structure):
    _fields_ = [
        ("tdmrs", c_void_p),
        ("tdmr_capacity", c_size_t),
        ("areas", c_void_p),
        ("area_capacity", c_size_t),
    ]


class Verdict(ctypes.Structure):
    _fields_ = [("status", c_uint64), ("tdmr", c_int64), ("level", c_int32), ("is_known", c_uint32)]


class PlanResult(ctypes.Structure):
    _fields_ = [
        ("outcome", c_uint32),
        ("is_proved", c_uint32),
        ("pamt_bytes", c_uint64),
        ("tdmr_count", c_uint64),
        ("area_count", c_uint64),
        ("module", Verdict),
    ]


class Configuration(ctypes.Structure):
    _fields_ = [
        ("tdmrs", c_void_p),
        ("tdmr_count", c_size_t),
        ("areas", c_void_p),
        ("area_count", c_size_t),
        ("cmrs", c_void_p),
        ("cmr_count", c_size_t),
    ]


class Comparison(ctypes.Structure):
    _fields_ = [
        ("policy", c_uint32),
        ("placement", c_uint32),
        ("dynamic_pamt", c_uint32),
        ("outcome", c_uint32),
        ("tdmr_count", c_uint64),
        ("most_areas", c_uint64),
        ("pamt_bytes", c_uint64),
        ("pamt_bytes_for_holes", c_uint64),
        ("module", Verdict),
        ("is_proved", c_uint32),
        ("unused", c_uint32),
    ]


class AdviceBuffers(ctypes.Structure):
    _fields_ = [
        ("comparisons", c_void_p),
        ("comparison_capacity", c_size_t),
        ("withheld", c_void_p),
        ("withheld_capacity", c_size_t),
    ]


class Advice(ctypes.Structure):
    _fields_ = [
        ("succeeds", c_uint32),
        ("remedy", c_uint32),
        ("holds_for", c_uint32),
        ("fits_command_line", c_uint32),
        ("areas_to_spare", c_int64),
        ("withheld_bytes", c_uint64),
        ("withheld_count", c_uint64),
        ("comparison_count", c_uint64),
    ]


def load() -> ctypes.CDLL:
    """The library that lies beside this file. While it computes, other threads of Python run."""
    library = ctypes.CDLL(str(Path(__file__).with_name("libtdxmemory.so")))
    library.tdxmemory_abi_version.restype = c_uint32
    version = library.tdxmemory_abi_version()
    if version != ABI_VERSION:
        raise ImportError(f"libtdxmemory.so has interface {version}, this module needs {ABI_VERSION}")
    library.tdxmemory_create.restype = c_void_p
    library.tdxmemory_destroy.argtypes = [c_void_p]
    library.tdxmemory_destroy.restype = None
    library.tdxmemory_message.argtypes = [c_void_p]
    library.tdxmemory_message.restype = c_char_p
    library.tdxmemory_text.argtypes = [c_void_p, c_uint32, c_char_p, c_size_t]
    library.tdxmemory_text.restype = c_size_t
    library.tdxmemory_options_init.argtypes = [POINTER(Options)]
    library.tdxmemory_options_init.restype = None
    # Pointers are handed over as addresses: to convert structures costs as much as a plan.
    for name in ("plan", "advise"):
        function = getattr(library, "tdxmemory_" + name)
        function.argtypes = [c_void_p] * 5
        function.restype = c_int32
    library.tdxmemory_validate.argtypes = [c_void_p] * 4
    library.tdxmemory_validate.restype = c_int32
    return library
