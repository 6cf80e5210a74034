"""The command line as a person runs it: a process of its own, the real reader and the real tiny model."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app import cli, paths
from app.cli.ask import Measured, finish, show
from app.cli.common.terminal import Status, harmless, one_line
from app.engine.model import kept
from app.library.models import sample_model_folder, sample_note
from app.paths import resource
from app.session.conversation import Exchange
from model.engine.needs import needs_of
from model.family.families import PUBLISHED
from model.synthetic.shapes import shape_config
from model.synthetic.writing import write_checkpoint
from model.types import TakenBack, TextDelta
from tests.fakes import finished
from tests.files.adapters import write_adapter
from tests.files.samples import encrypted_pdf, text_pdf, truncated

PDF, IMAGE, CLIP = (resource("samples", name) for name in ("invoice.pdf", "settings.png", "lamp.mp4"))
USAGE = {"prompt_tokens", "reused_tokens", "answer_tokens", "drafted_tokens", "accepted_tokens", "thinking_tokens"}
EVIDENCE = {"quote", "state", "document", "page", "time", "boxes", "reason"}
TIMINGS = {"start_s", "first_word_s", "ingest_s", "load_s", "prefill_s", "first_token_s", "decode_tokens_per_s"}


@pytest.fixture(scope="module", autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One home for the module, so that the sample model is written and quantised once."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("home")
        patch.setenv("LECTERN_HOME", str(folder))
        yield folder


@pytest.fixture(scope="module")
def noise(home: Path) -> Path:
    """A model of random weights, which goes on for long."""
    return write_checkpoint(home / "noise", "tiny")


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "app.cli", *map(str, arguments)]


def lectern(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(*arguments), capture_output=True, text=True, encoding="utf-8", timeout=120)


def ask_json(*arguments: object) -> dict[str, Any]:
    result = lectern("ask", *arguments, "--json")
    assert result.returncode == 0, result.stderr
    answer = json.loads(result.stdout)
    assert isinstance(answer, dict)
    return answer


def test_ask_about_a_pdf_as_json_and_as_text() -> None:
    arguments = (PDF, "-q", "What is the total?", "--seed", 5, "--max-tokens", 12)
    first = ask_json(*arguments)
    known = ["answer", "thinking", "evidence", "usage", "timings", "model", "documents", "preflight", "tool_uses"]
    known += ["ended", "note"]
    assert list(first) == known and first["tool_uses"] == []
    assert all(set(one) == EVIDENCE for one in first["evidence"])
    assert set(first["usage"]) == USAGE and set(first["timings"]) == TIMINGS
    assert all(isinstance(value, int) for value in first["usage"].values())
    assert all(isinstance(value, float) and value >= 0 for value in first["timings"].values())
    assert first["usage"]["prompt_tokens"] > 100
    assert 0 < first["usage"]["answer_tokens"] <= 12
    assert "sample" in first["model"].lower()
    assert lectern("forget", PDF).returncode == 0  # what comes back from the disk may round otherwise
    second = lectern("ask", *arguments)
    assert second.returncode == 0
    assert second.stdout == harmless(first["answer"]) + "\n"  # the same seed, another process
    assert str(sample_note()) in second.stderr
    assert "\r" not in second.stderr  # no progress where nobody looks


def test_ask_about_a_picture_and_a_clip_with_thinking() -> None:
    answer = ask_json(IMAGE, CLIP, "-q", "What is on?", "--budget", 70, "--think", "--seed", 1, "--max-tokens", 8)
    # A picture at 70 soft tokens, and at least eight frames.
    assert answer["usage"]["prompt_tokens"] > 9 * 40
    assert isinstance(answer["thinking"], str)


def test_the_second_process_does_not_read_the_documents_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copies = [tmp_path / "twice.pdf", tmp_path / "twice.png"]
    text_pdf(copies[0], pages=2)
    copies[1].write_bytes(IMAGE.read_bytes() + b"\0")  # a file of its own
    first = ask_json(*copies, "-q", "What is the total?", "--max-tokens", 2)
    assert [(d["file"], d["state"], d["ram_bytes"], d["disk_bytes"]) for d in first["documents"]] == [
        (str(path), "unread", 0, 0) for path in copies
    ]
    assert all(document["tokens"] > 50 for document in first["documents"])
    ahead = first["preflight"]
    assert list(ahead) == ["prompt_tokens", "reused_tokens", "context_tokens", "cache_bytes", "seconds", "scans"]
    assert ahead["prompt_tokens"] == first["usage"]["prompt_tokens"] < ahead["context_tokens"]
    assert ahead["cache_bytes"] > 0

    second = ask_json(*copies, "-q", "Who wrote it?", "--max-tokens", 2)
    assert [document["state"] for document in second["documents"]] == ["disk", "disk"]
    assert all(document["disk_bytes"] > 0 for document in second["documents"])
    reused = second["usage"]["reused_tokens"]
    assert reused == second["preflight"]["reused_tokens"] >= sum(document["tokens"] for document in second["documents"])
    assert isinstance(second["preflight"]["seconds"], float)

    assert cli.main(["forget", str(copies[0])]) == 0
    assert "freed" in capsys.readouterr().out
    key = kept.file_key(copies[0])
    assert not any(key in path.read_text() for path in paths.documents_store().glob("*.json"))


def test_doctor_and_forget_all(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ask_json(PDF, "-q", "What is the total?", "--max-tokens", 2)
    assert cli.main(["doctor", "--json"]) == 0
    cache = json.loads(capsys.readouterr().out)["cache"]
    folder = Path(cache["folder"])
    assert folder.is_relative_to(home)
    assert cache["disk_bytes"] == sum(path.stat().st_size for path in folder.iterdir()) > 0
    assert cache["disk_budget"] > 0 and cache["ram_budget"] > 0 and cache["int8"] is False
    assert any(speed["model"] and speed["prefill_tokens_per_s"] > 0 for speed in cache["speeds"])
    assert cli.main(["doctor"]) == 0
    words = capsys.readouterr().out
    assert f"kept in {folder}" in words and "tokens/s" in words
    assert cli.main(["forget", "--all"]) == 0
    assert list(folder.iterdir()) == []
    capsys.readouterr()
    assert cli.main(["forget", "--all"]) == 0
    assert capsys.readouterr().out == "Nothing was cached.\n"


def test_forgetting_a_file_that_is_gone_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["forget", str(tmp_path / "gone.pdf")]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "gone.pdf" in line and "--all" in line


def test_a_question_that_does_not_fit_is_one_line_and_what_would(tmp_path: Path) -> None:
    config = shape_config("tiny")
    config["text_config"]["max_position_embeddings"] = 900
    folder = write_checkpoint(tmp_path / "narrow", config)
    result = lectern("ask", CLIP, "-q", "What is on?", "--budget", 140, "--model", folder)
    assert (result.returncode, result.stdout) == (1, "")
    assert any("frames" in line and "tokens" in line for line in result.stderr.splitlines())
    assert "context holds 900" in result.stderr.splitlines()[-1]


def test_ctrl_c_keeps_what_was_written_and_says_so(noise: Path) -> None:
    arguments = command("ask", PDF, "-q", "Go on and on.", "--seed", 2, "--max-tokens", 1_000_000, "--model", noise)
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        first = process.stdout.read(1)  # the answer has begun
        process.send_signal(signal.SIGINT)
        rest, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert first + rest
    assert b"Stopped" in errors
    assert b"Traceback" not in errors


def test_one_file_that_fails_stops_the_question(tmp_path: Path) -> None:
    empty = tmp_path / "empty.pdf"
    empty.touch()
    result = lectern("ask", PDF, empty, tmp_path / "missing.pdf", "-q", "What?")
    lines = result.stderr.splitlines()
    assert (result.returncode, result.stdout) == (1, "")
    assert len(lines) == 3
    assert str(empty) in lines[0] and "missing.pdf" in lines[1] and "The question was not asked" in lines[2]


def test_a_broken_file_in_a_folder_is_told_and_the_others_are_asked_about(tmp_path: Path) -> None:
    shutil.copy(PDF, tmp_path)
    (tmp_path / "empty.pdf").touch()
    result = lectern("ask", tmp_path, "-q", "What is the due date?")
    assert result.returncode == 1 and result.stdout.strip()  # an answer, but not of everything
    first, second = result.stderr.splitlines()[:2]
    assert "empty.pdf: The file is empty" in first and "without 1 of the folder's files" in second
    (tmp_path / PDF.name).unlink()
    assert "The question was not asked" in lectern("ask", tmp_path, "-q", "What?").stderr


def test_a_wrong_model_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "m.gguf").write_bytes(b"GGUF")
    result = lectern("ask", PDF, "-q", "What?", "--model", tmp_path)
    assert (result.returncode, result.stdout) == (1, "")
    (line,) = result.stderr.splitlines()
    assert "GGUF" in line


def test_read_says_what_was_read() -> None:
    result = lectern("read", PDF, IMAGE, CLIP)
    assert (result.returncode, result.stderr) == (0, "")
    for path in (PDF, IMAGE, CLIP):
        assert f"{path}: " in result.stdout
    assert "page 1, read as " in result.stdout
    assert "picture tokens at budget" in result.stdout
    assert "  00:00  " in result.stdout


def test_read_json_with_failures_and_a_folder(tmp_path: Path) -> None:
    folder = tmp_path / "papers"
    (folder / ".hidden").mkdir(parents=True)
    good = text_pdf(folder / "good.pdf", pages=2)
    text_pdf(folder / ".hidden" / "secret.pdf")
    (folder / "notes.xyz").write_text("x")
    locked, cut = encrypted_pdf(tmp_path / "locked.pdf"), truncated(tmp_path / "cut.png", IMAGE)
    result = lectern("read", folder, locked, cut, "--json")
    assert result.returncode == 1
    report = json.loads(result.stdout)
    assert [file["name"] for file in report["files"]][:1] == [good.name]
    assert "secret.pdf" not in result.stdout
    assert report["unsupported"] == ["notes.xyz"]
    assert str(locked) in [failure["file"] for failure in report["failed"]]
    assert all(failure["error"].endswith(".") for failure in report["failed"])
    assert "notes.xyz" in result.stderr
    assert "Traceback" not in result.stderr
    page = report["files"][0]["pages"][0]
    assert page["characters"] > 100 and set(page["soft_tokens_by_budget"]) == {"70", "140", "280", "560", "1120"}


def test_an_empty_folder_is_a_failure(tmp_path: Path) -> None:
    result = lectern("read", tmp_path)
    assert (result.returncode, result.stdout) == (1, "")
    (line,) = result.stderr.splitlines()
    assert "has no files that Lectern can read" in line


def test_a_broken_pipe_is_quiet() -> None:
    with subprocess.Popen(command("read", PDF, IMAGE), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.close()
        errors = process.stderr.read()
    assert process.returncode == 1
    assert errors == b""


def test_doctor(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["doctor"]) == 0
    text = capsys.readouterr().out
    assert cli.main(["doctor", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["machine"]["instructions"] in ("AVX512-BF16", "AVX2", "neither")
    assert found["device"]["kind"] in ("cpu", "cuda")
    assert found["memory"]["total"] > found["memory"]["available"] > 0
    assert found["disk"]["free"] > 0
    assert found["versions"]["torch"].startswith("2.13.0")
    assert "google/gemma-4-26B-A4B-it" in found["advice"][0]
    assert [one["name"] for one in found["sizes"]] == [one.name for one in PUBLISHED]
    assert [one["memory"] for one in found["sizes"]] == [needs_of(one).memory for one in PUBLISHED]
    assert [one["fits"] for one in found["sizes"]] == sorted((one["fits"] for one in found["sizes"]), reverse=True)
    assert str(home / "data" / "models") in text


def test_doctor_says_whether_a_model_fits(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = home / "data" / "models" / "huge"
    folder.mkdir(parents=True)
    config = shape_config("26b", None)
    config["text_config"]["intermediate_size"] = 1 << 24
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "tokenizer.json").write_text("{}")
    (folder / "lectern_quantised.json").write_text("{}")
    try:
        assert cli.main(["doctor"]) == 0
        text = capsys.readouterr().out
    finally:
        for entry in folder.iterdir():
            entry.unlink()
        folder.rmdir()
    assert "huge (quantised)" in text
    assert "and this machine has" in text
    assert "No model that was found fits" in text


@pytest.mark.parametrize(
    "arguments",
    [
        ["ask"],
        ["ask", "a.pdf"],
        ["ask", "-q", "What?"],
        ["ask", "a.pdf", "-q", " "],
        ["ask", "a.pdf", "-q", "What?", "--budget", "71"],
        ["ask", "a.pdf", "-q", "What?", "--seed", "x"],
        ["ask", "a.pdf", "-q", "What?", "--max-tokens", "0"],
        ["ask", "a.pdf", "-q", "What?", "--device", "tpu"],
        ["read"],
        ["read", "a.pdf", "--budget", "many"],
        ["doctor", "--what"],
        ["forget"],
        ["forget", "a.pdf", "--all"],
        ["--nonsense"],
    ],
)
def test_wrong_usage(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(arguments)
    assert ended.value.code == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert "lectern" in output.err


@pytest.mark.parametrize(
    ("word", "sentence"),
    [
        ("aks", "No such command or file: aks. Did you mean ask?"),
        ("extrcat", "No such command or file: extrcat. Did you mean extract?"),
        ("Models", "No such command or file: Models. Did you mean models?"),
        ("gone.pdf", "No such command or file: gone.pdf. `lectern --help` lists the commands."),
        ("no/such/folder", "No such command or file: no/such/folder. `lectern --help` lists the commands."),
        ("x\x1b[31m", "No such command or file: x[31m. `lectern --help` lists the commands."),
    ],
)
def test_a_mistyped_command_does_not_open_the_window(
    word: str, sentence: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    opened: list[list[str]] = []
    monkeypatch.setattr("app.__main__.main", lambda arguments: opened.append(arguments) or 0)
    assert cli.main([word, str(PDF)]) == 2
    assert capsys.readouterr().err == f"lectern: {sentence}\n" and not opened


def test_files_and_folders_open_the_window(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    opened: list[list[str]] = []
    monkeypatch.setattr("app.__main__.main", lambda arguments: opened.append(arguments) or 0)
    for arguments in ([str(PDF)], [str(tmp_path)], [str(PDF), "gone.pdf"], []):
        assert cli.main(arguments) == 0
    assert opened == [[str(PDF)], [str(tmp_path)], [str(PDF), "gone.pdf"], []]


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["--help"], "ask,extract,compare,scenes,transcribe,read"),
        (["ask", "--help"], "usage: lectern ask [-h]"),
        (["--version"], "Lectern"),
    ],
)
def test_help(arguments: list[str], word: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(arguments)
    assert ended.value.code == 0
    assert word in capsys.readouterr().out


def test_an_unexpected_error_is_one_line_and_a_log_entry(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("app.diagnostics.doctor.examine", lambda context: 1 // 0)
    monkeypatch.setattr("app.cli.doctor.examine", lambda context: 1 // 0)
    assert cli.main(["doctor"]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "ZeroDivisionError" in line
    assert "Traceback" in (home / "logs" / "lectern.log").read_text(encoding="utf-8")


@pytest.mark.parametrize("as_json", [False, True])
def test_an_answer_that_ran_into_a_loop_keeps_one_copy_and_says_so(
    as_json: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = Exchange(1, "Is it?")
    for event in (TextDelta("It is, is, is"), TakenBack(8, 0), finished("repetition")):
        answer.apply(event, 0.0)
        show(event, Measured(), Status(), quiet=as_json)
    assert finish(answer, Measured(), (), json_wanted=as_json) == 0
    said = "The model started repeating itself, so the answer was stopped."
    out, err = capsys.readouterr()
    assert f"lectern: {said}" in err
    if as_json:
        value = json.loads(out)
        assert (value["answer"], value["ended"], value["note"]) == ("It is", "repetition", said)


def test_text_cannot_steer_the_terminal() -> None:
    assert harmless("a\x1b[2J\x9bb\r\n\tc\x00") == "a[2Jb\n\tc"
    assert one_line("a\nb\x07  c") == "a b c"


def test_models_that_can_be_downloaded_are_listed_without_a_connection(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "https://mirror.example")
    assert cli.main(["models", "get"]) == 0
    said = capsys.readouterr()
    assert "26b   Gemma 4 26B-A4B  15.6 GB to download" in said.out and "e2b" in said.out
    assert "connects to mirror.example" in said.err
    assert cli.main(["models", "get", "27b"]) == 1
    assert "There is no model 27b" in capsys.readouterr().err


def test_models_are_imported_listed_and_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LECTERN_HOME", str(tmp_path / "home"))
    stick = tmp_path / "stick" / "gemma"
    write_checkpoint(stick, "tiny")
    assert cli.main(["models", "check", str(stick), "--write"]) == 0
    assert cli.main(["models", "import", str(stick)]) == 0
    capsys.readouterr()
    assert cli.main(["models", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert [Path(model["folder"]).name for model in listed] == ["gemma", "sample_model"]
    assert cli.main(["models", "quantise", "gemma"]) == 0
    assert (Path(capsys.readouterr().out.strip()) / "lectern_quantised.json").is_file()
    assert cli.main(["models", "check", "gemma"]) == 0
    assert "complete and unchanged" in capsys.readouterr().out
    assert cli.main(["models", "remove", "gemma"]) == 0
    assert not (tmp_path / "home" / "data" / "models" / "gemma").exists()
    assert cli.main(["models", "remove", str(stick)]) == 1
    assert "delete it there yourself" in capsys.readouterr().err


def test_the_shipped_sample_is_in_the_list_and_doctor_does_not_contradict_it(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A sample is no model for real work, and doctor does not say that there is no model at all."""
    labelled = write_checkpoint(home / "data" / "models" / "tiny2", "tiny")
    assert (labelled / "lectern.json").is_file()
    try:
        assert cli.main(["models", "list", "--json"]) == 0
        listed = json.loads(capsys.readouterr().out)
        assert [model["kind"] for model in listed] == ["sample", "sample"]
        assert listed[-1]["folder"] == str(sample_model_folder()) and not listed[-1]["problem"]
        assert cli.main(["models"]) == 0
        assert "Lectern sample model" in capsys.readouterr().out
        assert cli.main(["doctor"]) == 0
        text = capsys.readouterr().out
        assert "It fits in memory" in text
        assert "No model was found" not in text and "No model but the sample model was found." in text
        (labelled / "lectern.json").unlink()
        assert cli.main(["doctor"]) == 0
        assert "model was found" not in capsys.readouterr().out
        (labelled / "tokenizer.json").unlink()
        assert cli.main(["doctor"]) == 0
        assert "None of the model folders above can be used" in capsys.readouterr().out
    finally:
        shutil.rmtree(labelled)


