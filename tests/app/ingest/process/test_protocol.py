"""Nothing that the reading process says is believed unchecked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.catalogue import catalogue
from app.ingest.limits import MAX_MESSAGE_BYTES, MAX_SENTENCE
from app.ingest.process.protocol import ProtocolError, decode, encode, message_of, page_of, page_text, thumbnail_of
from app.ingest.read.assembly import Assembly
from app.ingest.types import TextLine
from model.errors import IngestError
from model.messages import Message, joined, msg, msg_n, plain

NAME = "a" * 64


def page(**changes: Any) -> dict[str, Any]:
    message = {
        "kind": "page",
        "number": 1,
        "width": 595.0,
        "height": 842.0,
        "blocks": [[["hello", 1.0, 2.0, 3.0, 4.0, ""]]],
        "state": "text",
        "reason": "Sound.",
        "hidden": 0,
        "picture": None,
    }
    return message | changes


def picture(**changes: Any) -> dict[str, Any]:
    return {"file": f"{NAME}.rgb", "height": 48, "width": 96, "budget": 70, "hash": NAME} | changes


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    (tmp_path / f"{NAME}.rgb").write_bytes(bytes(48 * 96 * 3))
    return tmp_path


def test_a_good_page_passes(spool: Path) -> None:
    read = page_of(decode(encode(page(picture=picture()))), spool)
    assert read.text == "hello"
    assert read.lines == (TextLine("hello", (1.0, 2.0, 3.0, 4.0)),)
    assert read.picture is not None
    assert read.picture.soft_tokens == 2


def test_lines_that_were_read_from_a_picture_keep_their_words(spool: Path) -> None:
    words = [["one", 1.0, 2.0, 3.0, 4.0, 0.9], ["two", 4.0, 2.0, 6.0, 4.0, 0.5], ["three", 7.0, 2.0, 9.0, 4.0, None]]
    line = ["one two three", 1.0, 2.0, 9.0, 4.0, "", "picture", words]
    read = page_of(decode(encode(page(blocks=[[line]], recognition="read"))), spool)
    assert read.from_picture
    assert read.recognition == "read"
    assert [word.text for word in read.lines[0].words] == ["one", "two", "three"]
    assert read.lines[0].words[2].confidence is None
    assert read.confidence == pytest.approx(0.7)


WORD = ["one", 1.0, 2.0, 3.0, 4.0, 0.9]
BAD: list[dict[str, Any]] = [
    {"state": "perfect"},
    {"state": ["text"]},
    {"number": 0},
    {"number": True},
    {"number": "1"},
    {"width": float("nan")},
    {"width": float("inf")},
    {"height": -1},
    {"height": None},
    {"hidden": -5},
    {"reason": 7},
    {"blocks": "text"},
    {"blocks": [["text"]]},
    {"blocks": [[["text", 1, 2, 3]]]},
    {"blocks": [[["text", 1, 2, 3, "4", ""]]]},
    {"blocks": [[["text", 1, 2, 3, 4]]]},
    {"blocks": [[["text", 1, 2, 3, 4, "heading"]]]},
    {"blocks": [[["text", 1, 2, 3, 4, ["joined"]]]]},
    {"blocks": [[[None, 1, 2, 3, 4, ""]]]},
    {"blocks": [[["text", 1.0, 2.0, float("nan"), 4.0, ""]]]},
    {"blocks": [[["text", 1.0, 2.0, 3.0, float("inf"), ""]]]},
    {"blocks": [[["text", -1e8, 2.0, 3.0, 4.0, ""]]]},
    {"blocks": [[["text", True, 2.0, 3.0, 4.0, ""]]]},
    {"blocks": [[["x", 0, 0, 0, 0, ""]] * 20_001]},
    {"blocks": [[["one", 1.0, 2.0, 3.0, 4.0, "", "picture", []]]]},
    {"blocks": [[["one", 1.0, 2.0, 3.0, 4.0, "", "layer", [WORD]]]]},
    {"blocks": [[["one", 1.0, 2.0, 3.0, 4.0, "", "scanner", [WORD]]]]},
    {"blocks": [[["one", 1.0, 2.0, 3.0, 4.0, "", "picture", [[*WORD[:5], 1.1]]]]]},
    {"blocks": [[["one", 1.0, 2.0, 3.0, 4.0, "", "picture", [WORD[:5]]]]]},
    {"blocks": [[["one", 1.0, 2.0, 3.0, 4.0, "", "picture", [WORD] * 50_001]]]},
    {"recognition": "perhaps"},
    {"picture": "here"},
    {"picture": picture(file="../" + NAME + ".rgb")},
    {"picture": picture(file="/etc/passwd")},
    {"picture": picture(file="b" * 64 + ".rgb")},
    {"picture": picture(height=96)},
    {"picture": picture(height=50)},
    {"picture": picture(budget=71)},
    {"picture": picture(hash="x")},
    {"picture": picture(height=4800, width=4800)},
]


@pytest.mark.parametrize("changes", BAD, ids=lambda changes: str(changes)[:60])
def test_a_bad_page_is_refused(spool: Path, changes: dict[str, Any]) -> None:
    with pytest.raises(ProtocolError):
        page_of(page(**changes), spool)


def test_a_link_in_the_spool_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(bytes(48 * 96 * 3))
    (tmp_path / f"{NAME}.rgb").symlink_to(tmp_path / "secret")
    with pytest.raises(ProtocolError):
        page_of(page(picture=picture()), tmp_path)


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b'{"kind": 1}', b"\xff", b"[" * 100_000, b"\x80\x04."])
def test_what_is_no_message_is_refused(data: bytes) -> None:
    with pytest.raises(ProtocolError):
        decode(data)


def test_a_message_that_is_too_long_is_refused() -> None:
    with pytest.raises(ProtocolError):
        decode(b" " * (MAX_MESSAGE_BYTES + 1))


@given(st.text(alphabet=st.characters(), max_size=40))
def test_any_text_survives_as_clean_text(text: str) -> None:
    line = decode(encode({"kind": "x", "line": [text, 0, 0, 1, 1, ""]}))["line"]
    read = page_of(page(blocks=[[line]]), Path())
    read.text.encode("utf-8")
    assert not any(character < " " for character in read.lines[0].text)


def test_a_thumbnail_must_be_a_png() -> None:
    for png in ("!!!", "aGVsbG8=", 5, "A" * 2_000_000):
        with pytest.raises(ProtocolError):
            thumbnail_of({"kind": "thumbnail", "png": png})


def test_rows_and_paragraphs() -> None:
    left, right = TextLine("a", (0, 0, 10, 10)), TextLine("b", (50, 1, 60, 11))
    below = TextLine("c", (0, 12, 10, 22))
    assert page_text([[left, right, below], [left]]) == "a\tb\nc\n\na"


@pytest.mark.parametrize(
    "messages",
    [
        [{"kind": "nonsense"}],
        [{"kind": "__init__"}],
        [{"kind": "form", "form": "virus"}],
        [{"kind": "opened", "total": 0}],
        [{"kind": "opened", "total": 10**9}],
        [page()],
        [{"kind": "opened", "total": 2}, page(number=2)],
        [{"kind": "opened", "total": 1}, page(), page(number=2)],
        [{"kind": "opened", "total": 2}, page(), {"kind": "done"}],
        [{"kind": "frame", "index": 0, "time": 0.0, "picture": None}],
    ],
)
def test_messages_out_of_order_are_refused(messages: list[dict[str, Any]], tmp_path: Path) -> None:
    assembly = Assembly(tmp_path / "a.pdf", tmp_path)
    assembly.take({"kind": "form", "form": "pdf"})
    with pytest.raises(ProtocolError):
        for message in messages:
            assembly.take(message)


def test_a_file_that_changes_under_way_is_noticed(tmp_path: Path) -> None:
    assembly = Assembly(tmp_path / "a.pdf", tmp_path)
    assembly.take({"kind": "hash", "hash": "a" * 64})
    with pytest.raises(IngestError, match="changed"):
        assembly.take({"kind": "hash", "hash": "b" * 64})


def test_messages_are_believed_only_where_the_catalogue_knows_them() -> None:
    blank, cut = msg("page.blank", "The page is blank."), msg("disk.shorter", "{path} became shorter.", path="a")
    known = joined(blank, msg_n("page.more-comments", *catalogued("page.more-comments"), 3))
    assert message_of(sent({"why": known}), "why") == known
    for strange in (cut, Message("Free beer!", (), "page.blank"), joined(blank, cut)):
        told = message_of(sent({"why": strange}), "why")
        assert (told.code, str(told)) == ("plain", str(strange))
    long = message_of(sent({"why": plain("\x1b[2J" + "a b\n" * 800)}), "why")
    assert len(str(long)) <= MAX_SENTENCE and "\x1b" not in str(long) and "\n" not in str(long)
    odd = msg("file.unreadable", catalogued("file.unreadable")[1], why="\ud800\n" + "x" * 3000)
    told = message_of(sent({"why": odd}), "why")
    assert told.code == "file.unreadable" and len(str(told)) < MAX_SENTENCE + 100 and str(told).isprintable()


@pytest.mark.parametrize(
    "bad", [7, None, ["x"], {"code": "page.blank"}, {"code": "a", "template": "{x}", "values": {}}]
)
def test_what_is_no_message_breaks_the_protocol(bad: object) -> None:
    with pytest.raises(ProtocolError, match="why is not a message"):
        message_of({"kind": "failed", "why": bad}, "why")


def catalogued(code: str) -> tuple[str, str]:
    """A message's two templates: for one thing, and for many."""
    many, one = catalogue()[code]
    return one, many


def sent(message: dict[str, object]) -> dict[str, object]:
    """As it arrives at the other end of the pipe."""
    return decode(encode({"kind": "failed", **message}))
