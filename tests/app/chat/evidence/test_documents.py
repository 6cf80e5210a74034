"""A small run of ``tests.bench.reading.bench_evidence``: real PDFs through the real reader."""

from __future__ import annotations

from pathlib import Path

from tests.evidence.trial import run, run_kinds


def test_true_quotations_are_found_and_false_ones_are_not(tmp_path: Path) -> None:
    figures = run(tmp_path, documents=24, seed=3)
    assert len(figures.of("true")) > 150 and len(figures.of("false")) > 150 and len(figures.of("shifted")) > 25
    wrong = [outcome.answer for sort in ("true", "false", "shifted") for outcome in figures.wrong(sort)]
    assert figures.share("true") >= 0.98, wrong
    assert figures.share("false") >= 0.99, wrong
    assert figures.altered == 0, wrong
    assert figures.share("shifted") >= 0.96, wrong
    assert figures.overlap() > 0.85


def test_pages_that_are_hard_to_read(tmp_path: Path) -> None:
    figures = run_kinds(tmp_path, each=1, seed=11)
    assert figures.count(true=True) > 100 and figures.count(true=False) > 250
    assert figures.share(true=True) >= 0.98, figures.wrong
    assert figures.share(true=False) >= 0.997, figures.wrong
    assert figures.altered == 0, figures.wrong
