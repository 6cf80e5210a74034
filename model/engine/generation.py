"""One request, from its first prefill chunk to its last token, as a generator of events."""

from __future__ import annotations

import contextlib
import logging
import time
from collections import Counter
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field, replace
from typing import cast

import torch
from torch import Tensor

from model.adapters.applying import Adapters
from model.cache.features import FeatureCache
from model.cache.residency import Residency
from model.cancel import Cancel
from model.checkpoint.files import Files
from model.constraint.following import Rules
from model.constraint.vocabulary import Vocabulary
from model.drafter.network import Drafter
from model.engine.decode import Decode
from model.engine.lookup import PromptLookup
from model.engine.memory import free_memory, is_out_of_memory
from model.engine.prefill import Chunk, plan_chunks, prefill_chunk
from model.engine.repetition import LoopGuard
from model.engine.sampling import Sampler, SamplingDefaults
from model.engine.speculation import Speculation
from model.engine.speeds import Speeds
from model.errors import CancelledError, ContextLengthError, UnsupportedModelError
from model.family.config import ModelConfig
from model.family.decoder import Decoder
from model.messages import msg
from model.prompt.building import Prompt, build_prompt, has_pictures
from model.prompt.frame_times import frames_on_lines
from model.prompt.spans import SoftSpan
from model.prompt.streaming import Delta, OutputSplitter
from model.prompt.tokenizer import Tokenizer
from model.types import (
    EncodeProgress,
    Event,
    Finished,
    PrefillProgress,
    Reason,
    Request,
    TakenBack,
    TextDelta,
    ThoughtDelta,
    Timings,
    ToolCall,
    Usage,
)

_log = logging.getLogger(__name__)
_PROGRESS_S = 0.5
"""Seconds between two words on how far a chunk is: a large model takes minutes for one."""


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """Everything that a request runs on."""

    config: ModelConfig
    tokenizer: Tokenizer
    decoder: Decoder
    features: FeatureCache | None
    defaults: SamplingDefaults
    residency: Residency
    chunk_tokens: int
    files: Files
    speeds: Speeds
    vocabulary: Vocabulary
    adapters: Adapters
    speculation: Speculation = field(default_factory=Speculation)
    lookup: bool = True
    """Whether tokens are drafted from earlier occurrences in the prompt."""
    drafter: Drafter | None = None
    """Guesses tokens where the prompt has none to offer."""
    takes_pictures: bool = True
    """Whether the chat template writes pictures."""
    frames_on_lines: bool = False
    """Whether the model was trained with a line for each frame of a video."""

    def prompt(self, request: Request) -> Prompt:
        """The prompt of ``request``."""
        if not self.takes_pictures and has_pictures(request):
            raise UnsupportedModelError(
                msg(
                    "template.no-pictures",
                    "This model's chat template takes no pictures; ask about text only, or copy the newer "
                    "chat_template.jinja from the published model into the model's folder.",
                )
            )
        request = frames_on_lines(request) if self.frames_on_lines else request
        prompt = build_prompt(request, self.tokenizer, self.config)
        return replace(prompt, signature=self.adapters.sign(prompt.signature))

    def stops(self, request: Request) -> tuple[int, ...]:
        """The ids that end an answer to ``request``: those that the files name, and those that the template needs.

        A finetune's files often name ``<eos>`` alone; its model would then go on behind ``<turn|>`` with a question
        of its own.
        """
        named = self.tokenizer.named
        needed = [named["turn_end"], named["tool_response_start"] if request.tools else None]
        return tuple(dict.fromkeys((*self.config.eos_token_ids, *(i for i in needed if i is not None))))

    def rules(self, request: Request, prompt: Prompt) -> Rules | None:
        """What an answer to ``request`` may hold. Raises ``ConstraintError``."""
        return Rules.of(request, self.vocabulary, self.stops(request), self.tokenizer.last_turn(prompt.ids))


