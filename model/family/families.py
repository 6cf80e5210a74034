"""The model families that Lectern runs, by what their ``config.json`` calls them. No torch.

One entry defines how a family is configured and how it encodes pictures and sound; sizes of a family are figures in the
configuration, which ``TextConfig`` turns into layers, tensors, cache and kernels. What encodes a family's pictures and
sound is named here and imported when a model is opened.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

TOWER = "model.family.vision:VisionTower"
EMBEDDER = "model.family.vision_embedder:VisionEmbedder"
AUDIO_TOWER = "model.family.audio:AudioTower"
AUDIO_EMBEDDER = "model.family.audio_embedder:AudioEmbedder"


@dataclass(frozen=True, slots=True)
class ModelFamily:
    """Models that one kind of ``config.json`` describes."""

    model_type: str
    name: str
    encoders: Mapping[str, str]
    """The encoders of soft tokens, by kind: ``module:class``, made with (ModelConfig, WeightSource)."""
    per_layer_size: int = 0
    """The default of ``hidden_size_per_layer_input``, as in transformers."""


GEMMA4 = ModelFamily(
    model_type="gemma4",
    name="Gemma 4",
    encoders={"image": TOWER, "sound": AUDIO_TOWER},
    per_layer_size=256,
)
"""E2B, E4B, 26B-A4B, 31B: a language model with a vision tower; the first two have an audio tower too."""
UNIFIED = ModelFamily(
    model_type="gemma4_unified",
    name="Gemma 4 12B",
    encoders={"image": EMBEDDER, "sound": AUDIO_EMBEDDER},
)
"""The 12B: pictures and sound go into the language model without towers."""

FAMILIES = {family.model_type: family for family in (GEMMA4, UNIFIED)}

_OTHERS = {
    "gemma4_assistant": "a drafter for speculative decoding",
    "gemma4_unified_assistant": "a drafter for speculative decoding",
    "gemma3": "a Gemma 3 model",
    "gemma3n": "a Gemma 3n model",
}


def what_else(model_type: object) -> str:
    """Describes a model that belongs to none of the families."""
    return _OTHERS.get(str(model_type), f"a model of the kind {model_type!r}")


@dataclass(frozen=True, slots=True)
class Published:
    """One published size."""

    name: str
    shape: str
    """Its name in ``model.synthetic.shapes``."""


PUBLISHED = (
    Published("Gemma 4 E2B", "e2b"),
    Published("Gemma 4 E4B", "e4b"),
    Published("Gemma 4 12B", "12b"),
    Published("Gemma 4 26B-A4B", "26b"),
    Published("Gemma 4 31B", "31b"),
)
"""From the one that takes least memory to the one that takes most."""
