"""Documents that stay: every way of coming back to one gives the logits of a fresh engine, and is not read again."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from model.engine.engine import Engine
from model.synthetic.writing import write_checkpoint
from model.types import (
    Attached,
    CacheSettings,
    ChatMessage,
    EncodeProgress,
    Finished,
    Part,
    PicturePart,
    PrefillProgress,
    Request,
    SoundPart,
    TextPart,
)
from tests.files.sounds import sound
from tests.model.engines import GREEDY, Run, assert_same, opened, parts, picture, run, said, user, write_model

WORDS = ["the", "rent", "is", "due", "on", "third", "day", "of", "each", "month", "and", "tenant", "pays", "in", "full"]
QUESTIONS = ("when?", "who pays?", "and why is that so?")


def document(name: str, hears: bool = False) -> tuple[Part, ...]:
    """A made-up file: text that no other has, and for some a picture. Longer than the tiny model's window.

    For a model that hears, some have a recording, longer than the window too.
    """
    words = random.Random(name).choices(WORDS, k=40)
    middle: tuple[Part, ...] = (PicturePart(picture(name)), TextPart("\n")) if name in "bd" else ()
    if hears and name in "cd":
        middle = (SoundPart(sound(24_000 + ord(name), seed=ord(name))), TextPart("\n"), *middle)
    return (TextPart(f"[begin {name}]\nPage 1\n"), *middle, TextPart(" ".join(words)), TextPart(f"\n[end {name}]\n"))


def ask_about(names: str, question: str, *turns: str, limit: int = 3, hears: bool = False) -> Request:
    """A question about the files called by the letters of ``names``; ``turns`` are earlier questions, answered."""
    files = [(name, document(name, hears)) for name in names]
    opening = tuple(part for _, own in files for part in own)
    messages = [ChatMessage("system", (TextPart("Be brief."),))]
    for earlier in turns:
        messages += [ChatMessage("user", (*opening, TextPart(earlier))), said("On the third.")]
        opening = ()
    messages.append(ChatMessage("user", (*opening, TextPart(question))))
    return Request(
        tuple(messages), GREEDY, False, limit, tuple(Attached(f"key-{n}", f"{n}.pdf", len(own)) for n, own in files)
    )


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def fresh(model: Path) -> Iterator[Engine]:
    with opened(model, chunk=10_000) as engine:
        yield engine


def anew(engine: Engine, request: Request) -> Run:
    """The report of an engine that has never read anything."""
    parts(engine).residency.drop()
    return run(engine, request)


def states(engine: Engine, request: Request) -> str:
    """The first letter of each document's state: unread, disk, resident."""
    return "".join(report.state[0] for report in engine.preflight(request).documents)


def reused(engine: Engine, request: Request) -> float:
    """The share of the prompt that was not read again."""
    usage = run(engine, request).finished.usage
    return usage.reused_tokens / usage.prompt_tokens


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("ask"), st.sampled_from(QUESTIONS)),
        st.tuples(st.just("next turn"), st.sampled_from(QUESTIONS)),
        st.tuples(st.just("add"), st.sampled_from("abcd")),
        st.tuples(st.just("remove"), st.sampled_from("abcd")),
        st.tuples(st.just("elsewhere"), st.sampled_from(["ba", "c", "", "dcb"])),
        st.tuples(st.sampled_from(["settle", "restart", "evict"]), st.just("")),
        st.tuples(st.sampled_from(["unload", "forget", "pin"]), st.sampled_from("abcd")),
    ),
    min_size=3,
    max_size=9,
)


