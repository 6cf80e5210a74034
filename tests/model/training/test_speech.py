"""The model that learns to hear: its data, its losses, going on with a run, and the folder that it becomes."""

from __future__ import annotations

import itertools
import random
import shutil
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from app.chat.transcript.asking import _SAMPLE_QUESTION
from model.checkpoint.inspection import inspect
from model.engine.engine import Engine
from model.prompt.sounds import heard
from model.soft_tokens import SOUND_RATE
from model.training.network import hidden_states
from model.training.speech import recordings, trainer
from model.training.speech.examples import Batch, request, runs
from model.training.speech.measuring import mistakes, right_words
from model.training.speech.network import build_network, soft_tokens, speech_config
from model.training.speech.spoken import Speaker, Spoken, make_spoken, resampled, split
from model.training.speech.trainer import Run
from model.training.speech.words import HELD_OUT, QUESTION, VOICES, WORDS, vocabulary
from tests.files.sounds import voice

SMALL = {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "output_proj_dims": 32}
TINY = {"hidden_size": 64, "intermediate_size": 64, "hidden_size_per_layer_input": 16}


class Hummer(Speaker):
    """Hums instead of speaking: each word has a sound of its own."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def words(self, voice_name: str, speed: int, pitch: int, mark: str) -> Sequence[NDArray[np.int16]]:
        self.heard.append(voice_name)
        return [voice(4_000 + 50 * number, seed=number) for number in range(len(WORDS))]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setattr(trainer, "Speaker", lambda folder: Hummer())
    return Run(tmp_path, speech_config(TINY, SMALL))


def test_the_question_is_the_application_s() -> None:
    assert QUESTION == _SAMPLE_QUESTION


def test_examples_know_where_their_words_are() -> None:
    spoken = make_spoken(random.Random(1), Hummer())
    assert spoken.samples.dtype == np.int16 and spoken.text.split() == [word for word, _, _ in spoken.words]
    for (_, start, stop), after in zip(spoken.words, [*spoken.words[1:], None], strict=True):
        assert 0 < start < stop <= len(spoken.samples) / SOUND_RATE
        assert after is None or after[1] > stop
    labels = spoken.labels(len(spoken.samples) // 640)
    told = [labels[start] for start, _ in runs(labels)]
    assert told == [1 + WORDS.index(word) for word, _, _ in spoken.words]
    for (start, stop), (_, _, end) in zip(runs(labels), spoken.words, strict=True):
        assert end <= start / 25 and stop / 25 <= end + 0.2
    assert labels[0] == 0 and len(labels) == len(spoken.samples) // 640
    assert make_spoken(random.Random(1), Hummer()).words == spoken.words


def test_held_out_voices_are_never_heard_in_training() -> None:
    assert not set(VOICES) & set(HELD_OUT)
    hummer = Hummer()
    for seed in range(4):
        make_spoken(random.Random(seed), hummer, held_out=True)
    assert set(hummer.heard) <= set(HELD_OUT)


def test_every_word_is_one_token_wherever_it_stands() -> None:
    assert len(set(WORDS)) == len(WORDS) and {*WORDS, *(f"▁{word}" for word in WORDS)} <= set(vocabulary())


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
    names = {index: token for token, index in vocabulary().items()}
    answer = batch.targets[0][batch.targets[0] != -100].tolist()
    words = [word for word, _, _ in spoken[0].words]
    assert [names[index] for index in answer] == [*(f"▁{word}" for word in words), "<turn|>"]
    # The places to attend to are the soft tokens at which the next word has ended.
    first = batch.ids[0].tolist().index(run.network.config.audio_token_id)
    for (at, start, stop), word in zip(batch.next_looks()[0], words, strict=False):
        assert names[int(batch.targets[0, at])] == f"▁{word}"
        assert {WORDS[label - 1] for label in batch.heard[0, start - first : stop - first].tolist()} == {word}


def test_loss_falls_and_a_run_goes_on(run: Run, tmp_path: Path) -> None:
    run.joint = True
    made = run.examples.batch(0, 0, 4, 2), run.examples.questions(0, 0, 2)
    before = [float(run.losses(one).loss.detach()) for one in made]
    for _ in range(25):
        for one in made:
            run.update(one, 1e-2)
    after = [float(run.losses(one).loss.detach()) for one in made]
    assert all(now < 0.8 * then for now, then in zip(after, before, strict=True))
    stop = threading.Event()
    lines: list[str] = []
    run.train(60, _Later(stop, 3), lines.append, words=2)
    again = Run(tmp_path)
    assert (again.step, again.joint, again.config) == (53, True, run.config)
    assert all(torch.equal(a, b) for a, b in zip(again.network.parameters(), run.network.parameters(), strict=True))
    assert isinstance(again.next(2), trainer.Questions) and set(again.check()) >= {"ends", "right", "rightly"}


def test_no_token_sees_what_comes_after_it(run: Run) -> None:
    """The mask that a shared prefix needs takes effect: otherwise each answer would be visible before it is written."""
    ids, prefix = torch.arange(300, 340)[None], torch.arange(200, 230)
    changed = ids.clone()
    changed[0, 30:] = 7
    with torch.no_grad():
        hidden, other = (hidden_states(run.network, prefix, one) for one in (ids, changed))
        whole = hidden_states(run.network, prefix[:0], torch.cat([prefix[None], ids], dim=1))
    assert torch.allclose(hidden[:, :30], other[:, :30], atol=1e-5)
    assert not torch.allclose(hidden[:, 30:], other[:, 30:], atol=1e-2)
    assert torch.allclose(whole[:, len(prefix) :], hidden, atol=1e-4)


def test_the_tower_alone_comes_first(run: Run) -> None:
    assert not run.joint and isinstance(run.next(2), Batch)
    before = {name: one.clone() for name, one in run.network.named_parameters()}
    run.update(run.next(2), 1e-2)
    changed = {name for name, one in run.network.named_parameters() if not torch.equal(one, before[name])}
    assert changed and not any(name.startswith("model.language_model") for name in changed)


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
    assert engine.info.capabilities.sound and not engine.info.capabilities.pictures and engine.info.sample
    loaded: Any = engine._loaded()
    part: Any = request(spoken).messages[0].parts[0]
    got = loaded.features.soft_tokens(heard(part.sound, loaded.config.audio))
    single = run.examples.of([spoken])
    with torch.no_grad():
        wanted = soft_tokens(run.network.to(torch.bfloat16).float(), single.features, single.mask)[0][0]
    assert (got - wanted[: len(got)]).abs().max() <= 1e-3
    assert right_words(tmp_path / "model", Hummer(), 2) <= 1
    engine.close()
    assert 2 * sum(p.numel() for p in build_network(speech_config(), 0).parameters()) <= 12e6


def test_mistakes_are_counted() -> None:
    assert mistakes(["one", "two", "three"], ["one", "two", "three"]) == 0
    assert mistakes(["one", "two", "three"], ["one", "three"]) == 1
    assert mistakes(["one", "two"], ["one", "six", "two", "two"]) == 2
    assert mistakes(["one"], []) == 1 and mistakes([], ["one"]) == 1


def test_words_are_separated_by_the_longest_pauses() -> None:
    def said(*seconds: float) -> NDArray[np.int16]:
        parts = [np.full(4_000, 9_000, np.int16)]
        for pause in seconds:
            parts += [np.zeros(int(pause * SOUND_RATE), np.int16), parts[0]]
        return np.concatenate(parts)

    assert [len(word) for word in split(said(0.3, 0.05, 0.31), 3)] == [4_000, 8_800, 4_000]
    with pytest.raises(ValueError, match="cannot be distinguished"):
        split(said(0.3, 0.29, 0.31), 3)
    with pytest.raises(ValueError, match="cannot be distinguished"):
        split(said(0.3), 3)


@pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng is not installed")
def test_words_are_spoken_and_kept(tmp_path: Path) -> None:
    speaker = Speaker(tmp_path / "words")
    words = speaker.words("en-us", 150, 50, ".")
    assert len(words) == len(WORDS)
    assert all(0.1 * SOUND_RATE < len(word) < 1.5 * SOUND_RATE and np.abs(word).max() > 3000 for word in words)
    (path,) = (tmp_path / "words").iterdir()
    again = Speaker(tmp_path / "words").words("en-us", 150, 50, ".")
    assert path.suffix == ".npz" and all(np.array_equal(a, b) for a, b in zip(words, again, strict=True))
    assert isinstance(make_spoken(random.Random(0), speaker), Spoken)


def test_without_the_synthesiser_there_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name: None)
    with pytest.raises(SystemExit, match="espeak-ng is missing"):
        Speaker(tmp_path)


def test_recordings_are_written_with_what_is_said_in_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recordings, "Speaker", lambda folder: Hummer())
    for name in ("a", "b"):
        assert recordings.main([str(tmp_path / name), "--count", "1"]) == 0
    assert (tmp_path / "a" / "1.opus").read_bytes() == (tmp_path / "b" / "1.opus").read_bytes()
    samples = resampled((tmp_path / "a" / "1.opus").read_bytes())
    utterances = recordings.read_truth(tmp_path / "a")["1.opus"]
    assert len(utterances) == 4 and utterances[-1]["end"] < len(samples) / SOUND_RATE
    for before, after in itertools.pairwise(utterances):
        between = samples[int((before["end"] + 0.1) * SOUND_RATE) : int((after["start"] - 0.1) * SOUND_RATE)]
        assert len(between) > 0.8 * SOUND_RATE and np.abs(between).max() < 1_000


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
