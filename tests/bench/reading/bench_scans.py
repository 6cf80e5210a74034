"""Scans read as text: quotations looked up in them, and the first word of an answer.

    python -m tests.bench.reading.bench_scans [--only first evidence] [--documents 40] [--wrong]

*first*: a scan of three pages, from the question to the first word of the answer, with a fresh engine that is open.
*evidence*: the documents of ``bench_evidence`` in English and German, scanned (200 dots an inch, noise, JPEG) and read
by the real engine; quotations are taken from the documents themselves. The exit status is 1 where a bar is missed:
8 s; true quotations located 97 %, invented ones accepted or excused 0.3 %, changed digits accepted none. Questions
about scans are in ``bench_scan_questions``; what a user waits for in all is in ``lectern bench --only waits``.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import threading
import time
from pathlib import Path

from app import paths
from app.chat.request import Turn, build_request
from model.engine.engine import Engine
from model.training.data.records import Recipe, make_record
from model.training.files import write_pdf
from model.types import TextDelta
from tests.evidence.scans import excused, reading, run_scans, scan_of

PARTS = ("first", "evidence")


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--documents", type=int, default=40, help="scans that are quoted from")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--wrong", action="store_true", help="show what came out wrong")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    report: dict[str, object] = {}
    good = True
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if "first" in options.only:
            good &= _first(folder, report)
        if "evidence" in options.only:
            good &= _evidence(folder, options, report)
    print(json.dumps(report) if options.json else "\n".join(f"{key:44} {value}" for key, value in report.items()))
    return 0 if good else 1


def _tell(done: int) -> None:
    if sys.stderr.isatty():
        print(f"\r{done} documents", end="", file=sys.stderr, flush=True)


def _evidence(folder: Path, options: argparse.Namespace, report: dict[str, object]) -> bool:
    figures = run_scans(folder, options.documents, options.seed, _tell)
    false = figures.of("false")
    accepted = sum(outcome.state in ("found", "scanned", "elsewhere") for outcome in false)
    report |= {
        "true_quotations": len(figures.of("true")),
        "true_located_percent": round(100 * figures.share("true"), 2),
        "invented_quotations": len(false),
        "invented_accepted_percent": round(100 * accepted / max(1, len(false)), 2),
        "invented_excused": len(excused(figures)),
        "changed_digits": sum(outcome.asked.how in ("digit", "numbers", "short") for outcome in false),
        "changed_digits_accepted": figures.altered,
        "wrong_page_named_elsewhere_percent": round(100 * figures.share("shifted"), 2),
        "true_by_way": figures.by_way("true"),
        "invented_refused_by_way": figures.by_way("false"),
    }
    for sort in ("true", "false", "shifted") if options.wrong else ():
        for one in figures.wrong(sort):
            print(f"{sort}, {one.asked.how}: {one.state}, {one.covered:.2f}, {one.overlap:.2f}\n  {one.answer!r}")
    missed = bool(accepted + len(excused(figures)) > 0.003 * len(false) or figures.altered)
    return figures.share("true") >= 0.97 and not missed


def _first(folder: Path, report: dict[str, object]) -> bool:
    """Three pages that are new to it; the engine is open, as it is while a user attaches a file."""
    rng = random.Random("scans:first")
    text = folder / "first-text.pdf"
    while True:
        try:
            write_pdf(text, make_record(rng, Recipe(pages=(3, 3), fields=(6, 8), prose=0.5, tables=0.0)))
            break
        except ValueError:
            continue
    path = scan_of(text, folder / "first.pdf", rng)
    engine = Engine.open(paths.resource("sample_model"), quantise=False, store=folder / "kept-first")
    with reading(folder / "fresh") as read:
        begun = time.perf_counter()
        document = read(path)
        ready = time.perf_counter()
        request = build_request([document], [Turn("What is the due date?")])
        next(event for event in engine.generate(request, threading.Event()) if isinstance(event, TextDelta))
        seconds = time.perf_counter() - ready
    report |= {
        "three_page_scan_read_s": round(ready - begun, 2),
        "three_page_scan_question_to_first_word_s": round(seconds, 2),
        "three_page_scan_both_s": round(ready - begun + seconds, 2),
    }
    return seconds <= 8


if __name__ == "__main__":
    raise SystemExit(main())
