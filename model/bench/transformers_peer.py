"""Stock transformers in bf16, measured on the shape of a configuration with random weights.

    python -m model.bench.transformers_peer MODEL_FOLDER '{"threads": 2, "jobs": [["prefill", 512, 0, 3]]}'

Only ``config.json`` of the folder is read. Its text model alone is made, with attention and experts as transformers
chooses by itself, and logits of the last position only; each decoded token is one call on its own dynamic cache.
"""

from __future__ import annotations

import sys
import time
from typing import Any

from model.bench import peer_protocol
from model.engine import offline

_TILE = 4_194_301


def make(config: Any) -> Any:
    """The model, with numbers of a sane size in every weight: the same few million again and again."""
    import torch
    from transformers import Gemma4ForCausalLM

    with torch.device("meta"):
        model = Gemma4ForCausalLM(config).to(torch.bfloat16)
    rotary = type(model.model.rotary_emb)(config)
    model.to_empty(device="cpu")
    model.model.rotary_emb = rotary
    tile = torch.randn(_TILE).to(torch.bfloat16)
    for name, weight in model.named_parameters():
        flat = weight.data.view(-1)
        if weight.dim() < 2:
            flat.fill_(0.1 if "q_norm" in name else 1.0)
            continue
        scaled = tile * weight.shape[-1] ** -0.5
        for start in range(0, flat.numel(), _TILE):
            flat[start : start + _TILE] = scaled[: flat.numel() - start]
    for name, buffer in model.named_buffers():
        if name.endswith("layer_scalar"):
            buffer.fill_(0.9)
        elif name.endswith("embed_scale"):
            buffer.fill_(config.hidden_size**0.5)
    model.tie_weights()
    return model.eval()


class Transformers:
    """The model and its cache."""

    def __init__(self, folder: str, threads: int, positions: int) -> None:
        offline.go_offline()
        import json
        from pathlib import Path

        import torch
        import transformers
        from transformers.models.gemma4.configuration_gemma4 import Gemma4TextConfig

        del positions  # its cache grows
        torch.set_num_threads(threads)
        raw = json.loads((Path(folder) / "config.json").read_text(encoding="utf-8"))
        self._torch, self._version = torch, transformers.__version__
        self._config = Gemma4TextConfig(**raw["text_config"])
        self._model = make(self._config)
        self._cache: Any = None
        self._generator = torch.Generator().manual_seed(0)

    def about(self) -> tuple[str, str]:
        """Name and torch's version."""
        return f"transformers {self._version}, bf16", f"torch {self._torch.__version__}"

    def clear(self) -> None:
        """Clear the sequence and its KV cache."""
        from transformers import DynamicCache

        self._cache = DynamicCache(config=self._config)

    def read(self, tokens: int) -> float:
        """Seconds to append this many random tokens to the tokens read so far."""
        ids = self._torch.randint(0, self._config.vocab_size, (1, tokens), generator=self._generator)
        started = time.perf_counter()
        with self._torch.inference_mode():
            self._model(input_ids=ids, past_key_values=self._cache, use_cache=True, logits_to_keep=1)
        return time.perf_counter() - started


if __name__ == "__main__":
    sys.exit(peer_protocol.run(Transformers, (ImportError, MemoryError, RuntimeError, ValueError)))
