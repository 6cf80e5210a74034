"""A model larger than memory: whether its experts can be read from the disk as they are chosen, and how fast. No torch.

Every token goes through all of a model but its experts, of which it chooses a few. So what every token needs stays in
memory, experts share what memory is left, and what a token chooses beside those is read from the disk.
"""

from __future__ import annotations

from dataclasses import dataclass

from model.family.config import ModelConfig
from model.family.inventory import TEXT, TensorSpec, expected_tensors
from model.formats.forms import choose_form, stored
from model.types import Format

REACHED = 0.75
"""Of the rate at which memory can be read, what decoding gets with 30 layers (tests/bench/README.md)."""
WORDS_A_TOKEN = 0.75
_SKEW = 1.75
"""Text keeps to some experts. With a share r of all experts in memory, those used last, a token misses (1 - r)^1.75 of
its own: the sample model with English prose misses 27 % where half of them are there, and 9 % where three quarters are
(``bench_small_memory --routing``)."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Bytes a second that can be read: of experts from the disk, and from memory."""

    disk: float
    memory: float


@dataclass(frozen=True, slots=True)
class Streaming:
    """Bytes of a mixture of experts: what every token needs and what it chooses, in memory and on the disk."""

    hot: int
    """What stays in memory: everything that every token needs."""
    beside: int
    """A cache of a short context, and work space."""
    experts: int
    """All experts together."""
    token_hot: int
    """What a token reads of what every token needs: of the embedding's two halves the LM head reads one."""
    token_experts: int
    """The experts that a token chooses."""

    @property
    def memory(self) -> int:
        """The least memory: with it, every expert that a token chooses comes from the disk."""
        return self.hot + self.beside + self.token_experts

    def tokens_per_second(self, available: int, pace: Pace) -> float:
        """How fast it answers with ``available`` bytes of memory, once a prompt has been read."""
        room = max(0, available - self.hot - self.beside)
        missing = max(0.0, 1 - room / self.experts) ** _SKEW
        reading = (self.token_hot + self.token_experts) / (REACHED * pace.memory)
        return 1 / (reading + missing * self.token_experts / pace.disk)


def streaming(config: ModelConfig, fmt: Format, weights: int, beside: int) -> Streaming | None:
    """Of a model in the format ``fmt`` with ``weights`` bytes in all; ``None`` where it has no experts.

    ``beside`` are the bytes that it needs beside its weights at least.
    """
    text = config.text
    if not text.has_experts:
        return None
    specs = expected_tensors(config).values()
    scale = weights / max(1, sum(stored_size(spec, fmt) for spec in specs))
    experts = hot = read = 0
    for spec in specs:
        size = int(scale * stored_size(spec, fmt))
        if spec.kind == "experts":
            experts += size
        elif spec.name.startswith(TEXT) and spec.kind != "lookup":
            hot += size
            read += size // 2 if spec.kind == "embedding" else size
    return Streaming(
        hot=hot,
        beside=beside,
        experts=experts,
        token_hot=read,
        token_experts=experts * text.top_k_experts // text.num_experts,
    )


def stored_size(spec: TensorSpec, fmt: Format) -> int:
    """Bytes of a tensor as it is stored in the format ``fmt``."""
    return sum(each.nbytes for each in stored(spec, choose_form(spec, fmt=fmt)))
