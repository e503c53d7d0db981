"""Packages of Debian's archive, fetched and unpacked below a folder. Nothing is installed."""

import re
import subprocess
import tempfile
from pathlib import Path

KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
# Kernels 6.1 to those of today, and a QEMU that has volatile CXL memory (8.1 and later).
SUITES = ["bookworm", "trixie", "trixie-backports"]
# Flavours that a server does not run, and images without modules or a signature.
OTHER_FLAVOURS = re.compile(r"cloud|rt-|dbg|unsigned")


class LabError(Exception):
    """Something that the lab needs is not there, or went wrong; the message is for a person."""


def newest(names):
    """The name with the highest numbers in it."""
    return max(names, key=lambda name: [int(number) for number in re.findall(r"\d+", name)])


def image(kernel):
    """The image in a kernel's tree; since 7.x it lies with the modules."""
    for pattern in ["boot/vmlinuz-*", "usr/lib/modules/*/vmlinuz"]:
        for path in kernel.glob(pattern):
            return path
    raise LabError(f"{kernel.name} has no kernel image, nor has what it depends on")


class Archive:
    """apt-get with lists, status and cache of its own.

    The status is empty: to apt nothing is installed, so that a package comes with all that it depends on, and what is
    unpacked runs on any host.
    """

    def __init__(self, folder, suites=SUITES, mirror=None):
        self.folder = Path(folder)
        self.apt = self.folder / "apt"
        self.suites = suites
        self.mirror = mirror

    def tools(self, packages):
        """Packages with what they depend on, unpacked into one tree. Returns the tree."""
        tree = self.folder / "tools"
        missing = [package for package in packages if not (tree / ".unpacked" / package).exists()]
        if missing:
            self._update()
            self._apt_get("install", "--download-only", "--yes", "--no-install-recommends", *missing)
            for deb in sorted((self.apt / "archives").glob("*.deb")):
                self._unpack(deb, tree)
            for package in missing:
                self._mark(tree, package)
        return tree

    def kernel(self, series):
        """A kernel's image and modules, unpacked: the newest of a series such as `6.12` that the suites serve, or the
        package of that name. Returns the tree."""
        have = self.folder / "kernels"
        known = [tree.name for tree in have.glob("*") if self._is_of(series, tree.name)]
        if known:
            return have / newest(known)
        self._update()
        served = [name for name in self._names("linux-image-") if self._is_of(series, name)]
        if not served:
            raise LabError(f"no kernel {series} in {' '.join(self.suites)}; see --suites")
        package = newest(served)
        have.mkdir(parents=True, exist_ok=True)
        # Whole or not at all: another run may want the same kernel.
        with tempfile.TemporaryDirectory(dir=have, prefix=".") as unfinished:
            tree = Path(unfinished) / package
            for part in self._parts(package):
                self._unpack(part, tree)
            image(tree)
            if not (have / package).exists():
                tree.rename(have / package)
        return have / package

    def _parts(self, package):
        """A kernel's packages. Since 7.x the image and the modules are two that the package of that name depends on."""
        release = package.removeprefix("linux-image-")
        whole = self._download(package)
        depends = _output(["dpkg-deb", "--field", str(whole), "Depends"])
        names = set(re.findall(rf"linux-(?:binary|modules)-{re.escape(release)}(?![\w.+~-])", depends))
        return [whole] + [self._download(name) for name in sorted(names)]

    def _download(self, package):
        downloads = self.folder / "downloads"
        downloads.mkdir(parents=True, exist_ok=True)
        self._apt_get("download", package, cwd=downloads)
        return next(downloads.glob(f"{package}_*.deb"))

    @staticmethod
    def _is_of(series, package):
        if package == series:
            return True
        pattern = rf"linux-image-{re.escape(series)}\.[0-9a-z.+~-]*amd64"
        return re.fullmatch(pattern, package) is not None and not OTHER_FLAVOURS.search(package)

    def _names(self, prefix):
        return self._run("apt-cache", "pkgnames", prefix).split()

    def _update(self):
        """Fetches the lists, once for each choice of suites."""
        sources = self.apt / "sources.list"
        mirror = self.mirror or self._mirror_of_this_machine()
        wanted = "".join(f"deb [signed-by={KEYRING}] {mirror} {suite} main\n" for suite in self.suites)
        if sources.exists() and sources.read_text() == wanted:
            return
        for part in ["lists/partial", "archives/partial"]:
            (self.apt / part).mkdir(parents=True, exist_ok=True)
        (self.apt / "status").write_text("")
        sources.write_text(wanted)
        try:
            self._apt_get("update")
        except LabError:
            sources.unlink()
            raise

    @staticmethod
    def _mirror_of_this_machine():
        """Where the sources of this machine have Debian from."""
        listed = subprocess.run(
            ["apt-get", "indextargets", "--format", "$(ORIGIN) $(REPO_URI)", "Created-By: Packages"],
            capture_output=True, text=True,
        ).stdout
        for line in listed.splitlines():
            origin, _, address = line.partition(" ")
            if origin == "Debian" and "security" not in address:
                return address
        raise LabError("the sources of this machine name no archive of Debian; give --mirror")

    def _apt_get(self, *arguments, cwd=None):
        return self._run("apt-get", "-qq", *arguments, cwd=cwd)

    def _run(self, program, *arguments, cwd=None):
        options = {
            "Dir::Etc::sourcelist": self.apt / "sources.list",
            "Dir::Etc::sourceparts": "-",
            "Dir::State::lists": self.apt / "lists",
            "Dir::State::status": self.apt / "status",
            "Dir::Cache": self.apt,
            "Dir::Cache::archives": self.apt / "archives",
            "APT::Sandbox::User": "root",
            "APT::Architecture": "amd64",
            # Nothing is installed, so nobody else's lock is of interest.
            "Debug::NoLocking": "true",
        }
        command = [program] + [word for key, value in options.items() for word in ("-o", f"{key}={value}")]
        return _output(command + list(arguments), cwd)

    @staticmethod
    def _unpack(deb, tree):
        tree.mkdir(parents=True, exist_ok=True)
        _output(["dpkg-deb", "--extract", str(deb), str(tree)])

    @staticmethod
    def _mark(tree, package):
        (tree / ".unpacked").mkdir(exist_ok=True)
        (tree / ".unpacked" / package).touch()


def _output(command, cwd=None):
    try:
        done = subprocess.run(command, capture_output=True, text=True, cwd=cwd, timeout=600)
    except FileNotFoundError:
        raise LabError(f"{command[0]} is missing: the lab takes its parts from Debian's archive with apt") from None
    except subprocess.TimeoutExpired:
        raise LabError(f"{command[0]} did not end within 10 minutes") from None
    if done.returncode != 0:
        raise LabError(f"{' '.join(map(str, command))}: {done.stderr.strip() or done.returncode}")
    return done.stdout
