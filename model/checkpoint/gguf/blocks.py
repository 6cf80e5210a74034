"""ggml's number formats: numbers and bytes of a block. No torch, no numpy.

The same figures as in the package ``gguf``, which is not imported for looking at a header; a test compares them.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Block:
    """One of ggml's types: its number in a file, its name, and the numbers and bytes of a block."""

    code: int
    name: str
    numbers: int
    nbytes: int

    def bytes_of(self, count: int) -> int:
        """Bytes of ``count`` numbers, which are whole blocks."""
        assert count % self.numbers == 0
        return count // self.numbers * self.nbytes


_ALL = (
    Block(0, "F32", 1, 4),
    Block(1, "F16", 1, 2),
    Block(2, "Q4_0", 32, 18),
    Block(3, "Q4_1", 32, 20),
    Block(6, "Q5_0", 32, 22),
    Block(7, "Q5_1", 32, 24),
    Block(8, "Q8_0", 32, 34),
    Block(10, "Q2_K", 256, 84),
    Block(11, "Q3_K", 256, 110),
    Block(12, "Q4_K", 256, 144),
    Block(13, "Q5_K", 256, 176),
    Block(14, "Q6_K", 256, 210),
    Block(16, "IQ2_XXS", 256, 66),
    Block(17, "IQ2_XS", 256, 74),
    Block(18, "IQ3_XXS", 256, 98),
    Block(19, "IQ1_S", 256, 50),
    Block(20, "IQ4_NL", 32, 18),
    Block(21, "IQ3_S", 256, 110),
    Block(22, "IQ2_S", 256, 82),
    Block(23, "IQ4_XS", 256, 136),
    Block(29, "IQ1_M", 256, 56),
    Block(30, "BF16", 1, 2),
    Block(34, "TQ1_0", 256, 54),
    Block(35, "TQ2_0", 256, 66),
    Block(39, "MXFP4", 32, 17),
    Block(40, "NVFP4", 64, 36),
)
BLOCKS = {block.code: block for block in _ALL}
"""The types that the package ``gguf`` can dequantise, by their number in a file."""

BY_NAME = {block.name: block for block in _ALL}
F32, F16, BF16 = BY_NAME["F32"], BY_NAME["F16"], BY_NAME["BF16"]
Q4_0, Q4_1, Q5_0, Q8_0 = BY_NAME["Q4_0"], BY_NAME["Q4_1"], BY_NAME["Q5_0"], BY_NAME["Q8_0"]
Q5_1, Q4_K, Q5_K, Q6_K = BY_NAME["Q5_1"], BY_NAME["Q4_K"], BY_NAME["Q5_K"], BY_NAME["Q6_K"]
