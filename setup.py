"""Builds ``model/kernels/native``, the kernels for processors, where a C compiler is at hand; Lectern also runs without
them.

Each file of kernels is compiled for its own kind of processor and only called on one
(``model/kernels/native/c/layers/linear.c``), so that one library serves all.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

FOLDER = Path("model/kernels/native/c")
OPTIMISE = os.environ.get("LECTERN_OPTIMISE", "-O3")
"""Sanitizers are built with less of it, several times as fast."""
COMMON = ["-std=c11", OPTIMISE, "-fvisibility=hidden", "-ffp-contract=fast", "-fno-math-errno"]
COMMON += ["-fno-trapping-math", "-fno-signed-zeros", "-fassociative-math"]  # so that sums become vectors
COMMON += ["-fno-strict-aliasing"]  # packed numbers of 8 and 16 bits are read as vectors of other types
COMMON += ["-Wall", "-Wextra"]
STRICT = os.environ.get("LECTERN_KERNELS") == "required"
"""Set where the kernels must be built, and without a warning; elsewhere a failure leaves them out."""
VNNI = [f"-mavx512{part}" for part in ("f", "bw", "vl", "dq", "vnni")] + ["-mfma", "-mprefer-vector-width=512"]
AVX2 = ["-mavx2", "-mfma", "-mf16c"]
FOR_PROCESSOR = {
    "avx512": [*VNNI, "-mavx512bf16"],
    "vnni": VNNI,
    "avxvnni": [*AVX2, "-mavxvnni"],
    "avx2": AVX2,
    "dotprod": ["-march=armv8.2-a+dotprod"],
}
"""Flags of the files whose names end so."""
INSTRUCTIONS = {"x86_64": ("avx512", "vnni", "avxvnni", "avx2"), "aarch64": ("dotprod",)}
"""Which of these files are for which processor; all others are for both."""


def machine() -> str:
    """This machine's processor as compilers call it."""
    name = platform.machine().lower()
    return {"amd64": "x86_64", "arm64": "aarch64"}.get(name, name)


def sources(processor: str) -> list[Path]:
    """The files of the kernels for a processor of ``INSTRUCTIONS``."""
    foreign = set(FOR_PROCESSOR) - set(INSTRUCTIONS[processor])
    return [path for path in sorted(FOLDER.rglob("*.c")) if path.stem.rpartition("_")[2] not in foreign]


def flags_for(source: str | Path) -> list[str]:
    """The flags of one file."""
    return [*COMMON, *FOR_PROCESSOR.get(Path(source).stem.rpartition("_")[2], [])]


class BuildKernels(build_ext):
    """Flags by the end of a file's name; a library that Python loads with ctypes has no module to initialise."""

    def build_extension(self, ext: Extension) -> None:
        """Compile file by file, then link."""
        strict = ["-Werror"] if STRICT else []
        target = Path(self.get_ext_fullpath(ext.name))
        if platform.system() == "Windows":  # whose usual compiler knows neither these flags nor C11's atomics
            target.parent.mkdir(parents=True, exist_ok=True)
            cross_build(f"{machine()}-windows-gnu", target)
            return
        objects = []
        for source in ext.sources:
            objects += self.compiler.compile(
                [source],
                output_dir=self.build_temp,
                include_dirs=[str(FOLDER)],
                depends=ext.depends,
                extra_postargs=[*flags_for(source), *strict],
            )
        self.compiler.link_shared_object(objects, str(target), libraries=["m", "pthread"])

    def get_export_symbols(self, ext: Extension) -> list[str]:
        """None: the sources name the exported functions."""
        return []


def cross_build(target: str, out: Path, *program: Path) -> None:
    """Compile the kernels for another system with Zig, whose compiler for C knows them all, into the library ``out``.

    ``target`` is as Zig writes it: ``x86_64-windows-gnu``, ``aarch64-macos``. With sources of a ``program``, ``out``
    is that program. Raises ``subprocess.CalledProcessError``.
    """
    with tempfile.TemporaryDirectory() as folder:
        objects = []
        for source in [*sources(target.partition("-")[0]), *program]:
            objects.append(str(Path(folder) / f"{source.stem}.o"))
            # Zig names processors, not architectures.
            flags = [flag.replace("-march=armv8.2-a", "-mcpu=generic+v8_2a") for flag in flags_for(source)]
            zig(target, *flags, "-fno-sanitize=undefined", f"-I{FOLDER}", "-c", str(source), "-o", objects[-1])
        kind = ["-static"] if program and "linux" in target else [] if program else ["-shared"]
        zig(target, *kind, *objects, "-o", str(out))


def zig(target: str, *arguments: str) -> None:
    """Run its C compiler. Raises ``subprocess.CalledProcessError``."""
    subprocess.run([sys.executable, "-m", "ziglang", "cc", "-target", target, *arguments], check=True)


def kernels() -> list[Extension]:
    """Nothing where the kernels are not written for the machine."""
    if machine() not in INSTRUCTIONS:
        return []
    headers = sorted(str(path) for path in FOLDER.rglob("*.h"))
    files = [str(path) for path in sources(machine())]
    return [Extension("model.kernels.native._kernels", files, depends=headers, optional=not STRICT)]


if __name__ == "__main__":  # the tests import the flags
    setup(ext_modules=kernels(), cmdclass={"build_ext": BuildKernels})
