"""How much the hearing sample model transcribes correctly: ``python -m tests.bench.reading.bench_hearing``.

Recordings of words by held-out voices, spoken by espeak-ng, coded as Opus and transcribed as by the application: the
listening process cuts them into utterances, and the model transcribes each. Prints the share of words that are right
(one minus the wrong, missing and added ones) and of utterances whose cue begins and ends within half a second of the
truth; ``--kept`` takes the recordings of the tests, without espeak-ng. The exit status is 1 where
either is below 90 %.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
import tempfile
from pathlib import Path

from app import paths
from app.ingest.listen.listener import Listener
from model.engine.engine import Engine
from model.training.speech import recordings
from tests.files.hearing import KEPT, measured

ENOUGH = 0.9


def main(arguments: list[str] | None = None) -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--model", type=Path, default=paths.resource("hearing_model"))
    parser.add_argument("--count", type=int, default=40, help="recordings of ten words or so")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kept", action="store_true")
    options = parser.parse_args(arguments)
    with contextlib.ExitStack() as stack:
        folder = KEPT
        if not options.kept:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            recordings.main([str(folder), "--count", str(options.count), "--seed", str(options.seed)])
        engine = stack.enter_context(contextlib.closing(Engine.open(options.model, device="cpu", quantise=False)))
        heard = measured(engine, stack.enter_context(Listener()), folder)
    print(
        json.dumps(
            {
                "words": heard.words,
                "words_right": round(heard.right_words, 4),
                "utterances": heard.utterances,
                "times_right": round(heard.right_times, 4),
            }
        )
    )
    return 0 if min(heard.right_words, heard.right_times) >= ENOUGH else 1


if __name__ == "__main__":
    sys.exit(main())
