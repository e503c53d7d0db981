"""ACPI tables that the initrd brings.

Linux takes tables from `kernel/firmware/acpi/` of an uncompressed archive at the initrd's start, and lets one replace
the firmware's table of the same signature and OEM names where its OEM revision is higher (CONFIG_ACPI_TABLE_UPGRADE,
which Debian sets). They are written here byte by byte; iasl would do as well, and would be one package more.
"""

import struct

# QEMU's own names; a table of other names would be one more table, not a replacement.
OEM_ID, OEM_TABLE_ID = b"BOCHS ", b"BXPC    "
OEM_REVISION = 0x7FFFFFFF
ENABLED, HOTPLUGGABLE = 1, 2


def table(signature, body, revision=1):
    """A table with its header and its checksum (ACPI 6.5, 5.2.6)."""
    header = struct.pack(
        "<4sIBB6s8sI4sI",
        signature, 36 + len(body), revision, 0, OEM_ID, OEM_TABLE_ID, OEM_REVISION, b"BXPC", 1,
    )
    whole = bytearray(header + body)
    whole[9] = -sum(whole) & 0xFF
    return bytes(whole)


def srat(entries, processors=1):
    """A System Resource Affinity Table (ACPI 6.5, 5.2.16).

    `entries` are tuples (proximity domain, base, length, flags). All processors are of domain 0.
    """
    body = struct.pack("<IQ", 1, 0)
    for apic in range(processors):
        body += struct.pack("<BBBBIB3sI", 0, 16, 0, apic, ENABLED, 0, bytes(3), 0)
    for domain, base, length, flags in entries:
        body += struct.pack("<BBIHQQIIQ", 1, 40, domain, 0, base, length, 0, flags, 0)
    return table(b"SRAT", body)
