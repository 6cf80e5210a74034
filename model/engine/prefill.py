"""Prefill in chunks: where to cut a prompt so that no picture or sound is split, and one forward pass a chunk."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from model.cache.residency import Residency
from model.cancel import Cancel
from model.engine.memory import is_out_of_memory
from model.errors import CancelledError
from model.family.decoder import Decoder
from model.prompt.building import Prompt
from model.prompt.spans import SoftSpan
from model.soft_tokens import IMAGE


@dataclass(frozen=True, slots=True)
class Chunk:
    """Positions [start, stop) of the prompt, and the soft tokens' spans that are whole inside them."""

    start: int
    stop: int
    spans: tuple[SoftSpan, ...]


def plan_chunks(prompt: Prompt, start: int, size: int, cuts: Sequence[int] = ()) -> Iterator[Chunk]:
    """Chunks of at most ``size`` tokens from ``start`` to the prompt's end, ending also at every one of ``cuts``.

    A picture's soft tokens see each other both ways, so a boundary inside a picture moves before it, and so for a
    piece of sound, whose soft tokens are made together; one that is larger than ``size`` has a chunk of its own.
    """
    borders = sorted({cut for cut in cuts if start < cut < len(prompt)} | {len(prompt)})
    spans = [span for span in prompt.spans if span.start >= start]
    while start < len(prompt):
        stop = min(start + size, next(border for border in borders if border > start))
        inside: list[SoftSpan] = []
        for span in spans:
            if span.start >= stop:
                break
            if span.stop > stop:
                stop = span.start if span.start > start else span.stop
                if span.start >= stop:
                    break
            inside.append(span)
        spans = spans[len(inside) :]
        yield Chunk(start, stop, tuple(inside))
        start = stop


@torch.inference_mode()
def prefill_chunk(
    decoder: Decoder,
    residency: Residency,
    prompt: Prompt,
    chunk: Chunk,
    features: Mapping[int, Tensor],
    cancel: Cancel | None = None,
) -> Generator[float, None, Tensor]:
    """Runs one chunk; returns the hidden state [1, D] of its last position. ``features`` are by span start.

    Yields the share that is done, once a layer. A chunk takes seconds on a processor, so ``cancel`` stops it between
    two layers. Raises ``CancelledError``; the cache is then as it was before, as where memory runs out: what has been
    read until there stays. The copy of the rings that this takes costs a thousandth of the chunk.
    """
    ids = torch.from_numpy(prompt.ids[chunk.start : chunk.stop].copy()).to(decoder.device)
    hidden = decoder.embed(ids)
    for span in chunk.spans:
        inside = slice(span.start - chunk.start, span.stop - chunk.start)
        hidden[inside] = features[span.start].to(hidden)
        ids[inside] = decoder.config.pad_token_id  # soft tokens are no words
    pictures = [(s.start - chunk.start, s.stop - chunk.start) for s in chunk.spans if s.kind == IMAGE]
    before = residency.cache.snapshot()
    try:
        hidden = yield from decoder.forward_steps(hidden, residency.cache, pictures, cancel, ids=ids, last_only=True)
    except BaseException as error:
        stopped = isinstance(error, CancelledError | GeneratorExit)
        if stopped or is_out_of_memory(error):  # of any other, nobody knows what it left
            residency.cache.restore(before)
        raise
    residency.record(prompt.signature[chunk.start : chunk.stop])
    return hidden


@torch.inference_mode()
def decode_pass(decoder: Decoder, residency: Residency, ids: Sequence[int]) -> Tensor:
    """Appends the answer's last token, and behind it drafted ones; returns their hidden states [T, D].

    The drafted ones are in the cache on trial: see ``Residency.accept`` and ``Residency.discard``.
    """
    if len(ids) > 1:
        residency.cache.mark(len(ids))
    given = torch.tensor(ids, device=decoder.device)
    hidden = decoder.forward(decoder.embed(given), residency.cache, ids=given)
    residency.record(ids[:1], drafted=ids[1:])
    return hidden
