"""The sample model that ships answers rightly about a file that it has never seen, through the command line."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from app import paths


def ask(question: str) -> dict[str, Any]:
    invoice = str(paths.resource("samples", "invoice.pdf"))
    command = [sys.executable, "-m", "app.cli", "ask", invoice, "-q", question, "--json", "--max-tokens", "60"]
    result: dict[str, Any] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return result


def test_right_answers_with_their_evidence_also_after_a_restart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each question is a process of its own: the later ones come back to what the first has read and saved."""
    monkeypatch.setenv("LECTERN_HOME", str(tmp_path))
    due = ask("What is the due date?")
    assert due["answer"] == '8 April 2026 [page 1: "Due date: 8 April 2026"]'
    (evidence,) = due["evidence"]
    assert (evidence["quote"], evidence["state"], evidence["page"]) == ("Due date: 8 April 2026", "found", 1)
    assert evidence["document"] == "invoice.pdf" and len(evidence["boxes"]) >= 1
    total = ask("What is the total?")
    assert total["answer"] == 'EUR 1788.84 [page 1: "Total EUR 1788.84"]'
    assert total["documents"][0]["state"] == "disk"
    assert total["usage"]["reused_tokens"] > 700
    assert ask("What is the customer number?")["answer"] == "Not in the document."
