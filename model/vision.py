"""The vision tower: transformers' own module, fed with the checkpoint's weights; pictures become soft tokens."""

from __future__ import annotations

import threading

import numpy as np
import torch
from torch import Tensor, nn

from model.config import ModelConfig
from model.errors import CancelledError, CheckpointError, UnsupportedModelError
from model.pictures import patchify
from model.types import PATCH_PX, Picture
from model.weights import WeightSource

TOWER = "model.vision_tower."
EMBEDDER = "model.embed_vision."


class VisionTower:
    """Encodes one picture at a time, without any padding to the budget."""

    def __init__(self, config: ModelConfig, source: WeightSource) -> None:
        if config.vision is None:
            raise UnsupportedModelError("This model has no vision tower; ask about text only, or choose another model.")
        self.dtype, self.device = source.dtype, source.device
        self.width = config.text.hidden_size
        self.max_patches_a_side = config.vision.position_embedding_size
        self.tower, self.embedder = _modules(config)
        _assign(self.tower, source, TOWER)
        _assign(self.embedder, source, EMBEDDER)
        self._cancel: threading.Event | None = None
        for layer in self.tower.encoder.layers:  # type: ignore[union-attr]
            layer.register_forward_pre_hook(self._look_at_cancel)

    @torch.inference_mode()
    def encode(self, picture: Picture, cancel: threading.Event | None = None) -> Tensor:
        """Soft tokens [n, D] in the language model's space, n = ``picture.soft_tokens``, row by row.

        A large picture takes minutes on a processor, so ``cancel`` is looked at before each layer. Raises
        ``CancelledError``.
        """
        if max(picture.height, picture.width) // PATCH_PX > self.max_patches_a_side:
            raise UnsupportedModelError(
                f"A picture of {picture.width} × {picture.height} px is longer than this model's "
                f"{self.max_patches_a_side * PATCH_PX} px; choose a smaller visual budget for it."
            )
        patches, positions = patchify(picture)
        pixels = torch.from_numpy(np.ascontiguousarray(patches))[None].to(self.device)
        places = torch.from_numpy(np.ascontiguousarray(positions))[None].to(self.device)
        self._cancel = cancel
        try:
            features = self.tower(pixel_values=pixels, pixel_position_ids=places).last_hidden_state
        finally:
            self._cancel = None
        soft_tokens: Tensor = self.embedder(inputs_embeds=features)
        assert soft_tokens.shape[0] == picture.soft_tokens
        return soft_tokens

    def _look_at_cancel(self, *_: object) -> None:
        if self._cancel is not None and self._cancel.is_set():
            raise CancelledError("Looking at the picture was stopped.")


def _modules(config: ModelConfig) -> tuple[nn.Module, nn.Module]:
    """Both modules without memory for weights; the rope table, which no checkpoint holds, is made for real."""
    from transformers.models.gemma4.configuration_gemma4 import Gemma4TextConfig, Gemma4VisionConfig
    from transformers.models.gemma4.modeling_gemma4 import Gemma4MultimodalEmbedder, Gemma4VisionModel

    assert config.vision is not None
    vision_config = Gemma4VisionConfig(**config.vision.raw)
    vision_config._attn_implementation = "sdpa"
    text_config = Gemma4TextConfig(hidden_size=config.text.hidden_size, num_hidden_layers=6)
    with torch.device("meta"):
        tower = Gemma4VisionModel(vision_config)
        embedder = Gemma4MultimodalEmbedder(vision_config, text_config)
    tower.encoder.rotary_emb = type(tower.encoder.rotary_emb)(vision_config)
    return tower.eval(), embedder.eval()


def _assign(module: nn.Module, source: WeightSource, prefix: str) -> None:
    names = [name for name in source.names() if name.startswith(prefix)]
    state = {name.removeprefix(prefix): source.tensor(name) for name in names}
    try:
        module.load_state_dict(state, strict=True, assign=True)
    except RuntimeError as error:
        reason = " ".join(str(error).split())
        raise CheckpointError(
            f"The vision tower in the checkpoint does not fit its config.json ({reason}); copy the model again."
        ) from error
    module.to(source.device)
