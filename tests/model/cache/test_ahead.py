"""Pictures encoded before they are asked about, with the real engine: never twice, resumed, kept on disk."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from model.errors import CancelledError, LecternError
from model.family.vision import VisionTower
from model.types import (
    Attached,
    CacheSettings,
    ChatMessage,
    EncodeProgress,
    Finished,
    Picture,
    PicturePart,
    Request,
    TextPart,
)
from tests.model.engines import GREEDY, opened, parts, write_model
from tests.model.family.test_vision import LaterEvent, picture

DOCUMENT = "d" * 64


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(tmp_path_factory.mktemp("ahead") / "model")


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> list[Picture]:
    """Every picture that the tower begins."""
    seen: list[Picture] = []
    begin = VisionTower.begin

    def counted(self: VisionTower, shown: Picture):  # noqa: ANN202
        seen.append(shown)
        return begin(self, shown)

    monkeypatch.setattr(VisionTower, "begin", counted)
    return seen


def request(*pictures: Picture) -> Request:
    parts_of = (*(PicturePart(one) for one in pictures), TextPart("What is it?"))
    documents = (Attached(DOCUMENT, "a.png", len(pictures)),)
    return Request((ChatMessage("user", parts_of),), GREEDY, max_new_tokens=3, documents=documents)


def test_a_prepared_picture_is_not_encoded_again(folder: Path, begun: list[Picture]) -> None:
    one, two = picture(96, 96, 1), picture(96, 144, 2)
    with opened(folder) as engine:
        assert engine.prepare(one, DOCUMENT) and not engine.prepare(one, DOCUMENT)
        assert engine.preflight(request(one, two)).pictures == 1
        events = list(engine.generate(request(one, two), threading.Event()))
        assert not engine.prepare(two, DOCUMENT)
    assert begun == [one, two]
    assert isinstance(events[-1], Finished)
    assert max(event.total for event in events if isinstance(event, EncodeProgress)) == 1


def test_a_question_goes_on_where_preparing_was_broken_off(folder: Path, begun: list[Picture]) -> None:
    shown = picture(96, 96)
    with opened(folder) as engine:
        with pytest.raises(CancelledError):
            engine.prepare(shown, DOCUMENT, LaterEvent(3))
        broken_off = list(engine.generate(request(shown), threading.Event()))
        (features,) = [parts(engine).features]
        assert features is not None
        got, tower = features.soft_tokens(shown), features.encoders["image"]
        assert got.equal(tower.finish(tower.begin(shown)))
    assert begun == [shown, shown]  # the second time to compare
    assert isinstance(broken_off[-1], Finished) and broken_off[-1].reason != "cancelled"


def test_what_a_picture_took_is_known_also_where_nobody_asked(folder: Path) -> None:
    """One that was broken off tells nothing about how long a picture takes."""
    shown, other = picture(96, 96, 1), picture(96, 144, 2)
    with opened(folder) as engine:
        with pytest.raises(CancelledError):
            engine.prepare(shown, DOCUMENT, LaterEvent(3))
        assert engine.prepare(shown, DOCUMENT)
        assert parts(engine).speeds.rates.encode == ()
        assert engine.preflight(request(shown, other)).unseen == {other.content_hash}
        assert engine.prepare(other, DOCUMENT)
        ((budget, rate),) = parts(engine).speeds.rates.encode
        assert budget == 70 and rate > 0
        assert engine.preflight(request(shown, other)).rates == parts(engine).speeds.rates


def test_it_is_kept_on_disk_until_the_document_is_forgotten(folder: Path, tmp_path: Path, begun: list[Picture]) -> None:
    shown, cache = picture(96, 96), CacheSettings(tmp_path)
    with opened(folder, cache=cache) as engine:
        engine.prepare(shown, DOCUMENT)
    with opened(folder, cache=cache) as engine:
        assert not engine.prepare(shown, DOCUMENT)
        list(engine.generate(request(shown), threading.Event()))
        assert begun == [shown]
        engine.forget(DOCUMENT)
        assert engine.prepare(shown, DOCUMENT)
    assert begun == [shown, shown]


def test_what_would_not_be_there_later_is_not_prepared(folder: Path, tmp_path: Path, begun: list[Picture]) -> None:
    with opened(folder) as engine:
        features = parts(engine).features
        assert features is not None
        features._limit = picture(96, 96).soft_tokens * features.encoders["image"].width * 4
        assert engine.prepare(picture(96, 96, 1), DOCUMENT)
        assert not engine.prepare(picture(96, 96, 2), DOCUMENT)
        assert features.is_ready(picture(96, 96, 1))
    with opened(folder, cache=CacheSettings(tmp_path, disk_bytes=100)) as engine:
        assert not engine.prepare(picture(96, 96, 3), DOCUMENT)
    assert len(begun) == 1


def test_a_picture_whose_file_is_gone_is_one_sentence(folder: Path, tmp_path: Path) -> None:
    gone = Picture(tmp_path / "gone", 48, 48, 70, "g")
    with opened(folder) as engine, pytest.raises(LecternError, match="attach its file again"):
        engine.prepare(gone, DOCUMENT)
