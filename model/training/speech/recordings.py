"""Recordings of words by held-out voices, each with what is said in it, and when.

    python -m model.training.speech.recordings FOLDER [--count N] [--seed N]     # needs espeak-ng

Several utterances with a pause of more than a second between them; ``spoken.json`` holds the truth. Opus, 3 KB for
each second.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.soft_tokens import SOUND_RATE
from model.training.speech.spoken import Speaker, Spoken, say
from model.training.speech.words import WORDS

TRUTH = "spoken.json"
_BITS = 24_000
Utterances = Sequence[Sequence[str]]


def some_utterances(rng: random.Random) -> list[list[str]]:
    """What is said in a recording of about ten seconds."""
    return [[rng.choice(WORDS) for _ in range(rng.randint(1, 4))] for _ in range(4)]


def speak(rng: random.Random, speaker: Speaker, utterances: Utterances, voice: str = "") -> Spoken:
    """A recording of these, by one held-out voice."""
    pauses = [rng.uniform(0.4, 1.0)]
    for words in utterances:
        pauses += [rng.uniform(0.1, 0.4) for _ in words[1:]] + [rng.uniform(1.1, 1.9)]
    return say(rng, speaker, [word for words in utterances for word in words], True, pauses, voice)


def spans(spoken: Spoken, utterances: Utterances) -> list[dict[str, Any]]:
    """For each utterance its words, and the seconds at which it begins and ends."""
    found, at = [], 0
    for words in utterances:
        times = spoken.words[at : at + len(words)]
        found.append({"start": round(times[0][1], 3), "end": round(times[-1][2], 3), "text": " ".join(words)})
        at += len(words)
    return found


def write_opus(path: Path, samples: NDArray[np.int16]) -> None:
    """Write mono samples [n], 16,000 a second, as an Opus file; the same bytes each time."""
    import av

    with av.open(str(path), "w", format="ogg", options={"fflags": "+bitexact"}) as container:
        stream = container.add_stream("libopus", rate=SOUND_RATE)
        stream.layout, stream.bit_rate = "mono", _BITS
        stream.codec_context.flags |= av.codec.context.Flags.bitexact
        frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = SOUND_RATE, 0, Fraction(1, SOUND_RATE)
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def read_truth(folder: Path) -> dict[str, list[dict[str, Any]]]:
    """What is said in the recordings of a folder: for each file its ``spans``."""
    found: dict[str, list[dict[str, Any]]] = json.loads((folder / TRUTH).read_text(encoding="utf-8"))
    return found


def main(arguments: list[str] | None = None) -> int:
    """Write them."""
    parser = argparse.ArgumentParser(prog="python -m model.training.speech.recordings", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--count", type=int, default=6)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    options.folder.mkdir(parents=True, exist_ok=True)
    truth = {}
    with tempfile.TemporaryDirectory() as words:
        speaker = Speaker(Path(words))
        for number in range(1, options.count + 1):
            rng = random.Random(f"recording:{options.seed}:{number}")
            utterances = some_utterances(rng)
            spoken = speak(rng, speaker, utterances)
            write_opus(options.folder / f"{number}.opus", spoken.samples)
            truth[f"{number}.opus"] = spans(spoken, utterances)
    (options.folder / TRUTH).write_text(json.dumps(truth, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
