"""An administrator's policy: nothing forbids where there is none, a damaged file forbids everything."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.library import policy as policies
from app.library.policy import NOTHING_ALLOWED, Policy, policy


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(policies.platformdirs, "site_config_dir", lambda *_words, **_more: str(tmp_path))
    monkeypatch.delenv(policies.VARIABLE, raising=False)
    return tmp_path / "policy.json"


def test_without_a_policy_everything_can_be_switched_on(file: Path) -> None:
    assert policy() == Policy(download=True, serve=True, remote=True)


def test_what_the_file_forbids_is_forbidden_and_the_rest_is_not(file: Path) -> None:
    file.write_text('{"download": false, "of another version": 1}')
    assert policy() == Policy(download=False)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"serve": "no"}', "\xff", "[" * 100_000])
def test_a_file_that_is_not_understood_forbids_everything(file: Path, text: str) -> None:
    file.write_bytes(text.encode("latin-1"))
    assert policy() == NOTHING_ALLOWED


def test_the_variable_can_only_forbid_more(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    more = file.with_name("more.json")
    monkeypatch.setenv(policies.VARIABLE, str(more))
    file.write_text('{"download": false}')
    more.write_text('{"download": true, "remote": false}')
    assert policy() == Policy(download=False, remote=False)
