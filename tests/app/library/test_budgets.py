"""How much documents may take: the person's word first, then what the machine allows."""

from __future__ import annotations

from collections import namedtuple
from pathlib import Path

import pytest

from app import paths
from app.library import budgets as module
from app.library.budgets import GIB, LEAST_RAM, MOST_DISK, MOST_RAM, budgets, default_ram, folder_bytes
from app.library.settings import Settings

Usage = namedtuple("Usage", "total used free")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(paths.HOME_VARIABLE, str(tmp_path))
    return tmp_path


@pytest.mark.parametrize(
    ("total", "weights", "expected"),
    [
        (4 * GIB, 0, LEAST_RAM),
        (24 * GIB, 14 * GIB, 3 * GIB),
        (24 * GIB, 0, 10 * GIB),
        (256 * GIB, 14 * GIB, MOST_RAM),
        (8 * GIB, 14 * GIB, LEAST_RAM),
    ],
)
def test_memory_is_shared_with_the_model_and_the_system(
    total: int, weights: int, expected: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module.platform, "system", lambda: "Linux")
    assert default_ram(total, weights) == expected


def test_disk_is_a_fifth_of_what_is_free_up_to_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module.shutil, "disk_usage", lambda folder: Usage(0, 0, 50 * GIB))
    assert module.default_disk() == 10 * GIB
    monkeypatch.setattr(module.shutil, "disk_usage", lambda folder: Usage(0, 0, 5000 * GIB))
    assert module.default_disk() == MOST_DISK


def test_what_documents_take_already_does_not_shrink_their_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module.shutil, "disk_usage", lambda folder: Usage(0, 0, 5_000_000))
    before = module.default_disk()
    paths.documents_store().mkdir(parents=True)
    (paths.documents_store() / "x.safetensors").write_bytes(bytes(1_000_000))
    monkeypatch.setattr(module.shutil, "disk_usage", lambda folder: Usage(0, 0, 4_000_000))
    assert module.default_disk() == before == 1_000_000


def test_a_disk_that_cannot_be_asked_gets_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(folder: Path) -> Usage:
        raise OSError("gone")

    monkeypatch.setattr(module.shutil, "disk_usage", refuse)
    assert module.default_disk() == 0


def test_the_person_decides() -> None:
    found = budgets(Settings(document_memory=7, document_disk=0), weights=0)
    assert (found.ram, found.disk) == (7, 0)
    assert budgets(Settings(), weights=0, memory=24 * GIB).ram == 10 * GIB


def test_a_folder_that_is_not_there_takes_nothing(home: Path) -> None:
    assert folder_bytes(home / "nowhere") == 0
