"""A user's own questions: read with each mistake named, marked as a person would, compared with an earlier run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from app import cli, paths
from app.diagnostics.comparing import compared, read_report
from app.diagnostics.questions import Question, is_right, read_questions
from model.errors import LecternError


@pytest.mark.parametrize(
    ("answer", "accepted", "right"),
    [
        ("It ends on **31 March 2027**.", "31 March 2027", True),
        ("It ends on 31  march\n2027.", "31 March 2027", True),
        ("Total: €1,240.50", "1,240.50", True),
        ("Total: 1,240.505", "1,240.50", False),
        ("Total: 5,000", "000", False),
        ("Total: 50001", "5000", False),
        ("The “Blue” one", '"Blue"', True),
        ("unpaid", "paid", False),
        ("", "x", False),
    ],
)
def test_marked_as_a_person_would(answer: str, accepted: str, right: bool) -> None:
    assert is_right(answer, [accepted]) is right
    assert is_right(answer, ["something else", accepted]) is right


def test_both_forms_of_the_file_hold_the_same(tmp_path: Path) -> None:
    lines, table = tmp_path / "q.jsonl", tmp_path / "q.csv"
    row = {"files": ["a.pdf", "b.pdf"], "question": "When?", "answer": ["now", "today"]}
    lines.write_text(json.dumps(row) + "\n\n", encoding="utf-8")
    table.write_text("question,files,answer\nWhen?,a.pdf|b.pdf,now | today\n", encoding="utf-8-sig")
    wanted = [Question((tmp_path / "a.pdf", tmp_path / "b.pdf"), "When?", ("now", "today"))]
    assert read_questions(lines) == read_questions(table) == wanted


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "1 to 10,000 questions"),
        ("{", "line 1: it is not JSON"),
        ("[1]", "line 1: it is not an object"),
        ('{"files": "a", "question": "?", "answer": "x"}\n{"files": "a", "answer": "x"}', "line 2: it has no question"),
        ('{"files": [], "question": "?", "answer": "x"}', "names no files"),
        ('{"files": [1], "question": "?", "answer": "x"}', "names no files"),
        ('{"files": "a", "question": "?"}', "has no answer"),
        ('{"files": "a", "question": "?", "answer": [" "]}', "has no answer"),
        ("[" * 100_000, "it is not JSON"),
    ],
)
def test_each_mistake_is_named_with_its_line(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "q.jsonl"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(LecternError, match=words):
        read_questions(file)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(LecternError, match="cannot be read"):
        read_questions(tmp_path / "none.csv")


def report(**more: Any) -> dict[str, Any]:
    return {"model": "Gemma", "figures": [], "peak_bytes": {"Lectern": 2 * 10**9}, **more}


def figure(name: str, value: float, unit: str, spread: float = 0.01) -> dict[str, Any]:
    return {"name": name, "value": value, "unit": unit, "spread": spread}


def test_speeds_are_compared_in_the_direction_that_matters() -> None:
    before = report(figures=[figure("decode", 10, "tokens/s"), figure("opening", 4, "s"), figure("x", 1, "s")])
    now = report(figures=[figure("decode", 15, "tokens/s"), figure("opening", 2, "s"), figure("x", 1.3, "s", 0.4)])
    lines = compared(before, now)
    assert "decode: 10 → 15 tokens/s, 1.50 × as fast" in lines[1]
    assert "opening: 4 → 2 s, 2.00 × as fast" in lines[2]
    assert "no clear change" in lines[3], "within the repeats' own spread"
    assert "peak memory: 2.00 → 2.00 GB" in lines[4]


def test_questions_that_changed_are_named() -> None:
    def asked(**right: bool) -> list[dict[str, Any]]:
        return [{"files": ["a"], "question": name, "right": one, "evidenced": one} for name, one in right.items()]

    lines = compared(
        report(questions=asked(a=True, b=False, c=True)), report(questions=asked(a=False, b=True, c=True, d=True))
    )
    assert "  right: 2 → 2 of 3" in lines
    assert "  now right: b" in lines and "  no longer right: a" in lines


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"figures": 1}'])
def test_a_baseline_that_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "b.json").write_text(text)
    with pytest.raises(LecternError, match=r"b\.json"):
        read_report(tmp_path / "b.json")


def test_the_sample_model_asked_and_compared_with_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(paths.HOME_VARIABLE, str(tmp_path / "home"))
    file = tmp_path / "q.jsonl"
    rows = [
        {"question": "What is the invoice number?", "answer": "2024-0117"},
        {"question": "What is the due date?", "answer": "never"},
    ]
    sample = str(paths.resource("samples", "invoice.pdf"))
    file.write_text("\n".join(json.dumps(row | {"files": [sample]}) for row in rows), encoding="utf-8")
    assert cli.main(["bench", "--questions", str(file), "--json"]) == 0
    (tmp_path / "before.json").write_text(said := capsys.readouterr().out, encoding="utf-8")
    first, second = json.loads(said)["questions"]
    assert not second["right"] and first["answer"]
    assert cli.main(["bench", "--questions", str(file), "--against", str(tmp_path / "before.json")]) == 0
    out = capsys.readouterr().out
    assert f"right: {int(first['right'])} → {int(first['right'])} of 2" in out
    assert "no longer right" not in out
    assert "of limit" not in out, "no head of a table of speeds, which were not measured"
    assert f"answered: {second['answer'][:20]}" in out and "right: never" in out
