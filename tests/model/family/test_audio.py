"""Sound becomes the soft tokens that transformers makes of it: features, the tower, the 12B's input."""

from __future__ import annotations

import functools
import tempfile
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from transformers import AutoModelForImageTextToText
from transformers.models.gemma4.feature_extraction_gemma4 import Gemma4AudioFeatureExtractor
from transformers.models.gemma4_unified.feature_extraction_gemma4_unified import Gemma4UnifiedAudioFeatureExtractor

from model.checkpoint.opening import open_checkpoint
from model.errors import CancelledError, CheckpointError, LecternError, UnsupportedModelError
from model.family.audio import AudioTower
from model.family.audio_embedder import AudioEmbedder
from model.family.config_json import parse_config, read_config
from model.family.encoder import encoder_of
from model.family.families import FAMILIES
from model.family.inventory import expected_tensors, is_sound
from model.formats.weights import DenseSource
from model.prompt.sounds import heard
from model.soft_tokens import SOUND
from model.sound.features import log_mel
from model.sound.samples import waveform
from model.synthetic.shapes import shape_config
from model.synthetic.writing import write_checkpoint
from model.types import Sound
from tests.files.sounds import KINDS, sound

pytestmark = pytest.mark.numeric
CLOSE = 1e-4
LENGTHS = (161, 320, 640, 641, 801, 7_777, 16_000, 48_001, 100_000)
LONG = (479_999, 480_000)


@functools.cache
def folder(shape: str) -> Path:
    return write_checkpoint(Path(tempfile.mkdtemp(prefix="lectern-test-")), shape, seed=3, dtype=torch.float32)


@functools.cache
def theirs(shape: str) -> Any:
    return AutoModelForImageTextToText.from_pretrained(
        folder(shape), dtype=torch.float32, attn_implementation="eager"
    ).eval()


def ours(shape: str, dtype: torch.dtype = torch.float32) -> Any:
    config = read_config(folder(shape))
    source = open_checkpoint(folder(shape), device="cpu", dtype=dtype, quantise=False)
    return encoder_of(config, SOUND)(config, source)


@torch.no_grad()
def expected(shape: str, piece: Sound) -> Tensor:
    """transformers' own way from samples to soft tokens."""
    extractor = Gemma4UnifiedAudioFeatureExtractor() if shape.endswith("12b") else Gemma4AudioFeatureExtractor()
    made = extractor([waveform(piece)], return_tensors="pt")
    out = theirs(shape).model.get_audio_features(made["input_features"], made["input_features_mask"].bool())
    pooled: Tensor = out.pooler_output
    return pooled[out.attention_mask] if pooled.ndim == 3 else pooled


def encoded(shape: str, piece: Sound, encoder: Any = None) -> Tensor:
    encoder = encoder or ours(shape)
    source = heard(piece, encoder.config)
    made: Tensor = encoder.finish(encoder.begin(source))
    assert made.shape == (source.soft_tokens, encoder.width)
    return made


@pytest.mark.parametrize("kind", KINDS)
def test_features_are_those_of_transformers(kind: str) -> None:
    for samples in (*LENGTHS, 480_000):
        piece = sound(samples, kind)
        made = Gemma4AudioFeatureExtractor()([waveform(piece)], return_tensors="np")
        mask = made["input_features_mask"][0].astype(bool)
        got = log_mel(waveform(piece))
        assert got.shape == (mask.sum(), 128) and got.dtype == np.float32
        off = np.abs(got - made["input_features"][0][mask]).max()
        print(f"largest difference of features, {samples} samples: {off:.1e}")
        assert off <= CLOSE
    assert log_mel(np.zeros(160, np.float32)).shape == (0, 128)


@pytest.mark.parametrize("shape", ["tiny-e2b", "tiny-12b"])
@pytest.mark.parametrize("kind", KINDS)
def test_soft_tokens_are_those_of_transformers(shape: str, kind: str) -> None:
    encoder, off = ours(shape), 0.0
    for samples in LENGTHS:
        piece = sound(samples, kind)
        got, wanted = encoded(shape, piece, encoder), expected(shape, piece)
        assert got.shape == wanted.shape
        off = max(off, float((got - wanted).abs().max()))
    print(f"largest difference of soft tokens: {off:.1e}")
    assert off <= CLOSE
    assert kind == "silent" or wanted.std() > 0.05


