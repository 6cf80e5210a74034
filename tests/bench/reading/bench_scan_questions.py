"""Questions about scans and screenshots, answered by the sample model from the text recognised on them.

Run ``python -m tests.bench.reading.bench_scan_questions [--questions 200] [--seed N] [--twin] [--wrong]``

The documents are those of the developers' own generator (``model.training``), without tables: half of the questions
are about scans of up to three pages at 150 dots an inch with noise (a third of them turned by a quarter or two, or
skewed), half about screenshots, light and dark, in fonts and layouts that training never saw. An answer is right
when its value is; its quotation is looked up as in the window, a number that was hard to read a second time. Figures
are printed by kind of file and by the layout of value and label. ``--twin`` also asks the same questions of the same
documents with a text layer: what is wrong there too is the model's mistake. The exit status is 1 where fewer than
90 % are right.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PIL import Image

from app import paths
from app.chat.evidence.closer import check_closely
from app.chat.request import AskOptions, Turn, build_request
from app.ingest.formats.mupdf import pymupdf
from app.ingest.types import Document
from model.engine.engine import Engine
from model.training.data.fonts import HELD_OUT_FONTS
from model.training.data.held_out import HELD_OUT_STYLES, NEW_SIZES, TRAIN_STYLES
from model.training.data.pages import Look, draw_page
from model.training.data.questions import NOT_THERE, Answer, questions
from model.training.data.records import Recipe, Record, Style, make_record
from model.training.files import write_pdf
from model.types import Failed, Sampling, TextDelta
from tests.evidence.scans import reading, scan_of

EACH = 5
SCANS = Recipe(pages=(1, 3), fields=(2, 10), prose=0.35, tables=0.0, styles=TRAIN_STYLES, footers=0.3)
SHOTS = Look(
    sizes=NEW_SIZES,
    print_px=(22, 32),
    pace=(1.25, 1.6),
    recipe=Recipe(fields=(2, 8), tables=0.0, styles=HELD_OUT_STYLES),
    fonts=HELD_OUT_FONTS,
)
FORMS: dict[Style, str] = dict.fromkeys(("beside", "beside_plain", "dots", "spaced"), "value in a column of its own")
FORMS |= dict.fromkeys(("stacked", "stacked_colon", "pairs", "pairs_plain", "grid"), "label above its value")
FORMS |= {"sentence": "in a sentence"}
USUAL, ABSENT = "label and value on one line", "not in the document"


@dataclass(frozen=True, slots=True)
class Case:
    """A file of a kind, the same with a text layer where there is one, what is in it, and what is asked."""

    path: Path
    kind: str
    record: Record
    asked: list[tuple[str, Answer]]
    twin: Path | None = None


def cases(folder: Path, count: int, seed: int, scans: bool) -> Iterator[Case]:
    """Files and the questions about each: this many questions in all."""
    number = done = 0
    while done < count:
        rng = random.Random(f"scans:{seed}:{scans}:{number}")
        number += 1
        case = _scan(folder, number, rng) if scans else _screenshot(folder, number, rng)
        if case is not None:
            case = replace(case, asked=questions(rng, case.record, EACH)[: count - done])
            done += len(case.asked)
            yield case


def _scan(folder: Path, number: int, rng: random.Random) -> Case | None:
    record, text = make_record(rng, SCANS), folder / f"{number}-text.pdf"
    try:
        write_pdf(text, record)
    except ValueError:  # too long for its paper
        return None
    path = scan_of(text, folder / f"{number}-made-up.pdf", rng, 150)
    if number % 3:
        return Case(path, "scan", record, [], text)
    return Case(_turned(path, folder / f"{number}-turned.pdf", rng), "scan, turned or skewed", record, [], text)


def _turned(path: Path, target: Path, rng: random.Random) -> Path:
    """The same scan, put in another way: by quarters, or a little askew."""
    degrees = rng.choice((90, 180, 270, rng.uniform(-2.5, 2.5)))
    with pymupdf.open(str(path)) as source, pymupdf.open() as scan:
        for page in source:
            pixmap = page.get_pixmap(dpi=150, colorspace=pymupdf.csGRAY)
            image = Image.frombytes("L", (pixmap.width, pixmap.height), pixmap.samples)
            image = image.rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=240)
            file = target.with_suffix(".png")
            image.save(file)
            sheet = scan.new_page(width=image.width * 0.48, height=image.height * 0.48)
            sheet.insert_image(sheet.rect, filename=str(file))
        scan.save(str(target))
    return target


def _screenshot(folder: Path, number: int, rng: random.Random) -> Case:
    page = draw_page(rng, SHOTS)
    path = folder / f"{number}-made-up.png"
    Image.fromarray(page.pixels).save(path)
    light = float(np.median(page.pixels)) > 127
    return Case(path, "screenshot, light" if light else "screenshot, dark", page.record, [])


def stands(record: Record, answer: Answer) -> str:
    """How a value is laid out next to its label."""
    if answer.kind == "absent" or answer.evidence is None:
        return ABSENT
    _, quote, _ = answer.evidence
    blocks = [block for page in record.pages for block in page]
    style = next(
        (block.style for block in blocks for fact in block.facts if (fact.value, fact.quote) == (answer.value, quote)),
        "inline",
    )
    return FORMS.get(style, USUAL)


def answered(engine: Engine, document: Document, question: str) -> str:
    """The answer of the model at temperature 0."""
    options = AskOptions(sampling=Sampling(temperature=0.0), max_new_tokens=80)
    text: list[str] = []
    for event in engine.generate(build_request([document], [Turn(question)], options), threading.Event()):
        if isinstance(event, Failed):
            raise RuntimeError(event.message)
        if isinstance(event, TextDelta):
            text.append(event.text)
    return "".join(text).strip()


def is_right(reply: str, wanted: Answer) -> bool:
    """Whether it gives the value, or says that there is none."""
    return reply == NOT_THERE if wanted.kind == "absent" else reply.split(" [")[0] == wanted.value


class Tally:
    """Shares by name."""

    def __init__(self) -> None:
        self._seen: defaultdict[str, list[bool]] = defaultdict(list)

    def add(self, name: str, good: bool) -> None:
        """Count one."""
        self._seen[name].append(good)

    def figures(self) -> dict[str, str]:
        """``47 of 50 (94.0 %)`` by name."""
        return {name: f"{sum(found)} of {len(found)} ({_percent(found)} %)" for name, found in self._seen.items()}


def _percent(found: list[bool]) -> float:
    return round(100 * sum(found) / max(1, len(found)), 1)


def run(options: argparse.Namespace, folder: Path, show: Callable[[str], None]) -> tuple[dict[str, str], bool]:
    """The figures by name, and whether enough is right."""
    tally, right = Tally(), []
    with reading(folder) as read:
        engine = Engine.open(paths.resource("sample_model"), quantise=False, store=folder / "kept")
        for scans in (True, False):
            for case in cases(folder, options.questions // 2, options.seed, scans):
                document = read(case.path)
                twin = read(case.twin) if options.twin and case.twin is not None else None
                for question, wanted in case.asked:
                    reply = answered(engine, document, question)
                    good = is_right(reply, wanted)
                    right.append(good)
                    tally.add(f"right: {case.kind}", good)
                    tally.add(f"right: {stands(case.record, wanted)}", good)
                    if good and wanted.kind != "absent":
                        found = check_closely(reply, [document], question)
                        shown = any(one.state in ("found", "scanned") and one.place is not None for one in found)
                        tally.add("evidence of right values found", shown)
                        if not shown:
                            show(f"{case.path.name}: {question} → {reply!r}: {[one.state for one in found]}")
                    other = answered(engine, twin, question) if twin is not None else None
                    if other is not None:
                        tally.add("right: the same with a text layer", is_right(other, wanted))
                    if not good:
                        beside = "" if other is None else f", with a text layer {other!r}"
                        show(f"{case.path.name}: {question} → {reply!r}, not {wanted.text!r}{beside}")
    whole = {"right": f"{sum(right)} of {len(right)} ({_percent(right)} %)"}
    return whole | tally.figures(), sum(right) >= 0.9 * len(right)


def main() -> int:
    """Print the figures; 1 where too few answers are right."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--twin", action="store_true", help="also ask the documents with their text layer")
    parser.add_argument("--wrong", action="store_true", help="show what came out wrong")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        report, good = run(options, Path(name), print if options.wrong else lambda words: None)
    print(json.dumps(report) if options.json else "\n".join(f"{key:56} {value}" for key, value in report.items()))
    return 0 if good else 1


if __name__ == "__main__":
    raise SystemExit(main())
