"""Sound in requests, with the real engine: tokens and logits of transformers, reuse, restart, cost, and refusals."""

from __future__ import annotations

import contextlib
import functools
import json
import shutil
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor
from transformers import AutoModelForImageTextToText, AutoTokenizer
from transformers.modeling_outputs import BaseModelOutputWithPooling
from transformers.models.gemma4.feature_extraction_gemma4 import Gemma4AudioFeatureExtractor
from transformers.models.gemma4.processing_gemma4 import Gemma4Processor
from transformers.models.gemma4_unified.feature_extraction_gemma4_unified import Gemma4UnifiedAudioFeatureExtractor
from transformers.models.gemma4_unified.processing_gemma4_unified import Gemma4UnifiedProcessor

from model.checkpoint.inspection import inspect
from model.checkpoint.layout import NO_SOUND, UNUSED_SOUND
from model.checkpoint.opening import quantised_form
from model.checkpoint.published import PublishedFolder
from model.checkpoint.quantised_folder import SOUND_FILE, read_manifest
from model.engine.engine import Engine
from model.prompt.building import Prompt
from model.soft_tokens import IMAGE, SOUND
from model.sound.samples import waveform
from model.synthetic.writing import write_checkpoint
from model.types import (
    Attached,
    CacheSettings,
    ChatMessage,
    EncodeProgress,
    Failed,
    Part,
    Picture,
    PicturePart,
    Request,
    Sound,
    SoundPart,
    TextPart,
    ToolCall,
    ToolSpec,
    ToolStep,
)
from tests.files.sounds import sound
from tests.model.engines import GREEDY, Run, assert_same, opened, parts, picture, run, said

HEARS = ("tiny-e2b", "tiny-e4b", "tiny-12b")
CLOSE = 1e-4


@functools.cache
def folder(shape: str) -> Path:
    return write_checkpoint(Path(tempfile.mkdtemp(prefix="lectern-test-")), shape, seed=3, dtype=torch.float32)


@functools.cache
def theirs(shape: str) -> Any:
    return AutoModelForImageTextToText.from_pretrained(
        folder(shape), dtype=torch.float32, attn_implementation="eager"
    ).eval()


def user(*contents: str | Picture | Sound) -> ChatMessage:
    def part(content: str | Picture | Sound) -> Part:
        if isinstance(content, str):
            return TextPart(content)
        return PicturePart(content) if isinstance(content, Picture) else SoundPart(content)

    return ChatMessage("user", tuple(part(content) for content in contents))


def ask(*messages: ChatMessage, limit: int = 4, documents: tuple[Attached, ...] = ()) -> Request:
    return Request(messages, GREEDY, False, limit, documents)


SHORT, LONG, OTHER = sound(3_000, seed=1), sound(64_000, seed=2), sound(20_001, seed=3)
CONVERSATIONS: dict[str, tuple[ChatMessage, ...]] = {
    "sound alone": (user(OTHER),),
    "sound and text": (user(SHORT, "What is said?"),),
    "longer than the window": (user(LONG, "Transcribe this speech."),),
    "between texts": (user("First this:", SHORT, "and then that:", OTHER, "Which is longer?"),),
    "sound beside sound": (user(SHORT, SHORT, OTHER, "The same?"),),
    "pictures and sound": (user(picture("a"), OTHER, "00:01", picture("b"), SHORT, "What is seen and heard?"),),
    "turns": (
        ChatMessage("system", (TextPart("Be brief."),)),
        user(picture("a"), SHORT, "What is it?"),
        said("A word."),
        user("And", OTHER, "this?"),
    ),
    "thirty seconds": (user(sound(480_000, seed=4), "And now?"),),
}


def features(shape: str, sounds: list[Sound]) -> dict[str, Tensor]:
    """What transformers' extractor makes of them, one batch."""
    extractor = Gemma4UnifiedAudioFeatureExtractor() if shape == "tiny-12b" else Gemma4AudioFeatureExtractor()
    made = extractor([waveform(one) for one in sounds], return_tensors="pt")
    return {
        "input_features": made["input_features"].float(),
        "input_features_mask": made["input_features_mask"].bool(),
    }