@settings(max_examples=14, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=STEPS, ram=st.sampled_from([1 << 30, 60_000]))
def test_any_sequence_of_uses_answers_like_a_fresh_engine(
    steps: list[tuple[str, str]], ram: int, model: Path, fresh: Engine, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Add, ask, edit, remove, evict, unload, delete, restart, in any order, with plenty of memory or hardly any."""
    cache = CacheSettings(tmp_path_factory.mktemp("cache"), ram_bytes=ram)
    names, turns = "ab", ()
    with opened(model, cache=cache) as first:
        engine = first
        others = []
        for step, what in [*steps, ("ask", "when?")]:
            match step:
                case "add" if what not in names:
                    names, turns = names + what, ()
                case "remove":
                    names, turns = names.replace(what, ""), ()
                case "ask":
                    assert_same(run(engine, request := ask_about(names, what, *turns)), anew(fresh, request))
                case "next turn":
                    turns = (*turns, what)[-2:]
                case "elsewhere":
                    assert_same(run(engine, request := ask_about(what, "what?")), anew(fresh, request))
                case "settle":
                    engine.settle()
                case "evict":
                    parts(engine).residency.drop()
                case "restart":
                    others.append(opened(model, cache=cache))
                    engine = others[-1].__enter__()
                case "unload":
                    engine.unload(f"key-{what}")
                case "forget":
                    engine.forget(f"key-{what}")
                case "pin":
                    engine.pin(f"key-{what}", True)
        for other in others:
            other.__exit__(None, None, None)


@pytest.fixture
def cache(tmp_path: Path) -> CacheSettings:
    return CacheSettings(tmp_path / "cache")


def test_after_a_restart_a_document_is_not_read_again(model: Path, cache: CacheSettings, fresh: Engine) -> None:
    request = ask_about("ab", "when?")
    with opened(model, cache=cache) as engine:
        assert states(engine, request) == "uu"
        run(engine, request)
        assert states(engine, request) == "rr"
        engine.settle()
    with opened(model, cache=cache) as engine:
        assert states(engine, request) == "dd"
        other = ask_about("ab", "who pays?")
        got = run(engine, other)
        assert_same(got, anew(fresh, other))
        assert got.finished.usage.reused_tokens > 0.8 * got.finished.usage.prompt_tokens
        assert not got.of(EncodeProgress), "the picture was encoded twice"
        assert states(engine, request) == "rr"


def test_what_is_not_reused_of_the_prompt_keeps_its_pictures(model: Path, cache: CacheSettings) -> None:
    """Another order of files is another prompt, but a picture's soft tokens do not depend on its place."""
    with opened(model, cache=cache) as engine:
        assert run(engine, ask_about("ab", "when?")).of(EncodeProgress)
    with opened(model, cache=cache) as engine:
        got = run(engine, ask_about("ba", "when?"))
        assert not got.of(EncodeProgress)


def test_added_behind_and_removed_from_behind(model: Path, cache: CacheSettings, fresh: Engine) -> None:
    with opened(model, cache=cache) as engine:
        run(engine, ask_about("ab", "when?"))
        longer, shorter = ask_about("abc", "when?"), ask_about("a", "when?")
        assert states(engine, longer) == "rru"
        assert_same(run(engine, longer), anew(fresh, longer))
        assert states(engine, shorter) == "r"
        assert_same(run(engine, shorter), anew(fresh, shorter))


def test_unload_keeps_the_disk_and_forget_does_not(model: Path, cache: CacheSettings) -> None:
    request = ask_about("ab", "when?")
    with opened(model, cache=cache) as engine:
        run(engine, request)
        engine.unload("key-b")
        assert states(engine, request) in ("rd", "dd")
        run(engine, request)
        engine.settle()
        engine.forget("key-b")
        assert "u" in states(engine, request)
        engine.forget("key-a")
        assert states(engine, request) == "uu"
    assert cache.folder is not None
    left = [path for path in (cache.folder / "documents").iterdir() if path.is_file()]
    assert left == [], "forgotten documents left something on the disk"


def test_pinned_documents_stay_in_memory(model: Path, tmp_path: Path) -> None:
    little = CacheSettings(None, ram_bytes=1)
    first = ask_about("a", "when?")
    for pinned in (True, False):
        with opened(model, cache=little) as engine:
            engine.pin("key-a", pinned)
            run(engine, first)
            run(engine, ask_about("c", "when?"))
            assert states(engine, first) == ("r" if pinned else "u")


def test_evicted_from_memory_a_document_comes_from_the_disk(model: Path, tmp_path: Path, fresh: Engine) -> None:
    with opened(model, cache=CacheSettings(tmp_path, ram_bytes=1)) as engine:
        run(engine, first := ask_about("a", "when?"))
        run(engine, ask_about("c", "when?"))
        assert states(engine, first) == "d"
        assert_same(run(engine, first), anew(fresh, first))


def test_the_disk_budget_holds_and_pinned_documents_stay(model: Path, tmp_path: Path) -> None:
    def size() -> int:
        return sum(path.stat().st_size for path in (tmp_path / "documents").iterdir())

    first = ask_about("a", "when?")
    with opened(model, cache=CacheSettings(tmp_path)) as engine:
        run(engine, first)
        engine.settle()
    limit = int(size() * 1.5)
    with opened(model, cache=CacheSettings(tmp_path, disk_bytes=limit)) as engine:
        engine.pin("key-a", True)
        for other in "bcd":
            run(engine, ask_about(other, "when?"))
            engine.settle()
            assert size() <= limit
        parts(engine).residency.drop()
        assert states(engine, first) == "d"


@pytest.mark.parametrize("change", ["weights", "template", "tokenizer"])
def test_another_model_never_finds_it(change: str, model: Path, cache: CacheSettings, tmp_path: Path) -> None:
    """The folder's contents are swapped underneath: data cached with the old model is not used with the new."""
    folder = tmp_path / "model"
    shutil.copytree(model, folder)
    request = ask_about("ab", "when?")
    with opened(folder, cache=cache) as engine:
        run(engine, request)
        engine.settle()
    if change == "weights":
        write_checkpoint(tmp_path / "other", "tiny", seed=9)
        shutil.copyfile(tmp_path / "other" / "model.safetensors", folder / "model.safetensors")
    elif change == "template":
        path = folder / "chat_template.jinja"
        path.write_text(path.read_text() + "{# another #}")
    else:
        path = folder / "tokenizer.json"
        path.write_text(json.dumps(json.loads(path.read_text()), indent=1))
    with opened(folder, cache=cache) as engine:
        assert states(engine, request) == "uu"


def test_damaged_files_are_read_again(model: Path, cache: CacheSettings, fresh: Engine) -> None:
    request = ask_about("ab", "when?")
    assert cache.folder is not None
    for trial in range(6):
        with opened(model, cache=cache) as engine:
            assert_same(run(engine, request), anew(fresh, request))
            engine.settle()
        chooser = random.Random(trial)
        path = chooser.choice(sorted((cache.folder / "documents").iterdir()))
        data = bytearray(path.read_bytes())
        data[chooser.randrange(len(data))] ^= 1 << chooser.randrange(8)
        path.write_bytes(data)


def test_two_engines_share_a_folder(model: Path, cache: CacheSettings, fresh: Engine) -> None:
    request = ask_about("ab", "when?")
    with opened(model, cache=cache) as one, opened(model, cache=cache) as two:
        run(one, request)
        one.settle()
        assert states(two, request) == "dd"
        assert_same(run(two, request), anew(fresh, request))
        two.forget("key-a")
        one.settle()
        parts(one).residency.drop()
        assert_same(run(one, request), anew(fresh, request))


class After:
    """A cancel event that is set once it has been polled this many times."""

    def __init__(self, looks: int) -> None:
        self.looks = looks

    def is_set(self) -> bool:
        self.looks -= 1
        return self.looks < 0


@pytest.mark.parametrize("looks", range(1, 40, 3))
def test_stopped_in_the_middle_of_a_chunk_nothing_is_lost_and_nothing_is_wrong(
    looks: int, model: Path, fresh: Engine
) -> None:
    """Between any two layers of the tower or of the decoder: everything read before the chunk stays."""
    request = ask_about("b", "when?")
    with opened(model, chunk=32) as engine:
        stopped = list(engine.generate(request, After(looks)))  # type: ignore[arg-type]
        assert isinstance(stopped[-1], Finished) and stopped[-1].reason == "cancelled"
        read = max(event.done for event in stopped if isinstance(event, PrefillProgress))
        got = run(engine, request)
        assert_same(got, anew(fresh, request))
        assert got.finished.usage.reused_tokens == min(read, got.finished.usage.prompt_tokens - 1)


def test_preflight_says_what_it_will_cost(model: Path, cache: CacheSettings) -> None:
    request = ask_about("ab", "when?")
    with opened(model, cache=cache) as engine:
        before = engine.preflight(request)
        assert (before.reused_tokens, before.pictures, before.seconds) == (0, 1, None)
        got = run(engine, request).finished.usage
        assert before.prompt_tokens == got.prompt_tokens
        after = engine.preflight(ask_about("ab", "who pays?"))
        assert after.pictures == 0 and after.reused_tokens > 0
        assert after.seconds is not None and after.seconds >= 0
        a, b = after.documents
        assert a.tokens + b.tokens < after.prompt_tokens
        rows = sum(layer.kv_heads * layer.row * 4 for layer in parts(engine).residency.cache.global_layers())
        assert a.ram_bytes == a.tokens * rows
    with opened(model, cache=cache) as engine:
        assert engine.preflight(request).seconds is not None, "speeds are remembered"


def test_user_helper_is_the_same_prompt_without_documents(model: Path) -> None:
    """The ends of the files are given beside the parts: it changes nothing in the prompt itself."""
    request = ask_about("ab", "when?")
    with opened(model) as engine:
        plain = Request(request.messages, request.sampling, request.thinking, request.max_new_tokens)
        assert (parts(engine).prompt(request).ids == parts(engine).prompt(plain).ids).all()
        assert len(parts(engine).prompt(request).documents) == 2
        assert parts(engine).prompt(Request((user("hello"),))).documents == ()
