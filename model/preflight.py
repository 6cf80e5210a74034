"""What a request will cost before it is asked: tokens, memory, seconds, and where each document stands."""

from __future__ import annotations

import contextlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from model.kv_cache import KVCache
from model.prompt import Prompt, picture_key
from model.types import DocumentReport, Preflight, Request, Residence

if TYPE_CHECKING:
    from model.generation import LoadedModel

_WEIGHT = 0.5
"""How much a new measurement counts against all older ones: machines get busy and quiet again."""
_FEW_TOKENS = 64
"""A shorter prefill says little about a long one."""


@dataclass(slots=True)
class Speeds:
    """This machine's own measured speeds with one model: tokens a second of prefill, soft tokens of the tower."""

    prefill: float | None = None
    encode: float | None = None
    path: Path | None = None

    @classmethod
    def read(cls, path: Path) -> Speeds:
        """What was measured before; nothing where the file is missing or damaged."""
        speeds = cls(path=path)
        with contextlib.suppress(OSError, ValueError, TypeError, AttributeError, OverflowError, RecursionError):
            saved = json.loads(path.read_text(encoding="utf-8"))
            prefill, encode = saved.get("prefill"), saved.get("encode")
            speeds.prefill = float(prefill) if prefill and prefill > 0 else None
            speeds.encode = float(encode) if encode and encode > 0 else None
        return speeds

    def saw_prefill(self, tokens: int, seconds: float) -> None:
        """Takes a finished prefill into account."""
        if tokens >= _FEW_TOKENS and seconds > 0:
            self.prefill = _mixed(self.prefill, tokens / seconds)
            self._write()

    def saw_encode(self, soft_tokens: int, seconds: float) -> None:
        """Takes finished pictures into account."""
        if soft_tokens and seconds > 0:
            self.encode = _mixed(self.encode, soft_tokens / seconds)
            self._write()

    def seconds(self, tokens: int, soft_tokens: int) -> float | None:
        """How long reading will take; None while a speed that it needs is not known."""
        if (tokens and self.prefill is None) or (soft_tokens and self.encode is None):
            return None
        return (tokens / self.prefill if self.prefill else 0.0) + (soft_tokens / self.encode if self.encode else 0.0)

    def _write(self) -> None:
        if self.path is None:
            return
        temporary = self.path.with_suffix(f".{os.getpid()}.tmp")
        with contextlib.suppress(OSError):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            values = asdict(self) | {"path": None}
            temporary.write_text(json.dumps(values), encoding="utf-8")
            temporary.replace(self.path)


def _mixed(old: float | None, new: float) -> float:
    return new if old is None else (1 - _WEIGHT) * old + _WEIGHT * new


def preflight(model: LoadedModel, request: Request) -> Preflight:
    """What ``request`` will cost. Raises ``LecternError`` on a request that cannot be rendered."""
    prompt = model.prompt(request)
    in_memory, _ = model.residency.reach(prompt)
    on_disk = model.residency.reach_on_disk(prompt, in_memory)
    reused = max(in_memory, on_disk)
    new = {
        picture_key(span.picture): span.picture.soft_tokens
        for span in prompt.pictures
        if span.start >= reused and model.features is not None and span.picture not in model.features
    }
    soft_tokens = sum(new.values())
    return Preflight(
        prompt_tokens=len(prompt),
        reused_tokens=reused,
        context_tokens=model.config.text.max_position_embeddings,
        pictures=len(new),
        soft_tokens=soft_tokens,
        cache_bytes=cache_bytes(model, len(prompt)),
        free_bytes=free_bytes(model.decoder.device),
        seconds=model.speeds.seconds(len(prompt) - reused, soft_tokens),
        documents=documents(model, prompt, in_memory, on_disk),
    )


def documents(model: LoadedModel, prompt: Prompt, in_memory: int, on_disk: int) -> tuple[DocumentReport, ...]:
    """Where each of the prompt's documents stands."""
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
    """What the device has left."""
    if device.type == "cuda":
        return int(torch.cuda.mem_get_info(device)[0])
    import psutil

    return int(psutil.virtual_memory().available)
