"""Machines: what QEMU is to build, which kernel is to boot, and what is then done to its memory."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from .archive import LabError

USAGE = """\
A machine is a text file, NAME.machine, of lines that begin with a word:

  kernel SERIES         6.1, 6.12, 7.3 ... or the name of a package (default 6.12)
  qemu ARGUMENTS        further arguments, as on a command line; may be repeated
  nodes SIZE[,MORE]...  the memory of node 0, 1 ..., in M or G, and more words for QEMU's -numa node
  memory SIZE           memory without a NUMA node
  hotplug TEXT          what follows the size in -m: slots=8,maxmem=256G
  cmdline TEXT          further words for the kernel's command line
  srat DOMAIN BASE LENGTH FLAGS
                        an entry of an SRAT that replaces the firmware's; flags 1, or 3 for hot-pluggable
  modules NAME...       modules to load before anything is shown
  programs NAME...      programs that the scenario runs (kexec, ndctl, daxctl, cxl)
  firmware ovmf         UEFI in the place of SeaBIOS
  kexec [crash] WORDS   starts a second kernel from the first (`crash`: by a panic), with WORDS on its command
                        line; the second is the one that is shown
  timeout SECONDS       when the guest is ended (default 300)
  scenario              the rest of the file, line by line:
    OFFLINE N, ONLINE N [kernel|movable]      a write to a block's state
    SWEEP [FIRST LAST]                        each online block offline and back
    ADD NAME SIZE NODE [ADDRESS], DEL NAME    a DIMM plugged, or asked to go
    AUTO WORD                                 what auto_online_blocks is to be
    HMP COMMAND                               a command for QEMU's monitor
    RUN COMMAND                               a command for the guest's shell
    SHOW                                      iomem, zoneinfo and blocks once more

Empty lines, and lines that begin with #, say nothing to the lab."""


@dataclass
class Machine:
    name: str
    kernel: str = "6.12"
    qemu: list = field(default_factory=list)
    nodes: list = field(default_factory=list)
    memory: str = ""
    hotplug: str = ""
    cmdline: str = ""
    srat: list = field(default_factory=list)
    modules: list = field(default_factory=list)
    programs: list = field(default_factory=list)
    firmware: str = "seabios"
    kexec: str = None
    timeout: int = 300
    scenario: str = ""

    def arguments(self):
        """The words for QEMU that make the machine. Memory is not reserved: a guest of 96 GiB takes what it touches."""
        sizes = [node.partition(",")[0] for node in self.nodes] or [self.memory]
        total = sum(map(mebibytes, sizes))
        words = ["-m", f"{total}M" + (f",{self.hotplug}" if self.hotplug else "")]
        for node, size in enumerate(sizes):
            words += ["-object", f"memory-backend-ram,id=r{node},size={size},reserve=off"]
            if self.nodes:
                more = self.nodes[node].partition(",")[1:] + ((",cpus=0",) if node == 0 else ())
                words += ["-numa", f"node,nodeid={node},memdev=r{node}{''.join(more)}"]
        if not self.nodes:
            words += ["-machine", "memory-backend=r0"]
        # Last, for what is said of nodes must find them.
        return words + self.qemu


def mebibytes(size):
    found = re.fullmatch(r"(\d+)([MG])", size)
    if not found:
        raise LabError(f"{size!r} is no size: a number and M or G")
    return int(found[1]) << (10 if found[2] == "G" else 0)


def read(path):
    """The machine that a file describes."""
    path = Path(path)
    machine = Machine(path.stem)
    lines = path.read_text().splitlines()
    for number, line in enumerate(lines, 1):
        word, _, rest = line.strip().partition(" ")
        rest = rest.strip()
        try:
            if not word or word.startswith("#"):
                continue
            elif word == "scenario":
                machine.scenario = "".join(text + "\n" for text in lines[number:])
                break
            elif word in ("qemu", "nodes", "modules", "programs"):
                getattr(machine, word).extend(rest.split())
            elif word in ("kernel", "memory", "hotplug", "cmdline", "firmware", "kexec"):
                setattr(machine, word, rest)
            elif word == "timeout":
                machine.timeout = int(rest)
            elif word == "srat":
                domain, base, length, flags = (int(value, 0) for value in rest.split())
                machine.srat.append((domain, base, length, flags))
            else:
                raise LabError(f"unknown word {word!r}")
        except (ValueError, LabError) as error:
            raise LabError(f"{path}:{number}: {line.strip()!r}: {error}") from None
    if not machine.nodes and not machine.memory:
        raise LabError(f"{path}: the machine has neither nodes nor memory")
    if machine.firmware not in ("seabios", "ovmf"):
        raise LabError(f"{path}: firmware is seabios or ovmf")
    for size in machine.nodes or [machine.memory]:
        try:
            mebibytes(size.partition(",")[0])
        except LabError as error:
            raise LabError(f"{path}: {error}") from None
    return machine
