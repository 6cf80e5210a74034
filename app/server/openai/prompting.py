"""A conversation in OpenAI's form becomes one request to the engine.

System messages come first, joined. Files of the first user message come before its words, so that the cache can serve
them again; everything else stays in its place. Files without any system message get Lectern's own, which tells the
model that what a file says is no instruction. Earlier function calls are text; those that wait for the model continue
behind exactly what it wrote.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from app.chat.documents import document_parts
from app.chat.prompt_text import text_parts
from app.chat.prompts import SYSTEM
from app.ingest.types import Document, ReadOptions
from app.server.errors import ApiError
from app.server.openai import bodies
from app.server.openai.functions import Calls
from app.server.openai.inline import from_base64, from_uri
from app.server.reading import Documents, Parsed
from app.server.uploads import Uploads, safe_name
from model.types import Attached, ChatMessage, ModelInfo, Part, PicturePart, Request, SoundPart, TextPart, ToolStep

_BUDGETS = {"low": 70, "high": 1120, "original": 1120}
MOST_FILES = 100


@dataclass
class Asked:
    """A request, and what has to live until it is answered."""

    request: Request
    documents: tuple[Document, ...] = ()
    held: list[Parsed] = field(default_factory=list)


class Prompting:
    """Makes requests of messages."""

    def __init__(self, documents: Documents, uploads: Uploads, calls: Calls) -> None:
        self._documents, self._uploads, self._calls = documents, uploads, calls

    async def ask(self, messages: Sequence[bodies.ChatMessage], info: ModelInfo, request: Request) -> Asked:
        """``request`` with the messages. Raises ``ApiError``."""
        writer = _Writer(self._documents, self._uploads, info)
        system = "\n\n".join(_text(one.content) for one in messages if isinstance(one, bodies.SystemMessage))
        talk: list[tuple[int, bodies.ChatMessage]] = [
            (number, one) for number, one in enumerate(messages) if not isinstance(one, bodies.SystemMessage)
        ]
        tail = _tail([one for _, one in talk])
        steps, left = self._steps(talk, tail)
        for number, message in left:
            match message:
                case bodies.UserMessage():
                    await writer.user(message, f"messages.{number}.content")
                case bodies.AssistantMessage():
                    writer.assistant(message)
                case bodies.ToolMessage():
                    writer.say("user", f"[result of the function]\n{_text(message.content)}")
        made = writer.messages()
        if not made or made[-1].role != "user":
            words = "The last message has to be the user’s, or the result of a function."
            raise ApiError(400, words, "messages", param="messages")
        if writer.held and not system.strip():
            system = SYSTEM
        if system.strip():
            made.insert(0, ChatMessage("system", tuple(text_parts(system))))
        full = replace(request, messages=tuple(made), documents=tuple(writer.attached), steps=tuple(steps))
        return Asked(full, tuple(one.document for one in writer.held), [*writer.held, *writer.pictures])

    def _steps(
        self, talk: list[tuple[int, bodies.ChatMessage]], tail: int
    ) -> tuple[list[ToolStep], list[tuple[int, bodies.ChatMessage]]]:
        """The calls behind the last question with their results, where all of them are known; and the messages left."""
        results = {
            one.tool_call_id: _text(one.content) for _, one in talk[tail:] if isinstance(one, bodies.ToolMessage)
        }
        steps = []
        for _, message in talk[tail:]:
            if not isinstance(message, bodies.AssistantMessage):
                continue
            for call in message.tool_calls or ():
                known = self._calls.get(call.id)
                if known is None or call.id not in results:
                    return [], talk
                steps.append(ToolStep(known, tuple(text_parts(results[call.id]))))
        return (steps, talk[:tail]) if steps else ([], talk)


def _tail(talk: Sequence[bodies.ChatMessage]) -> int:
    """Where the messages behind the last question begin."""
    return next((at + 1 for at in reversed(range(len(talk))) if isinstance(talk[at], bodies.UserMessage)), 0)


def _text(content: str | Sequence[bodies.TextPart] | None) -> str:
    if content is None or isinstance(content, str):
        return content or ""
    return "".join(part.text for part in content)


class _Writer:
    """Messages as they grow; neighbours of the same role become one, since the model's turns alternate."""

    def __init__(self, documents: Documents, uploads: Uploads, info: ModelInfo) -> None:
        self._documents, self._uploads, self._info = documents, uploads, info
        self._made: list[tuple[str, list[Part]]] = []
        self.attached: list[Attached] = []
        self.held: list[Parsed] = []
        self.pictures: list[Parsed] = []

    def messages(self) -> list[ChatMessage]:
        """All of them."""
        found = []
        for role, parts in self._made:
            found.append(ChatMessage("user" if role == "user" else "assistant", tuple(parts)))
        return found

    def say(self, role: str, text: str) -> None:
        """Words of one side."""
        if self._made and self._made[-1][0] == role:
            self._made[-1][1].extend(text_parts(f"\n\n{text}"))
        else:
            if not self._made and role == "assistant":  # a model's first turn follows a user's
                self._made.append(("user", list(text_parts("(no question)"))))
            self._made.append((role, list(text_parts(text))))

    def assistant(self, message: bodies.AssistantMessage) -> None:
        """An earlier answer."""
        said = [_text(message.content)]
        said += [f"[called {one.function.name} with {one.function.arguments}]" for one in message.tool_calls or ()]
        self.say("assistant", "\n".join(words for words in said if words.strip()) or "(no answer)")

    async def user(self, message: bodies.UserMessage, param: str) -> None:
        """A question with its files. Raises ``ApiError``."""
        if isinstance(message.content, str):
            self.say("user", message.content)
            return
        first = not self._made
        before: list[Part] = []
        rest: list[Part] = []
        for number, part in enumerate(message.content):
            where = f"{param}.{number}"
            match part:
                case bodies.TextPart():
                    rest.extend(text_parts(part.text))
                case bodies.ImagePart():
                    rest.extend(await self._picture(part, where))
                case bodies.FilePart() | bodies.VideoPart():
                    written = await self._file(part, where, first=first)
                    (before if first else rest).extend(written)
                case bodies.AudioPart():
                    rest.extend(await self._sound(part, where))
        if not first and self._made[-1][0] == "user":
            self._made[-1][1].extend([TextPart("\n\n"), *before, *rest])
        else:
            self._made.append(("user", [*before, *rest]))

    async def _picture(self, part: bodies.ImagePart, where: str) -> list[Part]:
        if not self._info.capabilities.pictures:
            raise ApiError(400, "The open model does not take pictures; send text.", "no_pictures", param=where)
        options = ReadOptions(budget=_BUDGETS.get(part.image_url.detail or "auto"))
        url = part.image_url.url
        if url.startswith("file-"):
            parsed = await self._documents.read(self._uploads.get(url), options, recognise=False, param=where)
        else:
            inline = from_uri(url, where)
            name = f"picture{inline.suffix or '.png'}"
            parsed = await self._documents.read_bytes(inline.data, name, options, recognise=False, param=where)
        pictures = [page.picture for page in parsed.document.pages if page.picture is not None]
        if parsed.document.file_kind.view != "picture" or not pictures:
            words = "This is not a picture; send other files as “file” parts."
            raise ApiError(400, words, "not_a_picture", param=where)
        self.pictures.append(parsed)
        return [PicturePart(picture) for picture in pictures]

    async def _sound(self, part: bodies.AudioPart, where: str) -> list[Part]:
        if not self._info.capabilities.sound:
            words = "The open model does not take sound; send text, pictures or videos."
            raise ApiError(400, words, "no_sound", param=where)
        data = from_base64(part.input_audio.data, where)
        name = safe_name(f"sound.{part.input_audio.format}")
        parsed = await self._documents.read_bytes(data, name, ReadOptions(), recognise=False, param=where)
        if not parsed.document.sound:
            raise ApiError(400, "There is no sound in this file.", "not_sound", param=where)
        self.pictures.append(parsed)
        return [SoundPart(piece) for piece in parsed.document.sound]

    async def _file(self, part: bodies.FilePart | bodies.VideoPart, where: str, *, first: bool) -> list[Part]:
        if len(self.held) >= MOST_FILES:
            raise ApiError(400, f"More than {MOST_FILES} files are too many.", "too_many_files", param=where)
        parsed = await self._document(part, where)
        self.held.append(parsed)
        document = parsed.document
        written = list(document_parts(len(self.held), document, hears=self._info.capabilities.sound))
        if first:
            self.attached.append(Attached(document.content_hash, document.name, len(written)))
        return written

    async def _document(self, part: bodies.FilePart | bodies.VideoPart, where: str) -> Parsed:
        options = ReadOptions()
        if isinstance(part, bodies.VideoPart):
            url = part.video_url.url
            if url.startswith("file-"):
                return await self._documents.read(self._uploads.get(url), options, param=where)
            inline = from_uri(url, where)
            name = f"video{inline.suffix or '.mp4'}"
            return await self._documents.read_bytes(inline.data, name, options, recognise=True, param=where)
        file = part.file
        if (file.file_id is None) == (file.file_data is None):
            raise ApiError(400, "A file part needs either file_id or file_data.", "file_part", param=where)
        if file.file_id is not None:
            return await self._documents.read(self._uploads.get(file.file_id), options, param=where)
        given = file.file_data or ""
        if given.startswith("data:"):
            inline = from_uri(given, where)
            data, suffix = inline.data, inline.suffix
        else:
            data, suffix = from_base64(given, where), ""
        name = safe_name(file.filename) if file.filename is not None else f"file{suffix}"
        return await self._documents.read_bytes(data, name, options, recognise=True, param=where)