@pytest.mark.parametrize("shape", ["tiny-e2b", "tiny-12b"])
@pytest.mark.parametrize("samples", LONG)
def test_half_a_minute_is_750_soft_tokens(shape: str, samples: int) -> None:
    piece = sound(samples)
    got, wanted = encoded(shape, piece), expected(shape, piece)
    assert len(got) == 750
    assert (got - wanted).abs().max() <= CLOSE


def test_a_tower_without_clipped_matrices_and_with_other_sizes(tmp_path: Path) -> None:
    raw = shape_config("tiny-e4b")
    raw["audio_config"] |= {
        "use_clipped_linears": False,
        "hidden_size": 40,
        "num_attention_heads": 2,
        "subsampling_conv_channels": [128, 3],
        "conv_kernel_size": 3,
        "residual_weight": 0.25,
        "attention_chunk_size": 5,
        "attention_context_left": 6,
        "attention_logit_cap": 3.0,
        "rms_norm_eps": 1e-3,
    }
    write_checkpoint(tmp_path, raw, seed=1, dtype=torch.float32)
    config = read_config(tmp_path)
    tower = AudioTower(config, open_checkpoint(tmp_path, device="cpu", dtype=torch.float32, quantise=False))
    model = AutoModelForImageTextToText.from_pretrained(tmp_path, dtype=torch.float32, attn_implementation="eager")
    piece = sound(20_000)
    made = Gemma4AudioFeatureExtractor()([waveform(piece)], return_tensors="pt")
    with torch.no_grad():
        out = model.eval().model.get_audio_features(made["input_features"], made["input_features_mask"].bool())
    wanted = out.pooler_output[out.attention_mask] if out.pooler_output.ndim == 3 else out.pooler_output
    assert config.audio is not None
    assert (tower.encode(heard(piece, config.audio)) - wanted).abs().max() <= CLOSE


def test_frames_are_convolved_in_portions_without_a_seam(monkeypatch: pytest.MonkeyPatch) -> None:
    tower = ours("tiny-e4b")
    features = torch.from_numpy(log_mel(waveform(sound(100_001))))
    whole = tower.subsampled(features)
    for steps in (1, 2, 7):
        monkeypatch.setattr("model.family.audio._STEPS", steps)
        assert (tower.subsampled(features) - whole).abs().max() <= 1e-5


def test_half_precision_is_near(tmp_path: Path) -> None:
    piece = sound(32_000)
    for shape in ("tiny-e2b", "tiny-12b"):
        exact, half = encoded(shape, piece), encoded(shape, piece, ours(shape, torch.bfloat16))
        assert half.dtype == torch.bfloat16
        assert (half.float() - exact).norm() <= 0.05 * exact.norm()


def test_listening_can_be_stopped_and_goes_on_where_it_was() -> None:
    tower = ours("tiny-e4b")
    source = heard(sound(20_000), tower.config)
    listening, stop = tower.begin(source), threading.Event()
    own = tower._layers[0]

    def first(x: Tensor) -> Tensor:
        stop.set()
        return own(x)

    tower._layers[0] = first
    with pytest.raises(CancelledError, match="Listening was stopped"):
        tower.finish(listening, stop)
    assert listening.layer == 1
    tower._layers[0] = own
    assert torch.equal(tower.finish(listening), tower.encode(source))


def test_sound_that_cannot_be_used_is_refused(tmp_path: Path) -> None:
    config = read_config(folder("tiny-e4b"))
    assert config.audio is not None
    with pytest.raises(LecternError, match="too short"):
        heard(Sound(b"\0" * 320, 160, "x"), config.audio)
    with pytest.raises(LecternError, match=r"30\.1 seconds exceeds"):
        heard(Sound(b"", 481_600, "x"), config.audio)
    with pytest.raises(LecternError, match="could no longer be read"):
        ours("tiny-e4b").begin(heard(Sound(tmp_path / "gone", 16_000, "x"), config.audio))
    with pytest.raises(LecternError, match="could no longer be read"):
        ours("tiny-12b").begin(heard(Sound(b"1", 16_000, "x"), config.audio))


