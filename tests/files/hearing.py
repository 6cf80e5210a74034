"""Compares a model's transcripts with what is said in recordings: words, and the times of cues."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.chat.transcript.asking import Transcribing
from app.chat.transcript.making import transcribe
from app.ingest.cues import Cue
from app.ingest.listen.listener import Listener
from model.cancel import NEVER
from model.training.speech.measuring import mistakes
from model.training.speech.recordings import read_truth

MOST_OFF_S = 0.5
KEPT = Path(__file__).parent / "spoken"
"""Recordings that ``python -m model.training.speech.recordings`` made, and what is said in them."""


@dataclass(slots=True)
class Heard:
    """Counts of words and of utterances, and how many of both are right."""

    words: int = 0
    wrong: int = 0
    utterances: int = 0
    timed: int = 0
    """Utterances that have their own cue, with start and end at most half a second off."""

    @property
    def right_words(self) -> float:
        """One minus the share of wrong, missing or added words."""
        return max(0.0, 1 - self.wrong / self.words)

    @property
    def right_times(self) -> float:
        """The share of utterances whose cue has the right times."""
        return self.timed / self.utterances

    def add(self, cues: Iterable[Cue], truth: list[dict[str, Any]]) -> None:
        """One more recording."""
        cues = list(cues)
        spoken = [word for one in truth for word in one["text"].split()]
        self.wrong += mistakes(spoken, [word for cue in cues for word in cue.text.split()])
        self.words += len(spoken)
        self.utterances += len(truth)
        self.timed += sum(
            any(
                abs(cue.start_s - one["start"]) <= MOST_OFF_S and abs(cue.end_s - one["end"]) <= MOST_OFF_S
                for cue in cues
            )
            for one in truth
        )


def written_down(engine: Any, listener: Listener, path: Path) -> list[Cue]:
    """The cues of a recording's transcript, made as by the application."""
    work = Transcribing(path.name, "a model", sample=engine.info.sample)
    transcribe(work, path, listener, engine.generate, NEVER)
    assert work.over and not work.failure
    return work.cues


def measured(engine: Any, listener: Listener, folder: Path) -> Heard:
    """All recordings of a folder that ``model.training.speech.recordings`` wrote."""
    heard = Heard()
    for name, truth in read_truth(folder).items():
        heard.add(written_down(engine, listener, folder / name), truth)
    return heard