class Generation:
    """Runs one request. ``events`` may raise; ``Engine.generate`` turns that into ``Failed``."""

    def __init__(self, model: LoadedModel, request: Request, cancel: Cancel) -> None:
        self._model = model
        self._request = request
        self._cancel = cancel
        self._started = time.perf_counter()
        self._prefill_s = self._first_token_s = self._last_token_s = 0.0
        self._encode_s = 0.0
        self._reused = 0
        self._written: list[int] = []
        self._told = _Told()
        self._budget: _Budget | None = None
        self._thinking_cut = False
        self._drafted = self._accepted = 0
        self._short = False
        """Whether memory has run out once in this request."""

    def events(self) -> Iterator[Event]:
        """All events, ending with ``Finished``."""
        self._sampler = Sampler(self._request.sampling, self._model.defaults, self._model.decoder.device)
        self._prompt = prompt = self._model.prompt(self._request)
        check_length(prompt, self._model.config)
        self._rules = self._model.rules(self._request, prompt)
        self._model.files.check_contents()
        if not self._model.files.documents_whole():
            self._model.residency.drop()
        self._reused = self._model.residency.continue_with(prompt)
        hidden: Tensor | None = None
        with contextlib.suppress(CancelledError):  # in the middle of a chunk or of a picture
            hidden = yield from self._prefill(prompt)
        self._prefill_s = self._elapsed()
        self._measure(hidden is not None)
        reason: Reason = "cancelled" if hidden is None else (yield from self._decode(prompt, hidden))
        yield Finished(reason, self._usage(), self._timings(), self._thinking_cut)

    def _prefill(self, prompt: Prompt) -> Generator[Event, None, Tensor | None]:
        """Returns the last hidden state, or ``None`` when the user stopped it."""
        model, residency = self._model, self._model.residency
        yield PrefillProgress(self._reused, len(prompt), self._reused)
        progress = _EncodeCount(prompt, self._reused, model.features)
        yield from progress.begin()
        hidden: Tensor | None = None
        position, size = self._reused, model.chunk_tokens
        while position < len(prompt):
            chunk = next(plan_chunks(prompt, position, size, residency.cuts))
            read = yield from self._read(chunk, progress)
            if read is None:
                if self._cancel.is_set():
                    return None
                self._make_room()
                size = max(1, size // 4)
                continue
            hidden, position = read, chunk.stop
            yield PrefillProgress(chunk.stop, len(prompt), self._reused)
        return hidden

    def _read(self, chunk: Chunk, progress: _EncodeCount) -> Generator[Event, None, Tensor | None]:
        """Returns the chunk's last hidden state; ``None`` where it was stopped, or memory ran out the first time."""
        model = self._model
        try:
            model.files.check_lengths()
            features = yield from self._encode(chunk, progress)
            if self._cancel.is_set():
                return None
            steps = prefill_chunk(model.decoder, model.residency, self._prompt, chunk, features, self._cancel)
            return (yield from self._tell_progress(chunk, steps))
        except Exception as error:
            if self._short or not is_out_of_memory(error):
                raise
            self._short = True
        return None

    def _tell_progress(self, chunk: Chunk, steps: Generator[float, None, Tensor]) -> Generator[Event, None, Tensor]:
        """Runs ``steps`` of a chunk and reports progress now and then; returns their result."""
        told = time.perf_counter()
        while True:
            try:
                share = next(steps)
            except StopIteration as done:
                return cast(Tensor, done.value)
            if time.perf_counter() - told > _PROGRESS_S and share < 1:
                told = time.perf_counter()
                tokens = chunk.start + int(share * (chunk.stop - chunk.start))
                yield PrefillProgress(tokens, len(self._prompt), self._reused)

    def _make_room(self) -> None:
        """Memory ran out. Called outside ``except``, where the traceback would still hold the memory to free."""
        _log.warning("out of memory while reading: trying once more, with smaller steps and nothing kept")
        self._model.residency.lighten()
        if self._model.features is not None:
            self._model.features.clear()
        free_memory()

    def _encode(self, chunk: Chunk, progress: _EncodeCount) -> Generator[Event, None, dict[int, Tensor]]:
        """Soft tokens of the chunk's pictures and sound; stops early when the user stops it."""
        features: dict[int, Tensor] = {}
        for span in chunk.spans:
            assert self._model.features is not None
            if self._cancel.is_set():
                break
            new = span.source not in self._model.features
            started = time.perf_counter()
            features[span.start] = self._model.features.soft_tokens(span.source, self._document_of(span), self._cancel)
            if new:
                self._encode_s += time.perf_counter() - started
                yield progress.one_more(span.kind)
        return features

    def _measure(self, finished: bool) -> None:
        """This request's speed, for the next one's estimate. What came off the disk is in the prefill's time."""
        if finished:
            self._model.speeds.saw_prefill(len(self._prompt) - self._reused, self._prefill_s - self._encode_s)

    def _document_of(self, span: SoftSpan) -> str:
        return next((d.key for d in self._prompt.documents if d.start <= span.start < d.stop), "")

    def _decode(self, prompt: Prompt, hidden: Tensor) -> Generator[Event, None, Reason]:
        """Streams the answer; returns why it ended."""
        model = self._model
        splitter = OutputSplitter(model.tokenizer)
        splitter.resume(prompt.ids)
        budget = self._budget = _Budget(self._request, model.config.text.max_position_embeddings - len(prompt))
        stops, thought_end = model.stops(self._request), model.tokenizer.named["channel_end"]
        steps = self._steps(prompt, budget.left, stops)
        guard = LoopGuard(prompt.signature, model.tokenizer)
        reason: Reason = "length"
        token_id = -1
        while budget.left:
            if self._cancel.is_set():
                reason = "cancelled"
                break
            model.files.check_lengths()
            token_id = steps.next(token_id, budget.left) if self._written else steps.first(hidden)
            self._last_token_s = self._elapsed()
            self._first_token_s = self._first_token_s or self._last_token_s
            if token_id in stops:
                reason = "stop"
                break
            thinking = splitter.thinking
            if thinking and self._request.thinking and budget.thought <= 1 and thought_end not in (None, token_id):
                token_id, self._thinking_cut = thought_end, True  # and the answer begins
            self._written.append(token_id)
            if self._rules is not None:
                self._rules.push(token_id)
            loop = guard.push(token_id)
            called = yield from self._tell(splitter.push(token_id))
            budget.take(thought=thinking or splitter.thinking)
            if called:
                reason = "tool"
                break
            if loop is not None:
                reason = "repetition"
                yield self._told.back_to(len(self._written) - loop.repeated)
                break
            if self._rules is not None and self._rules.done:
                reason = "stop"
                break
        steps.finish()
        self._drafted, self._accepted = steps.drafted, steps.accepted
        if reason in ("tool", "repetition"):
            return reason
        if reason == "stop" and splitter.calling and (end := model.tokenizer.named["tool_call_end"]) is not None:
            self._written.append(end)  # the result follows a closed call
        called = yield from self._tell(splitter.finish(ended=reason == "stop"))
        return "tool" if called else reason

    def _steps(self, prompt: Prompt, room: int, stops: tuple[int, ...]) -> Decode:
        model = self._model
        lookup = None
        # How many tokens a pass checks depends on the clock, and bf16 rounds each size its own way: a seed would
        # not repeat.
        repeatable = self._request.sampling.seed is not None and model.decoder.dtype != torch.float32
        if model.lookup and not repeatable:
            lookup = PromptLookup(prompt.signature, room, stops)
        drafter = None if repeatable else model.drafter
        return Decode(model.decoder, model.residency, self._sampler, model.speculation, lookup, self._rules, drafter)

    def _tell(self, deltas: Iterator[Delta]) -> Generator[Event, None, bool]:
        """Hands on; true where the model now waits for what a function gives."""
        called = False
        for delta in deltas:
            if isinstance(delta, ToolCall):
                delta = replace(delta, written=tuple(self._written))
                called = bool(self._request.tools)
            else:
                self._told.take(delta)
            yield delta
        self._told.mark()
        return called

    def _elapsed(self) -> float:
        if self._model.decoder.device.type == "cuda":
            torch.cuda.synchronize(self._model.decoder.device)
        return time.perf_counter() - self._started

    def _usage(self) -> Usage:
        thoughts = self._budget.thoughts if self._budget is not None else 0
        return Usage(len(self._prompt), self._reused, len(self._written), self._drafted, self._accepted, thoughts)

    def _timings(self) -> Timings:
        spent = self._last_token_s - self._first_token_s
        count = len(self._written)
        speed = (count - 1) / spent if count > 1 and spent > 0 else 0.0
        return Timings(self._prefill_s, self._first_token_s, speed)


class _Budget:
    """How many tokens may still be written: of thoughts, of the answer, and of both until the context is full."""

    def __init__(self, request: Request, context: int) -> None:
        self.answer, self._context = request.max_new_tokens, context
        self.thought = request.max_thinking_tokens if request.thinking else 0
        self.thoughts = 0
        """Tokens of thoughts so far."""

    @property
    def left(self) -> int:
        """How many may follow; 0: the answer is at its end."""
        return max(0, min(self._context, self.answer + self.thought)) if self.answer > 0 else 0

    def take(self, *, thought: bool) -> None:
        """One more token. Thoughts beyond their limit, or without being asked for, are counted as answer."""
        self.thoughts += thought
        self._context -= 1
        if thought and self.thought > 0:
            self.thought -= 1
        else:
            self.answer -= 1


class _Told:
    """How much of the answer and of the thoughts was out after each token that was written, in characters."""

    def __init__(self) -> None:
        self._now = TakenBack(0, 0)
        self._marks = [self._now]

    def take(self, delta: TextDelta | ThoughtDelta) -> None:
        if isinstance(delta, TextDelta):
            self._now = replace(self._now, answer=self._now.answer + len(delta.text))
        else:
            self._now = replace(self._now, thought=self._now.thought + len(delta.text))

    def mark(self) -> None:
        self._marks.append(self._now)

    def back_to(self, tokens: int) -> TakenBack:
        """The part after the first ``tokens`` of them."""
        then = self._marks[tokens]
        return TakenBack(self._now.answer - then.answer, self._now.thought - then.thought)


class _EncodeCount:
    """How many pictures and pieces of sound of a prompt still have to become soft tokens, by kind."""

    def __init__(self, prompt: Prompt, start: int, features: FeatureCache | None) -> None:
        new = {
            span.source.key: span.kind
            for span in prompt.spans
            if span.start >= start and features is not None and span.source not in features
        }
        self._totals = Counter(new.values())
        self._done: Counter[str] = Counter()

    def begin(self) -> Iterator[EncodeProgress]:
        """What is to come."""
        return (EncodeProgress(0, total, kind) for kind, total in self._totals.items())

    def one_more(self, kind: str) -> EncodeProgress:
        """One of this kind is done."""
        self._done[kind] += 1
        # One may have been evicted before its second use.
        self._totals[kind] = max(self._totals[kind], self._done[kind])
        return EncodeProgress(self._done[kind], self._totals[kind], kind)


def check_length(prompt: Prompt, config: ModelConfig) -> None:
    """Raises ``ContextLengthError`` when the prompt leaves no room for an answer."""
    context = config.text.max_position_embeddings
    if len(prompt) >= context:
        raise ContextLengthError(
            msg(
                "context.too-long",
                "The request has {tokens} tokens and the model's context holds {context}; attach fewer pages or "
                "frames, or choose a lower image detail.",
                tokens=len(prompt),
                context=context,
            )
        )
