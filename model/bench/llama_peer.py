"""llama.cpp, measured through its Python package ``llama-cpp-python``; run by that package's own Python.

    PYTHON -m model.bench.llama_peer GGUF '{"threads": 2, "jobs": [["prefill", 512, 0, 3], ["decode", 32, 0, 5]]}'

Settings are those of llama.cpp's own benchmark: batches of 2,048 in micro-batches of 512, flash attention where it
claims that it helps, random tokens, no sampling, logits of the last position only. Sliding layers keep their window and
no more (``swa_full`` off), which is the faster of the two.
"""

from __future__ import annotations

import ctypes
import random
import sys
import time
from typing import Any

from model.bench import peer_protocol

BATCH, MICRO_BATCH = 2048, 512


class Llama:
    """One model with one context."""

    def __init__(self, path: str, threads: int, positions: int) -> None:
        import llama_cpp  # type: ignore[import-not-found, unused-ignore]

        self._api: Any = llama_cpp
        self._silent = llama_cpp.llama_log_callback(lambda level, text, data: None)
        llama_cpp.llama_log_set(self._silent, ctypes.c_void_p(0))
        llama_cpp.llama_backend_init()
        model_settings = llama_cpp.llama_model_default_params()
        model_settings.n_gpu_layers = 0
        self._model = llama_cpp.llama_model_load_from_file(path.encode(), model_settings)
        if not self._model:
            raise RuntimeError("llama.cpp does not load the file")
        settings = llama_cpp.llama_context_default_params()
        settings.n_ctx = positions
        settings.n_batch, settings.n_ubatch = BATCH, MICRO_BATCH
        settings.n_threads = settings.n_threads_batch = threads
        settings.swa_full = False
        settings.no_perf = True
        self._context = llama_cpp.llama_init_from_model(self._model, settings)
        if not self._context:
            raise RuntimeError("llama.cpp makes no context for the file")
        self._words = llama_cpp.llama_vocab_n_tokens(llama_cpp.llama_model_get_vocab(self._model))
        self._batch = llama_cpp.llama_batch_init(BATCH, 0, 1)
        self._position = 0
        self._random = random.Random(0)

    def about(self) -> tuple[str, str]:
        """Name and instruction sets."""
        features = self._api.llama_print_system_info().decode().strip()
        return f"llama.cpp (llama-cpp-python {self._api.__version__})", features

    def clear(self) -> None:
        """Clear the sequence and its KV cache."""
        self._api.llama_memory_clear(self._api.llama_get_memory(self._context), True)
        self._position = 0

    def read(self, tokens: int) -> float:
        """Seconds to append this many random tokens to the tokens read so far."""
        started = time.perf_counter()
        while tokens:
            count = min(tokens, BATCH)
            tokens -= count
            self._step(count, last=not tokens)
        self._api.llama_synchronize(self._context)
        return time.perf_counter() - started

    def logits(self, ids: list[int]) -> list[float]:
        """The logits behind the last of ``ids``, read from an empty sequence: to compare models."""
        self.clear()
        self._step(len(ids), last=True, ids=ids)
        row = self._api.llama_get_logits_ith(self._context, -1)
        return [row[word] for word in range(self._words)]

    def _step(self, count: int, last: bool, ids: list[int] | None = None) -> None:
        batch = self._batch
        batch.n_tokens = count
        for place in range(count):
            batch.token[place] = self._random.randrange(self._words) if ids is None else ids[place]
            batch.pos[place] = self._position + place
            batch.n_seq_id[place] = 1
            batch.seq_id[place][0] = 0
            batch.logits[place] = last and place == count - 1
        status = self._api.llama_decode(self._context, batch)
        if status:
            raise RuntimeError(f"llama.cpp stopped with status {status}")
        self._position += count


if __name__ == "__main__":
    sys.exit(peer_protocol.run(Llama, (ImportError, AttributeError, OSError, RuntimeError)))
