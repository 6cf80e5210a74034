"""What stands for a request's parts in a rendered chat template: sentinels for text, the template's own marks for the
rest. ``model.prompt.building`` puts the parts back in their places.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from model.errors import CheckpointError, LecternError
from model.family.config import ModelConfig
from model.messages import msg
from model.prompt.tokenizer import Tokenizer
from model.prompt.tool_prompt import Renderer
from model.types import ChatMessage, Part, Picture, PicturePart, Sound, SoundPart, TextPart

Marks = Mapping[str, type[Part]]
"""What a template writes for a part that is not text, and the class of such parts."""

# Plain letters and digits: no filter of a template (trim, escape, split at tags) changes them.
_SENTINEL = re.compile(r"LecternPart(\d+)EndQ7Z")
_ITEMS: Mapping[type[Part], str] = {PicturePart: "image", SoundPart: "audio"}
"""How a template is told of a part that is not text."""
_PROBES: Mapping[type[Part], Part] = {
    PicturePart: PicturePart(Picture(b"", 48, 48, 70, "probe")),
    SoundPart: SoundPart(Sound(b"", 0, "probe")),
}


def marks_of(config: ModelConfig, tokenizer: Tokenizer) -> Marks:
    """The marks of all parts that a model with this configuration takes."""
    marks: dict[str, type[Part]] = {tokenizer.text_of(config.image_token_id): PicturePart}
    if config.audio is not None:
        marks[tokenizer.text_of(config.audio_token_id)] = SoundPart
    return marks


def takes(template: Renderer, mark: str, kind: type[Part]) -> bool:
    """Whether this chat template writes ``mark`` in the place of each part of this kind in a user turn."""
    parts = (TextPart("a"), _PROBES[kind], TextPart("b"))
    try:
        rendered = template.render(with_sentinels([(ChatMessage("user", parts), "", "")], [parts]), thinking=False)
        list(split(rendered, parts, {mark: kind}))
    except LecternError:
        return False
    return True


def sentinel(index: int) -> str:
    """The text that stands for the part with this number."""
    return f"LecternPart{index}EndQ7Z"


def item(part: Part, index: int) -> dict[str, str]:
    """A part as a template gets it."""
    kind = _ITEMS.get(type(part))
    return {"type": "text", "text": sentinel(index)} if kind is None else {"type": kind}


def without_ends(message: ChatMessage) -> tuple[ChatMessage, str, str]:
    """``message`` without the blanks before and behind it, and these."""
    parts = list(message.parts)
    before, after = "", ""
    for index, part in enumerate(parts):
        if not isinstance(part, TextPart):
            break
        parts[index] = TextPart(part.text.lstrip())
        before += part.text[: len(part.text) - len(part.text.lstrip())]
        if part.text.strip():
            break
    for index in reversed(range(len(parts))):
        part = parts[index]
        if not isinstance(part, TextPart):
            break
        kept = part.text.rstrip()
        after = part.text[len(kept) :] + after
        parts[index] = TextPart(kept)
        if kept:
            break
    return replace(message, parts=tuple(parts)), before, after


def with_sentinels(
    messages: Sequence[tuple[ChatMessage, str, str]], parts: Sequence[tuple[Part, ...]]
) -> list[Mapping[str, Any]]:
    """The conversation as the template gets it. Of text alone, content is a plain string: every template
    takes that, also where it takes no list (Gemma's own system turn)."""
    index = 0
    result: list[Mapping[str, Any]] = []
    for (message, before, after), own in zip(messages, parts, strict=True):
        items: list[dict[str, str]] = []
        for part in own:
            items.append(item(part, index))
            index += 1
        plain = all(item["type"] == "text" for item in items)
        if not plain:
            for place, text in ((0, before), (-1, after)):
                if text and items[place]["type"] == "text":
                    items[place]["text"] = text + items[place]["text"] if place == 0 else items[place]["text"] + text
        content: object = before + "".join(item["text"] for item in items) + after if plain else items
        result.append({"role": message.role, "content": content})
    return result


def split(rendered: str, parts: Sequence[Part], marks: Marks) -> Iterator[str | Part]:
    """Control text and parts in order; raises when the template lost, doubled or moved one."""
    places = re.compile("|".join([_SENTINEL.pattern, *map(re.escape, marks)]))
    done = index = 0
    for index, place in enumerate(places.finditer(rendered), start=1):
        if index > len(parts) or not _stands_for(place, index - 1, parts[index - 1], marks):
            raise _unfaithful()
        if place.start() > done:
            yield rendered[done : place.start()]
        yield parts[index - 1]
        done = place.end()
    if index != len(parts):
        raise _unfaithful()
    if done < len(rendered):
        yield rendered[done:]


def _stands_for(place: re.Match[str], index: int, part: Part, marks: Marks) -> bool:
    return int(place[1]) == index if place[1] is not None else isinstance(part, marks[place[0]])


def _unfaithful() -> CheckpointError:
    return CheckpointError(
        msg(
            "template.rewrites",
            "The model's chat template leaves out or moves parts of the conversation; copy "
            "chat_template.jinja from the published model again.",
        )
    )
