"""A model larger than memory: whether its experts can be read from the disk as they are chosen, and how fast. No torch.

Every token goes through all of a model except the experts, of which it chooses a few. So what every token needs stays
in memory, experts share the memory that is left, and any others that a token chooses are read from the disk.
"""

from __future__ import annotations

from dataclasses import dataclass

from model.family.config import ModelConfig
from model.family.inventory import TEXT, TensorSpec, expected_tensors
from model.formats.forms import choose_form, stored
from model.types import Format

REACHED = 0.75
"""The share of memory's read rate that decoding reaches with 30 layers (tests/bench/README.md)."""
WORDS_A_TOKEN = 0.75
_SKEW = 1.75
"""Text favours some experts. With a share r of all experts in memory, those used last, (1 - r)^1.75 of the chosen
experts are missing: the sample model on English prose misses 27 % with half of them in memory, and 9 % with three
quarters (``bench_small_memory --routing``)."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Bytes a second that can be read from the disk, in pieces like experts, and from memory."""

    disk: float
    memory: float


@dataclass(frozen=True, slots=True)
class Streaming:
    """The parts of a mixture of experts, in bytes."""

    hot: int
    """Everything that every token needs, which stays in memory."""
    beside: int
    """The cache of a short context, and work space."""
    experts: int
    """All experts together."""
    token_hot: int
    """What a token reads of ``hot``: the LM head reads one of the embedding's two halves."""
    token_experts: int
    """The experts that a token chooses."""

    @property
    def memory(self) -> int:
        """The least memory, with which every chosen expert comes from the disk."""
        return self.hot + self.beside + self.token_experts

    def tokens_per_second(self, available: int, pace: Pace) -> float:
        """How fast it answers with ``available`` bytes of memory, once a prompt has been read."""
        room = max(0, available - self.hot - self.beside)
        missing = max(0.0, 1 - room / self.experts) ** _SKEW
        reading = (self.token_hot + self.token_experts) / (REACHED * pace.memory)
        return 1 / (reading + missing * self.token_experts / pace.disk)


def streaming(config: ModelConfig, fmt: Format, weights: int, beside: int) -> Streaming | None:
    """The parts of a model in the format ``fmt`` with ``weights`` bytes in all; ``None`` where it has no experts.

    ``beside``: the least bytes that it needs besides its weights.
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
