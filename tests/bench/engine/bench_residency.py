"""The savings by a resident document: the second question, coming back after a restart, and the memory it takes.

    python -m tests.bench.engine.bench_residency MODEL_FOLDER [--tokens 8192] [--work FOLDER]

With a document of each number of tokens, in one run: seconds to read it; the second question's time to its first token
against prefilling the same question at that depth; saving; and in a new process, restoring it against reading it
again and against the disk's own sequential read speed, both with the files' pages dropped from the system's cache.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import torch

from model.engine.engine import Engine
from model.types import Attached, CacheSettings, ChatMessage, Failed, Finished, Request, Sampling, TextPart
from tests.bench.engine.bench_depth import fill

WORDS = "the rent is due on the third day of each month and the tenant pays it in full "


def request(characters: int, question: str) -> Request:
    """A question about one document of this many characters."""
    text = (WORDS * (characters // len(WORDS) + 1))[:characters]
    parts = (TextPart(text), TextPart(question))
    message = ChatMessage("user", parts)
    return Request((message,), Sampling(temperature=0), max_new_tokens=2, documents=(Attached("key", "a.pdf", 1),))


def ask(engine: Engine, asked: Request) -> Finished:
    """Runs a request to its end."""
    last = list(engine.generate(asked, threading.Event()))[-1]
    assert not isinstance(last, Failed), last.message
    assert isinstance(last, Finished)
    return last


def drop_pages(folder: Path) -> int:
    """Drops the files' pages from the system's cache; how many bytes they are."""
    total = 0
    for path in folder.rglob("*"):
        if path.is_file():
            total += path.stat().st_size
            with path.open("rb") as file:
                os.fsync(file.fileno())
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    return total


def read_speed(folder: Path) -> float:
    """Bytes a second of reading the folder's files once, cold."""
    total = drop_pages(folder)
    started = time.perf_counter()
    for path in folder.rglob("*.safetensors"):
        with path.open("rb", buffering=0) as file:
            while file.read(8 << 20):
                pass
    return total / (time.perf_counter() - started)


def first(model: Path, work: Path, characters: int) -> dict[str, float]:
    """Reading, the second question, saving."""
    engine = Engine.open(model, cache=CacheSettings(work, ram_bytes=8 << 30))
    read = ask(engine, request(characters, "When is it due?"))
    second = ask(engine, request(characters, "And who pays it, please, and how much is it?"))
    decoder = engine._loaded().decoder
    cache = decoder.new_cache()
    fill(cache, second.usage.reused_tokens)
    ids = torch.randint(0, decoder.config.vocab_size, (second.usage.prompt_tokens - second.usage.reused_tokens,))
    started = time.perf_counter()
    decoder.logits(decoder.forward(decoder.embed(ids.to(decoder.device)), cache)[-1:])
    alone = time.perf_counter() - started
    started = time.perf_counter()
    engine.settle()
    return {
        "document_tokens": read.usage.prompt_tokens,
        "read_s": read.timings.prefill_s,
        "second_question_first_token_s": second.timings.first_token_s,
        "question_alone_at_that_depth_s": alone,
        "second_over_alone": second.timings.first_token_s / alone,
        "settle_s": time.perf_counter() - started,
    }


def again(model: Path, work: Path, characters: int) -> dict[str, float]:
    """In a new process: the same document comes back from the disk."""
    disk = read_speed(work / "documents")
    engine = Engine.open(model, cache=CacheSettings(work, ram_bytes=8 << 30))
    loaded = engine._loaded()
    prompt = loaded.prompt(request(characters, "When is it due?"))
    size = drop_pages(work / "documents")
    started = time.perf_counter()
    reused = loaded.residency.continue_with(prompt)
    restore = time.perf_counter() - started
    return {
        "restored_tokens": reused,
        "restored_bytes": size,
        "restore_s": restore,
        "restore_mb_s": size / restore / 1e6,
        "disk_mb_s": disk / 1e6,
        "restore_over_disk": size / restore / disk,
    }


def main() -> None:
    """Prints one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("--tokens", type=int, default=8192)
    parser.add_argument("--work", type=Path)
    parser.add_argument("--again", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.again:
        print(json.dumps(again(options.model, options.work, options.tokens)))
        return
    with tempfile.TemporaryDirectory(dir=options.work) as folder:
        figures = first(options.model, Path(folder), options.tokens)
        command = [sys.executable, "-m", "tests.bench.engine.bench_residency", str(options.model), "--again"]
        command += ["--tokens", str(options.tokens), "--work", folder]
        figures |= json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        figures["restore_faster_than_reading"] = figures["read_s"] / figures["restore_s"]
        print(json.dumps({name: round(value, 3) for name, value in figures.items()}, indent=2))


if __name__ == "__main__":
    main()
