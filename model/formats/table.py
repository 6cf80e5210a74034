"""All number formats in one table: their bits, how a matrix is laid out in each, which kernels read it. No torch.

Everything else asks this table: what is stored and how much it takes (``model.formats.forms``), what encodes, decodes
and multiplies (``codec_of``), which of the C and CUDA kernels can be used (a test compares their enums with
``native`` and ``card``), what the command line offers. A new format is an entry here and a module with its codec.

Layouts of a matrix W [N, K]:

``rows``    two numbers a byte along K, first one in the high half; scales [N, K/64]. Any device.
``rows32``  32 rows wide, for processors. The byte at [n // 32, k // 2, 2 * (n % 16) + k % 2] holds row n in its low
            half and row n + 16 in its high half; scales [K/64, N]. Only where N is a multiple of 32.
``int4``    bytes as in ``rows32``, for numbers from -8 to 7 plus 8; scales in fp16 [K/32, N].
``int4m``   bytes as in ``int4``, for numbers q from 0 to 15 of w = d q + m; fp16 [K/16, N]: for each 32 columns a
            row of d, then one of m.
``int4_rows``  the same numbers with bytes as in ``rows`` and scales in float32 [N, K/32], for NVIDIA cards.
``w8``      the numbers of ``q8``, 32 rows side by side: [N / 32, K, 32]; scales [K/32, N].
``w8m``     likewise, with minimums as in ``int4m``.
``w8x16``   the numbers of ``q8x16``, 32 rows side by side; scales [K/16, N].
``int8``    one number a byte, and one scale a row [N].
``q8``      one number a byte; scales in fp16 [N, K/32].
``q8x16``   one number a byte; scales in fp16 [N, K/16].
``dense``   bf16, as published.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import prod

from model.checkpoint.header import ITEM_BYTES


@dataclass(frozen=True, slots=True)
class Stored:
    """One tensor as it will be stored in a file. ``dtype`` is a name of the safetensors format."""

    name: str
    dtype: str
    shape: tuple[int, ...]

    @property
    def nbytes(self) -> int:
        """Its size in the file."""
        return prod(self.shape) * ITEM_BYTES[self.dtype]


@dataclass(frozen=True, slots=True)
class Layout:
    """One order of a format's bytes, by the name that the manifest of a quantised folder knows it by."""

    name: str
    scales: str | None = None
    """The dtype of the scales; without one there are none."""
    lanes: int = 1
    """Rows side by side. With several, N is a multiple of them, and the scales are [K / block, N]."""
    on_disk: bool = True


@dataclass(frozen=True, slots=True)
class Kernel:
    """A set of kernels' name for a format (``FORM_…`` in their sources), and the layout in which they read it."""

    code: int
    layout: str


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """One way of writing numbers down."""

    name: str
    title: str
    """Its name in the window and in reports."""
    bits: int
    numbers: str
    """The dtype of the tensor that holds the numbers, and its name's ending."""
    suffix: str
    block: int
    """Numbers of a row that share a scale; 0: all of a row do, or there are none."""
    layouts: tuple[Layout, ...]
    codec: str
    """The module and the name of what encodes, decodes and multiplies; ``codec_of`` gives it."""
    native: Kernel | None = None
    card: Kernel | None = None
    whole_model: bool = False
    """Whether all matrices of a model can be quantised to it."""
    mark: str = ""
    """The ending of a quantised folder's name in this format."""
    minimums: bool = False
    """Whether each block has a minimum beside its scale, in the next row of the tensor of scales."""

    def fitting(self, shape: Sequence[int]) -> Layout | None:
        """The first layout that a matrix [..., N, K] can be stored in; ``None`` where its sizes do not divide."""
        if self.block and shape[-1] % self.block:
            return None
        return next((one for one in self.layouts if one.on_disk and shape[-2] % one.lanes == 0), None)

    def parts(self, name: str, shape: Sequence[int], layout: Layout) -> list[Stored]:
        """The tensors that ``name`` is stored as, in the order in which they are written."""
        if layout.scales is None:
            return [Stored(name, self.numbers, tuple(shape))]
        *experts, rows, columns = shape
        width = columns * self.bits // (8 * ITEM_BYTES[self.numbers])
        numbers = Stored(f"{name}{self.suffix}", self.numbers, (*experts, rows, width))
        if not self.block:
            return [numbers, Stored(f"{name}.scale", layout.scales, (*experts, rows))]
        blocks = columns // self.block * (2 if self.minimums else 1)
        scales = (blocks, rows) if layout.lanes > 1 else (rows, blocks)
        return [numbers, Stored(f"{name}.scale", layout.scales, (*experts, *scales))]


LANES = 32
"""Rows side by side in the layouts for processors."""

NF4_VALUES = (
    *(-1.0, -0.6961928009986877, -0.5250730514526367, -0.39491748809814453, -0.28444138169288635),
    *(-0.18477343022823334, -0.09105003625154495, 0.0, 0.07958029955625534, 0.16093020141124725),
    *(0.24611230194568634, 0.33791524171829224, 0.44070982933044434, 0.5626170039176941, 0.7229568362236023, 1.0),
)
"""The values of NF4's sixteen codes (Dettmers et al. 2023, appendix E). The kernels' sources have them in their own
units; a test compares all of them with these."""

