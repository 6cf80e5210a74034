"""Parts of the kernels' C sources that Python cannot reach, compiled into small programs and run.

``make sanitize`` runs the pool under ThreadSanitizer, and the tests of the kernels under AddressSanitizer and
UndefinedBehaviorSanitizer.
"""

from __future__ import annotations

import ctypes
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

import setup as build
from model.kernels import native
from model.kernels.native import decode, flash, head

pytestmark = pytest.mark.native

HERE = Path(__file__).parent
SOURCES = Path(build.__file__).parent / build.FOLDER


def run(program: Path, flags: list[str], *sources: Path, asked: str = "") -> str:
    """Compiles ``sources`` and returns what the program prints; fails with it where its exit status is not 0."""
    command = ["cc", *flags, f"-I{SOURCES}", *map(str, sources), "-lm", "-lpthread", "-o", str(program)]
    built = subprocess.run(command, capture_output=True, text=True)
    assert built.returncode == 0, built.stderr
    result = subprocess.run([program, asked], capture_output=True, text=True, timeout=120)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def test_every_source_is_built() -> None:
    """One beside the folder that is compiled would be left out without a word."""
    native_folder = Path(native.__file__).parent
    assert not [path for path in native_folder.rglob("*.[ch]") if not path.is_relative_to(SOURCES)]


def test_every_chunk_is_run_once(tmp_path: Path) -> None:
    sources = (HERE / "pool_stress.c", SOURCES / "system" / "pool.c", SOURCES / "system" / "threads.c")
    run(tmp_path / "pool", [*build.COMMON, "-Werror"], *sources)


def test_numbers_may_be_read_as_vectors_of_other_types(tmp_path: Path) -> None:
    """As the kernels read packed numbers; a compiler that may assume otherwise says 1 here."""
    source = tmp_path / "aliasing.c"
    source.write_text("""
        #include <stdio.h>
        #include <string.h>
        __attribute__((noinline)) int after(int *whole, short *halves) {
            *whole = 1; halves[0] = halves[1] = 0; return *whole;
        }
        int main(void) { int number = 5; printf("%d", after(&number, (short *)&number)); return 0; }
    """)
    assert run(tmp_path / "aliasing", build.COMMON, source) == "0"


def test_exponentials_are_exact_as_they_are_compiled(tmp_path: Path) -> None:
    """Half a unit in the last place is 6e-8; the two parts of ln 2 merged into one give 3e-7 to 4e-6."""
    flags = [*build.COMMON, *build.FOR_PROCESSOR["avx2"], "-Wno-unused-function"]
    errors = run(tmp_path / "exponentials", flags, HERE / "exponentials.c").split()
    assert len(errors) == 2
    assert all(float(error) < 1.5e-7 for error in errors), errors


OTHER_ENCODING = {
    "gemm_avxvnni": [*build.COMMON, *build.AVX2, *build.VNNI],
    "processor": [*build.COMMON, "-DLECTERN_AVX512_AS_AVX_VNNI"],
}
"""AVX-VNNI's instructions as a processor with AVX512-VNNI has them."""


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path, list[str] | None], Path]:
    """Compiles a source, each with the same flags once."""
    folder = tmp_path_factory.mktemp("objects")

    def compile_once(source: Path, flags: list[str] | None) -> Path:
        made = folder / f"{source.stem}{'' if flags is None else '-other'}.o"
        path = source if source.is_absolute() else SOURCES.parents[3] / source
        if not made.exists():
            flags = build.flags_for(source) if flags is None else flags
            subprocess.run(["cc", *flags, "-O1", f"-I{SOURCES}", "-c", str(path), "-o", str(made)], check=True)
        return made

    return compile_once


@pytest.mark.parametrize("kernels", ["avx2", pytest.param("avxvnni", marks=pytest.mark.avx512)])
def test_the_check_for_other_systems_passes_on_this_one(
    tmp_path: Path, kernels: str, compiled: Callable[[Path, list[str] | None], Path]
) -> None:
    """``packaging/kernels.py check`` runs the same program for Windows and for ARM."""
    other = OTHER_ENCODING if kernels == "avxvnni" else {}
    sources = [*build.sources(build.machine()), HERE / "kernels_check.c"]
    objects = [compiled(source, other.get(source.stem)) for source in sources]
    expected = {"avx2": "AVX2, AVX2: right", "avxvnni": "AVX2, AVX-VNNI: right"}[kernels]
    assert expected in run(tmp_path / "check", [], *objects, asked=kernels)


STRUCTURES: list[tuple[str, type[ctypes.Structure], dict[str, str]]] = [
    ("lectern_matrix", native.Matrix, {}),
    ("lectern_head", head._Head, {}),
    ("lectern_span", flash._Span, {}),
    ("lectern_flash_job", flash._Job, {}),
    ("lectern_layer", decode._Layer, {"global_": "global", "gate_up": "expert_gate_up"}),
    ("lectern_block", decode._Block, {}),
    ("lectern_layer_cache", decode._LayerCache, {}),
]
"""The fields that Python fills in and C reads; and the fields that C calls otherwise."""


def test_structures_lie_in_memory_as_c_lays_them_out(tmp_path: Path) -> None:
    """Every size and the place of every field, asked of the compiler; and the number that both sides raise together."""
    lines = []
    expected = []
    for name, structure, other in STRUCTURES:
        lines.append(f'printf("%zu\\n", sizeof({name}));')
        expected.append(ctypes.sizeof(structure))
        for field in structure._fields_:
            lines.append(f'printf("%zu\\n", offsetof({name}, {other.get(field[0], field[0])}));')
            expected.append(getattr(structure, field[0]).offset)
    lines.append('printf("%d\\n", LECTERN_ABI);')
    expected.append(native.ABI)
    headers = "".join(f'#include "{name}.h"\n' for name in ("lectern", "head/head", "attention/flash", "layers/decode"))
    source = tmp_path / "layout.c"
    source.write_text(f"#include <stdio.h>\n{headers}int main(void) {{\n{chr(10).join(lines)}\nreturn 0;\n}}\n")
    flags = [*build.COMMON, "-Wno-unused-function"]
    assert list(map(int, run(tmp_path / "layout", flags, source).split())) == expected
