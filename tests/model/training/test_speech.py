"""The model that learns to hear: its data, its losses, going on with a run, and the folder that it becomes."""

from __future__ import annotations

import random
import shutil
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from model.checkpoint.inspection import inspect
from model.engine.engine import Engine
from model.prompt.sounds import heard
from model.soft_tokens import SOUND_RATE
from model.training.speech import trainer
from model.training.speech.network import soft_tokens, speech_config
from model.training.speech.spoken import Speaker, Spoken, make_spoken, resampled
from model.training.speech.trainer import Run, losses, request
from model.training.speech.words import HELD_OUT, VARIANTS, VOICES, WORDS, vocabulary
from tests.files.sounds import voice

SMALL = {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "output_proj_dims": 32}
TINY = {"hidden_size": 64, "intermediate_size": 64, "hidden_size_per_layer_input": 16}


class Hummer(Speaker):
    """Hums instead of speaking: each word has a sound of its own."""

    def __init__(self) -> None:
        self.spoken: list[tuple[str, str]] = []

    def word(self, word: str, voice_name: str, speed: int, pitch: int) -> NDArray[np.int16]:
        self.spoken.append((word, voice_name))
        return voice(4_000 + 50 * WORDS.index(word), seed=WORDS.index(word))


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setattr(trainer, "Speaker", lambda folder: Hummer())
    return Run(tmp_path, speech_config(TINY, SMALL))


def test_examples_know_where_their_words_are() -> None:
    spoken = make_spoken(random.Random(1), Hummer())
    assert spoken.samples.dtype == np.int16 and spoken.text.split("\n") == [word for word, _, _ in spoken.words]
    for (_, start, stop), after in zip(spoken.words, [*spoken.words[1:], None], strict=True):
        assert 0 < start < stop <= len(spoken.samples) / SOUND_RATE
        assert after is None or after[1] > stop
    labels = spoken.labels(len(spoken.samples) // 640)
    assert {0, *(1 + WORDS.index(word) for word, _, _ in spoken.words)} <= set(labels)
    assert labels[0] == 0 and len(labels) == len(spoken.samples) // 640
    assert make_spoken(random.Random(1), Hummer()).words == spoken.words


def test_held_out_voices_are_never_heard_in_training() -> None:
    assert not {f"{one}{change}" for one in VOICES for change in VARIANTS} & set(HELD_OUT)
    hummer = Hummer()
    make_spoken(random.Random(0), hummer, held_out=True)
    assert {name for _, name in hummer.spoken} <= set(HELD_OUT)


def test_every_word_is_one_token() -> None:
    assert len(set(WORDS)) == len(WORDS) and set(WORDS) <= set(vocabulary())


def test_a_batch_is_what_the_application_asks(run: Run) -> None:
    """Padding changes nothing: each row alone gives the same soft tokens as in the batch."""
    spoken = [make_spoken(random.Random(seed), Hummer()) for seed in range(3)]
    batch = run.examples.of(spoken)
    with torch.no_grad():
        together, real = soft_tokens(run.network, batch.features, batch.mask)
        for row, one in enumerate(spoken):
            single = run.examples.of([one])
            alone, mask = soft_tokens(run.network, single.features, single.mask)
            assert torch.allclose(together[row][real[row]], alone[0][mask[0]], atol=1e-4)
            assert (batch.ids[row] == run.network.config.audio_token_id).sum() == mask.sum()
    answer = batch.targets[0][batch.targets[0] != -100].tolist()
    names = {index: token for token, index in vocabulary().items()}
    written = [names[index] for index in answer if names[index] != "\n"]
    assert written == [*(word for word, _, _ in spoken[0].words), "<turn|>"]


def test_loss_falls_and_a_run_goes_on(run: Run, tmp_path: Path) -> None:
    batch = run.examples.batch(0, 0, 4)
    before = [loss.item() for loss in losses(run.network, batch)[:2]]
    for _ in range(25):
        answer, lesson, _ = losses(run.network, batch)
        (answer + lesson).backward()
        run.optimiser.step()
        run.optimiser.zero_grad()
    after = [loss.item() for loss in losses(run.network, batch)[:2]]
    assert after[0] < before[0] / 2 and after[1] < before[1]
    stop = threading.Event()
    lines: list[str] = []
    run.train(60, _Later(stop, 2), lines.append, batch=2)
    again = Run(tmp_path)
    assert (again.step, again.config) == (2, run.config)
    assert all(torch.equal(a, b) for a, b in zip(again.network.parameters(), run.network.parameters(), strict=True))


class _Later:
    """Asks to stop after so many steps."""

    def __init__(self, event: threading.Event, steps: int) -> None:
        self.event, self.left = event, steps

    def is_set(self) -> bool:
        self.left -= 1
        return self.left < 0


def test_the_folder_opens_hears_and_is_small_enough(run: Run, tmp_path: Path) -> None:
    run.export(tmp_path / "model")
    assert not inspect(tmp_path / "model").remarks
    spoken = make_spoken(random.Random(3), Hummer())
    engine = Engine.open(tmp_path / "model", device="cpu", quantise=False, dtype="float32")
    assert engine.info.capabilities.sound and not engine.info.capabilities.pictures
    loaded: Any = engine._loaded()
    part: Any = request(spoken).messages[0].parts[0]
    got = loaded.features.soft_tokens(heard(part.sound, loaded.config.audio))
    single = run.examples.of([spoken])
    with torch.no_grad():
        wanted = soft_tokens(run.network.to(torch.bfloat16).float(), single.features, single.mask)[0][0]
    assert (got - wanted[: len(got)]).abs().max() <= 1e-3
    assert trainer.right_words(tmp_path / "model", Hummer(), 2) <= 1
    engine.close()
    from model.training.speech.network import build_network

    assert 2 * sum(p.numel() for p in build_network(speech_config(), 0).parameters()) <= 12e6


@pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng is not installed")
def test_words_are_spoken_and_kept(tmp_path: Path) -> None:
    speaker = Speaker(tmp_path)
    word = speaker.word("seven", "en-us", 150, 50)
    assert 0.2 * SOUND_RATE < len(word) < 1.5 * SOUND_RATE and np.abs(word).max() > 3000
    (path,) = tmp_path.iterdir()
    assert np.array_equal(Speaker(tmp_path).word("seven", "en-us", 150, 50), np.load(path))
    assert isinstance(make_spoken(random.Random(0), speaker), Spoken)


def test_without_the_synthesiser_there_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name: None)
    with pytest.raises(SystemExit, match="espeak-ng is missing"):
        Speaker(tmp_path)


def test_files_of_another_rate_are_resampled() -> None:
    import io
    import wave

    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(22_050)
        out.writeframes(voice(22_050).tobytes())
    assert len(resampled(file.getvalue())) == pytest.approx(SOUND_RATE, abs=200)
