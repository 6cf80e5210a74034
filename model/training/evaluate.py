"""The table: what a checkpoint answers rightly, through Lectern's engine, on questions that training never saw.

``python -m model.training.evaluate --model DIR [--questions 100] [--ways bf16,chunked,reuse,nf4,int4]``
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor

from model.engine.engine import Engine
from model.formats.table import BF16, NAMES
from model.training.data.held_out import TASKS, Case, Task, cases
from model.training.data.questions import NOT_THERE
from model.types import Failed, Format, Sampling, TextDelta

MAX_TOKENS = 160
WAYS = (BF16.name, "chunked", "reuse", *NAMES)
FORMATS: tuple[Format, ...] = NAMES
SMALL_CHUNK = 96
WHOLE = 1 << 20
_PLACE = re.compile(r"\[page (\d+): ")


@dataclass(frozen=True, slots=True)
class Given:
    """An answer that the model gave to a case."""

    case: Case
    text: str

    @property
    def exact(self) -> bool:
        """The whole answer, evidence and all."""
        return self.text == self.case.answer.text

    @property
    def right(self) -> bool:
        """The value, and the right page or the right time; an absent value refused."""
        wanted = self.case.answer
        if wanted.kind == "absent" or self.refused:
            return wanted.kind == "absent" and self.refused
        if wanted.kind == "scenes":
            return self.exact
        return self.text.split(" [")[0] == wanted.value and self._place(self.text) == self._place(wanted.text)

    @property
    def value_right(self) -> bool:
        """The value alone, whatever page or time is named."""
        wanted = self.case.answer
        return self.exact if wanted.kind == "scenes" else self.text.split(" [")[0] == wanted.value

    @property
    def refused(self) -> bool:
        """Said that it is not there."""
        return self.text == NOT_THERE

    @staticmethod
    def _place(text: str) -> str:
        page = _PLACE.search(text)
        return page[1] if page else text.rpartition(" [")[2]


class Way:
    """The engine, used in one way."""

    def __init__(self, folder: Path, way: str, store: Path) -> None:
        fmt = next((fmt for fmt in FORMATS if fmt == way), None)
        self.engine = Engine.open(folder, quantise=fmt is not None, fmt=fmt, store=store)
        self._drop = way != "reuse"
        chunk = SMALL_CHUNK if way == "chunked" else WHOLE
        loaded = self.engine._loaded()
        self.engine._model = self.model = replace(loaded, chunk_tokens=chunk if way != "reuse" else loaded.chunk_tokens)

    def answer(self, case: Case) -> Given:
        """The engine's answer to ``case``, drawn greedily."""
        if self._drop:
            self.model.residency.drop()
        request = replace(case.request, sampling=Sampling(temperature=0.0), max_new_tokens=MAX_TOKENS)
        text = []
        for event in self.engine.generate(request, threading.Event()):
            if isinstance(event, Failed):
                raise RuntimeError(event.message)
            if isinstance(event, TextDelta):
                text.append(event.text)
        return Given(case, "".join(text).strip())

    @torch.inference_mode()
    def answer_logits(self, case: Case) -> tuple[Tensor, Tensor]:
        """Logits [n, V] at the answer's tokens, given all before, and these tokens [n]."""
        model = self.model
        prompt = model.prompt(case.request)
        answer = [*model.tokenizer.encode_data(case.answer.text), model.config.eos_token_ids[1]]
        ids = torch.cat([torch.from_numpy(prompt.ids), torch.tensor(answer)]).to(model.decoder.device)
        hidden = model.decoder.embed(ids)
        for span in prompt.spans:
            assert model.features is not None
            hidden[span.start : span.stop] = model.features.soft_tokens(span.source).to(hidden)
        spans = [(span.start, span.stop) for span in prompt.spans]
        last = model.decoder.forward(hidden, model.decoder.new_cache(), spans, ids=ids)
        return model.decoder.logits(last[len(prompt.ids) - 1 : -1]), ids[len(prompt.ids) :]


