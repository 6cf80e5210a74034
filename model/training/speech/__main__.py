"""The command; see the package."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from pathlib import Path

import torch

from model.training.faster import fuse
from model.training.speech.measuring import right_words
from model.training.speech.spoken import Speaker
from model.training.speech.trainer import RATE, WORDS_A_STEP, Run


def main(arguments: list[str] | None = None) -> int:
    """Train, export, and measure what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m model.training.speech", description=(__doc__ or "").strip())
    parser.add_argument("--work", type=Path, required=True, help="the folder of the run; the same one goes on")
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--words", type=int, default=WORDS_A_STEP, help="how many words a step hears")
    parser.add_argument("--rate", type=float, default=RATE)
    parser.add_argument("--cool", action="store_true", help="let the rate fall to nothing: for the last stretch")
    parser.add_argument("--fuse", action="store_true", help="compile the norms first; needs a C++ compiler")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--export", type=Path, help="write the model here, and measure it")
    parser.add_argument("--questions", type=int, default=50, help="held-out recordings to measure it with")
    options = parser.parse_args(arguments)
    torch.set_num_threads(options.threads)
    if options.fuse:
        fuse()
    options.work.mkdir(parents=True, exist_ok=True)
    run, stop = Run(options.work, seed=options.seed), threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    run.train(options.minutes, stop, lambda line: print(line, flush=True), options.words, options.rate, options.cool)
    if options.export:
        run.export(options.export)
        share = right_words(options.export, Speaker(options.work / "words"), options.questions)
        print(f"words of held-out voices that are right: {share:.1%}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
