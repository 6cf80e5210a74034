"""Help and the words about wrong usage."""

from __future__ import annotations

from pathlib import Path

import pytest

from app import cli


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LECTERN_HOME", str(tmp_path / "home"))


@pytest.mark.parametrize(
    ("arguments", "usage", "words"),
    [
        (["--foo"], "usage: lectern [FILE ...]", "--foo"),
        (["forget"], "usage: lectern forget ", "either files or --all"),
        (["bench", "--list"], "usage: lectern bench ", "--list"),
        (["doctor", "--what"], "usage: lectern doctor ", "--what"),
    ],
)
def test_wrong_usage_is_named_with_the_usage_of_its_command(
    arguments: list[str], usage: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        cli.main(arguments)
    said = capsys.readouterr().err
    assert said.startswith(usage) and words in said.splitlines()[-1] and "COMMAND" not in said


@pytest.mark.parametrize("command", [*([name] for name in cli.COMMANDS), ["models", "list"], ["models", "check"], []])
def test_help_fits_a_terminal(
    command: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    with pytest.raises(SystemExit):
        cli.main([*command, "--help"])
    usage, _, rest = capsys.readouterr().out.partition("\n\n")
    assert usage and rest[0].isupper() and max(map(len, rest.splitlines())) <= 80


def test_checking_a_model_says_what_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["models", "check", str(tmp_path / "gone")]) == 1
    assert f"There is no folder {tmp_path / 'gone'}" in capsys.readouterr().err
    assert cli.main(["models", "check", str(tmp_path)]) == 1
    assert f"`lectern models check --write {tmp_path}`" in capsys.readouterr().err


def test_without_a_model_the_first_advice_is_to_get_one(capsys: pytest.CaptureFixture[str]) -> None:
    for command in ("models", "doctor"):
        assert cli.main([command]) == 0
        said = capsys.readouterr().out.partition("No model but the sample model was found. ")[2]
        assert said.startswith("`lectern models get` lists the models that can be downloaded")
