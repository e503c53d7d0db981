"""The archive that a guest boots from: busybox, the init script, modules, and programs with their libraries."""

import gzip
import lzma
import re
import subprocess
from pathlib import Path

from .archive import LabError


class Cpio:
    """An archive in the format `newc`."""

    def __init__(self):
        self._bytes = bytearray()
        self._paths = set()

    def folder(self, path):
        """A folder, with those above it."""
        if path in ("", ".") or path in self._paths:
            return
        self.folder(str(Path(path).parent))
        self._paths.add(path)
        self._entry(path, 0o040755, b"")

    def file(self, path, content, mode=0o100644):
        if path in self._paths:
            return
        self.folder(str(Path(path).parent))
        self._paths.add(path)
        self._entry(path, mode, content)

    def program(self, path, content):
        self.file(path, content, 0o100755)

    def finish(self):
        self._entry("TRAILER!!!", 0, b"")
        return bytes(self._bytes)

    def _entry(self, path, mode, content):
        name = path.encode() + b"\0"
        fields = [0, mode, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(name), 0]
        self._bytes += b"070701" + b"".join(b"%08X" % field for field in fields) + name
        self._pad()
        self._bytes += content
        self._pad()

    def _pad(self):
        self._bytes += bytes(-len(self._bytes) % 4)


class Modules:
    """The modules of a kernel's package, which comes without modules.dep: depmod would run when it is installed."""

    def __init__(self, kernel):
        self._files = {}
        for path in kernel.glob("**/lib/modules/*/kernel/**/*.ko*"):
            self._files[self._plain(path.name.split(".ko")[0])] = path
        self._builtin = {
            self._plain(Path(line).stem)
            for listing in kernel.glob("**/lib/modules/*/modules.builtin")
            for line in listing.read_text().split()
        }

    def in_order(self, names):
        """(name, content) of the modules and of all that they depend on, those first that others need."""
        found = {}
        for name in names:
            self._visit(self._plain(name), found)
        return list(found.items())

    def _visit(self, name, found):
        if name in found or name in self._builtin:
            return
        if name not in self._files:
            raise LabError(f"this kernel has no module {name}")
        content = self._content(self._files[name])
        depends = re.search(rb"\0depends=([^\0]*)\0", content)
        for needed in depends[1].decode().split(",") if depends else []:
            if needed:
                self._visit(self._plain(needed), found)
        found[name] = content

    @staticmethod
    def _plain(name):
        return name.replace("-", "_")

    @staticmethod
    def _content(path):
        content = path.read_bytes()
        if path.suffix == ".xz":
            return lzma.decompress(content)
        if path.suffix == ".gz":
            return gzip.decompress(content)
        if path.suffix == ".ko":
            return content
        raise LabError(f"{path.name}: modules packed so are not unpacked here")


class Programs:
    """Programs of the unpacked packages, run by the loader and the libraries of those packages."""

    def __init__(self, tree):
        self.tree = tree
        self.loader = self._first("lib64/ld-linux-x86-64.so.2", "usr/lib64/ld-linux-x86-64.so.2",
                                  "usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2")
        folders = ["usr/lib/x86_64-linux-gnu", "lib/x86_64-linux-gnu", "usr/lib/x86_64-linux-gnu/pulseaudio"]
        self.libraries = ":".join(str(tree / folder) for folder in folders)

    def path(self, name):
        return self._first(*(f"{folder}/{name}" for folder in ["usr/bin", "usr/sbin", "bin", "sbin"]))

    def command(self, name):
        """The words that run a program of the tree on this host."""
        return [str(self.loader), "--library-path", self.libraries, str(self.path(name))]

    def needed(self, name):
        """The libraries of a program, by the loader's own answer."""
        listed = subprocess.run(
            [str(self.loader), "--library-path", self.libraries, "--list", str(self.path(name))],
            capture_output=True, text=True,
        )
        return [Path(path) for path in re.findall(r"=> (/\S+)", listed.stdout)]

    def _first(self, *paths):
        for path in paths:
            if (self.tree / path).exists():
                return self.tree / path
        raise LabError(f"{paths[0]} is in none of the unpacked packages")


def build(programs, init, scenario, modules=(), names=(), files=(), tables=()):
    """An initrd.

    `modules`: (name, content) in the order of loading; `names`: programs to bring; `files`: (path, content);
    `tables`: (signature, content) of ACPI tables.
    """
    early = Cpio()
    for signature, content in tables:
        early.file(f"kernel/firmware/acpi/{signature}.aml", content)
    main = Cpio()
    for folder in ["dev", "proc", "sys", "tmp", "run", "etc", "lib64"]:
        main.folder(folder)
    main.program("bin/busybox", programs.path("busybox").read_bytes())
    main.program("init", init)
    main.file("scenario", scenario)
    for name, content in modules:
        main.file(f"modules/{name}.ko", content)
    main.file("modules/order", "".join(f"{name}\n" for name, _ in modules).encode())
    for name in names:
        main.program(f"bin/{name}", programs.path(name).read_bytes())
        main.program("lib64/ld-linux-x86-64.so.2", programs.loader.read_bytes())
        for library in programs.needed(name):
            main.file(f"lib/x86_64-linux-gnu/{library.name}", library.read_bytes())
    for path, content in files:
        main.file(path, content)
    return (early.finish() if tables else b"") + gzip.compress(main.finish(), 1)
