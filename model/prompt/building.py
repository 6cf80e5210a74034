"""A request to token ids: the checkpoint's own chat template, with data that it can never see.

The template is rendered with a sentinel in place of every text part, ``{"type": "image"}`` for every picture and
``{"type": "audio"}`` for every piece of sound (``model.prompt.media``). The result is split at these places again. What
the template wrote is encoded with special tokens, what the caller brought without, a picture becomes ``boi + n × image
token + eoi``, and sound ``boa + n × audio token + eoa``. So the template may
trim, and may strip what looks like a thought, without touching a document. Only the blanks at a message's two ends are
the template's own to trim or to keep. The same documents at the start give the same tokens whatever follows them,
because every part is encoded on its own; ``model.prompt.borders`` sees to it that these are the tokens of the whole
text.

Function calls with their results may follow the question (``model.prompt.tool_prompt``), which continue the
model's turn.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from model.errors import LecternError, UnsupportedModelError
from model.family.config import ModelConfig
from model.messages import msg
from model.prompt.borders import as_one_text
from model.prompt.media import Marks, item, marks_of, split, with_sentinels, without_ends
from model.prompt.sounds import heard
from model.prompt.spans import SoftSpan, Source
from model.prompt.tokenizer import Tokenizer
from model.prompt.tool_prompt import Renderer, can_use_tools, known_name, render_result, result_parts
from model.types import ChatMessage, Part, Picture, PicturePart, Request, Sound, SoundPart, TextPart, ToolStep


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of the prompt that ends at ``stop``, and a key that only its content decides."""

    key: str
    stop: int


@dataclass(frozen=True, slots=True)
class DocumentSpan:
    """The positions of an attached file in the prompt: [start, stop)."""

    key: str
    name: str
    start: int
    stop: int


@dataclass(frozen=True, eq=False)
class Prompt:
    """The prompt that the engine prefills.

    ``signature`` is ``ids`` with the soft tokens of each source replaced by a negative number made from its
    content: two prompts with equal signatures up to a position have the same KV cache up to it.
    ``landmarks`` are the positions worth returning to, the most useful first. ``documents`` tells where each
    attached file ends.
    """

    ids: NDArray[np.int64]
    signature: NDArray[np.int64]
    spans: tuple[SoftSpan, ...]
    segments: tuple[Segment, ...]
    landmarks: tuple[int, ...]
    documents: tuple[DocumentSpan, ...] = ()
    passing: int = 0
    """Where the shared system text ends, in a prompt of which nothing else will be wanted again; else 0."""

    def __len__(self) -> int:
        return len(self.ids)


def build_prompt(request: Request, tokenizer: Tokenizer, config: ModelConfig) -> Prompt:
    """The tokens of ``request``, up to where the model answers. Raises ``LecternError``."""
    if not request.messages or request.messages[-1].role != "user":
        raise LecternError(msg("request.no-question", "There is no question to answer; ask one."))
    ends_of = [without_ends(message) for message in request.messages]
    request = replace(request, messages=tuple(message for message, _, _ in ends_of))
    messages = [tuple(part for part in message.parts if part != TextPart("")) for message in request.messages]
    parts = [part for message in messages for part in message]
    if config.vision is None and has_pictures(request):
        raise UnsupportedModelError(
            msg("vision.not-seen", "This model cannot see pictures; attach text, or choose a model with vision.")
        )
    if config.audio is None and has_sound(request):
        raise UnsupportedModelError(
            msg(
                "sound.not-heard",
                "This model cannot hear; ask about text and pictures, or choose a model that hears, such as "
                "Gemma 4 E4B.",
            )
        )
    marks = marks_of(config, tokenizer)
    rendered = tokenizer.render(with_sentinels(ends_of, messages), thinking=request.thinking, tools=request.tools)
    writer = _Writer(tokenizer, config)
    ends = []  # after each part
    starts = []  # before each part
    for piece in as_one_text(split(rendered, parts, marks), tokenizer):
        if isinstance(piece, str):
            writer.control(piece)
            continue
        starts.append(writer.length)
        writer.part(piece)
        ends.append(writer.length)
    for step in request.steps:
        _write_step(writer, step, request, tokenizer, marks)
    documents = _documents(request, starts, ends)
    landmarks = _landmarks(request.messages, [len(m) for m in messages], starts, ends)
    prompt = writer.prompt(_with_documents(landmarks, documents), documents)
    if request.shared_system and request.messages[0].role == "system" and messages[0]:
        end = ends[len(messages[0]) - 1]
        return replace(prompt, landmarks=(end, *prompt.landmarks), passing=end)
    return prompt


def has_pictures(request: Request) -> bool:
    """Whether ``request`` has a picture or frame, results of functions included."""
    return _has(request, PicturePart)


def has_sound(request: Request) -> bool:
    """Whether ``request`` has a piece of sound, results of functions included."""
    return _has(request, SoundPart)


def _has(request: Request, kind: type[Part]) -> bool:
    parts = [message.parts for message in request.messages] + [step.result for step in request.steps]
    return any(isinstance(part, kind) for own in parts for part in own)


def writes_tools(tokenizer: Tokenizer, config: ModelConfig) -> bool:
    """Whether a model with this chat template can be offered functions."""
    return writes_tools_with(tokenizer, tokenizer.text_of(config.image_token_id))


def writes_tools_with(template: Renderer, image_text: str) -> bool:
    """The same, without a vocabulary; ``image_text`` is what the template writes for a picture."""
    return can_use_tools(template, split, item, {image_text: PicturePart})


