"""A drafter's network: the model's last hidden state and token in, the tokens that may follow out.

As transformers' ``Gemma4AssistantForCausalLM`` and its ``SinglePositionMultiTokenCandidateGenerator``: the model's
embedding of the last token and its hidden state behind the final norm are projected to the drafter's width, go through
a few layers whose queries meet the *model's* keys and values, and give one token; the drafter's own hidden state,
projected back, and that token's embedding give the next one. All of them are at one position, that of the last token,
and nothing is added to the cache.

Letters: D the model's hidden size, W the drafter's, V vocabulary, C centroids.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

import torch
from torch import Tensor

from model.cache.kv_cache import KVCache
from model.checkpoint.tensor_file import MappedFile
from model.drafter.config import DrafterConfig, read_drafter
from model.errors import CheckpointError
from model.family.decoder import Decoder, DecoderLayer
from model.family.inventory import TEXT
from model.family.layers import RMSNorm, Rope
from model.formats import int8
from model.formats.quantized_weights import Int8Embedding, SplitEmbedding, head_library
from model.formats.weights import DenseEmbedding, DenseSource, Embedding, ExpertLinear, Linear, Lookup, WeightSource
from model.kernels.native.head import Planes
from model.messages import msg

_PART = 8192
"""Rows of the table that are brought to 8 bits at a time."""
_SMALL_VOCABULARY = 1 << 15
"""Below this all logits are as quickly computed from the table as it is."""


class Drafter:
    """Drafts for one open model, from its ``Decoder`` and the cache of the sequence at hand."""

    def __init__(
        self, config: DrafterConfig, tensors: Mapping[str, Tensor], decoder: Decoder, target: WeightSource
    ) -> None:
        """``tensors`` are the drafter's own, under their published names; ``target`` holds the model's."""
        self.config, self._decoder = config, decoder
        source = DenseSource(tensors, target.device, target.dtype)
        text = config.text
        ropes = {
            "sliding_attention": Rope(text.head_dim, text.head_dim, text.sliding_rope_theta, source.device),
            "full_attention": Rope(text.global_head_dim, text.global_rotary_dim, text.global_rope_theta, source.device),
        }
        both = _Both(source, target, config.target_layers)
        numbers = range(config.target_layers, config.target_layers + config.layers)
        self.layers = [DecoderLayer(text, both, number, ropes[text.layer_types[number]]) for number in numbers]
        self.norm = RMSNorm(source.tensor("model.norm.weight"), text.rms_norm_eps)
        self.pre_projection: Linear = source.linear("pre_projection.weight")
        self.post_projection: Linear = source.linear("post_projection.weight")
        self._check_sizes(tensors)
        self._head: _Ordered | _Dense = _Dense(source)
        if config.centroids:
            self._head = _Ordered(config, source, tensors["masked_embedding.token_ordering"].long())

    @classmethod
    def open(cls, folder: Path, decoder: Decoder, target: WeightSource) -> Drafter:
        """The drafter in ``folder``. Raises ``CheckpointError`` where it belongs to another model, or is damaged."""
        config = read_drafter(folder, decoder.config)
        try:
            files = [MappedFile(path) for path in sorted(folder.glob("*.safetensors"))]
        except OSError as error:
            raise CheckpointError(
                msg(
                    "drafter.unreadable",
                    "The drafter in {folder} cannot be read ({why}).",
                    folder=folder,
                    why=error.strerror,
                )
            ) from error
        tensors = {name: file.tensor(name) for file in files for name in file.entries}
        try:
            return cls(config, tensors, decoder, target)
        except KeyError as error:
            raise CheckpointError(
                msg(
                    "drafter.incomplete",
                    "The drafter in {folder} has no {name}; download it again.",
                    folder=folder,
                    name=error.args[0],
                )
            ) from error

    @torch.inference_mode()
    def draft(self, token_id: int, hidden: Tensor, cache: KVCache, count: int, least: float = 0.0) -> list[int]:
        """At most ``count`` tokens that may follow ``token_id``, which is drawn and not in ``cache`` yet.

        ``hidden`` [1, D] is the model's state that ``token_id`` was drawn from. Drafting ends before a token that
        the drafter itself takes to be less likely than ``least``.
        """
        found: list[int] = []
        position, cache = cache.length, cache.seen_from_behind({layer.kv_layer for layer in self.layers})
        while len(found) < count:
            given = torch.tensor([token_id], device=self._decoder.device)
            x = self.pre_projection(torch.cat((self._decoder.embed(given), hidden.to(self._decoder.dtype)), dim=-1))
            for layer in self.layers:
                x = layer(x, cache, position)
            x = self.norm(x)
            token_id, likely = self._head(x)
            if likely < least:
                break
            found.append(token_id)
            if len(found) < count:
                hidden = self.post_projection(x)
        return found

    def _check_sizes(self, tensors: Mapping[str, Tensor]) -> None:
        wide, own = self.config.target_hidden_size, self.config.hidden_size
        wanted = {
            "pre_projection.weight": (own, 2 * wide),
            "post_projection.weight": (wide, own),
            "model.embed_tokens.weight": (self.config.text.vocab_size, own),
        }
        for name, shape in wanted.items():
            if tuple(tensors[name].shape) != shape:
                raise CheckpointError(
                    msg(
                        "drafter.shape",
                        "The drafter's {name} does not have the expected shape; download it again.",
                        name=name,
                    )
                )


class _Dense:
    """All tokens are compared. From bfloat16 the table is stored in 8 bits, as that of the model itself."""

    def __init__(self, source: DenseSource) -> None:
        self._table: Embedding = _table(source)

    def __call__(self, x: Tensor) -> tuple[int, float]:
        """[1, W] → the likeliest token, and how likely it is."""
        logits = self._table.logits(x)[0]
        best = int(logits.argmax())
        return best, float(torch.exp(logits[best] - torch.logsumexp(logits, dim=0)))


class _Ordered:
    """Only the tokens of the centroids nearest to the state are compared (transformers'
    ``Gemma4AssistantMaskedEmbedder``)."""

    def __init__(self, config: DrafterConfig, source: DenseSource, order: Tensor) -> None:
        self._top = config.top_centroids
        self._centroids: Linear = source.linear("masked_embedding.centroids.weight")
        if order.shape != (config.text.vocab_size,) or not 0 <= int(order.min()) <= int(order.max()) < len(order):
            raise CheckpointError(
                msg("drafter.order", "The drafter's order of tokens is damaged; download the drafter again.")
            )
        self._tokens = order.to(source.device).view(config.centroids, -1)
        self._table = source.tensor("model.embed_tokens.weight")

    def __call__(self, x: Tensor) -> tuple[int, float]:
        """[1, W] → the likeliest token, and how likely it is among those that were compared."""
        nearest = self._centroids(x)[0].topk(self._top).indices
        tokens = self._tokens[nearest].flatten()
        logits = (self._table[tokens] @ x[0]).float()
        best = int(logits.argmax())
        return int(tokens[best]), float(torch.exp(logits[best] - torch.logsumexp(logits, dim=0)))


def _table(source: DenseSource) -> Embedding:
    weight = source.tensor("model.embed_tokens.weight")
    if source.dtype == torch.float32 or len(weight) < _SMALL_VOCABULARY:
        return DenseEmbedding(weight)
    parts = [int8.encode(part.float()) for part in weight.split(_PART)]
    scales = torch.cat([own for _, own in parts])
    library = head_library(weight.shape[1], source.device, source.dtype)
    if library is None:
        return Int8Embedding(torch.cat([numbers for numbers, _ in parts]), scales, source.device, source.dtype)
    return SplitEmbedding(library, Planes(library, (numbers for numbers, _ in parts), *weight.shape), scales)


class _Both:
    """Weights under the names of layers behind the model's last one: the drafter's, and what they need of the model."""

    def __init__(self, own: DenseSource, target: WeightSource, layers: int) -> None:
        self._own, self._target, self._layers = own, target, layers
        self.device, self.dtype = own.device, own.dtype

    def names(self) -> Collection[str]:
        """The drafter's own names."""
        return self._own.names()

    def device_of(self, name: str) -> torch.device:
        """The device that the tensor called ``name`` is on."""
        return self.device

    def tensor(self, name: str) -> Tensor:
        """A tensor of the drafter's, or a norm of the model's keys."""
        own = self._own_name(name)
        return self._target.tensor(name) if own is None else self._own.tensor(own)

    def linear(self, name: str) -> Linear:
        """A matrix of the drafter's."""
        own = self._own_name(name)
        assert own is not None, "the drafter multiplies with its own matrices only"
        return self._own.linear(own)

    def experts(self, name: str) -> ExpertLinear:
        """There are none."""
        return self._own.experts(name)

    def embedding(self, name: str) -> Embedding:
        """The drafter's table."""
        return self._own.embedding(name)

    def lookup(self, name: str) -> Lookup:
        """There is none."""
        return self._own.lookup(name)

    def _own_name(self, name: str) -> str | None:
        prefix, _, rest = name.removeprefix(f"{TEXT}.layers.").partition(".")
        number = int(prefix) - self._layers
        return f"model.layers.{number}.{rest}" if number >= 0 else None
