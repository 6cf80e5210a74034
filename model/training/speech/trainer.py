"""Training of the hearing model: its losses, and continuing a run.

First the tower alone: which word has just ended, at every soft token. Once it knows that well enough, both together:
the answer, and three lessons that are not exported (``network.LESSONS``, ``model.training.looking``). A step's data
depend on the seed and the step alone, so a run continues where it ended.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from model.atomic import replacing
from model.cancel import Cancel
from model.training.looking import looking_loss, watch
from model.training.network import hidden_states, logits
from model.training.optimiser import Muon
from model.training.speech.asked import Questions
from model.training.speech.examples import Batch, Examples
from model.training.speech.network import LOOKS, SOON, build_network, export, soft_tokens, speech_config
from model.training.speech.spoken import Speaker

FILE = "speech.pt"
WORDS_A_STEP = 48
_WARM_UP, RATE = 60, 3e-3
_ENOUGH = 0.85
"""The share of ended words that the tower must recognise before the answer is trained."""
_NONE_WEIGHT = 0.2
"""The weight of "no word", since most soft tokens follow no word's end."""
_LESSON, _LOOK = 0.5, 0.3
_FINDING = 4.0
"""The weight of the first three tokens of an answer about a transcript: they give the time, or that there is none."""
_ASKED = 4
"""One step in so many is about transcripts."""
_SAVE_S, _TELL_S, _CHECK_S = 120.0, 20.0, 180.0


@dataclass
class Outcome:
    """The loss to minimise, and figures to report: shares that are right, and parts of the loss."""

    loss: Tensor
    figures: dict[str, float]


def tower_loss(network: Any, batch: Batch) -> tuple[Outcome, Tensor, Tensor]:
    """Which word has just ended; the soft tokens [B, T, D]; and which of them are real [B, T]."""
    soft, real = soft_tokens(network, batch.features, batch.mask)
    guessed = network.lessons["heard"](soft).float()
    asked = batch.heard != -100
    guessed, wanted = guessed[asked], batch.heard[asked]
    weights = torch.where(wanted > 0, 1.0, _NONE_WEIGHT)
    loss = (F.cross_entropy(guessed, wanted, reduction="none") * weights).sum() / weights.sum()
    right = (guessed.argmax(-1) == wanted).float()
    figures = {"ends": float(right[wanted > 0].mean()), "none": float(right[wanted == 0].mean()), "heard": loss.item()}
    return Outcome(loss, figures), soft, real


def answer_loss(network: Any, batch: Batch) -> Outcome:
    """The answer's loss with all auxiliary losses. The tower learns from its own loss only: others would disturb it."""
    outcome, soft, real = tower_loss(network, batch)
    text = network.model.language_model
    places = batch.ids == network.config.audio_token_id
    embedded = text.embed_tokens(batch.ids).masked_scatter(places[..., None], soft[real].detach().float())
    ids = batch.ids.masked_fill(places, network.config.text_config.pad_token_id)
    between: list[Tensor] = []
    hook = text.layers[SOON].register_forward_hook(lambda _, __, made: between.append(_first(made)))
    with watch(network, SOON) as soon, watch(network, LOOKS) as looks:
        per_layer = text.get_per_layer_inputs(ids, None)
        hidden = text(inputs_embeds=embedded, per_layer_inputs=per_layer, use_cache=False).last_hidden_state
    hook.remove()
    earlier = network.lessons["earlier"](between[0][places]).float()
    wanted = batch.earlier[real]
    known = F.cross_entropy(earlier, wanted, ignore_index=-100)
    looking = looking_loss(soon, batch.earlier_looks()) + looking_loss(looks, batch.next_looks())
    said = batch.targets != -100
    scores = logits(network, hidden[said])
    answer = F.cross_entropy(scores, batch.targets[said])
    asked = wanted != -100
    right = (scores.argmax(-1) == batch.targets[said]).float()
    outcome.figures |= {
        "answer": answer.item(),
        "right": float(right.mean()),
        "earlier": float((earlier.argmax(-1) == wanted)[asked].float().mean()),
        "looking": looking.item(),
    }
    outcome.loss = answer + _LESSON * (outcome.loss + known) + _LOOK * looking
    return outcome


