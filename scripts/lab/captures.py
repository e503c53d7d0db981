"""Captures: what is kept of a guest's console, and how its sections are read."""

import re

# The lines of a kernel's log that tell of memory, and those that readers of memory maps look at to know the machine.
TELLS_OF_MEMORY = re.compile(
    r"\[mem 0x|  [A-Z]\w+ +empty|Linux version|ommand line|e820|RAM map|SMBIOS|DMI: |Hypervisor|RAMDISK"
    r"|SRAT|SLIT|HMAT|CEDT|NFIT|Table Upgrade|NUMA|NODE_DATA|[Nn]ode +\d|node +-\d|Faking"
    r"|[Zz]one|Early memory|Movable|efi[: ]|esrt|[Mm]emblock|(memory|reserved|physmem)\[0x|memory size =|MEMBLOCK"
    r"|crash|Memory block size|Memory: |last_pfn|MTRR|available ranges|AGP|cxl|CXL|nd_pmem|nvdimm|nfit|pmem|dax"
    r"|virtio_mem|add_memory|PNP0C80|unaligned hotplug|Fallback order|hmat|HMAT|tdx|TDX|SGX|paravirt|mirror"
    r"|BUG: |Oops|Kernel panic|nosave memory|available for PCI|[Hh]otplug|soft.?reserved|Specific Purpose|memmap"
    r"|gap|Scanning|overlap|no nodes|No NUMA|kexec|swiotlb|software IO TLB"
)
# Windows of buses, and what memblock handed out after its memory was settled.
SAYS_NOTHING = re.compile(
    r"\] +(pci|pci_bus|acpi|system|PCI:|Freeing|mempolicy:) |\] (__)?memblock_\w*(alloc|free|reserve)"
)
# Who built the kernel, and with what.
BUILDER = re.compile(r"(Linux version \S+) \(.*\) (#\d)")
# Of what the kernel printed during a scenario: page dumps hold pointers and say nothing that the errno does not.
PAGE_DUMP = re.compile(r"  DM \[[^\]]*\] (page|page_type|flags|raw|head|memcg|aops|anon|page dumped)\b.*")


def sections(text):
    """The sections of a console by name; those inside others stand in both."""
    found, open_ = {}, []
    for line in text.splitlines():
        if line.startswith("@@@BEGIN "):
            open_.append(line[9:])
            found[line[9:]] = []
        elif line.startswith("@@@END ") and open_:
            open_.pop()
        else:
            for name in open_:
                found[name].append(line)
    return found


def slim(text):
    """The capture without the lines that say nothing of memory, and without the kernel that only started another."""
    kept, section, settled = [], [], False
    for line in text.replace("\r", "").splitlines():
        if line == "@@@BEGIN uname":
            # kexec does not come back: its section has no end, and the kernel that it starts has sections of its own.
            section = []
        if line.startswith("@@@BEGIN "):
            section.append(line[9:])
        outer = section[0] if section else ""
        inner = section[-1] if section else ""
        if line.startswith("@@@END ") and section:
            section.pop()
        if outer.endswith("0") or outer == "kexec":
            continue
        if inner == "dmesg" and not line.startswith("@@@"):
            settled = settled or "NODE_DATA(" in line or "Early memory node ranges" in line
            if not TELLS_OF_MEMORY.search(line) or settled and SAYS_NOTHING.search(line):
                continue
        if outer == "scenario" and PAGE_DUMP.fullmatch(line):
            continue
        kept.append(BUILDER.sub(r"\1 (builder) \2", line))
    return "".join(line + "\n" for line in kept)
