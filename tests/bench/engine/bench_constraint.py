"""Answers under a schema: are they valid, and what does the mask cost?

    python -m tests.bench.engine.bench_constraint [--schemas 1000] [--model FOLDER]
    python -m tests.bench.engine.bench_constraint --vocabulary TOKENIZER_FOLDER

The first goes through random schemas (``tests/model/constraint/schemas``) with a tiny model of random weights, or with
``--model``, at temperature 1, every other one with thoughts: each answer that ends must be valid by ``jsonschema``, and
those at the limit are counted. The second measures, for the vocabulary in a folder (``tests/model/real`` tells how the
real one of 262,144 is made): seconds to open and to prepare it, and milliseconds a token for the mask, on a table of
invoices.
"""

from __future__ import annotations

import argparse
import itertools
import json
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import jsonschema
import torch

from model.constraint.following import Rules
from model.constraint.vocabulary import Vocabulary
from model.engine.engine import Engine
from model.kernels.native.pairs import open_pairs
from model.prompt.chat_template import ChatTemplate
from model.prompt.encoder import Encoder, LibraryEncoder
from model.prompt.gemma_tokenizer import TOKENIZER_CONFIG
from model.prompt.tokenizer import Tokenizer
from model.synthetic.writing import write_checkpoint
from model.types import ChatMessage, Constraint, Failed, Finished, Request, Sampling, TextDelta, TextPart
from tests.model.constraint.schemas import random_schema

ROW: dict[str, Any] = {
    "type": "object",
    "properties": {
        "invoice_number": {"type": "string"},
        "customer": {"type": "string"},
        "date": {"type": "string"},
        "total": {"type": "number"},
        "quote": {"type": "string", "maxLength": 600},
    },
    "required": ["quote"],
    "additionalProperties": False,
}
ROWS = [
    {
        "invoice_number": f"RE-2026/{1000 + number}",
        "customer": f"Müller & Söhne {number} GmbH",
        "date": "2026-03-04",
        "total": 1234.5 + number,
        "quote": f"Invoice RE-2026/{1000 + number} · Total amount due: € {1234 + number},50 – payable in 14 days",
    }
    for number in range(12)
]


def asked(text: str, constraint: Constraint | None, limit: int, *, seed: int = 0, thinking: bool = False) -> Request:
    messages = (ChatMessage("user", (TextPart(text),)),)
    sampling = Sampling(temperature=1.0, seed=seed)
    return Request(messages, sampling, thinking, limit, constraint=constraint, max_thinking_tokens=16)


def schemas(folder: Path | None, count: int, limit: int) -> int:
    """Prints how many answers ended, and how many of these are not valid; returns the latter."""
    ended = cut = tokens = 0
    wrong: list[str] = []
    with tempfile.TemporaryDirectory() as place:
        if folder is None:
            folder = Path(place)
            write_checkpoint(folder, "tiny")
        engine = Engine.open(folder, device="cpu", quantise=False, dtype="float32")
        try:
            for seed in range(count):
                schema = random_schema(seed)
                constraint = Constraint("json_schema", json.dumps(schema))
                answer = ""
                request = asked("Fill in the form.", constraint, limit, seed=seed, thinking=seed % 2 == 1)
                for event in engine.generate(request, threading.Event()):
                    match event:
                        case TextDelta(text):
                            answer += text
                        case Finished("stop", usage):
                            ended, tokens = ended + 1, tokens + usage.answer_tokens
                            wrong += _faults(schema, answer)
                        case Finished():
                            cut += 1
                        case Failed(message):
                            wrong.append(f"{message}: {json.dumps(schema)}")
        finally:
            engine.close()
    print(f"schemas: {count:,}; ended {ended:,} ({tokens:,} tokens), at the limit of {limit} tokens {cut}")
    print(f"not valid: {len(wrong)}")
    for line in wrong[:20]:
        print(f"  {line}")
    return len(wrong)


def _faults(schema: object, answer: str) -> list[str]:
    try:
        jsonschema.Draft202012Validator(schema).validate(json.loads(answer))
    except (jsonschema.ValidationError, ValueError) as error:
        return [f"{str(error).splitlines()[0]}: {answer!r} for {json.dumps(schema)}"]
    return []


def cost(folder: Path) -> None:
    """Prints seconds to prepare the vocabulary, and milliseconds a token."""
    path = folder / "tokenizer.json"
    encoder: Encoder | None = None
    for name, opening in (("tokenizers", LibraryEncoder.open), ("our kernels", open_pairs)):
        clock, work = [], []
        for _ in range(5):
            started, spent = time.perf_counter(), time.process_time()
            encoder = opening(path) or encoder
            clock.append(time.perf_counter() - started)
            work.append(time.process_time() - spent)
        seconds = f"{statistics.median(clock):.2f} s, {statistics.median(work):.2f} s of processor time"
        print(f"opened by {name}: {seconds} (medians of 5)")
    assert encoder is not None
    tokenizer = Tokenizer(encoder, TOKENIZER_CONFIG, ChatTemplate({}, {}), folder)
    words = next(count for count in itertools.count() if encoder.word(count) is None)
    vocabulary = Vocabulary(tokenizer, words)
    constraint = Constraint("json_schema", json.dumps({"type": "array", "items": ROW}))
    stops = [one for one in (tokenizer.named["turn_end"],) if one is not None]
    started = time.perf_counter()
    Rules(asked("", constraint, 1), vocabulary, stops, ())
    print(f"vocabulary of {words:,}: prepared in {time.perf_counter() - started:.2f} s, once for an open model")
    started = time.perf_counter()
    rules = Rules(asked("", constraint, 1), vocabulary, stops, ())
    print(f"the same schema again: {1000 * (time.perf_counter() - started):.2f} ms")
    ids = tokenizer.encode_data(json.dumps(ROWS, ensure_ascii=False, separators=(",", ":")))
    logits = torch.randn(1, words)
    times = {"mask": [0.0] * 0, "applied": [0.0] * 0, "followed": [0.0] * 0, "forced": [0.0] * 0}
    forced = 0
    for token_id in ids:
        moments = [time.perf_counter()]
        count = len(rules.forced())
        moments.append(time.perf_counter())
        allowed = rules.allowed()
        moments.append(time.perf_counter())
        assert allowed is not None and bool(allowed[0, token_id])
        moments.append(time.perf_counter())
        logits.clone().masked_fill_(~allowed, -torch.inf)
        moments.append(time.perf_counter())
        rules.push(token_id)
        moments.append(time.perf_counter())
        forced += count > 0
        spans = [after - before for before, after in itertools.pairwise(moments)]
        for name, span in zip(("forced", "mask", "", "applied", "followed"), spans, strict=True):
            if name:
                times[name].append(1000 * span)
    for name, own in times.items():
        print(
            f"{name}: {statistics.mean(own):.3f} ms a token, median {statistics.median(own):.3f}, most {max(own):.2f}"
        )
    every = [sum(parts) for parts in zip(*times.values(), strict=True)]
    print(f"in all: {statistics.mean(every):.3f} ms a token over {len(ids)} tokens; text forced at {forced} of them")


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--schemas", type=int, default=1000)
    parser.add_argument("--limit", type=int, default=600, help="tokens of an answer")
    parser.add_argument("--model", type=Path)
    parser.add_argument("--vocabulary", type=Path, metavar="FOLDER")
    options = parser.parse_args()
    if options.vocabulary is not None:
        cost(options.vocabulary)
        return 0
    return min(1, schemas(options.model, options.schemas, options.limit))


if __name__ == "__main__":
    sys.exit(main())
