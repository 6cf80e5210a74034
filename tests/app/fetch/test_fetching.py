"""A model from a server: whole, gone on with, compared with its sums, and nothing connects unless it is asked to."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app import paths
from app.fetch import fetching
from app.fetch.catalogue import OFFERS, Offer
from app.fetch.fetching import fetch, folder_for, may_fetch
from app.library import policy as policies
from app.library.models import find_models
from app.library.settings import Settings
from model.errors import CancelledError, CheckpointError
from model.types import LoadProgress
from tests.app.fetch.hub import REPOSITORY, Hub, serving

TEXT, SEEING = "tiny_q4_0-it.gguf", "tiny-it-mmproj.gguf"
OFFER: Offer = replace(OFFERS[0], repository=REPOSITORY, download=1000)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(paths.HOME_VARIABLE, str(tmp_path))
    monkeypatch.setattr(fetching, "check_room", lambda _folder, _bytes: 0)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")  # as in the application, which the process takes back
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def hub(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    noise = random.Random(4)
    files = {
        "README.md": b"about",
        "other_f16-it.gguf": b"larger",
        TEXT: noise.randbytes(700_000),
        SEEING: noise.randbytes(90_000),
        "more/folder.gguf": b"not at the top",
    }
    with serving(Hub(files)) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.address)
        yield hub


def fetched(hub: Hub) -> None:
    """Fetch, and see that what came is what the server has."""
    found = fetch(OFFER, lambda progress: None)
    assert [path.name for path in found] == [TEXT, SEEING]
    assert [path.read_bytes() for path in found] == [hub.files[TEXT], hub.files[SEEING]]


def test_the_models_files_come_with_progress_and_nothing_else(hub: Hub) -> None:
    seen: list[LoadProgress] = []
    fetch(OFFER, seen.append)
    folder = folder_for(OFFER)
    assert sorted(entry.name for entry in folder.iterdir()) == sorted([TEXT, SEEING, "revision.json"])
    assert seen[-1].done == seen[-1].total == 790_000
    assert hub.address.removeprefix("http://") in str(seen[-1].stage)
    assert {name for name, _ in hub.requests} == {"info", TEXT, SEEING}
    assert find_models(Settings()) == []  # until it is imported


def test_a_second_try_fetches_nothing_again(hub: Hub) -> None:
    fetched(hub)
    hub.requests.clear()
    fetched(hub)
    assert hub.requests == [("info", 0)]


def test_a_connection_that_breaks_is_gone_on_with(hub: Hub) -> None:
    hub.cut_after = 300_000
    fetched(hub)
    places = [place for name, place in hub.requests if name == TEXT]
    assert places[0] == 0 and places[1] > 200_000 and places == sorted(places)


def test_stopped_and_gone_on_with(hub: Hub) -> None:
    hub.slow = True
    stop = threading.Event()

    def at_a_third(progress: LoadProgress) -> None:
        if progress.done > 200_000:
            stop.set()

    with pytest.raises(CancelledError):
        fetch(OFFER, at_a_third, stop)
    there = (folder_for(OFFER) / f"{TEXT}.part").stat().st_size
    assert 200_000 < there < 700_000
    hub.slow = False
    hub.requests.clear()
    fetched(hub)
    assert hub.requests[1][0] == TEXT and hub.requests[1][1] >= there


def test_killed_at_any_moment_and_gone_on_with(hub: Hub) -> None:
    """Each time the process dies after another number of bytes; the end is the same. ``bench_get`` does it 50 times."""
    hub.slow = True
    for after in (1, 300_000, 710_000):
        stop = threading.Event()

        def kill(progress: LoadProgress, stop: threading.Event = stop, after: int = after) -> None:
            if progress.total and progress.done >= after:
                stop.set()  # the process is killed, not asked

        try:
            fetch(OFFER, kill, stop)
        except CancelledError:
            continue
    hub.slow = False
    fetched(hub)


def test_damage_on_the_way_is_fetched_again(hub: Hub) -> None:
    hub.damage = 2
    fetched(hub)


def test_a_file_that_is_always_damaged_is_refused_and_not_kept(hub: Hub) -> None:
    hub.damage = 1000
    with pytest.raises(CheckpointError, match="brought a damaged file"):
        fetch(OFFER, lambda progress: None)
    assert [entry.name for entry in folder_for(OFFER).iterdir()] == ["revision.json"]


@pytest.mark.parametrize("size", [699_000, 701_000])
def test_a_size_that_is_not_true_is_refused(hub: Hub, size: int) -> None:
    hub.sizes[TEXT] = size
    with pytest.raises(CheckpointError, match="brought a damaged file"):
        fetch(OFFER, lambda progress: None)
    assert not (folder_for(OFFER) / TEXT).exists()


def test_a_new_revision_is_fetched_whole(hub: Hub) -> None:
    fetched(hub)
    (folder_for(OFFER) / TEXT).rename(folder_for(OFFER) / f"{TEXT}.part")
    hub.revision = "f" * 40
    hub.files[TEXT] = hub.files[TEXT][::-1]
    fetched(hub)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ((404, "RepoNotFound"), "has no google/tiny"),
        ((403, "GatedRepo"), "accepted its terms"),
        ((500, ""), "status 500"),
        ((403, ""), "status 403"),
    ],
)
def test_each_refusal_is_a_sentence(hub: Hub, error: tuple[int, str], words: str) -> None:
    hub.error = error
    with pytest.raises(CheckpointError, match=words) as caught:
        fetch(OFFER, lambda progress: None)
    assert "127.0.0.1" in str(caught.value)


def test_no_server_is_a_sentence(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(CheckpointError, match=r"127\.0\.0\.1:9 cannot be reached"):
        fetch(OFFER, lambda progress: None)


def test_a_repository_without_a_model_is_a_sentence(hub: Hub) -> None:
    del hub.files[TEXT], hub.files["other_f16-it.gguf"]
    with pytest.raises(CheckpointError, match="no GGUF file"):
        fetch(OFFER, lambda progress: None)


def test_an_administrator_can_forbid_it(hub: Hub, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "policy.json").write_text('{"download": false}')
    monkeypatch.setenv(policies.VARIABLE, str(home / "policy.json"))
    assert not may_fetch()
    with pytest.raises(CheckpointError, match="switched off"):
        fetch(OFFER, lambda progress: None)
    assert hub.requests == []


def test_a_disk_without_room_is_said_before_anything_is_asked(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.library import importing

    monkeypatch.setattr(fetching, "check_room", importing.check_room)
    huge = replace(OFFER, download=1 << 49)
    with pytest.raises(CheckpointError, match="free some space"):
        fetch(huge, lambda progress: None)
    assert hub.requests == []


def test_a_disk_that_fills_up_is_a_sentence(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process may write no file of that length, which is to it as a disk that is full."""
    import resource

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, before[1]))
    try:
        with pytest.raises(CheckpointError, match="is full"):
            fetch(OFFER, lambda progress: None)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    fetched(hub)
