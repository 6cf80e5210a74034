"""Which part of a model goes where: its layers and experts over graphics cards and the processor's memory. No torch.

Layers stay in order, so that a token moves between devices as rarely as possible. Cards are filled first. Where a
mixture of experts does not fit on them, the experts of its last layers go to memory, as few as possible: a token reads
all of the rest, but only one in sixteen experts. Only where that is not enough do whole layers go there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from model.engine.needs import WORK_SPACE, kv_bytes
from model.engine.streaming import REACHED, WORDS_A_TOKEN, stored_size
from model.family.config import ModelConfig, TextConfig
from model.family.inventory import TEXT, expected_tensors
from model.messages import Message, joined, msg
from model.types import Format


@dataclass(frozen=True, slots=True)
class Place:
    """Where weights can be: a card, or the processor's memory, which is last in a list."""

    device: str
    """torch's name: ``cuda:0``, ``cpu``."""
    name: str
    """The name to show; empty for memory."""
    free: int
    """Bytes that a model may take."""
    rate: float
    """Bytes a second that can be read from it."""


@dataclass(frozen=True, slots=True)
class Part:
    """Bytes of one layer: all but its experts, its experts, its cache, and what a token reads of the first two."""

    rest: int
    experts: int
    cache: int
    token_experts: int


@dataclass(frozen=True, slots=True)
class DevicePlan:
    """The places of each layer and of its experts, as indices into ``places``. All else is at the first place."""

    places: tuple[Place, ...]
    layers: tuple[int, ...]
    experts: tuple[int, ...]
    used: tuple[int, ...]
    """Bytes at each place, work space included."""
    tokens_per_second: float

    @property
    def is_split(self) -> bool:
        """Whether more than one place is used."""
        return len({0, *self.layers, *self.experts}) > 1


def plan_devices(config: ModelConfig, fmt: Format, context: int, places: Sequence[Place]) -> DevicePlan | None:
    """The fastest way to lay out a model with ``context`` tokens of cache; ``None`` where the places cannot hold it."""
    parts = layer_parts(config, fmt, context)
    ends, head = _ends(config, fmt)
    count = len(parts)
    if config.text.num_kv_layers < count:  # layers that read another's cache are where it is
        alone = (_laid_out(parts, ends, head, (place,), count, count) for place in places)
        return next(filter(None, alone), None)
    for away in range(count + 1) if config.text.has_experts else (0,):
        if found := _laid_out(parts, ends, head, places, count - away, count):
            return found
    for whole in range(1, count + 1):
        if found := _laid_out(parts, ends, head, places, 0 if config.text.has_experts else count, count - whole):
            return found
    return _laid_out(parts, ends, head, places[-1:], count, count)


def layer_parts(config: ModelConfig, fmt: Format, context: int) -> list[Part]:
    """The bytes of every layer of the language model."""
    text, specs = config.text, expected_tensors(config).values()
    found = []
    for index in range(text.num_hidden_layers):
        own = [spec for spec in specs if spec.name.startswith(f"{TEXT}.layers.{index}.")]
        experts = sum(stored_size(spec, fmt) for spec in own if spec.kind == "experts")
        rest = sum(stored_size(spec, fmt) for spec in own) - experts
        chosen = experts * text.top_k_experts // text.num_experts if experts else 0
        found.append(Part(rest, experts, _cache(text, index, context), chosen))
    return found


def _cache(text: TextConfig, index: int, context: int) -> int:
    """Bytes of one layer's cache: what the cache takes with it, less what it takes without it."""
    if index >= text.num_kv_layers:
        return 0
    kind = text.layer_types[index]
    kinds = text.layer_types[: text.num_kv_layers]
    whole, empty = kv_bytes(text, context), kv_bytes(text, 0)
    if kind == "full_attention":
        return (whole - empty) // kinds.count(kind)
    return empty // kinds.count(kind)


def _ends(config: ModelConfig, fmt: Format) -> tuple[int, int]:
    """Bytes of everything outside layers, and what a token reads of it: the LM head's half of the embedding."""
    outside = [spec for spec in expected_tensors(config).values() if not spec.name.startswith(f"{TEXT}.layers.")]
    sizes = {spec: stored_size(spec, fmt) for spec in outside if spec.kind != "lookup"}
    return sum(sizes.values()), sum(size // 2 for spec, size in sizes.items() if spec.kind == "embedding")


def _laid_out(
    parts: Sequence[Part], ends: int, head: int, places: Sequence[Place], with_experts: int, on_cards: int
) -> DevicePlan | None:
    """The first ``on_cards`` layers on cards, the first ``with_experts`` with their experts, the rest in memory.

    ``None`` where a place is too small for that. On a machine without cards everything is in memory.
    """
    memory = len(places) - 1
    left = [place.free - WORK_SPACE for place in places]
    left[0] -= ends
    seconds = head / (REACHED * places[0].rate)
    layers, experts, now = [], [], 0
    for index, part in enumerate(parts):
        if index >= on_cards:
            now = memory
        own = part.experts if index < with_experts or index >= on_cards else 0
        while left[now] < part.rest + part.cache + own:
            now += 1
            if now > memory or (now >= max(1, memory) and index < on_cards):
                return None
        left[now] -= part.rest + part.cache + own
        other = now if own or not part.experts else memory
        left[other] -= part.experts - own
        layers.append(now)
        experts.append(other)
        seconds += part.rest / (REACHED * places[now].rate) + part.token_experts / (REACHED * places[other].rate)
    taken = {0, *layers, *experts}
    if any(left[place] < 0 for place in taken):
        return None
    used = [place.free - left[index] if index in taken else 0 for index, place in enumerate(places)]
    return DevicePlan(tuple(places), tuple(layers), tuple(experts), tuple(used), 1 / seconds)


def runs(indices: Sequence[int]) -> Iterator[tuple[int, int, int]]:
    """Consecutive equal ``indices`` as (index, first, last)."""
    first = 0
    for number in range(1, len(indices) + 1):
        if number == len(indices) or indices[number] != indices[first]:
            yield indices[first], first, number - 1
            first = number


def plan_words(plan: DevicePlan) -> Message:
    """Where a model's layers and experts go, and how fast it will be, in sentences."""
    sentences = []
    for index, first, last in runs(plan.layers):
        card, layers = plan.places[index].name, {"first": str(first + 1), "last": str(last + 1)}
        sentences.append(
            msg("plan.on-card", "Layers {first} to {last} go to {card}.", card=card, **layers)
            if card
            else msg("plan.in-memory", "Layers {first} to {last} stay in memory.", **layers)
        )
    pairs = zip(plan.layers, plan.experts, strict=True)
    away = [number for number, (layer, other) in enumerate(pairs) if layer != other]
    if away:
        sentences.append(
            msg(
                "plan.experts",
                "The experts of layers {first} to {last} stay in memory.",
                first=str(away[0] + 1),
                last=str(away[-1] + 1),
            )
        )
    words = round(WORDS_A_TOKEN * plan.tokens_per_second, 1)
    return joined(*sentences, msg("plan.speed", "That gives about {words} words a second.", words=words))
