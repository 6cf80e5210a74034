"""Training of the model that hears: what is asked in a step, its loss, and how many words of held-out voices are right.

Two losses: the answer's tokens, and, as a lesson for the tower alone, the word that each soft token can know. A step's
data depend on the seed and the step alone, so a run continues where it ended.
"""

from __future__ import annotations

import contextlib
import random
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from model.atomic import replacing
from model.cancel import Cancel
from model.engine.engine import Engine
from model.family.config import ModelConfig
from model.family.config_json import parse_config
from model.prompt.building import build_prompt
from model.prompt.tokenizer import Tokenizer
from model.sound.features import log_mel
from model.sound.samples import make_sound, waveform
from model.training.speech.network import build_network, export, soft_tokens, speech_config
from model.training.speech.spoken import Speaker, Spoken, make_spoken
from model.training.speech.words import QUESTION, vocabulary
from model.training.tokenizer import write_tokenizer
from model.types import ChatMessage, Request, Sampling, SoundPart, TextDelta, TextPart

FILE = "speech.pt"
BATCH = 8
_WARM_UP, _RATE = 100, 1e-3
_LESSON = 0.5
_SAVE_S, _TELL_S = 120.0, 15.0


def request(spoken: Spoken) -> Request:
    """What the application would ask."""
    parts = SoundPart(make_sound(spoken.samples)), TextPart(QUESTION)
    return Request((ChatMessage("user", parts),), Sampling(temperature=0.0), max_new_tokens=16)


@dataclass(frozen=True)
class Batch:
    """Padded on the right: ids and targets [B, L], spectrograms [B, F, 128] with their mask, labels [B, T]."""

    ids: Tensor
    targets: Tensor
    features: Tensor
    mask: Tensor
    labels: Tensor


