"""Kernels for other systems: ``python packaging/kernels.py build FOLDER`` and ``python packaging/kernels.py check``.

``build`` compiles the library for each target into ``FOLDER/TARGET/``, from where the packages for these systems take
it. ``check`` compiles the programs in tests/model/kernels/native with the kernels and runs them as far as this machine
can: under QEMU for ARM, under Wine for Windows. It says what was not run. Needs ``pip install
'.[kernels]'``.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import setup as build  # noqa: E402 (the project's own, which knows flags and sources)

LIBRARIES = {
    "x86_64-windows-gnu": "_kernels.dll",
    "aarch64-windows-gnu": "_kernels.dll",
    "aarch64-macos": "_kernels.dylib",
    "x86_64-macos": "_kernels.dylib",
    "aarch64-linux-gnu": "_kernels.so",
}
CHECKED = {
    "aarch64-linux-musl": ("",),
    "x86_64-windows-gnu": ("avx2", "vnni", "avx512"),
}
"""Targets whose programs run here under an emulator, and the kernels asked for."""
WINE = ("/usr/lib/wine/wine64", "wine64", "wine")
PROGRAMS = ("kernels_check.c", "pool_stress.c")


def build_all(folder: Path) -> None:
    """Build every library. Raises ``subprocess.CalledProcessError``."""
    for target, name in LIBRARIES.items():
        (folder / target).mkdir(parents=True, exist_ok=True)
        build.cross_build(target, folder / target / name)
        print(f"{target}: {(folder / target / name).stat().st_size:,} bytes")


def runner(target: str) -> list[str] | None:
    """The command that runs a program of ``target`` here."""
    if target.startswith("aarch64"):
        found = shutil.which("qemu-aarch64")
        return [found, "-cpu", "max"] if found else None
    found = next((path for path in map(shutil.which, WINE) if path), None)
    return [found] if found else None


def check() -> int:
    """The number of programs that failed."""
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"WINEPREFIX": str(Path(folder) / "wine"), "WINEDEBUG": "-all"}
        for target, wanted in CHECKED.items():
            emulator = runner(target)
            if emulator is None:
                print(f"{target}: not run, there is no emulator for it")
                continue
            for name in PROGRAMS:
                program = Path(folder) / f"{Path(name).stem}.exe"
                build.cross_build(target, program, ROOT / "tests" / "model" / "kernels" / "native" / name)
                for kernels in wanted if name == PROGRAMS[0] else ("",):
                    result = subprocess.run(
                        [*emulator, program.name, kernels], cwd=folder, env=environment, capture_output=True, text=True
                    )
                    said = result.stdout.strip() or "right"
                    print(f"{target}: {name} {kernels}: {said if result.returncode != 2 else 'not run: ' + said}")
                    failed += result.returncode not in (0, 2)
    return failed


def main(arguments: list[str]) -> int:
    """Build and test as the arguments ask; returns the exit status."""
    os.chdir(ROOT)
    if arguments[:1] == ["build"] and len(arguments) == 2:
        build_all(Path(arguments[1]))
        return 0
    if arguments == ["check"]:
        return int(check() > 0)
    print((__doc__ or "").splitlines()[0], file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
