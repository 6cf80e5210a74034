"""Measures one open engine: prefill, decode, the second question about a document, pictures, memory.

Prefill and decode run as a request runs them (embed, forward in the engine's own chunks, logits of the last token), on
random tokens and without sampling, as the peers do. The cache of a given depth is filled with random rows: its contents
change no time. Everything looks at ``cancel`` between two steps and raises ``CancelledError``.
"""

from __future__ import annotations

import contextlib
import hashlib
import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor

from model.bench import roofline
from model.bench.figures import Figure, Job
from model.bench.machine import Machine
from model.cache.kv_cache import KVCache
from model.cancel import Cancel
from model.engine.engine import Engine
from model.errors import CancelledError, ModelError
from model.family.config_json import read_config
from model.family.inventory import TensorSpec
from model.formats.quantized_weights import SplitEmbedding
from model.messages import msg
from model.soft_tokens import IMAGE, SOFT_TOKEN_PX
from model.types import Attached, ChatMessage, Failed, Finished, Picture, Request, Sampling, TextPart

Tell = Callable[[str], None]

_WORDS = "the rent is due on the third day of each month and the tenant pays it in full "
_WARM_UP = 64


class Bench:
    """Measurements of one engine. ``tell`` gets a few words before each step."""

    def __init__(self, engine: Engine, machine: Machine, tell: Tell, cancel: Cancel) -> None:
        self._engine, self._machine = engine, machine
        self._tell, self._cancel = tell, cancel
        self._model = engine._loaded()
        self._config = read_config(engine.info.folder)
        self._bytes = stored_bytes(engine)
        self._random = torch.Generator().manual_seed(0)

    def warm_up(self) -> None:
        """One small prefill and two tokens, which are not counted."""
        self._tell("warming up")
        cache = self._model.decoder.new_cache()
        self._prefill(cache, self._ids(_WARM_UP))
        self._decode(cache, self._ids(2))

    def run(self, job: Job) -> Figure:
        """One job of prefill or decode."""
        decoder = self._model.decoder
        cache = decoder.new_cache()
        fill(cache, job.depth)
        here = cache.snapshot()
        seconds = []
        for repeat in range(job.repeats):
            self._tell(f"{job.name}, {repeat + 1} of {job.repeats}")
            cache.restore(here)
            seconds.append(self._run_once(job, cache))
        work, count = self._work(job)
        limit = count * work.seconds(self._machine.bandwidth, self._machine.matrix_rate)
        return Figure(job.name, tuple(seconds), job.tokens, "tokens/s", limit)

    def _run_once(self, job: Job, cache: KVCache) -> float:
        ids = self._ids(job.tokens)
        started = time.perf_counter()
        if job.measure == "prefill":
            self._prefill(cache, ids)
        else:
            self._decode(cache, ids)
        return time.perf_counter() - started

    def _work(self, job: Job) -> tuple[roofline.Work, int]:
        """What a job costs at least, and how many times."""
        if job.measure == "prefill":
            return roofline.prefill(self._config, self._bytes, job.tokens, job.depth), 1
        return roofline.decode(self._config, self._bytes, job.depth + job.tokens // 2), job.tokens

    def _prefill(self, cache: KVCache, ids: Tensor) -> None:
        decoder = self._model.decoder
        for piece in ids.split(self._model.chunk_tokens):
            self._check()
            hidden = decoder.forward(decoder.embed(piece), cache, cancel=self._cancel, ids=piece, last_only=True)
        decoder.logits(hidden[-1:])
        self._wait()

    def _decode(self, cache: KVCache, ids: Tensor) -> None:
        decoder = self._model.decoder
        for token in ids.split(1):
            self._check()
            decoder.logits(decoder.forward(decoder.embed(token), cache, ids=token))
        self._wait()

    def second_question(self, tokens: int, repeats: int) -> list[Figure]:
        """The first token for a first and for later questions about a document of about this many tokens."""
        text = (_WORDS * (tokens // 8))[: 5 * tokens]
        count = self._engine.count_tokens(_question(text, "When?"))
        text = text[: max(1, len(text) * tokens // max(1, count))]
        self._tell(f"reading a document of {tokens:,} tokens")
        first = self._ask(_question(text, "When is it due?"))
        seconds = []
        for repeat in range(repeats):
            self._tell(f"another question about it, {repeat + 1} of {repeats}")
            seconds.append(self._ask(_question(text, f"And who pays number {repeat}?")).timings.first_token_s)
        return [
            Figure(f"first token, a new document of {first.usage.prompt_tokens:,}", (first.timings.first_token_s,)),
            Figure("first token, the next question about it", tuple(seconds)),
        ]

    def answer(self, tokens: int) -> Figure:
        """Tokens a second of an answer as a user sees it: sampled, split into words, streamed."""
        self._tell("an answer of some length")
        done = self._ask(_question(_WORDS * 4, "Write much."), tokens)
        written = max(1, done.usage.answer_tokens - 1)
        speed = done.timings.decode_tokens_per_s
        return Figure("answer, sampled and streamed", (written / speed if speed else 0.0,), written, "tokens/s")

    def _ask(self, request: Request, tokens: int = 2) -> Finished:
        request = Request(request.messages, request.sampling, max_new_tokens=tokens, documents=request.documents)
        last = None
        for event in self._engine.generate(request, self._cancel):
            last = event
        self._check()
        if isinstance(last, Failed):
            raise ModelError(last.message)
        assert isinstance(last, Finished)
        return last

    def vision(self, budget: int, repeats: int) -> Figure | None:
        """Soft tokens a second of the vision tower; ``None`` where the model has none."""
        features = self._model.features
        if features is None:
            return None
        tower, picture = features.encoders[IMAGE], square_picture(budget)
        seconds = []
        for repeat in range(repeats):
            self._tell(f"a picture of {picture.soft_tokens} soft tokens, {repeat + 1} of {repeats}")
            started = time.perf_counter()
            tower.finish(tower.begin(picture), self._cancel)
            self._wait()
            seconds.append(time.perf_counter() - started)
        return Figure(f"vision, budget {budget}", tuple(seconds), picture.soft_tokens, "soft tokens/s")

    def _ids(self, count: int) -> Tensor:
        ids = torch.randint(0, self._config.text.vocab_size, (count,), generator=self._random)
        return ids.to(self._model.decoder.device)

    def _check(self) -> None:
        if self._cancel.is_set():
            raise CancelledError(msg("cancelled.measuring", "Measuring was stopped."))

    def _wait(self) -> None:
        if self._model.decoder.device.type == "cuda":
            torch.cuda.synchronize(self._model.decoder.device)


def fill(cache: KVCache, depth: int) -> None:
    """Put ``depth`` random positions into an empty cache, as if they had been read."""
    for layer in cache.global_layers():
        while layer.length < depth:
            count = min(4096, depth - layer.length)
            layer.append(torch.randn(layer.kv_heads, count, layer.row).to(layer.dtype).to(layer.device))
    for ring in cache.sliding_layers():
        count = min(depth, ring.window)
        if count:
            heads, _, head_dim = ring.keys.shape
            new = torch.randn(2, heads, count, head_dim).to(ring.keys)
            ring.append(new[0], new[1])
        ring.length = depth
    cache.length = depth


def stored_bytes(engine: Engine) -> roofline.StoredBytes:
    """The bytes that a pass reads of each tensor in the form in which the engine holds it."""
    if engine.info.quantisation == "none":
        width = 32.0 if engine.info.dtype == "float32" else 16.0
        return roofline.bits(width, width, width)
    table = engine._loaded().decoder.embed_tokens
    entries = [entry for file in engine._loaded().files.mapped() for entry in file.entries.values()]

    def nbytes(spec: TensorSpec) -> float:
        if spec.kind == "embedding" and isinstance(table, SplitEmbedding):
            return float(table.token_bytes)
        return float(sum(e.nbytes for e in entries if e.name == spec.name or e.name.startswith(f"{spec.name}.")))

    return nbytes


def square_picture(budget: int) -> Picture:
    """A noisy picture, as near a square as the budget allows."""
    side = int(budget**0.5)
    height, width = side * SOFT_TOKEN_PX, budget // side * SOFT_TOKEN_PX
    random = torch.Generator().manual_seed(budget)
    pixels = torch.randint(0, 256, (height * width * 3,), dtype=torch.uint8, generator=random).numpy().tobytes()
    return Picture(pixels, height, width, budget, hashlib.sha256(pixels).hexdigest())


def reset_peak() -> None:
    """Count the peak of resident memory anew, where the system can."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def peak_bytes() -> int:
    """Peak resident memory since ``reset_peak``; the present one where the system does not count it."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    import psutil

    return int(psutil.Process().memory_info().rss)


def _question(text: str, question: str) -> Request:
    message = ChatMessage("user", (TextPart(text), TextPart(question)))
    return Request((message,), Sampling(temperature=0), documents=(Attached("bench", "bench.pdf", 1),))
