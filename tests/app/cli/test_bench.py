"""``lectern bench`` as a person runs it, on the sample model and on a generated shape."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from app import cli, paths


@pytest.fixture(scope="module", autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("home")
        patch.setenv("LECTERN_HOME", str(folder))
        yield folder


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "app.cli", "bench", *map(str, arguments)]


def bench(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(*arguments), capture_output=True, text=True, encoding="utf-8", timeout=170)


def bench_json(*arguments: object) -> dict[str, Any]:
    result = bench(*arguments, "--json")
    assert result.returncode == 0, result.stderr
    report = json.loads(result.stdout)
    assert isinstance(report, dict)
    return report


def test_the_sample_model_quickly(tmp_path: Path) -> None:
    plot = tmp_path / "bench.svg"
    report = bench_json("--quick", "--only", "opening", "prefill", "decode", "second", "vision", "--plot", plot)
    figures = {figure["name"]: figure for figure in report["figures"]}
    assert [name for name in figures if "document" not in name] == [
        "opening, from the disk",
        "opening, again",
        "opening, the vocabulary alone",
        "prefill 128",
        "prefill 128 at depth 512",
        "decode",
        "decode at depth 512",
        "first token, the next question about it",
        "answer, sampled and streamed",
        "vision, budget 70",
    ]
    assert all(min(figure["seconds"]) > 0 for figure in figures.values())
    # Of a rate that is measured on the same machine a moment before, and products of 8 bits pass that of 16.
    assert figures["prefill 128"]["of_limit"] > 0 and figures["decode"]["of_limit"] > 0
    assert figures["opening, again"]["of_limit"] is None
    assert report["machine"]["bandwidth"] > 1e8 and report["machine"]["matrix_rate"] > 1e8
    assert report["peak_bytes"]["Lectern"] > report["about"]["weight_bytes"]
    ElementTree.parse(plot)
    assert "prefill 128" in plot.read_text(encoding="utf-8")


def test_reading_files_beside_the_bare_libraries() -> None:
    report = bench_json("--quick", "--only", "ingest")
    pdf, clip = report["figures"]
    assert pdf["name"] == "PDF, 20 pages of text" and set(pdf["peers"]) == {"MuPDF"}
    assert clip["name"].startswith("video of 0:20 at 1080p, ") and set(clip["peers"]) == {"PyAV"}
    for figure in (pdf, clip):
        (peer,) = figure["peers"].values()
        assert peer["times"] == pytest.approx(figure["value"] / peer["value"], rel=0.01)
    assert report["model"] == ""


def test_what_a_user_waits_for(home: Path) -> None:
    report = bench_json("--quick", "--only", "waits", "--model", paths.resource("sample_model"))
    figures = {figure["name"]: figure["value"] for figure in report["figures"] if not figure["name"].startswith(" ")}
    new, again, scan, pdf = figures
    assert (new, again) == ("start to first word, a new document", "start to first word, the same document again")
    assert "scan of 3 pages" in scan and "PDF of 20 pages" in pdf
    parts = [[figure["value"] for figure in report["figures"][at + 1 : at + 5]] for at in (0, 5, 10)]
    for whole, of in zip((new, again, scan), parts, strict=True):
        assert sum(of) == pytest.approx(figures[whole], abs=0.01)
    assert min(map(min, parts)) >= 0
    assert not [path for path in home.rglob("*") if path.is_file() and "documents" in path.parts]  # nothing stays


def test_waits_that_cannot_be_measured_say_why(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["bench", "--quick", "--only", "waits", "--model", str(tmp_path)]) == 1
    error = capsys.readouterr().err.splitlines()[-1]
    assert "The waits could not be measured: " in error and "is not a model folder" in error


def test_a_generated_shape_with_a_peer_as_a_table(tmp_path: Path) -> None:
    arguments = ("--shape", "tiny", "--quick", "--only", "decode", "--depths", 0, "--work", tmp_path)
    result = bench(*arguments, "--peer", "transformers", "--peer", f"broken={sys.executable}")
    assert result.returncode == 0, result.stderr
    rows = result.stdout.splitlines()
    assert rows[0].startswith("Random tiny model: NF4")
    decode = next(row for row in rows if row.startswith("decode "))
    assert "tokens/s" in decode and " ×" in decode
    assert any(row.startswith("transformers: transformers ") for row in rows)
    assert "broken could not be measured." in rows
    assert "llama_cpp" in result.stderr and "Traceback" not in result.stderr
    assert (tmp_path / "tiny" / "complete").is_file() and (tmp_path / "tiny-q4_0.gguf").stat().st_size > 10_000


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--prefill", "0"], "not a list of whole numbers"),
        (["--budgets", "71"], "contains values other than 70"),
        (["--peer", "/no/such/python"], "neither a Python program"),
        (["--only", "cooking"], "invalid choice"),
        (["--shape", "tiny", "--model", "."], "not allowed with"),
    ],
)
def test_wrong_usage(arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        cli.main(["bench", *arguments])
    assert stopped.value.code == 2
    assert words in capsys.readouterr().err


def test_a_folder_without_a_model(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["bench", "--quick", "--only", "decode", "--model", str(tmp_path)]) == 1
    captured = capsys.readouterr()
    assert captured.out == "" and "holds no config.json" in captured.err.splitlines()[-1]


@pytest.mark.skipif(sys.platform == "win32", reason="signals of this kind are POSIX's")
def test_ctrl_c_stops_it(home: Path) -> None:
    running = subprocess.Popen(
        command("--repeats", 1000, "--only", "prefill", "--prefill", 2048, "--depths", 0),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    log = home / "logs" / "lectern.log"
    with pytest.raises(subprocess.TimeoutExpired):
        running.wait(timeout=8)
    running.send_signal(signal.SIGINT)
    out, errors = running.communicate(timeout=60)
    assert (running.returncode, out, errors.splitlines()[-1:]) == (1, "", ["lectern: Stopped."]), log
