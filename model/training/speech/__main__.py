"""The command; see the package."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from pathlib import Path

from model.training.speech.spoken import Speaker
from model.training.speech.trainer import BATCH, Run, right_words


def main(arguments: list[str] | None = None) -> int:
    """Train, export, and measure what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m model.training.speech", description=(__doc__ or "").strip())
    parser.add_argument("--work", type=Path, required=True, help="the folder of the run; the same one goes on")
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--batch", type=int, default=BATCH)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--export", type=Path, help="write the model here, and measure it")
    parser.add_argument("--questions", type=int, default=50, help="held-out recordings to measure it with")
    options = parser.parse_args(arguments)
    options.work.mkdir(parents=True, exist_ok=True)
    run, stop = Run(options.work, seed=options.seed), threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    run.train(options.minutes, stop, lambda line: print(line, flush=True), options.batch)
    if options.export:
        run.export(options.export)
        share = right_words(options.export, Speaker(options.work / "words"), options.questions)
        print(f"words of held-out voices that are right: {share:.1%}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
