"""Puts the built libtdxmemory.so into the wheel, which is then one for this kind of machine and any Python 3.

The library is that of TDXMEMORY_LIBRARY, or of the release build of the checkout that this folder lies in.
"""

import os
import shutil
from pathlib import Path

from setuptools import Distribution, setup
from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.build_py import build_py

HERE = Path(__file__).resolve().parent


def library() -> Path:
    """The library to ship."""
    path = os.environ.get("TDXMEMORY_LIBRARY")
    file = Path(path) if path else HERE.parent.parent / ".build" / "release" / "libtdxmemory.so"
    if not file.is_file():
        raise SystemExit(
            f"{file} is not there: build it with 'swift build -c release --product tdxmemory', "
            "or name another one in TDXMEMORY_LIBRARY"
        )
    return file


class BuildWithLibrary(build_py):
    def run(self):
        super().run()
        target = Path(self.build_lib) / "tdxmemory"
        target.mkdir(parents=True, exist_ok=True)
        shutil.copy2(library(), target / "libtdxmemory.so")


class PlatformWheel(bdist_wheel):
    def get_tag(self):
        _, _, platform = super().get_tag()
        return "py3", "none", platform


class PlatformDistribution(Distribution):
    def has_ext_modules(self):
        return True


setup(
    cmdclass={"build_py": BuildWithLibrary, "bdist_wheel": PlatformWheel},
    distclass=PlatformDistribution,
)
