"""Estimates a request's cost before it is asked: tokens, memory, seconds, and where each document is cached."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from model.cache.kv_cache import KVCache
from model.prompt.building import Prompt
from model.soft_tokens import IMAGE, SOUND
from model.types import DocumentReport, Preflight, Request, Residence

if TYPE_CHECKING:
    from model.engine.generation import LoadedModel


def preflight(model: LoadedModel, request: Request) -> Preflight:
    """Estimates the cost of ``request``. Raises ``LecternError`` on a request that cannot be rendered."""
    prompt = model.prompt(request)
    in_memory, _ = model.residency.reach(prompt)
    on_disk = model.residency.reach_on_disk(prompt, in_memory)
    reused = max(in_memory, on_disk)
    new = {
        span.source.key: span.source
        for span in prompt.spans
        if span.start >= reused and model.features is not None and span.source not in model.features
    }
    looks = [source.soft_tokens for source in new.values() if source.kind == IMAGE]
    sounds = [source.soft_tokens for source in new.values() if source.kind == SOUND]
    rates = model.speeds.rates
    return Preflight(
        prompt_tokens=len(prompt),
        reused_tokens=reused,
        context_tokens=model.config.text.max_position_embeddings,
        pictures=len(looks),
        sounds=len(sounds),
        soft_tokens=sum(looks) + sum(sounds),
        cache_bytes=cache_bytes(model, len(prompt)),
        free_bytes=free_bytes(model.decoder.device),
        seconds=rates.seconds(len(prompt) - reused, looks, sum(sounds)),
        documents=documents(model, prompt, in_memory, on_disk),
        rates=rates,
        answer_tokens=request.max_new_tokens + (request.max_thinking_tokens if request.thinking else 0),
        unseen=frozenset(source.content_hash for source in new.values()),
    )


def documents(model: LoadedModel, prompt: Prompt, in_memory: int, on_disk: int) -> tuple[DocumentReport, ...]:
    """Where each of the prompt's documents is cached."""
    reports = []
    for document in prompt.documents:
        state: Residence = "unread"
        if document.stop <= in_memory:
            state = "resident"
        elif document.stop <= on_disk:
            state = "disk"
        tokens = document.stop - document.start
        reports.append(
            DocumentReport(
                key=document.key,
                name=document.name,
                tokens=tokens,
                state=state,
                ram_bytes=bytes_per_token(model) * tokens if state == "resident" else 0,
                disk_bytes=model.residency.disk_bytes(prompt.signature[: document.stop]),
                pinned=document.key in model.residency.pinned,
            )
        )
    return tuple(reports)


def bytes_per_token(model: LoadedModel) -> int:
    """Bytes that one more token takes in the KV cache: only global layers grow."""
    return sum(
        layer.kv_heads * width * dtype.itemsize
        for layer in model.residency.cache.global_layers()
        for dtype, width in layer.stored_form()
    )


def cache_bytes(model: LoadedModel, tokens: int) -> int:
    """Bytes of the KV cache for ``tokens``: the global layers' rows, and the rings, whose size is fixed."""
    cache: KVCache = model.residency.cache
    return bytes_per_token(model) * tokens + cache.ring_bytes


def free_bytes(device: torch.device) -> int:
    """Free bytes of the device."""
    if device.type == "cuda":
        return int(torch.cuda.mem_get_info(device)[0])
    import psutil

    return int(psutil.virtual_memory().available)