def test_adapters_are_listed_and_applied(home: Path, noise: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With another answer than without; what cannot be applied is one sentence."""
    folder = home / "data" / "models"
    trained = Path(shutil.copytree(noise, folder / "trained"))
    for name, settings in (("letters", {}), ("dora", {"use_dora": True})):
        write_adapter(folder / name, trained, 1, scale=1.0, **settings)
    try:
        assert cli.main(["models"]) == 0
        listed = capsys.readouterr().out
        assert f"adapter letters: {folder / 'letters'}" in listed
        assert "adapter dora: The adapter dora uses DoRA" in listed
        found = json.loads((cli.main(["models", "list", "--json"]), capsys.readouterr().out)[1])
        assert {one["name"] for model in found for one in model["adapters"]} == {"letters", "dora"}
        asked = (PDF, "-q", "What is it?", "--model", trained, "--max-tokens", "6", "--seed", "1")
        plain, adapted = ask_json(*asked), ask_json(*asked, "--adapter", folder / "letters")
        assert adapted["answer"] != plain["answer"]
        assert adapted["usage"]["reused_tokens"] == 0
        refused = lectern("ask", PDF, "-q", "?", "--model", trained, "--adapter", folder / "dora")
        assert refused.returncode == 1 and "uses DoRA" in refused.stderr
        wrong = lectern("ask", PDF, "-q", "?", "--server", "http://127.0.0.1:9/v1", "--adapter", folder / "letters")
        assert wrong.returncode == 2
    finally:
        for name in ("trained", "letters", "dora"):
            shutil.rmtree(folder / name)


def test_an_adapter_beside_a_model_is_never_ignored_without_a_word(
    home: Path, noise: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trained = Path(shutil.copytree(noise, home / "data" / "models" / "trained"))
    (trained / "adapter_config.json").write_text("{}")
    remark = "This folder also holds an adapter (adapter_config.json)"
    try:
        assert cli.main(["models"]) == 0
        assert remark in capsys.readouterr().out
        assert cli.main(["doctor"]) == 0
        assert remark in capsys.readouterr().out
        asked = lectern("ask", PDF, "-q", "What is the total?", "--model", trained, "--max-tokens", "1")
        assert asked.returncode == 0 and f"lectern: {remark}" in asked.stderr
    finally:
        shutil.rmtree(trained)