@dataclass(frozen=True, slots=True)
class Score:
    """The results for the cases of one task."""

    present: int
    value: int
    right: int
    exact: int
    wrongly_refused: int
    absent: int
    refused: int

    @classmethod
    def of(cls, given: Sequence[Given]) -> Score:
        """The score of the answers in ``given``."""
        there = [g for g in given if g.case.answer.kind != "absent"]
        gone = [g for g in given if g.case.answer.kind == "absent"]
        return cls(
            len(there),
            sum(g.value_right for g in there),
            sum(g.right for g in there),
            sum(g.exact for g in there),
            sum(g.refused for g in there),
            len(gone),
            sum(g.refused for g in gone),
        )

    def row(self, name: str) -> str:
        """As a line of a Markdown table."""
        parts = [
            _share(self.value, self.present),
            _share(self.right, self.present),
            _share(self.exact, self.present),
            _share(self.refused, self.absent),
            _share(self.wrongly_refused, self.present),
            str(self.present + self.absent),
        ]
        return f"| {name} | {' | '.join(parts)} |"


HEAD = (
    "| task, way | value right | value and place right | whole answer exact | refused where absent "
    "| wrongly refused | questions |\n| --- | --- | --- | --- | --- | --- | --- |"
)


def _share(count: int, of: int) -> str:
    return f"{100 * count / of:.1f} %" if of else "–"


def table(
    folder: Path,
    tasks: Iterable[Task],
    ways: Sequence[str],
    count: int,
    seed: int = 0,
    shown: int = 0,
    say: Callable[[str], None] = lambda _: None,
) -> Iterator[str]:
    """The lines of the table."""
    yield HEAD
    with tempfile.TemporaryDirectory() as store:
        opened = {way: Way(folder, way, Path(store)) for way in ways}
        for task in tasks:
            asked = list(cases(task, count, seed))
            for way, engine in opened.items():
                began = time.monotonic()
                given = [engine.answer(case) for case in asked]
                say(f"{task}, {way}: {time.monotonic() - began:.0f} s")
                for wrong in [g for g in given if not g.exact][:shown]:
                    question = wrong.case.request.messages[-1].parts[-1]
                    say(f"  {question} → {wrong.text!r}, not {wrong.case.answer.text!r}")
                yield Score.of(given).row(f"{task}, {way}")
            for fmt in FORMATS:
                if BF16.name in opened and fmt in opened:
                    yield _divergence(opened[BF16.name], opened[fmt], asked, f"{task}, {fmt}")


def _divergence(plain: Way, quantised: Way, asked: Sequence[Case], name: str) -> str:
    kl = loss = quantised_loss = 0.0
    tokens = 0
    for case in asked:
        (a, labels), (b, _) = plain.answer_logits(case), quantised.answer_logits(case)
        first, second = a.double().log_softmax(-1), b.double().log_softmax(-1)
        kl += float((first.exp() * (first - second)).sum())
        loss -= float(first.gather(1, labels[:, None]).sum())
        quantised_loss -= float(second.gather(1, labels[:, None]).sum())
        tokens += len(labels)
    means = [value / tokens for value in (loss, quantised_loss, kl)]
    before, after = (torch.tensor(mean).exp().item() for mean in means[:2])
    return f"| {name}: answer perplexity {before:.4f} → {after:.4f}; KL {means[2]:.5f} nats a token | | | | | |"


def to_error(line: str) -> None:
    """Progress, apart from the table."""
    print(line, file=sys.stderr, flush=True)


def main(arguments: list[str] | None = None) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(
        prog="python -m model.training.evaluate", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument(
        "--questions", type=int, default=100, help="number for each task; use 500 for figures to report"
    )
    parser.add_argument("--tasks", default=",".join(t.replace(", ", "/") for t in TASKS))
    parser.add_argument("--ways", default=BF16.name, help=f"comma-separated; some of {','.join(WAYS)}")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--show", type=int, default=0, help="number of wrong answers to show for each task and way")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args(arguments)
    torch.set_num_threads(options.threads)
    wanted = [task for task in TASKS if task.replace(", ", "/") in options.tasks.split(",")]
    ways = options.ways.split(",")
    lines = table(options.model, wanted, ways, options.questions, options.seed, options.show, to_error)
    for line in lines:
        print(line, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
