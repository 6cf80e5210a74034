"""Answers that quote, with prompt lookup and without, in turn in one process.

    python -m tests.bench.engine.bench_lookup MODEL [--quoted 0,50,70,90] [--context 2000] [--answer 300] [--own 30]

A model with random weights quotes nothing by itself, so its answers are replayed: made of passages of the document, 20
to 60 tokens long, and of tokens that occur nowhere in it, as many of each as ``--quoted`` gives in per cent. The
model and its sampler do all the work of drawing, what they draw is thrown away, and the replayed token is taken in its
place. So the drafts are looked up, checked and rolled back as in any answer; the figure is how often they are right.
With random weights the tokens of a pass share fewer experts than those of a sentence do: the 26B is served worse here
than it will be.

``--own N`` asks N held-out questions of a model that answers by itself, such as the sample model: greedy, and the
answers with and without lookup are compared.
"""

from __future__ import annotations

import argparse
import json
import random
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from unittest.mock import patch

from torch import Tensor

from model.engine.engine import Engine
from model.engine.sampling import Sampler
from model.types import Attached, ChatMessage, Failed, Finished, Request, Sampling, TextDelta, TextPart

PASSAGE = (20, 60)


@dataclass(frozen=True)
class Timed:
    """One answer."""

    text: str
    end: Finished

    @property
    def tokens(self) -> int:
        return self.end.usage.answer_tokens

    @property
    def seconds(self) -> float:
        """Of decode, without the prompt and the first token."""
        speed = self.end.timings.decode_tokens_per_s
        return (self.tokens - 1) / speed if speed else 0.0


def answer(engine: Engine, request: Request, lookup: bool) -> Timed:
    """Asks, with or without lookup."""
    engine._model = replace(engine._loaded(), lookup=lookup)
    events = list(engine.generate(request, threading.Event()))
    assert not isinstance(events[-1], Failed), events[-1].message
    assert isinstance(events[-1], Finished)
    return Timed("".join(event.text for event in events if isinstance(event, TextDelta)), events[-1])


@contextmanager
def replayed(ids: Sequence[int]) -> Iterator[None]:
    """The answer is ``ids``; the sampler draws all the same."""
    words, draw = iter(ids), Sampler.draw

    def drawn(self: Sampler, *given: Tensor) -> int:
        draw(self, *given)
        return next(words)

    with patch.object(Sampler, "draw", drawn):
        yield


def document(engine: Engine, tokens: int, chooser: random.Random) -> str:
    """Words of the model's own vocabulary, about this many tokens."""
    tokenizer = engine._loaded().tokenizer
    vocabulary = engine._loaded().config.text.vocab_size
    words: list[str] = []
    while len(words) < tokens:
        word = tokenizer.piece(chooser.randrange(300, vocabulary)).decode("utf-8", "ignore").strip()
        if word.isascii() and word.isalpha():
            words.append(word)
    return " ".join(words)[: 6 * tokens]


def quoting(ids: Sequence[int], count: int, share: float, vocabulary: int, chooser: random.Random) -> list[int]:
    """An answer of ``count`` tokens, ``share`` of them in passages of ``ids``."""
    strange = sorted(set(range(1000 if vocabulary > 2000 else 300, vocabulary)).difference(ids))
    result: list[int] = []
    quoted = 0
    while len(result) < count:
        if quoted < share * (len(result) + 1):
            length = min(chooser.randint(*PASSAGE), count - len(result))
            start = chooser.randrange(len(ids) - length)
            result += ids[start : start + length]
            quoted += length
        else:
            result.append(chooser.choice(strange))
    return result


def replay(engine: Engine, options: argparse.Namespace) -> list[dict[str, float]]:
    """A row for each share of quoted tokens."""
    chooser = random.Random(1)
    text = document(engine, options.context, chooser)
    model = engine._loaded()
    rows = []
    parts = (TextPart(text), TextPart("Quote it."))
    request = Request(
        (ChatMessage("user", parts),), Sampling(), max_new_tokens=options.answer, documents=(Attached("k", "a", 1),)
    )
    ids = model.tokenizer.encode_data(text)
    answer(engine, replace(request, max_new_tokens=20), False)
    for share in options.quoted:
        plain, drafted = [], []
        for number in range(options.repeats):
            words = quoting(ids, options.answer, share / 100, model.config.text.vocab_size, chooser)
            ways = [(False, plain), (True, drafted)]
            for lookup, into in ways if number % 2 else reversed(ways):
                with replayed(words):
                    into.append(answer(engine, request, lookup))
            assert drafted[-1].text == plain[-1].text
        rows.append(row(share, plain, drafted))
        print(line(rows[-1]))
    costs = model.speculation.costs
    print("a pass over T positions, in passes over one:", {size: round(costs.ratio(size), 2) for size in costs._ratios})
    return rows


def own(engine: Engine, count: int) -> dict[str, float]:
    """Held-out questions, answered by the model itself."""
    from model.training.data.held_out import cases

    plain, drafted = [], []
    for case in cases("text", count):
        request = replace(case.request, sampling=Sampling(temperature=0.0), max_new_tokens=160)
        plain.append(answer(engine, request, False))
        drafted.append(answer(engine, request, True))
    found = row(-1, plain, drafted)
    found["same"] = sum(one.text == other.text for one, other in zip(plain, drafted, strict=True))
    found["answers"] = count
    print(line(found), f"{found['same']} of {count} answers the same")
    return found


def row(share: float, plain: Sequence[Timed], drafted: Sequence[Timed]) -> dict[str, float]:
    """Medians of the speeds, and their ratio pair by pair."""
    pairs = [(a, b) for a, b in zip(plain, drafted, strict=True) if a.seconds and b.seconds]
    usages = [one.end.usage for one in drafted]
    return {
        "quoted_percent": share,
        "plain_tokens_per_s": round(median((a.tokens - 1) / a.seconds for a, _ in pairs), 2),
        "lookup_tokens_per_s": round(median((b.tokens - 1) / b.seconds for _, b in pairs), 2),
        "ratio": round(median(a.seconds * (b.tokens - 1) / b.seconds / (a.tokens - 1) for a, b in pairs), 3),
        "drafted": sum(usage.drafted_tokens for usage in usages),
        "accepted": sum(usage.accepted_tokens for usage in usages),
        "tokens": sum(usage.answer_tokens for usage in usages),
    }


def line(found: dict[str, float]) -> str:
    """A row for the reader."""
    what = "its own answers" if found["quoted_percent"] < 0 else f"{found['quoted_percent']:.0f} % quoted"
    return (
        f"{what}: {found['plain_tokens_per_s']:.1f} tokens/s plainly, {found['lookup_tokens_per_s']:.1f} with lookup: "
        f"{found['ratio']:.2f} ×; {found['accepted']:.0f} of {found['drafted']:.0f} drafted tokens accepted in "
        f"{found['tokens']:.0f}"
    )


def _shares(text: str) -> list[float]:
    return [float(part) for part in text.split(",")]


def main() -> None:
    """Prints a line a share, and all as JSON at the end."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument(
        "--quoted", type=lambda text: [float(part) for part in text.split(",")], default=[0, 50, 70, 90]
    )
    parser.add_argument("--context", type=int, default=2000)
    parser.add_argument("--answer", type=int, default=300)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--own", type=int, default=0, metavar="N", help="N questions that the model answers by itself")
    options = parser.parse_args()
    engine = Engine.open(options.model, quantise=False)
    print(json.dumps([own(engine, options.own)] if options.own else replay(engine, options)))
    engine.close()


if __name__ == "__main__":
    main()