class Examples:
    """Makes batches from a seed and a step."""

    def __init__(self, config: dict[str, Any], speaker: Speaker) -> None:
        self._speaker = speaker
        self._config: ModelConfig = parse_config(config)
        with tempfile.TemporaryDirectory() as folder:
            write_tokenizer(Path(folder), vocabulary())
            self._tokenizer = Tokenizer.open(Path(folder))

    def batch(self, seed: int, step: int, size: int) -> Batch:
        """The batch of this step. Longer recordings come by and by."""
        rng = random.Random(f"{seed}:{step}")
        most = min(5, 1 + step // 300)
        return self.of([make_spoken(rng, self._speaker, most) for _ in range(size)])

    def of(self, spoken: Sequence[Spoken]) -> Batch:
        """A batch of these."""
        rows, features, labels = [], [], []
        for one in spoken:
            asked = request(one)
            prompt = build_prompt(asked, self._tokenizer, self._config)
            answer = [*self._tokenizer.encode_data(one.text), *self._tokenizer.encode_control("<turn|>")]
            ids = [*prompt.ids.tolist(), *answer]
            rows.append((ids, [-100] * (len(prompt) - 1) + answer + [-100]))
            part = asked.messages[0].parts[0]
            assert isinstance(part, SoundPart)
            features.append(torch.from_numpy(log_mel(waveform(part.sound))))
            labels.append(torch.tensor(one.labels(prompt.spans[0].source.soft_tokens)))
        length = max(len(ids) for ids, _ in rows)
        frames = -(-max(map(len, features)) // 4) * 4
        pad = self._config.pad_token_id
        mask = torch.stack([torch.arange(frames) < len(one) for one in features])
        return Batch(
            torch.tensor([[*ids, *[pad] * (length - len(ids))] for ids, _ in rows]),
            torch.tensor([[*targets, *[-100] * (length - len(targets))] for _, targets in rows]),
            torch.stack([F.pad(one, (0, 0, 0, frames - len(one))) for one in features]),
            mask,
            torch.stack([F.pad(one, (0, frames // 4 - len(one)), value=-100) for one in labels]),
        )


def losses(network: Any, batch: Batch) -> tuple[Tensor, Tensor, float]:
    """The answer's loss, the lesson's, and the share of soft tokens that know their word."""
    soft, real = soft_tokens(network, batch.features, batch.mask)
    guessed = network.lesson(soft)
    lesson = F.cross_entropy(guessed.flatten(0, 1), batch.labels.flatten(), ignore_index=-100)
    told = batch.labels > 0
    known = float((guessed.argmax(-1) == batch.labels)[told].float().mean()) if told.any() else 0.0
    text = network.model.language_model
    places = batch.ids == network.config.audio_token_id
    embedded = text.embed_tokens(batch.ids).masked_scatter(places[..., None], soft[real])
    ids = batch.ids.masked_fill(places, network.config.text_config.pad_token_id)
    per_layer = text.get_per_layer_inputs(ids, None)
    hidden = text(inputs_embeds=embedded, per_layer_inputs=per_layer, use_cache=False).last_hidden_state
    wanted = batch.targets != -100
    logits = F.linear(hidden[wanted], text.embed_tokens.weight)
    cap = network.config.text_config.final_logit_softcapping
    answer = F.cross_entropy(cap * torch.tanh(logits / cap), batch.targets[wanted])
    return answer, lesson, known


@dataclass
class Run:
    """A run in its work folder: one file, written whole or not at all."""

    folder: Path
    config: dict[str, Any] = field(default_factory=speech_config)
    seed: int = 0
    step: int = 0

    def __post_init__(self) -> None:
        path = self.folder / FILE
        saved = torch.load(path, map_location="cpu", weights_only=True) if path.exists() else None
        if saved:
            self.config, self.seed, self.step = saved["config"], saved["seed"], saved["step"]
        self.network: Any = build_network(self.config, self.seed)
        self.optimiser = torch.optim.AdamW(self.network.parameters(), lr=_RATE, betas=(0.9, 0.98), weight_decay=0.01)
        if saved:
            self.network.load_state_dict(saved["network"])
            self.optimiser.load_state_dict(saved["optimiser"])
        self.examples = Examples(self.config, Speaker(self.folder / "words"))

    def save(self) -> None:
        """Write the state."""
        state = {
            "network": self.network.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "config": self.config,
            "seed": self.seed,
            "step": self.step,
        }
        with replacing(self.folder / FILE) as temporary:
            torch.save(state, temporary)

    def train(self, minutes: float, stop: Cancel, tell: Callable[[str], None], batch: int = BATCH) -> None:
        """Train for so long, or until ``stop``; saves every two minutes and at the end."""
        started = saved = told = time.monotonic()
        answers: list[float] = []
        lessons: list[float] = []
        known: list[float] = []
        while time.monotonic() - started < 60 * minutes and not stop.is_set():
            made = self.examples.batch(self.seed, self.step, batch)
            answer, lesson, share = losses(self.network, made)
            (answer + _LESSON * lesson).backward()
            torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
            for group in self.optimiser.param_groups:
                group["lr"] = _RATE * min(1.0, (self.step + 1) / _WARM_UP)
            self.optimiser.step()
            self.optimiser.zero_grad()
            self.step += 1
            answers.append(answer.item())
            lessons.append(lesson.item())
            known.append(share)
            now = time.monotonic()
            if now - told > _TELL_S:
                tell(
                    f"step {self.step}: answer {np.mean(answers):.3f}, lesson {np.mean(lessons):.3f}, "
                    f"soft tokens that know their word {np.mean(known):.1%}"
                )
                answers, lessons, known, told = [], [], [], now
            if now - saved > _SAVE_S:
                self.save()
                saved = now
        self.save()

    def export(self, folder: Path) -> None:
        """The model as a folder that the application opens."""
        export(self.network, self.config, folder)


def right_words(folder: Path, speaker: Speaker, count: int, seed: int = 1) -> float:
    """The share of words of held-out voices that the exported model writes rightly, in their place, by the real way."""
    rng = random.Random(f"held out:{seed}")
    right = total = 0
    with contextlib.closing(Engine.open(folder, device="cpu", quantise=False)) as engine:
        for _ in range(count):
            spoken = make_spoken(rng, speaker, held_out=True)
            said = _answer(engine, spoken)
            wanted = [word for word, _, _ in spoken.words]
            right += sum(one == other for one, other in zip(said, wanted, strict=False))
            total += len(wanted)
    return right / total if total else 0.0


def _answer(engine: Engine, spoken: Spoken) -> list[str]:
    class Never:
        def is_set(self) -> bool:
            return False

    def texts() -> Iterator[str]:
        for event in engine.generate(request(spoken), Never()):
            if isinstance(event, TextDelta):
                yield event.text

    return "".join(texts()).split()
