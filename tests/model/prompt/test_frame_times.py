"""A video's frames are joined as Gemma's processor joins them, and on lines for a model that was trained so."""

from __future__ import annotations

import json
from pathlib import Path

from app.chat.request import Turn, build_request
from app.ingest.types import Document, Frame
from model.prompt.building import build_prompt
from model.prompt.frame_times import LINES, frames_on_lines
from model.types import ChatMessage, PicturePart, Request, TextPart
from tests.model.engines import opened, parts, picture, write_model

FRAMES = tuple(Frame(59.0 + number, picture(str(number))) for number in range(3))
CLIP = Document("cd" * 32, Path("/a.mp4"), "a.mp4", "video", (), FRAMES, 70.0, (), b"")


def flat(request: Request) -> str:
    kept = [part for message in request.messages for part in message.parts]
    return "".join(part.text if isinstance(part, TextPart) else "#" for part in kept)


def test_a_blank_or_a_line_stands_before_a_frame_s_time() -> None:
    request = build_request([CLIP], [Turn("What?")])
    assert "times)\n\n00:59 # 01:00 # 01:01 #\n[end document" in flat(request)
    assert "times)\n\n00:59 #\n01:00 #\n01:01 #\n[end document" in flat(frames_on_lines(request))


def test_nothing_but_times_behind_pictures_is_changed() -> None:
    shown = PicturePart(picture())
    message = ChatMessage("user", (TextPart(" 00:01 "), shown, TextPart(" at 00:01 "), shown, TextPart(" 00:01 ?")))
    assert frames_on_lines(Request((message,))).messages == (message,)


def test_the_note_beside_a_model_decides(tmp_path: Path) -> None:
    request = build_request([CLIP], [Turn("What?")])
    for name, more in (("blank", {}), ("lines", LINES)):
        folder = write_model(tmp_path / name)
        note = json.loads((folder / "lectern.json").read_text())
        (folder / "lectern.json").write_text(json.dumps(note | more))
        with opened(folder) as engine:
            ids = parts(engine).prompt(request).ids.tolist()
            other = build_prompt(frames_on_lines(request), parts(engine).tokenizer, parts(engine).config).ids.tolist()
        assert (ids == other) == (name == "lines")