def question_loss(network: Any, asked: Questions) -> Outcome:
    """The loss of answers about transcripts, with that of attention, above all where an answer begins."""
    with watch(network, SOON) as soon, watch(network, LOOKS) as looks:
        hidden = hidden_states(network, asked.prefix, asked.ids)
    begins = [[one for one in row if not asked.said[number, one[0]]] for number, row in enumerate(asked.next_looks)]
    looking = looking_loss(soon, asked.time_looks) + looking_loss(looks, asked.next_looks) + looking_loss(looks, begins)
    said = asked.said[:, 1:]
    wanted, scores = asked.ids[:, 1:][said], logits(network, hidden[:, :-1][said])
    begun = torch.stack([F.pad(asked.said, (later, 0))[:, : asked.said.shape[1]] for later in (1, 2, 3)]).all(0)
    weights = torch.where(begun[:, 1:], 1.0, _FINDING)[said]
    answer = (F.cross_entropy(scores, wanted, reduction="none") * weights).sum() / weights.sum()
    right = (scores.argmax(-1) == wanted).float().mean()
    figures = {"asked": answer.item(), "rightly": float(right), "found": looking.item()}
    return Outcome(answer + 2 * _LOOK * looking, figures)


def _first(made: Any) -> Tensor:
    result: Tensor = made[0] if isinstance(made, tuple) else made
    return result


@dataclass
class Run:
    """A run in its work folder: one file, written whole or not at all."""

    folder: Path
    config: dict[str, Any] = field(default_factory=speech_config)
    seed: int = 0
    step: int = 0
    joint: bool = False
    """Whether the answer is trained already."""

    def __post_init__(self) -> None:
        path = self.folder / FILE
        saved = torch.load(path, map_location="cpu", weights_only=True) if path.exists() else None
        if saved:
            self.config, self.seed, self.step, self.joint = (saved[key] for key in ("config", "seed", "step", "joint"))
        self.network: Any = build_network(self.config, self.seed)
        self.optimiser = Muon(self.network.named_parameters())
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
            "joint": self.joint,
        }
        with replacing(self.folder / FILE) as temporary:
            torch.save(state, temporary)

    def losses(self, batch: Batch | Questions) -> Outcome:
        """What this stage of training is about."""
        with torch.autocast("cpu", torch.bfloat16):
            if isinstance(batch, Questions):
                return question_loss(self.network, batch)
            return answer_loss(self.network, batch) if self.joint else tower_loss(self.network, batch)[0]

    def update(self, batch: Batch | Questions, rate: float) -> dict[str, float]:
        """One step; figures to report."""
        outcome = self.losses(batch)
        outcome.loss.backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimiser.step(rate * min(1.0, (self.step + 1) / _WARM_UP))
        self.optimiser.zero_grad()
        self.step += 1
        return outcome.figures

    def train(
        self,
        minutes: float,
        stop: Cancel,
        tell: Callable[[str], None],
        words: int = WORDS_A_STEP,
        rate: float = RATE,
        cool: bool = False,
    ) -> None:
        """Train for so long, or until ``stop``; saves every two minutes and at the end."""
        started = saved = reported = checked = time.monotonic()
        heard: dict[str, list[float]] = defaultdict(list)
        ends = 0.0
        while (spent := (time.monotonic() - started) / (60 * minutes)) < 1 and not stop.is_set():
            made = self.next(words)
            for name, value in self.update(made, rate * (max(0.02, 1 - spent) if cool else 1.0)).items():
                heard[name].append(value)
            ends += 0.04 * (heard["ends"][-1] - ends) if isinstance(made, Batch) else 0
            self.joint = self.joint or ends > _ENOUGH
            now = time.monotonic()
            if now - reported > _TELL_S:
                tell(f"step {self.step}, {now - started:.0f} s: " + _line({n: np.mean(v) for n, v in heard.items()}))
                heard.clear()
                reported = now
            if now - checked > _CHECK_S:
                tell(f"  held out: {_line(self.check())}")
                checked = now
            if now - saved > _SAVE_S:
                self.save()
                saved = now
        self.save()

    def next(self, words: int) -> Batch | Questions:
        """What this step is about: sound, and once the answer is trained, in some steps a transcript."""
        if self.joint and self.step % _ASKED == 1:
            return self.examples.questions(self.seed, self.step, max(1, words // 8), min(8, 2 + self.step // 150))
        return self.examples.batch(self.seed, self.step, words, 2 + self.step // 50)

    @torch.no_grad()
    def check(self) -> dict[str, float]:
        """The same shares for held-out voices and other transcripts."""
        figures = self.losses(self.examples.held_out(16, 4)).figures
        return figures | self.losses(self.examples.questions(self.seed, -1, 8)).figures if self.joint else figures

    def export(self, folder: Path) -> None:
        """The model as a folder that the application opens."""
        export(self.network, self.config, folder)


def _line(values: dict[str, Any]) -> str:
    return ", ".join(f"{name} {value:.3f}" for name, value in values.items())
