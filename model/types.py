"""The messages between the application and the engine: frozen dataclasses, no torch, no tensors.

The engine takes a ``Request`` (messages made of text, pictures and sound); it returns the events that
``Engine.generate`` yields, always ended by exactly one ``Finished`` or ``Failed``.

How to ask a model that hears (``ModelInfo.capabilities.sound``): one ``Sound`` of at most 30 seconds, mono, 16,000
samples a second, made by ``model.sound.samples.make_sound`` and followed by what is asked about it:

    part = SoundPart(make_sound(samples, start_s=90.0))
    ask = ChatMessage("user", (part, TextPart("Transcribe this speech.")))
    request = Request((ask,), Sampling(temperature=0.0), max_new_tokens=600)

The ``TextDelta`` events are the text of this piece. A longer recording is cut by ``model.sound.pieces.cut``, and the
texts of pieces that overlap are joined by ``model.sound.merging.merge``. Several pieces may also stand in one request,
each in the place where it is heard, beside pictures and text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from model.engine.rates import Rates
from model.messages import Message
from model.soft_tokens import IMAGE, SOFT_TOKEN_PX, SOUND_RATE


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as the vision tower will see it: RGB, already resized to its visual budget.

    ``pixels`` is the raw ``height × width × 3`` uint8 data, row by row, or the path of a file that
    holds exactly these bytes. Both sides are multiples of 48 px.
    """

    pixels: bytes | Path
    height: int
    width: int
    budget: int
    content_hash: str

    @property
    def kind(self) -> str:
        """The encoder's kind (``model.prompt.spans``)."""
        return IMAGE

    @property
    def key(self) -> str:
        """The key of its soft tokens: its content, its size and its budget."""
        return f"{self.content_hash}:{self.height}x{self.width}:{self.budget}"

    @property
    def soft_tokens(self) -> int:
        """How many soft tokens this picture takes in the context."""
        return (self.height // SOFT_TOKEN_PX) * (self.width // SOFT_TOKEN_PX)

    def read(self) -> bytes:
        """The raw pixels, ``height * width * 3`` bytes. Raises ``ValueError`` on a wrong length, ``OSError``."""
        data = self.pixels if isinstance(self.pixels, bytes) else self.pixels.read_bytes()
        if len(data) != self.height * self.width * 3:
            raise ValueError("The picture's data does not have the size that it claims.")
        return data


@dataclass(frozen=True, slots=True)
class TextPart:
    """Text that is data: control tokens inside it are never obeyed."""

    text: str


@dataclass(frozen=True, slots=True)
class PicturePart:
    """One picture or video frame."""

    picture: Picture


@dataclass(frozen=True, slots=True)
class Sound:
    """A piece of sound as a model will hear it: mono, ``SOUND_RATE`` samples a second, at most 30 seconds.

    ``samples`` is signed 16-bit little-endian PCM, ``count`` samples of 2 bytes, or the path of a file that holds
    exactly these bytes. ``start_s`` is the second of its file at which it begins; the model does not see it.
    """

    samples: bytes | Path
    count: int
    content_hash: str
    start_s: float = field(default=0.0, compare=False)

    @property
    def seconds(self) -> float:
        """How long it is."""
        return self.count / SOUND_RATE

    def read(self) -> bytes:
        """The samples, ``2 * count`` bytes. Raises ``ValueError`` on a wrong length, ``OSError``."""
        data = self.samples if isinstance(self.samples, bytes) else self.samples.read_bytes()
        if len(data) != 2 * self.count:
            raise ValueError("The sound's data does not have the length that it claims.")
        return data


@dataclass(frozen=True, slots=True)
class SoundPart:
    """One piece of sound, at most ``SOUND_LONGEST_S`` seconds; before the text that asks about it."""

    sound: Sound


Part = TextPart | PicturePart | SoundPart


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One turn of a conversation. Each part is a segment that the KV cache can reuse."""

    role: Literal["system", "user", "assistant"]
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Sampling:
    """How to draw the next token. ``None`` means: as the model's generation config sets it."""

    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    seed: int | None = None


@dataclass(frozen=True, slots=True)
class Attached:
    """A file among the parts of the first user turn: the next ``parts`` of them. ``key`` identifies its content."""

    key: str
    name: str
    parts: int


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """A function that the model may ask for. Constant words of the application's own, never a document's.

    ``parameters`` is a JSON schema of an object, in what Gemma 4's chat template can write: strings with ``enum``,
    numbers, integers, booleans, arrays of these, objects.
    """

    name: str
    description: str
    parameters: Mapping[str, Any]


ConstraintKind = Literal["json_schema", "regex", "lark", "gbnf"]
"""A JSON schema (draft 2020-12), a regular expression for the whole answer, or a grammar in Lark's or llama.cpp's
form."""


@dataclass(frozen=True, slots=True)
class Constraint:
    """What an answer must look like, token by token; thoughts before it and calls of functions are free of it.

    ``text`` is the schema as JSON, the expression or the grammar. What is supported is in ``model.constraint.grammar``,
    whose ``check`` tells it without a model.
    """

    kind: ConstraintKind
    text: str


@dataclass(frozen=True, slots=True)
class ToolCall:
    """The model asks for a function. ``arguments`` is what the model wrote, not yet checked.

    Without a ``name`` the call cannot be read. ``written`` are the ids of all that the model wrote in this round,
    thoughts included: the next round continues from exactly there.
    """

    name: str
    arguments: str
    written: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class ToolStep:
    """A call and what came of it: text first, then pictures. Text is data, as everywhere."""

    call: ToolCall
    result: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Request:
    """One question to the engine. Messages end with a user turn; ``documents`` come first in the first one.

    With ``tools`` the answer may end in a ``ToolCall``. The same request with one more of ``steps`` then continues
    behind it, and reads nothing but the result.
    """

    messages: tuple[ChatMessage, ...]
    sampling: Sampling = field(default_factory=Sampling)
    thinking: bool = False
    max_new_tokens: int = 2048
    documents: tuple[Attached, ...] = ()
    tools: tuple[ToolSpec, ...] = ()
    steps: tuple[ToolStep, ...] = ()
    shared_system: bool = False
    """Many requests with the same system text and another document each are to come: it is worth keeping by itself."""
    max_thinking_tokens: int = 8192
    """For thoughts, which ``max_new_tokens`` does not count. At this limit they are ended, and the answer begins."""
    constraint: Constraint | None = None
    """Holds for the whole of an answer that ends with the reason ``stop``; at the limit it is cut off in the middle."""


@dataclass(frozen=True, slots=True)
class CacheSettings:
    """Where documents stay that have been read, and how much they may take. Without a folder, in memory only."""

    folder: Path | None = None
    ram_bytes: int = 4 << 30
    disk_bytes: int = 20 << 30
    int8: bool = False


Format = str
"""Which numbers a model is stored in: the name of one of ``model.formats.table``."""

Residence = Literal["unread", "disk", "resident"]


@dataclass(frozen=True, slots=True)
class DocumentReport:
    """The place of one document of a request: its tokens, and the bytes that its KV cache takes there."""

    key: str
    name: str
    tokens: int
    state: Residence
    ram_bytes: int
    disk_bytes: int
    pinned: bool


@dataclass(frozen=True, slots=True)
class Preflight:
    """The estimated cost of a request before it is asked.

    ``pictures`` and ``sounds`` still have to become ``soft_tokens``; ``cache_bytes`` is what the whole
    prompt takes in the KV cache; ``free_bytes`` what the device has left; ``seconds`` until the first word, None
    until this machine's speed has been measured once, with ``rates``; ``unseen`` are their content hashes.
    """

    prompt_tokens: int
    reused_tokens: int
    context_tokens: int
    pictures: int
    soft_tokens: int
    cache_bytes: int
    free_bytes: int
    seconds: float | None
    documents: tuple[DocumentReport, ...]
    rates: Rates | None = None
    unseen: frozenset[str] = frozenset()
    sounds: int = 0
    answer_tokens: int = 2048
    """The most that may be written, thoughts included."""


@dataclass(frozen=True, slots=True)
class EngineCapabilities:
    """The capabilities of an engine with its open model; nothing else is offered or asked of it."""

    pictures: bool = True
    sound: bool = False
    """It hears: its weights have what turns sound into soft tokens, and its chat template has a place for them."""
    thinking: bool = True
    """Its chat template has a switch for thoughts before the answer."""
    tools: bool = False
    """Its chat template can declare functions, and continue after a call."""
    preflight: bool = True
    """It can estimate the cost of a request."""
    residency: bool = True
    """It keeps documents that were read, and can pin, unload and delete them."""


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """The facts about the loaded model, for the window, ``doctor`` and ``--json``."""

    name: str
    folder: Path
    device: str
    dtype: str
    quantisation: str
    parameters: int
    weight_bytes: int
    context_tokens: int
    capabilities: EngineCapabilities
    sample: bool
    """True for the seeded random or sample model that ships with the app."""
    remarks: tuple[Message, ...] = ()
    """Parts of its folder that are left out, one sentence each."""
    drafter: str = ""
    """The drafter that guesses its next tokens; empty: there is none."""
    host: str = ""
    """The server that runs it; empty: this program does."""
    leaves: bool = False
    """What is asked leaves this machine."""
    adapters: tuple[str, ...] = ()
    """Names of the adapters that are applied to it at present."""

    @property
    def answers_as(self) -> str:
        """What its answers depend on, for the names under which they are stored."""
        return " + ".join((f"{self.name} {self.quantisation}", *sorted(self.adapters)))


@dataclass(frozen=True, slots=True)
class LoadProgress:
    """Progress while a model is opened or quantised. ``stage`` is a short phrase."""

    stage: Message
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class PrefillProgress:
    """Reading the prompt. Counts are tokens; ``reused`` of them came out of the KV cache."""

    done: int
    total: int
    reused: int


@dataclass(frozen=True, slots=True)
class EncodeProgress:
    """Pictures, or pieces of sound, becoming soft tokens; each ``kind`` is counted by itself."""

    done: int
    total: int
    kind: str = IMAGE


@dataclass(frozen=True, slots=True)
class ThoughtDelta:
    """More of the model's thinking, which is not part of the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class TextDelta:
    """More of the answer. Always whole characters."""

    text: str


@dataclass(frozen=True, slots=True)
class Usage:
    """Counts in tokens. ``answer_tokens`` includes thinking.

    ``drafted_tokens`` were looked up in the prompt and checked by the model; of these ``accepted_tokens`` are in the
    answer, and cost no pass of their own.
    """

    prompt_tokens: int
    reused_tokens: int
    answer_tokens: int
    drafted_tokens: int = 0
    accepted_tokens: int = 0
    thinking_tokens: int = 0
    """Those of ``answer_tokens`` that are thoughts."""


@dataclass(frozen=True, slots=True)
class Timings:
    """Seconds, and tokens a second. ``first_token_s`` counts from the request's start."""

    prefill_s: float
    first_token_s: float
    decode_tokens_per_s: float


@dataclass(frozen=True, slots=True)
class TakenBack:
    """Characters at the end of the answer, and of the thoughts, that no longer count: the model repeated itself."""

    answer: int
    thought: int


Reason = Literal["stop", "length", "cancelled", "tool", "repetition"]


@dataclass(frozen=True, slots=True)
class Finished:
    """The request is over: ``stop`` by the model, ``length`` by the limit, ``cancelled`` by the user.

    ``tool``: a ``ToolCall`` came before, and the model waits for its result. ``repetition``: the model only repeated
    itself, and a ``TakenBack`` before this event takes all but one copy away.
    """

    reason: Reason
    usage: Usage
    timings: Timings
    thinking_cut: bool = False
    """The thoughts were ended at their limit, and the answer begun."""


@dataclass(frozen=True, slots=True)
class Failed:
    """The request ended in an error. ``message`` is one sentence."""

    message: Message


Event = PrefillProgress | EncodeProgress | ThoughtDelta | TextDelta | ToolCall | TakenBack | Finished | Failed
