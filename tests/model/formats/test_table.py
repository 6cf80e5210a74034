"""One table of number formats: what C, CUDA and Python call them, and what each takes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import torch

from model.family.inventory import TensorSpec
from model.formats import quantize, table
from model.formats.codec import Codec, codec_of
from model.formats.forms import choose_form, stored

KERNELS = Path(table.__file__).parents[1] / "kernels"
LINEAR = [one for one in table.FORMATS if one is not table.BF16]


def enum(path: Path) -> dict[str, int]:
    """The members of the enum of formats in a C or CUDA source, by name without ``FORM_``."""
    text = re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    (body,) = re.findall(r"enum\s*\w*\s*\{([^}]*FORM_[^}]*)\}", text)
    found, value = {}, 0
    for member in filter(None, map(str.strip, body.split(","))):
        name, _, given = (part.strip() for part in member.partition("="))
        value = int(given) if given else value
        found[name.removeprefix("FORM_").lower()] = value
        value += 1
    return found


def test_c_calls_the_formats_as_the_table_does() -> None:
    assert enum(KERNELS / "native" / "c" / "lectern.h") == {
        one.name: one.native.code for one in table.FORMATS if one.native is not None
    }


def test_cuda_calls_the_formats_as_the_table_does() -> None:
    assert enum(KERNELS / "cuda" / "common.cuh") == {
        one.name: one.card.code for one in table.FORMATS if one.card is not None
    }


def test_blocks_are_as_wide_in_c_as_in_the_table() -> None:
    text = (KERNELS / "native" / "c" / "lectern.h").read_text(encoding="utf-8")
    widths = {name.lower(): int(width) for name, width in re.findall(r"(\w+)_BLOCK = (\d+)", text)}
    assert widths == {"nf4": table.NF4.block, "int4": table.INT4.block, "w8x16": table.W8X16.block}


def values_in(path: str, name: str) -> list[float]:
    """The numbers of a table in a C or CUDA source, without its comments."""
    text = re.sub(r"/\*.*?\*/", "", (KERNELS / path).read_text(encoding="utf-8"), flags=re.DOTALL)
    (body,) = re.findall(rf"\b{name}(?:\[\d+\])+ = \{{(.*?)\}};", text, flags=re.DOTALL)
    return [
        float(int(one, 0)) if re.fullmatch(r"-?\d+|0x[0-9a-f]+", one) else float(one) for one in NUMBER.findall(body)
    ]


NUMBER = re.compile(r"0x[0-9a-f]+|-?\d+(?:\.\d+)?(?=f?\b)")
SCALED = [
    ("native/c/layers/kernels_avx2.c", "VALUES", 8192, 0),
    ("native/c/layers/kernels_dotprod.c", "VALUES", 8192, 0),
    ("native/c/gemm/gemm_avx2.c", "NF4", 53, 53),
    ("native/c/gemm/gemm_vnni.c", "NF4", 112, 128),
    ("native/c/gemm/gemm_dotprod.c", "NF4", 127, 0),
    ("cuda/common.cuh", "NF4", 1, 0),
]
"""Tables of NF4's values in the kernels: how many units are 1, and the number added."""


def test_the_values_of_nf4_are_those_of_the_library_that_came_first() -> None:
    theirs = pytest.importorskip("bitsandbytes").functional.get_4bit_type("nf4", device="cpu")
    assert theirs.tolist() == list(table.NF4_VALUES)


@pytest.mark.parametrize(("path", "name", "one", "zero"), SCALED, ids=lambda value: str(value))
def test_kernels_have_the_same_values_of_nf4(path: str, name: str, one: int, zero: int) -> None:
    found = values_in(path, name)
    expected = [value if one == 1 else round(value * one) + zero for value in table.NF4_VALUES]
    assert found[:16] == expected
    if name == "VALUES":
        assert found[16:] == [1024 * number for number in range(-8, 8)]


def test_kernels_have_the_same_values_of_nf4_in_bf16() -> None:
    bf16 = torch.tensor(table.NF4_VALUES).bfloat16().view(torch.int16).tolist()
    found = [int(value) for value in values_in("native/c/layers/kernels_avx512.c", "NF4")]
    assert found == [code & 0xFFFF for code in bf16] * 2


def test_names_and_layouts_are_unique() -> None:
    layouts = [layout.name for one in table.FORMATS for layout in one.layouts]
    assert len(set(layouts)) == len(layouts)
    assert len({one.name for one in table.FORMATS}) == len(table.FORMATS)
    assert len({one.mark for one in table.WHOLE_MODEL}) == len(table.WHOLE_MODEL)
    for one in table.FORMATS:
        for kernel in filter(None, (one.native, one.card)):
            assert kernel.layout in [layout.name for layout in one.layouts]


@pytest.mark.parametrize("fmt", table.FORMATS, ids=lambda one: one.name)
def test_every_format_has_a_codec(fmt: table.NumberFormat) -> None:
    assert isinstance(codec_of(fmt.layouts[0].name), Codec)


@pytest.mark.parametrize("fmt", LINEAR, ids=lambda one: one.name)
def test_what_is_encoded_has_the_sizes_that_the_table_says_and_comes_back(fmt: table.NumberFormat) -> None:
    weight = torch.randn((96, 128), generator=torch.Generator().manual_seed(0)).to(torch.bfloat16)
    for layout in (one for one in fmt.layouts if one.on_disk):
        parts = quantize.encode(weight, layout.name)
        expected = fmt.parts("w", weight.shape, layout)
        assert [(tuple(part.shape), part.nbytes) for part in parts] == [(one.shape, one.nbytes) for one in expected]
        back = quantize.dequantise(*quantize.quantise(weight, layout.name), layout.name, torch.float32)
        assert (back - weight.float()).norm() / weight.float().norm() < 2.0 ** (1 - fmt.bits)


def test_sizes_that_do_not_divide_stay_as_published() -> None:
    for fmt in table.NAMES:
        for shape in ((96, 100), (4, 96, 100)):
            spec = TensorSpec("w", shape, "linear" if len(shape) == 2 else "experts")
            (only,) = stored(spec, choose_form(spec, fmt=fmt))
            assert (only.dtype, only.shape) == ("BF16", shape)
    odd = TensorSpec("w", (97, 128), "linear")
    assert choose_form(odd, fmt="nf4") == "rows"
    assert choose_form(odd, fmt="int4") == "dense"


def test_a_model_is_called_by_the_format_that_most_of_its_matrices_are_in() -> None:
    assert table.model_format(["dense"] * 9 + ["int8", "rows32", "rows"]) is table.NF4
    assert table.model_format(["dense", "int4", "int4", "rows"]) is table.INT4
    assert table.model_format(["nonsense", 3, None]) is table.NF4
