"""A transcript of an hour: bounded in memory, killed and resumed, the times of its cues beside the truth.

    python -m tests.bench.reading.bench_transcript [--minutes N] [--json]

The speech is made by espeak-ng where that is installed, else of tones, with pauses of 0.6 to 1.5 seconds over a faint
noise; when each sentence begins and ends is known. The listening process, the store and the pass are the real ones. No
trained model that hears is at hand, so the answers come from one that knows what is said in the seconds it is given:
measured is everything but the model. The work is killed once without warning and then resumed. The exit status is 1
where a cue is more than half a second off, a sentence is lost or told twice, or memory grows with length.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
import wave
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil
from numpy.typing import NDArray

from app.chat.transcript.asking import Transcribing
from app.chat.transcript.making import transcribe
from app.ingest.listen.listener import Listener
from app.ingest.listen.store import TranscriptStore
from model.cancel import NEVER, Cancel
from model.types import Event, Request, SoundPart, TextDelta
from tests.fakes import finished
from tests.files.recordings import spoken

RATE = 16_000
MOST_OFF_S, MOST_MB = 0.5, 400
KEY = "ab" * 32
_WORDS = [
    "the",
    "invoice",
    "meeting",
    "harbour",
    "delivery",
    "contract",
    "of",
    "May",
    "seven",
    "twelve",
    "garden",
    "window",
    "agreed",
    "before",
    "noon",
    "twice",
]


@dataclass(frozen=True)
class Sentence:
    """What is said, and from when to when."""

    start: float
    end: float
    text: str


def said(text: str, rng: random.Random, folder: Path) -> NDArray[np.int16]:
    """A sentence's samples, silence at its ends cut off."""
    if shutil.which("espeak-ng") is None:
        return spoken(((0.0, 0.35 * len(text.split())),), 0.35 * len(text.split()), RATE)
    path = folder / "one.wav"
    voice = rng.choice(("en+m3", "en+f2", "en-us+m1", "en-gb+f4"))
    subprocess.run(["espeak-ng", "-v", voice, "-s", "165", "-w", str(path), text], check=True)
    with wave.open(str(path)) as file:
        raw = np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.float64)
        at = np.arange(0, len(raw), file.getframerate() / RATE)
    samples = np.interp(at, np.arange(len(raw)), raw).astype(np.int16)
    loud = np.flatnonzero(np.abs(samples.astype(np.int32)) > 300)
    return samples[loud[0] : loud[-1] + 1]


def make(folder: Path, minutes: float, seed: int) -> tuple[Path, list[Sentence]]:
    """A recording of so many minutes, and what is said in it."""
    rng, noise = random.Random(seed), np.random.default_rng(seed)
    known: dict[str, NDArray[np.int16]] = {}
    truth: list[Sentence] = []
    path, at = folder / "hour.wav", 0.0
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)

        def write(samples: NDArray[np.int16]) -> None:
            nonlocal at
            file.writeframes((samples + noise.normal(0, 12, len(samples)).astype(np.int16)).astype("<i2").tobytes())
            at += len(samples) / RATE

        while at < 60 * minutes:
            write(np.zeros(int(rng.uniform(0.6, 1.5) * RATE), np.int16))
            text = " ".join(rng.choice(_WORDS) for _ in range(rng.randint(4, 12)))
            if len(known) >= 60:  # speech takes a while to make, and a sentence may be said again
                text = rng.choice(list(known))
            samples = known.setdefault(text, said(text, rng, folder) if text not in known else known.get(text, _NONE))
            start = at
            write(samples)
            truth.append(Sentence(start, at, f"#{len(truth)}"))
    return path, truth


_NONE = np.zeros(0, np.int16)


class Knowing:
    """Answers with the sentences whose middle is in the sound."""

    def __init__(self, truth: list[Sentence], die_after: int = 0) -> None:
        self._truth, self._left = truth, die_after or 1 << 30
        self.asked = 0

    def generate(self, request: Request, cancel: Cancel) -> Iterator[Event]:
        part = request.messages[0].parts[0]
        assert isinstance(part, SoundPart)
        first, last = part.sound.start_s, part.sound.start_s + part.sound.seconds
        self.asked += 1
        if self.asked > self._left:
            psutil.Process().kill()
        yield TextDelta(" ".join(one.text for one in self._truth if first <= (one.start + one.end) / 2 <= last))
        yield finished()


def work_on(folder: Path, truth: list[Sentence], die_after: int = 0) -> tuple[Transcribing, float, int]:
    """The transcript, the largest memory of the listening process in MB, and how often the model was asked."""
    store = TranscriptStore(folder / "store")
    work, ear = Transcribing.resumed(KEY, "knowing", store.load(KEY)), Knowing(truth, die_after)
    peak = 0
    with Listener() as listener:

        def tell() -> None:
            nonlocal peak
            if listener.pid is not None:
                peak = max(peak, psutil.Process(listener.pid).memory_info().rss)

        transcribe(work, folder / "hour.wav", listener, ear.generate, NEVER, store, tell)
    return work, peak / 1e6, ear.asked


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--child", nargs=2, metavar=("FOLDER", "N"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        folder = Path(options.child[0])
        truth = [Sentence(*one) for one in json.loads((folder / "truth.json").read_text())]
        work_on(folder, truth, int(options.child[1]))
        return 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _, truth = make(folder, options.minutes, options.seed)
        (folder / "truth.json").write_text(json.dumps([[one.start, one.end, one.text] for one in truth]))
        command = [sys.executable, "-m", "tests.bench.reading.bench_transcript", "--child", name, str(len(truth) // 3)]
        killed = subprocess.run(command, check=False).returncode
        begun = time.monotonic()
        work, peak, asked = work_on(folder, truth)
        seconds = time.monotonic() - begun
    by_name = {one.text: one for one in truth}
    told = [word for cue in work.cues for word in cue.text.split()]
    starts = [abs(cue.start_s - by_name[cue.text.split()[0]].start) for cue in work.cues]
    ends = [abs(cue.end_s - by_name[cue.text.split()[-1]].end) for cue in work.cues]
    off = max([*starts, *ends], default=99.0)
    result = {
        "minutes": options.minutes,
        "speech": "espeak-ng" if shutil.which("espeak-ng") else "tones",
        "killed": killed < 0,
        "sentences": len(truth),
        "lost": len(set(by_name) - set(told)),
        "twice": len(told) - len(set(told)),
        "cues": len(work.cues),
        "most_off_s": round(off, 3),
        "asked_after_the_kill": asked,
        "listening_peak_mb": round(peak),
        "seconds_after_the_kill": round(seconds, 1),
    }
    print(
        json.dumps(result, indent=2)
        if options.json
        else "\n".join(f"{key:24} {value}" for key, value in result.items())
    )
    right = not result["lost"] and not result["twice"] and off <= MOST_OFF_S and peak <= MOST_MB and killed < 0
    return 0 if right and work.over else 1


if __name__ == "__main__":
    sys.exit(main())
