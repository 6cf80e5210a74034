"""Does a model fit on this machine? One sentence for the list of models, ``lectern doctor`` and ``models list``.

What the system itself needs is set apart first: nothing that a user can close makes that free. A mixture of experts
that is larger than memory can be used all the same where its experts can be read from the disk as they are chosen.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.library.budgets import fits_in_memory, fits_on_card, machine_for, system_reserve
from model.engine.device_plan import DevicePlan, plan_words
from model.engine.streaming import WORDS_A_TOKEN, Pace, Streaming
from model.messages import Message, joined, msg

STREAMS = "fit.streams", "fit.streams-slowly", "fit.streams-unknown"
"""Codes of the messages about models that do not fit in memory and can still be used."""
_SLOW = 0.5
"""Below this speed, in words per second, seconds per word are shown instead."""


def fit(
    needed: int,
    to_write: int,
    memory: dict[str, int],
    device: dict[str, Any],
    free_disk: int,
    system: str = "",
    streaming: Streaming | None = None,
    pace: Callable[[], Pace | None] = lambda: None,
    plan: Callable[[], DevicePlan | None] = lambda: None,
) -> tuple[bool, Message]:
    """Whether a model fits that takes ``needed`` bytes of memory and ``to_write`` of disk, and one sentence.

    ``memory`` has the bytes in ``total`` and ``available``, ``device`` its ``kind`` and ``memory``. ``system`` is a
    name of ``platform.system()``, by default this machine's. ``streaming`` has the figures of a mixture of experts;
    ``pace`` is asked how fast this machine reads where the model does not fit and they matter. ``plan`` is asked how it
    is laid out over cards and memory where it does not fit on one card.
    """
    takes, total = gigabytes(needed), gigabytes(memory["total"])
    if to_write > free_disk:
        return False, msg(
            "fit.disk",
            "It needs {needed} of disk space, and {free} is free.",
            needed=gigabytes(to_write),
            free=gigabytes(free_disk),
        )
    if device["kind"] == "cuda" and fits_on_card(needed, device["memory"]):
        return True, msg(
            "fit.gpu", "It fits on the GPU: {needed} of {total}.", needed=takes, total=gigabytes(device["memory"])
        )
    if device["kind"] == "cuda" and (found := plan()) is not None and found.is_split:
        return True, joined(msg("fit.split", "It does not fit on one graphics card."), plan_words(found))
    if not fits_in_memory(needed, memory["total"], system):
        if streaming is not None and fits_in_memory(streaming.memory, memory["total"], system):
            return False, _streams(streaming, memory, takes, total, pace())
        return False, _too_large(takes, total, gigabytes(system_reserve(system)), machine_for(needed, system))
    if needed > memory["available"]:
        free = gigabytes(memory["available"])
        return True, msg(
            "fit.busy",
            "It fits in memory ({needed}), but only {free} is free now; close other programs.",
            needed=takes,
            free=free,
        )
    if device["kind"] == "cuda":
        return True, msg(
            "fit.memory-not-gpu",
            "It does not fit on the GPU, but it fits in memory: {needed} of {total}.",
            needed=takes,
            total=total,
        )
    return True, msg("fit.memory", "It fits in memory: {needed} of {total}.", needed=takes, total=total)


def _streams(streaming: Streaming, memory: dict[str, int], takes: str, total: str, pace: Pace | None) -> Message:
    if pace is None:
        return msg(
            "fit.streams-unknown",
            "It is larger than memory ({needed}, and this machine has {total}), so parts of it are read from the disk "
            "while it answers, which is slow.",
            needed=takes,
            total=total,
        )
    words = WORDS_A_TOKEN * streaming.tokens_per_second(memory["available"], pace)
    if words < _SLOW:
        return msg(
            "fit.streams-slowly",
            "It is larger than memory ({needed}, and this machine has {total}), so parts of it are read from the disk "
            "while it answers: about {seconds} seconds for each word.",
            needed=takes,
            total=total,
            seconds=round(1 / words),
        )
    return msg(
        "fit.streams",
        "It is larger than memory ({needed}, and this machine has {total}), so parts of it are read from the disk "
        "while it answers: about {words} words a second.",
        needed=takes,
        total=total,
        words=round(words, 1 if words < 10 else None),
    )


def _too_large(takes: str, total: str, reserve: str, machine: int) -> Message:
    if machine:
        return msg(
            "fit.too-small",
            "It needs {needed} of memory and the system {reserve}, and this machine has {total}; a machine with "
            "{machine} GB can run it.",
            needed=takes,
            reserve=reserve,
            total=total,
            machine=machine,
        )
    return msg(
        "fit.no-machine",
        "It needs {needed} of memory, and this machine has {total}; choose a smaller model.",
        needed=takes,
        total=total,
    )


def gigabytes(size: int) -> str:
    """Bytes as decimal gigabytes, small ones as megabytes."""
    return f"{size / 1e9:.1f} GB" if size >= 1e8 else f"{size / 1e6:.1f} MB"
