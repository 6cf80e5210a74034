"""The trial of quotations on scans, in small: ``tests.bench.reading.bench_scans`` does the same with many documents."""

from __future__ import annotations

from pathlib import Path

from tests.evidence.scans import excused, run_scans


def test_true_quotations_are_located_and_altered_ones_never_accepted(tmp_path: Path) -> None:
    figures = run_scans(tmp_path, 1, seed=1, most_pages=1)
    assert len(figures.of("true")) >= 10 and figures.share("true") >= 0.9
    assert len(figures.of("false")) >= 8 and figures.share("false") == 1.0
    assert not figures.altered and not excused(figures)