def test_a_tower_that_does_not_fit_is_named() -> None:
    config = read_config(folder("tiny-e4b"))
    source = open_checkpoint(folder("tiny-e4b"), device="cpu", dtype=torch.float32, quantise=False)
    tensors = {name: source.tensor(name) for name in source.names()}
    name = "model.audio_tower.output_proj.bias"
    for change in ({name: torch.ones(2)}, {name: None}):
        left = {key: value for key, value in (tensors | change).items() if value is not None}
        with pytest.raises(CheckpointError, match="audio tower in the checkpoint does not fit"):
            AudioTower(config, DenseSource(left, dtype=torch.float32))
    for kind, shape in ((AudioTower, "tiny-12b"), (AudioEmbedder, "tiny-e4b"), (AudioTower, "tiny")):
        with pytest.raises(UnsupportedModelError, match=r"audio tower|input for sound"):
            kind(parse_config(shape_config(shape)), source)


def test_the_published_audio_tensors() -> None:
    """Names and counts of E2B's and E4B's files: 12 layers of 62, 7 before and behind them, and a projection."""
    for shape in ("e2b", "e4b"):
        specs = expected_tensors(parse_config(shape_config(shape)))
        names = [name for name in specs if is_sound(name)]
        assert len(names) == 12 * 62 + 7 + 1
        assert sum(".linear.weight" in name for name in names) == 12 * 10
    assert 3.0e8 < sum(specs[name].numel for name in names) < 3.1e8
    # google/gemma-4-E2B-it: 2,011 tensors, 5,123,178,979 numbers, with the keys and values that layers 15 to 34 never
    # use: one head of 256, on every fifth layer of 512.
    whole = expected_tensors(parse_config(shape_config("e2b")))
    unused = [512 if layer % 5 == 4 else 256 for layer in range(15, 35)]
    assert len(whole) + 3 * len(unused) == 2011
    assert sum(s.numel for s in whole.values()) + sum(2 * 1536 * size + size for size in unused) == 5_123_178_979
    (only,) = (name for name in expected_tensors(parse_config(shape_config("12b"))) if is_sound(name))
    assert only == "model.embed_audio.embedding_projection.weight"
    assert not any(map(is_sound, expected_tensors(parse_config(shape_config("26b")))))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"attention_context_right": 2}, "attention context"),
        ({"attention_context_left": 10}, "attention context"),
        ({"subsampling_conv_channels": [64, 32]}, "subsampling_conv_channels"),
        ({"hidden_act": "relu"}, "hidden_act"),
        ({"hidden_size": 36, "num_attention_heads": 4}, "do not divide"),
        ({"num_hidden_layers": 0}, "num_hidden_layers"),
        ({"output_proj_dims": -1}, "output_proj_dims"),
        ({"attention_logit_cap": 0}, "attention_logit_cap"),
    ],
)
def test_towers_that_are_not_computed_are_refused(change: dict[str, Any], words: str) -> None:
    raw = shape_config("tiny-e4b")
    raw["audio_config"] |= change
    with pytest.raises(ValueError, match=words):
        parse_config(raw)
    raw = shape_config("tiny-12b")
    raw["audio_config"]["audio_embed_dim"] = -4
    with pytest.raises(ValueError, match="audio_embed_dim"):
        parse_config(raw)


def test_every_family_has_an_encoder_for_each_kind() -> None:
    assert all(set(family.encoders) == {"image", "sound"} for family in FAMILIES.values())
    kinds = {shape: parse_config(shape_config(shape)).encodes for shape in ("e2b", "e4b", "12b", "26b", "31b")}
    hears = ("image", "sound")
    assert kinds == {"e2b": hears, "e4b": hears, "12b": hears, "26b": ("image",), "31b": ("image",)}