def writes_thoughts(template: Renderer) -> bool:
    """Whether this chat template tells a model to think when it is asked to."""
    message = ChatMessage("user", (TextPart("a"),))
    marked = with_sentinels([(message, "", "")], [message.parts])
    try:
        return template.render(marked, thinking=True) != template.render(marked, thinking=False)
    except LecternError:
        return False


def _write_step(writer: _Writer, step: ToolStep, request: Request, tokenizer: Tokenizer, marks: Marks) -> None:
    """The model's text, as it wrote it, and the result as the template writes it."""
    writer.written(step.call.written)
    parts = result_parts(step)
    name = known_name(step.call, request.tools)
    behind = render_result(name, parts, tokenizer, thinking=request.thinking, item=item)
    for piece in as_one_text(split(behind, parts, marks), tokenizer):
        if isinstance(piece, str):
            writer.control(piece)
        else:
            writer.part(piece)


def _landmarks(
    messages: Sequence[ChatMessage], counts: Sequence[int], starts: Sequence[int], ends: Sequence[int]
) -> tuple[int, ...]:
    """The most useful positions first.

    A question is the last part of its turn, so the position before it is where its documents end: there
    another question, or an edited one, begins. The end of the last part is where the same question is
    asked again, and where the next turn continues.
    """
    before_questions = []
    stop = 0
    for message, count in zip(messages, counts, strict=True):
        stop += count
        if message.role == "user" and count:
            before_questions.append(starts[stop - 1])
    newest, older = before_questions[-1:], before_questions[:-1]
    documents, between = older[:1], older[1:]
    wanted = [*newest, *ends[-1:], *documents, *reversed(between)]
    return tuple(dict.fromkeys(position for position in wanted if position > 0))


def _documents(request: Request, starts: Sequence[int], ends: Sequence[int]) -> tuple[DocumentSpan, ...]:
    """The positions of each attached file. Empty parts have no place in the prompt and are passed over."""
    first = next(i for i, message in enumerate(request.messages) if message.role == "user")
    place = sum(part != TextPart("") for message in request.messages[:first] for part in message.parts)
    parts = iter(request.messages[first].parts)
    spans = []
    for attached in request.documents:
        count = sum(part != TextPart("") for part in islice(parts, attached.parts))
        if count:
            spans.append(DocumentSpan(attached.key, attached.name, starts[place], ends[place + count - 1]))
        place += count
    return tuple(spans)


def _with_documents(landmarks: tuple[int, ...], documents: Sequence[DocumentSpan]) -> tuple[int, ...]:
    """A conversation also continues from the end of each document: when one is added behind, replaced or taken out."""
    ends = [document.stop for document in reversed(documents)]
    return tuple(dict.fromkeys((*landmarks[:1], *ends[:1], *landmarks[1:2], *ends[1:], *landmarks[2:])))


class _Writer:
    """Collects ids, signature and segments."""

    def __init__(self, tokenizer: Tokenizer, config: ModelConfig) -> None:
        self._tokenizer = tokenizer
        self._config = config
        self._ids: list[int] = []
        self._signature: list[int] = []
        self._spans: list[SoftSpan] = []
        self._segments: list[Segment] = []

    @property
    def length(self) -> int:
        return len(self._ids)

    def control(self, text: str) -> None:
        self._tokens(self._tokenizer.encode_control(text))

    def written(self, ids: Sequence[int]) -> None:
        """Tokens that the model itself has drawn."""
        self._tokens(list(ids))

    def part(self, part: Part) -> None:
        if isinstance(part, TextPart):
            self._tokens(self._tokenizer.encode_data(part.text))
        elif isinstance(part, PicturePart):
            self._picture(part.picture)
        else:
            self._sound(part.sound)

    def _tokens(self, ids: list[int]) -> None:
        if ids:
            self._ids += ids
            self._signature += ids
            self._segments.append(Segment(f"text:{_digest(np.array(ids, np.int64).tobytes())}", self.length))

    def _picture(self, picture: Picture) -> None:
        if picture.soft_tokens < 1:
            raise LecternError(
                msg("picture.too-small", "A picture is too small to be used; leave it out or attach a larger one.")
            )
        config = self._config
        self._soft(picture, "picture", (config.boi_token_id, config.image_token_id, config.eoi_token_id))

    def _sound(self, sound: Sound) -> None:
        config = self._config
        assert config.audio is not None
        ids = config.boa_token_id, config.audio_token_id, config.eoa_token_id
        self._soft(heard(sound, config.audio), "sound", ids)

    def _soft(self, source: Source, name: str, ids: tuple[int, int, int]) -> None:
        """Soft tokens between the tokens that begin and end them."""
        (begin, soft, end), count = ids, source.soft_tokens
        mark = -1 - int.from_bytes(hashlib.blake2b(source.key.encode(), digest_size=7).digest(), "big")
        start = self.length + 1
        self._ids += [begin, *[soft] * count, end]
        self._signature += [begin, *[mark] * count, end]
        self._spans.append(SoftSpan(source.kind, start, start + count, source))
        self._segments.append(Segment(f"{name}:{source.key}", self.length))

    def prompt(self, landmarks: tuple[int, ...], documents: tuple[DocumentSpan, ...]) -> Prompt:
        return Prompt(
            ids=np.array(self._ids, np.int64),
            signature=np.array(self._signature, np.int64),
            spans=tuple(self._spans),
            segments=tuple(self._segments),
            landmarks=tuple(p for p in landmarks if p < self.length),
            documents=documents,
        )


def _digest(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=16).hexdigest()