@torch.no_grad()
def expected(shape: str, prompt: Prompt, engine: Engine) -> Tensor:
    """transformers' logits behind the prompt: its own way of sound; pictures as our encoder makes them."""
    config = parts(engine).config
    ids = torch.from_numpy(prompt.ids)
    types = torch.zeros_like(ids)
    types[ids == config.image_token_id] = 1
    types[ids == config.audio_token_id] = 3
    sounds = [span.source for span in prompt.spans if span.kind == SOUND]
    seen = [parts(engine).features.soft_tokens(s.source) for s in prompt.spans if s.kind == IMAGE]  # type: ignore[union-attr]
    outputs = {"image": BaseModelOutputWithPooling(pooler_output=tuple(seen))} if seen else None
    made = features(shape, [source.sound for source in sounds]) if sounds else {}  # type: ignore[attr-defined]
    result = theirs(shape)(
        input_ids=ids[None], mm_token_type_ids=types[None], mm_encoder_outputs=outputs, **made, use_cache=False
    )
    logits: Tensor = result.logits[0, -1]
    return logits


@pytest.mark.parametrize("shape", HEARS)
@pytest.mark.parametrize("name", CONVERSATIONS)
def test_answers_come_from_the_logits_of_transformers(shape: str, name: str) -> None:
    """In one shot, and in chunks as small as they get; decoding is compared with a prefill of what was written."""
    request = ask(*CONVERSATIONS[name])
    with opened(folder(shape), chunk=10_000) as engine:
        assert engine.info.capabilities.sound and engine.info.capabilities.pictures
        whole = run(engine, request)
        prompt = parts(engine).prompt(request)
        wanted = expected(shape, prompt, engine)
    assert wanted.std() > 0.05
    off = (whole.logits[0] - wanted).abs().max()
    print(f"largest logit difference: {off:.1e}")
    assert off <= CLOSE
    with opened(folder(shape), chunk=7) as engine:
        assert_same(run(engine, request), whole)


@pytest.mark.parametrize("shape", HEARS)
@pytest.mark.parametrize("name", CONVERSATIONS)
def test_prompts_have_the_tokens_that_transformers_gives(shape: str, name: str) -> None:
    """Its chat template with its processor's replacement of each mark, encoded by its tokenizer."""
    request = ask(*CONVERSATIONS[name])
    tokenizer = AutoTokenizer.from_pretrained(folder(shape))
    kind = Gemma4UnifiedProcessor if shape == "tiny-12b" else Gemma4Processor
    marks = SimpleNamespace(boa_token="<|audio>", audio_token="<|audio|>", eoa_token="<audio|>")
    messages, replaced = [], []
    for message in request.messages:
        content: list[dict[str, str]] = []
        for part in message.parts:
            if isinstance(part, TextPart):
                content.append({"type": "text", "text": part.text})
            elif isinstance(part, PicturePart):
                content.append({"type": "image"})
                replaced.append(("<|image|>", f"<|image>{'<|image|>' * part.picture.soft_tokens}<image|>"))
            else:
                content.append({"type": "audio"})
                written = kind.replace_audio_token(marks, features(shape, [part.sound]), 0)
                replaced.append(("<|audio|>", written))
        messages.append({"role": message.role, "content": content})
    rendered = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
    done = ""
    for mark, written in replaced:
        before, found, rendered = rendered.partition(mark)
        assert found
        done += before + written
    wanted = tokenizer.encode(done + rendered, add_special_tokens=False)
    with opened(folder(shape)) as engine:
        assert parts(engine).prompt(request).ids.tolist() == wanted


def document(name: str) -> tuple[Part, ...]:
    seed = ord(name)
    return (
        TextPart(f"[begin {name}]\n"),
        SoundPart(sound(30_000 + seed, seed=seed)),
        TextPart(f"\n{'Some words. ' * 12}[end]\n"),
    )


