"""A report holds where it went wrong, and nothing that belongs to the person."""

from __future__ import annotations

import json
import logging
import zipfile
from pathlib import Path

import pytest

from app import paths
from app.diagnostics.problem_report import redacted, write_report
from app.library.logs import start_logging

LOG = """2026-01-02 03:04:05,678 WARNING MainThread app.ingest.read: /home/anna/Steuer 2025/Bescheid.pdf is damaged
2026-01-02 03:04:05,679 ERROR lectern-model app.engine: failed on 'My secret question' in C:\\\\Users\\\\Anna\\\\x.pdf
Traceback (most recent call last):
  File "/opt/lectern/_internal/app/engine/model/worker.py", line 12, in run
    self._job(number)
  File "/home/anna/venv/lib/python3.11/site-packages/torch/nn/functional.py", line 3, in linear
ValueError: Anna owes 500 euros
"""


def test_foreign_paths_quotations_and_the_words_of_errors_are_taken_out() -> None:
    text = redacted(LOG)
    for secret in ("anna", "Anna", "Steuer", "Bescheid", "secret", "500"):
        assert secret not in text, text
    assert 'File "app/engine/model/worker.py", line 12, in run' in text
    assert "site-packages/torch/nn/functional.py" in text
    assert "ValueError: …" in text
    assert "self._job(number)" in text


def test_the_report_is_a_zip_with_machine_versions_and_logs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(paths.HOME_VARIABLE, str(tmp_path / "anna"))
    logs = start_logging()
    try:
        logging.getLogger("app.test").warning("could not open %s", tmp_path / "anna" / "diary.pdf")
    finally:
        logs.close()
    write_report(tmp_path / "report.zip")
    with zipfile.ZipFile(tmp_path / "report.zip") as archive:
        about = json.loads(archive.read("about.json"))
        log = archive.read("lectern.log").decode()
        everything = "".join(archive.read(name).decode() for name in archive.namelist())
    assert about["versions"]["torch"] and about["machine"]["cores"] >= 1
    assert "could not open" in log
    assert "diary" not in everything and str(tmp_path) not in everything
    assert {entry.name for entry in tmp_path.iterdir()} == {"anna", "report.zip"}


def test_without_any_log_there_is_still_a_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(paths.HOME_VARIABLE, str(tmp_path))
    write_report(tmp_path / "report.zip")
    with zipfile.ZipFile(tmp_path / "report.zip") as archive:
        assert archive.namelist() == ["about.json"]