NF4 = NumberFormat(
    name="nf4",
    title="NF4",
    bits=4,
    numbers="U8",
    suffix=".nf4",
    block=64,
    layouts=(Layout("rows", "BF16"), Layout("rows32", "BF16", LANES)),
    codec="model.formats.nf4:CODEC",
    native=Kernel(0, "rows32"),
    card=Kernel(0, "rows"),
    whole_model=True,
)
INT4 = NumberFormat(
    name="int4",
    title="int4",
    bits=4,
    numbers="U8",
    suffix=".int4",
    block=32,
    layouts=(Layout("int4", "F16", LANES), Layout("int4_rows", "F32", on_disk=False)),
    codec="model.formats.int4:CODEC",
    native=Kernel(2, "int4"),
    card=Kernel(2, "int4_rows"),
    whole_model=True,
    mark="-int4",
)
INT4M = NumberFormat(
    name="int4m",
    title="int4 with minimums",
    bits=4,
    numbers="U8",
    suffix=".int4m",
    block=32,
    layouts=(Layout("int4m", "F16", LANES),),
    codec="model.formats.int4m:CODEC",
    native=Kernel(4, "int4m"),
    whole_model=True,
    mark="-int4m",
    minimums=True,
)
"""llama.cpp's ``Q4_1`` as it is, and ``Q4_K`` but for rounding its scales to fp16."""
W8 = NumberFormat(
    name="w8",
    title="8 bits in groups",
    bits=8,
    numbers="I8",
    suffix=".w8",
    block=32,
    layouts=(Layout("w8", "F16", LANES),),
    codec="model.formats.w8:CODEC",
    native=Kernel(3, "w8"),
    whole_model=True,
    mark="-w8",
)
W8M = NumberFormat(
    name="w8m",
    title="8 bits with minimums",
    bits=8,
    numbers="I8",
    suffix=".w8m",
    block=32,
    layouts=(Layout("w8m", "F16", LANES),),
    codec="model.formats.w8:WITH_MINIMUMS",
    native=Kernel(5, "w8m"),
    minimums=True,
)
"""For imported models: llama.cpp's ``Q5_1``, and ``Q5_K`` but for rounding its scales to fp16."""
W8X16 = NumberFormat(
    name="w8x16",
    title="8 bits in groups of 16",
    bits=8,
    numbers="I8",
    suffix=".w8x16",
    block=16,
    layouts=(Layout("w8x16", "F16", LANES),),
    codec="model.formats.w8:SIXTEENS",
    native=Kernel(6, "w8x16"),
)
"""For imported models: llama.cpp's ``Q6_K``, but for rounding its scales to fp16."""
INT8 = NumberFormat(
    name="int8",
    title="int8",
    bits=8,
    numbers="I8",
    suffix=".int8",
    block=0,
    layouts=(Layout("int8", "BF16"),),
    codec="model.formats.int8:CODEC",
    card=Kernel(3, "int8"),
)
Q8 = NumberFormat(
    name="q8",
    title="8 bits in blocks",
    bits=8,
    numbers="I8",
    suffix=".q8",
    block=32,
    layouts=(Layout("q8", "F16"),),
    codec="model.formats.int8:BLOCKS",
)
"""For tables of which rows are looked up: 8.5 bits, as llama.cpp's ``Q8_0``."""
Q8X16 = NumberFormat(
    name="q8x16",
    title="8 bits in blocks of 16",
    bits=8,
    numbers="I8",
    suffix=".q8x16",
    block=16,
    layouts=(Layout("q8x16", "F16"),),
    codec="model.formats.int8:SIXTEENS",
)
"""For the embedding of imported models: 9 bits that hold llama.cpp's ``Q6_K``, ``Q8_0``, ``Q5_0`` and ``Q4_0``."""
BF16 = NumberFormat(
    name="bf16",
    title="bfloat16",
    bits=16,
    numbers="BF16",
    suffix="",
    block=0,
    layouts=(Layout("dense"),),
    codec="model.formats.codec:DENSE",
    native=Kernel(1, "dense"),
    card=Kernel(1, "dense"),
)

FORMATS = (NF4, INT4, INT4M, W8, W8M, W8X16, INT8, Q8, Q8X16, BF16)
WHOLE_MODEL = tuple(one for one in FORMATS if one.whole_model)
"""The formats that a model can be quantised to; the first is the usual one."""
NAMES = tuple(one.name for one in WHOLE_MODEL)

_NAMED = {one.name: one for one in FORMATS}
_LAYOUTS = {layout.name: (one, layout) for one in FORMATS for layout in one.layouts}


def named(name: str) -> NumberFormat:
    """The format called ``name``. Raises ``KeyError``."""
    return _NAMED[name]


def format_of(layout: str) -> NumberFormat:
    """The format that a layout belongs to. Raises ``KeyError``."""
    return _LAYOUTS[layout][0]


def layout_named(name: str) -> Layout:
    """The layout called ``name``. Raises ``KeyError``."""
    return _LAYOUTS[name][1]


def is_stored(name: object) -> bool:
    """Whether a manifest may name this layout."""
    return isinstance(name, str) and name in _LAYOUTS and _LAYOUTS[name][1].on_disk


def native_form(layout: str) -> int | None:
    """The processor kernels' name for this layout; ``None`` where they do not read it."""
    kernel = format_of(layout).native
    return kernel.code if kernel is not None and kernel.layout == layout else None


def prompt_form(layout: str) -> int | None:
    """``native_form`` where there are kernels for many tokens too, which numbers in blocks have."""
    return native_form(layout) if format_of(layout).block else None


def card_form(layout: str) -> int | None:
    """The card kernels' name for this layout; ``None`` where they do not read it."""
    kernel = format_of(layout).card
    return kernel.code if kernel is not None and kernel.layout == layout else None


def model_format(layouts: Iterable[object]) -> NumberFormat:
    """The format of a model whose tensors have these layouts: the one that most of its matrices are in."""
    counts = dict.fromkeys(WHOLE_MODEL, 0)
    for layout in layouts:
        if is_stored(layout) and (found := format_of(str(layout))) in counts:
            counts[found] += 1
    return max(counts, key=lambda one: counts[one])