def about(names: str, question: str) -> Request:
    documents = [(name, document(name)) for name in names]
    message = ChatMessage("user", (*(part for _, own in documents for part in own), TextPart(question)))
    return ask(message, documents=tuple(Attached(name * 64, f"{name}.mp3", len(own)) for name, own in documents))


@pytest.fixture
def listened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The content of each piece of sound that an encoder begins."""
    seen: list[str] = []
    for place in ("model.family.audio.AudioTower", "model.family.audio_embedder.AudioEmbedder"):
        module, _, name = place.rpartition(".")
        kind = getattr(__import__(module, fromlist=[name]), name)
        begin = kind.begin
        monkeypatch.setattr(kind, "begin", lambda self, s, begin=begin: seen.append(s.content_hash) or begin(self, s))
    return seen


@pytest.mark.parametrize("shape", ["tiny-e2b", "tiny-12b"])
def test_recordings_stay_in_memory_and_come_back_from_the_disk(shape: str, tmp_path: Path, listened: list[str]) -> None:
    """Snapshots, a restart, another order of documents, forgetting: each answer is that of a fresh engine."""
    questions = [about("ab", "What is said?"), about("ab", "And then?"), about("a", "Who?"), about("ba", "Which?")]
    with opened(folder(shape)) as engine:
        fresh = []
        for question in questions:
            parts(engine).residency.drop()
            fresh.append(run(engine, question))
    assert len(listened) == 2, "each recording is listened to once"
    kept = CacheSettings(folder=tmp_path)
    with opened(folder(shape), cache=kept) as engine:
        for question, wanted in zip(questions[:2], fresh, strict=False):
            assert_same(run(engine, question), wanted)
        assert run(engine, questions[1]).finished.usage.reused_tokens > 100
        engine.settle()
    listened.clear()
    with opened(folder(shape), cache=kept) as engine:
        assert [report.state for report in engine.preflight(questions[1]).documents] == ["disk", "disk"]
        for question, wanted in zip(questions, fresh, strict=True):
            assert_same(run(engine, question), wanted)
        assert not listened, "soft tokens come from the disk"
        engine.forget("a" * 64)
        assert_same(run(engine, questions[0]), fresh[0])
        assert len(listened) == 1


@pytest.mark.parametrize("shape", ["tiny-e4b", "tiny-12b"])
def test_the_cost_counts_sound(shape: str, tmp_path: Path) -> None:
    request = ask(user(picture("a"), OTHER, SHORT, SHORT, "?"))
    with opened(folder(shape), cache=CacheSettings(folder=tmp_path)) as engine:
        tokens = {span.start: span.stop - span.start for span in parts(engine).prompt(request).spans}
        before = engine.preflight(request)
        assert (before.pictures, before.sounds, before.seconds) == (1, 2, None)
        assert before.soft_tokens == sum([*tokens.values()][:3])
        assert before.unseen == {"a", OTHER.content_hash, SHORT.content_hash}
        assert before.prompt_tokens == engine.count_tokens(request) > sum(tokens.values())
        report = run(engine, request)
        told = [event for event in report.events if isinstance(event, EncodeProgress)]
        assert told[:2] == [EncodeProgress(0, 1, IMAGE), EncodeProgress(0, 2, SOUND)]
        assert set(told[2:]) == {
            EncodeProgress(1, 1, IMAGE),
            EncodeProgress(1, 2, SOUND),
            EncodeProgress(2, 2, SOUND),
        }
        after = engine.preflight(ask(user(LONG, "What is said, and by whom, and when was that?" * 3)))
        assert after.sounds == 1
        assert after.rates is not None and after.rates.sound
        assert after.rates.seconds(0, [], 100) == pytest.approx(100 / after.rates.sound)


def test_listening_is_stopped_and_goes_on(listened: list[str]) -> None:
    request = ask(user(LONG, "What is said?"))
    with opened(folder("tiny-e2b")) as engine:
        wanted = run(engine, request)
    listened.clear()
    with opened(folder("tiny-e2b")) as engine:
        features = parts(engine).features
        assert features is not None
        tower: Any = features.encoders[SOUND]
        stop, own = threading.Event(), tower._layers[0]
        tower._layers[0] = lambda x: stop.set() or own(x)
        assert run(engine, request, stop).finished.reason == "cancelled"
        tower._layers[0] = own
        assert_same(run(engine, request), wanted)
    assert listened == [LONG.content_hash]


def test_sound_is_made_ready_before_it_is_asked_about(listened: list[str]) -> None:
    with opened(folder("tiny-12b")) as engine:
        assert engine.prepare(OTHER, "d") and not engine.prepare(OTHER, "d")
        run(engine, ask(user(OTHER, "?")))
    assert listened == [OTHER.content_hash]


def test_a_function_may_answer_with_sound() -> None:
    spec = ToolSpec("listen", "Listens again.", {"type": "object", "properties": {}})
    with opened(folder("tiny-e4b")) as engine:
        question = Request((user("What is said?"),), GREEDY, max_new_tokens=2, tools=(spec,))
        written = parts(engine).tokenizer.encode_control("<|tool_call>call:listen{}<tool_call|>")
        call = ToolCall("listen", "", tuple(written))
        step = ToolStep(call, (TextPart("Here it is."), SoundPart(SHORT)))
        prompt = parts(engine).prompt(Request(question.messages, GREEDY, tools=(spec,), steps=(step,)))
        assert [span.kind for span in prompt.spans] == [SOUND]
        assert run(engine, Request(question.messages, GREEDY, False, 2, tools=(spec,), steps=(step,))).logits


@pytest.mark.parametrize("shape", ["tiny-e2b", "tiny-12b"])
@pytest.mark.parametrize("fmt", ["nf4", "int4"])
@pytest.mark.parametrize("chunk", [8, 2048])
def test_kernels_agree_with_the_plain_path(shape: str, fmt: str, chunk: int, tmp_path: Path) -> None:
    """Prompts with sound, in calls of a few tokens and in large ones, and decoding behind them."""
    request = ask(user(sound(2_500), "Once more: ", OTHER, "What is said?"), limit=3)
    results: list[Run] = []
    for native, dtype in ((True, "bfloat16"), (False, "bfloat16"), (False, "float32")):
        engine = Engine.open(folder(shape), device="cpu", store=tmp_path, fmt=fmt, dtype=dtype, lookup=False)
        with contextlib.closing(engine):
            object.__setattr__(parts(engine), "chunk_tokens", chunk)
            if not native:
                parts(engine).decoder.native = None
            assert (parts(engine).decoder.native is not None) <= native
            results.append(run(engine, request))
    fast, plain, truth = (result.logits[0] for result in results)
    assert (fast - truth).norm() <= 1.5 * (plain - truth).norm() + 0.01 * truth.norm()
    # A random model amplifies what bfloat16 rounds away: 3 to 14 % here, by instruction set. Logits of another prompt
    # differ by 140 %.
    assert (plain - truth).norm() <= 0.3 * truth.norm()


def test_a_model_that_does_not_hear_says_so() -> None:
    with opened(write_checkpoint(Path(tempfile.mkdtemp()), "tiny")) as engine:
        assert not engine.info.capabilities.sound
        last = [*engine.generate(ask(user(SHORT, "?")), threading.Event())][-1]
        assert isinstance(last, Failed) and "cannot hear" in str(last.message)
        assert not engine.prepare(SHORT, "d")


@contextlib.contextmanager
def changed(change: Any) -> Iterator[Path]:
    """A copy of a hearing folder whose tensors went through ``change``."""
    with tempfile.TemporaryDirectory() as made:
        target = Path(made) / "model"
        shutil.copytree(folder("tiny-e4b"), target)
        tensors = load_file(target / "model.safetensors")
        save_file(change(tensors), target / "model.safetensors")
        yield target


def is_audio(name: str) -> bool:
    return "audio" in name


@pytest.mark.parametrize(
    ("change", "remark"),
    [
        (lambda t: {n: v for n, v in t.items() if not is_audio(n)}, NO_SOUND),
        (lambda t: {n: v for n, v in t.items() if not n.endswith("output_proj.bias")}, UNUSED_SOUND),
        (lambda t: {n: v.mT.contiguous() if n.endswith("layer1.conv.weight") else v for n, v in t.items()}, None),
        (lambda t: {n: v[:-1].contiguous() if "layer1.conv" in n else v for n, v in t.items()}, UNUSED_SOUND),
    ],
    ids=["none", "one missing", "square", "another size"],
)
def test_a_folder_without_usable_weights_for_sound_is_read_without_them(change: Any, remark: Any) -> None:
    with changed(change) as target:
        found = inspect(target)
        assert found.remarks == ((remark,) if remark else ())
        assert (found.config.audio is None) == (remark is not None)
        with opened(target) as engine:
            assert engine.info.capabilities.sound == (remark is None)
            assert run(engine, ask(user("Who?"))).logits


def mlx(name: str, tensor: Tensor) -> Tensor:
    """A convolution with its channels last."""
    if "conv" not in name or tensor.ndim < 3:
        return tensor
    return tensor.movedim(1, -1).contiguous()


def test_convolutions_with_their_channels_last_are_turned() -> None:
    """As MLX saves them; both ways of opening give the soft tokens of the published folder."""
    with changed(lambda tensors: {name: mlx(name, tensor) for name, tensor in tensors.items()}) as target:
        assert inspect(target).remarks == ()
        with opened(folder("tiny-e4b")) as engine:
            wanted = run(engine, ask(user(OTHER, "?")))
        with opened(target) as engine:
            assert_same(run(engine, ask(user(OTHER, "?"))), wanted)
        published = PublishedFolder(folder("tiny-e4b"))
        own, other = (quantised_form(one, target / "store") for one in (published, PublishedFolder(target)))
        assert own != other
        sums = [read_manifest(one).files[SOUND_FILE].sha256 for one in (own, other)]
        assert sums[0] == sums[1]


def test_the_quantised_form_keeps_what_hears(tmp_path: Path) -> None:
    """In a file of its own, unquantised; a form that an older version made without it is made again."""
    published = PublishedFolder(folder("tiny-e2b"))
    target = quantised_form(published, tmp_path)
    manifest = read_manifest(target)
    assert SOUND_FILE in manifest.files
    assert {form for name, form in manifest.forms.items() if "audio" in name} == {"dense"}
    (target / SOUND_FILE).unlink()
    saved = json.loads((target / "lectern_quantised.json").read_text())
    del saved["files"][SOUND_FILE]
    saved["forms"] = {name: form for name, form in saved["forms"].items() if "audio" not in name}
    (target / "lectern_quantised.json").write_text(json.dumps(saved))
    with contextlib.closing(Engine.open(target, device="cpu")) as engine:
        assert not engine.info.capabilities.sound and engine.info.capabilities.pictures
    assert quantised_form(published, tmp_path) == target
    assert read_manifest(target).forms == manifest.forms
    with contextlib.closing(Engine.open(target, device="cpu")) as engine:
        assert engine.info.capabilities.sound


def test_a_template_without_a_place_for_sound_makes_a_model_deaf(tmp_path: Path) -> None:
    shutil.copytree(folder("tiny-e4b"), tmp_path / "m")
    path = tmp_path / "m" / "chat_template.jinja"
    path.write_text(path.read_text().replace("'<|audio|>'", "''"))
    label = json.loads((tmp_path / "m" / "lectern.json").read_text()) | {"sample": False}
    (tmp_path / "m" / "lectern.json").write_text(json.dumps(label))
    with opened(tmp_path / "m") as engine:
        assert not engine.info.capabilities.sound and engine.info.capabilities.pictures
        assert any("takes no sound" in str(remark) for remark in engine.info.remarks)
