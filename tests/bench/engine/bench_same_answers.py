"""Are answers the same through every cached path as on a fresh engine? Greedy, question by question.

    python -m tests.bench.engine.bench_same_answers [MODEL_FOLDER] [--questions 200] [--shape tiny-e2b]

Documents are added, taken out, evicted, unloaded, forgotten and brought back by restarts at random, from a seed; each
question is asked of the engine that has been through all that and of one that has read nothing. In fp32, so that only
a wrong cache can make a difference. Without a model folder the tiny random model is used.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
from pathlib import Path

from model.engine.engine import Engine
from model.synthetic.writing import write_checkpoint
from model.types import CacheSettings
from tests.model.cache.test_documents import QUESTIONS, ask_about
from tests.model.engines import run


def opened(model: Path, cache: CacheSettings | None = None) -> Engine:
    """The engine in fp32."""
    return Engine.open(model, quantise=False, dtype="float32", cache=cache)


def disturb(engine: Engine, model: Path, cache: CacheSettings, chooser: random.Random) -> Engine:
    """Something that happens between two questions."""
    document = f"key-{chooser.choice('abcd')}"
    match chooser.choice(("nothing", "nothing", "settle", "restart", "evict", "unload", "forget", "pin")):
        case "settle":
            engine.settle()
        case "restart":
            engine.settle()
            engine.close()
            return opened(model, cache)
        case "evict":
            engine._loaded().residency.drop()
        case "unload":
            engine.unload(document)
        case "forget":
            engine.forget(document)
        case "pin":
            engine.pin(document, chooser.random() < 0.5)
    return engine


def main() -> None:
    """Prints one JSON object: questions, same answers, and how much was reused."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path, nargs="?")
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--shape", default="tiny", help="of the random model; one that hears is asked about sound too")
    options = parser.parse_args()
    chooser = random.Random(0)
    same = reused = total = 0
    with tempfile.TemporaryDirectory() as folder:
        model = options.model or write_checkpoint(Path(folder) / "model", options.shape)
        cache = CacheSettings(Path(folder) / "cache", ram_bytes=200_000)
        engine, fresh = opened(model, cache), opened(model)
        for _ in range(options.questions):
            engine = disturb(engine, model, cache, chooser)
            names = "".join(chooser.sample("abcd", chooser.randint(1, 3)))
            turns = chooser.choices(QUESTIONS, k=chooser.randint(0, 1))
            hears = fresh.info.capabilities.sound
            request = ask_about(names, chooser.choice(QUESTIONS), *turns, limit=8, hears=hears)
            got = run(engine, request)
            fresh._loaded().residency.drop()
            same += got.answer == run(fresh, request).answer
            reused += got.finished.usage.reused_tokens
            total += got.finished.usage.prompt_tokens
        engine.close()
        fresh.close()
    print(json.dumps({"questions": options.questions, "same": same, "reused_share": round(reused / total, 3)}))


if __name__ == "__main__":
    main()
