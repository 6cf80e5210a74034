"""Builds ``model/kernels/native``, the kernels for processors, where a C compiler is at hand; Lectern also runs without
them.

Each file of kernels is compiled for its own kind of processor and only called on one
(``model/kernels/native/linear.c``), so that one library serves all.
"""

from __future__ import annotations

import os
import platform
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

FOLDER = Path("model/kernels/native")
OPTIMISE = os.environ.get("LECTERN_OPTIMISE", "-O3")
"""Sanitizers are built with less of it, several times as fast."""
COMMON = ["-std=c11", OPTIMISE, "-fvisibility=hidden", "-ffp-contract=fast", "-fno-math-errno"]
COMMON += ["-fno-trapping-math", "-fno-signed-zeros", "-fassociative-math"]  # so that sums become vectors
COMMON += ["-fno-strict-aliasing"]  # packed numbers of 8 and 16 bits are read as vectors of other types
COMMON += ["-Wall", "-Wextra"]
STRICT = os.environ.get("LECTERN_KERNELS") == "required"
"""Set where the kernels must be built, and without a warning; elsewhere a failure leaves them out."""
VNNI = [f"-mavx512{part}" for part in ("f", "bw", "vl", "dq", "vnni")] + ["-mfma", "-mprefer-vector-width=512"]
FOR_PROCESSOR = {
    "avx512": [*VNNI, "-mavx512bf16"],
    "vnni": VNNI,
    "avx2": ["-mavx2", "-mfma", "-mf16c"],
}


class BuildKernels(build_ext):
    """Flags by the end of a file's name; a library that Python loads with ctypes has no module to initialise."""

    def build_extension(self, ext: Extension) -> None:
        """Compile file by file, then link."""
        objects = []
        strict = ["-Werror"] if STRICT else []
        for source in ext.sources:
            flags = FOR_PROCESSOR.get(Path(source).stem.rpartition("_")[2], [])
            objects += self.compiler.compile(
                [source], output_dir=self.build_temp, depends=ext.depends, extra_postargs=[*COMMON, *strict, *flags]
            )
        self.compiler.link_shared_object(objects, self.get_ext_fullpath(ext.name), libraries=["m", "pthread"])

    def get_export_symbols(self, ext: Extension) -> list[str]:
        """None: the sources say what is exported."""
        return []


def kernels() -> list[Extension]:
    """Nothing where the kernels are not written for the machine or its usual compiler."""
    if platform.system() != "Linux" or platform.machine() != "x86_64":
        return []
    sources, headers = (sorted(str(path) for path in FOLDER.glob(kind)) for kind in ("*.c", "*.h"))
    return [Extension("model.kernels.native._kernels", sources, depends=headers, optional=not STRICT)]


if __name__ == "__main__":  # the tests import the flags
    setup(ext_modules=kernels(), cmdclass={"build_ext": BuildKernels})
