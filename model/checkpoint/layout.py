"""Which tensor of a folder is which of the model's, where a folder was saved again under other names. No torch.

Known: any prefix before the language model's layers (``language_model.model.``, none at all, a trainer's wrapper), the
vision tower without ``model.``, experts one by one or as separate gate and up, as MLX and many trainers save them. What
is left over is either of no use, and then a remark, or a reason to refuse the folder.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from pathlib import Path

from model.checkpoint.foreign import FLOATS, lora_name, quantised_as, quantised_message, short
from model.checkpoint.header import Span
from model.checkpoint.located import Extent, Located, whole
from model.checkpoint.packed.schemes import PackedRows, PackedSpan
from model.errors import CheckpointError
from model.family.inventory import AUDIO, EMBEDDER, EMBEDDING, HEAD, PROJECTION, TEXT, VISION, TensorSpec, is_sound
from model.messages import Message, msg

_TOWER = re.compile(r"(?:^|\.)(?:vision_tower|vision_model)\.(?:vision_model\.)?(.+)")
_EMBEDDER = re.compile(r"(?:^|\.)(?:vision_embedder|embed_vision)\.((?:patch|pos)_\w+(?:\.\w+)?)$")
"""The 12B's, by their published names and by those that transformers gives them."""
_PROJECTION = re.compile(r"(?:^|\.)embed_vision\.(?:multimodal_embedder\.)?(.+)")
_PER_LAYER = r"(?:embed_tokens_per_layer|per_layer_model_projection|per_layer_projection_norm)\.weight"
_TEXT = re.compile(rf"(?:^|(?<=\.))(?:layers\.\d+\..+|embed_tokens\.weight|norm\.weight|{_PER_LAYER})$")
_EXPERTS = re.compile(
    r"layers\.(\d+)\.(?:\w+\.)?experts\.(?:switch_\w+\.)?(?:(\d+)\.)?(gate_up_proj|gate_proj|up_proj|down_proj|w[123])"
    r"(?:\.weight)?"
)
_KV = re.compile(rf"({re.escape(TEXT)}\.layers\.\d+\.self_attn)\.(?:k_proj|v_proj|k_norm)\.weight")
_ROUTER = re.compile(r"layers\.(\d+)\.\w+\.(router\..+)")
_SHORT = {"w1": "gate_proj", "w2": "down_proj", "w3": "up_proj"}
"""Mixtral's names, which some trainers keep for every mixture of experts."""

_LONGEST_NAME = 500
"""No tensor's name is longer; patterns are not tried on what a hostile file may hold."""
_DERIVED = ("rotary_emb.inv_freq", ".position_ids", ".embed_scale")
"""Buffers that follow from the configuration."""
_AUDIO = re.compile(r"(?:^|\.)audio_tower\.(.+)")
_AUDIO_PROJECTION = re.compile(r"(?:^|\.)embed_audio\.(?:multimodal_embedder\.)?(.+)")
_DRAFTER = re.compile(r"(?:^|\.)(?:mtp|drafter|assistant)\.")
_CACHE_SCALES = re.compile(r"\.(?:[kvq]|kv|prob)_(?:cache_)?scale$")

UNUSED_SOUND = msg(
    "model.sound-unused",
    "This folder also holds weights for sound that do not fit its config.json, so the model does not hear; copy "
    "config.json and weights from the published model to change that.",
)
NO_SOUND = msg(
    "model.sound-missing",
    "This folder was saved without the weights for sound that its config.json describes, so the model does not hear.",
)
DRAFTER = msg(
    "model.drafter-beside", "This folder also holds a drafter for speculative decoding, which Lectern does not use."
)
SCALES = msg(
    "model.scales-beside", "This folder also holds scales for a KV cache in 8 bits, which Lectern does not need."
)


@dataclass(frozen=True, slots=True)
class Found:
    """The place of each of the model's tensors, and one sentence for each kind of thing that is left out."""

    tensors: Mapping[str, Located]
    head: Located | None
    """An LM head of its own, which may be a copy of the embedding."""
    remarks: tuple[Message, ...]


Spans = Mapping[str, tuple[Path, Span]]


def find_tensors(folder: Path, specs: Mapping[str, TensorSpec], spans: Spans, declared: str = "") -> Found:
    """The tensors ``specs`` among all of a folder's ``spans``. Raises ``CheckpointError`` with the reason.

    Quantised matrices are gathered already (``packed.schemes``); what is left of others is refused, in the words of
    config.json, ``declared``, where it has any.
    """
    plain = {n: span.dtype for n, (_, span) in spans.items() if _remark(n) is None and not isinstance(span, PackedSpan)}
    _refuse_quantised(folder, plain, declared)
    known = _canonical(specs, spans)
    parts = {new: spans[old] for new, old in known.items()}
    if EMBEDDING not in parts and HEAD in parts:  # tied the other way round
        parts[EMBEDDING] = parts.pop(HEAD)
    located, used = {}, {EMBEDDING, HEAD}
    for name, spec in specs.items():
        keys = _parts_of(spec, parts)
        if keys:
            located[name] = _located(spec, [parts[key] for key in keys])
            used |= set(keys)
    used |= {name for name in parts if _is_shared(name, specs)}
    rest = sorted(set(spans) - {known[key] for key in used if key in known})
    remarks = tuple(dict.fromkeys(filter(None, map(_remark, rest))))
    unknown = [name for name in rest if _remark(name) is None]
    _refuse_missing(folder, specs, located)
    _refuse_unknown(folder, spans, unknown)
    head = parts.get(HEAD)
    return Found(located, whole(*head) if head else None, remarks)


def hears(specs: Mapping[str, TensorSpec], spans: Spans) -> bool:
    """Whether everything in ``specs`` that turns sound into soft tokens is there, in the shapes and types wanted."""
    known = _canonical(specs, spans)
    wanted = [spec for name, spec in specs.items() if is_sound(name)]
    found = [spans[known[spec.name]][1] if spec.name in known else None for spec in wanted]
    return all(
        span is not None
        and (isinstance(span, PackedSpan) or span.dtype in FLOATS)
        and (_same_shape(span.shape, spec.shape) or _channels_last(span.shape, spec.shape))
        for spec, span in zip(wanted, found, strict=True)
    )


def _canonical(specs: Mapping[str, TensorSpec], spans: Spans) -> dict[str, str]:
    """The model's own name for each tensor of the folder that seems to be one of its, or a part of one."""
    prefix = _text_prefix(spans)
    found: dict[str, str] = {}
    for old in sorted(spans, key=lambda name: name not in specs):  # published names come first
        new = _name_of(old, prefix)
        if new is not None:
            if new not in specs and new.endswith(".weight") and f"{new[:-7]}.linear.weight" in specs:
                new = f"{new[:-7]}.linear.weight"
            found.setdefault(new, old)
    return found


def _text_prefix(spans: Spans) -> str:
    """The prefix of ``layers.0.…``: the one that most tensors have, the published one before others."""
    counts: Counter[str] = Counter()
    for name in spans:
        match = _TEXT.search(name) if len(name) <= _LONGEST_NAME else None
        if match and not _TOWER.search(name) and not _has_audio(name):
            counts[name[: match.start()]] += 1
    return max(counts, key=lambda prefix: (counts[prefix], prefix == f"{TEXT}.", -len(prefix)), default="")


def _name_of(name: str, prefix: str) -> str | None:
    if len(name) > _LONGEST_NAME:
        return None
    if match := _AUDIO.search(name):
        return f"{AUDIO}.{match[1]}"
    if match := _AUDIO_PROJECTION.search(name):
        return f"model.embed_audio.{match[1]}"
    if match := _TOWER.search(name):
        return f"{VISION}.{match[1]}"
    if match := _EMBEDDER.search(name):
        return f"{EMBEDDER}.{match[1]}"
    if match := _PROJECTION.search(name):
        return f"model.embed_vision.{match[1]}"
    if name == HEAD or name.endswith(f".{HEAD}"):
        return HEAD
    match = _TEXT.search(name)
    if match is None or name[: match.start()] != prefix:
        return None
    rest = match[0]
    if experts := _EXPERTS.fullmatch(rest):
        layer, number, part = experts.groups()
        return f"{TEXT}.layers.{layer}.experts.{f'{number}.' if number else ''}{_SHORT.get(part, part)}"
    if router := _ROUTER.fullmatch(rest):
        return f"{TEXT}.layers.{router[1]}.{router[2]}"
    return f"{TEXT}.{rest}"


def _is_shared(name: str, specs: Mapping[str, TensorSpec]) -> bool:
    """Whether ``name`` is of a layer that reads another one's keys and values: published files have it all the same."""
    match = _KV.fullmatch(name)
    return match is not None and f"{match[1]}.q_proj.weight" in specs and f"{match[1]}.k_proj.weight" not in specs


def _parts_of(spec: TensorSpec, parts: Spans) -> list[str]:
    """The tensors that make up ``spec``, in the order of its bytes; none where any is missing."""
    if spec.name in parts:
        return [spec.name]
    if spec.kind != "experts":
        return []
    prefix, _, name = spec.name.rpartition(".")
    halves = ("gate_proj", "up_proj") if name == "gate_up_proj" else (name,)
    packed = (f"{prefix}.{half}" for half in halves)
    whole_experts = (f"{prefix}.{number}.{name}" for number in range(spec.shape[0]))
    single = (f"{prefix}.{number}.{half}" for number in range(spec.shape[0]) for half in halves)
    return next(filter(None, (_all_of(keys, parts) for keys in (packed, whole_experts, single))), [])


def _all_of(keys: Iterable[str], parts: Spans) -> list[str]:
    """``keys``, if all are there. It ends at the first that is not, however many experts a damaged file claims."""
    found = []
    for key in keys:
        if key not in parts:
            return []
        found.append(key)
    return found


def _located(spec: TensorSpec, found: list[tuple[Path, Span]]) -> Located:
    """One tensor from its parts. Raises ``CheckpointError`` where their shapes or types do not fit."""
    count = len(found)
    for path, span in found:
        if span.dtype not in FLOATS and not isinstance(span, PackedSpan):
            raise CheckpointError(
                msg(
                    "weights.type",
                    "{path} stores {name} as {type}, which Lectern does not read; choose the bfloat16 release "
                    "of the model.",
                    path=path,
                    name=short(span.name),
                    type=span.dtype,
                )
            )
    if count == 1:
        path, span = found[0]
        if _channels_last(span.shape, spec.shape):
            return Located(span.dtype, spec.shape, (Extent(path, span.start, span.stop),), channels_last=True)
        _check(path, span, spec.shape)
        if isinstance(span, PackedSpan):
            return Located(span.dtype, spec.shape, (), (PackedRows(span, 0, prod(span.shape[:-1])),))
        return Located(span.dtype, spec.shape, (Extent(path, span.start, span.stop),))
    experts, rows, columns = spec.shape
    packed = len(found[0][1].shape) == 3
    each = (experts, rows // count, columns) if packed else (rows * experts // count, columns)
    for path, span in found:
        _check(path, span, each)
    (path, first), *others = found
    for path, span in others:
        if span.dtype != first.dtype:
            raise CheckpointError(
                msg(
                    "weights.types-differ",
                    "{path} stores {name} as {type} and its siblings as {other}, which Lectern cannot combine; "
                    "choose the bfloat16 release of the model.",
                    path=path,
                    name=short(span.name),
                    type=span.dtype,
                    other=first.dtype,
                )
            )
    slices = experts if packed else 1
    if isinstance(first, PackedSpan):
        height = each[-2]
        quantised = [span for _, span in found if isinstance(span, PackedSpan)]
        parts = (PackedRows(span, n * height, (n + 1) * height) for n in range(slices) for span in quantised)
        return Located(first.dtype, spec.shape, (), tuple(parts))
    extents = [
        Extent(path, span.start + span.nbytes * number // slices, span.start + span.nbytes * (number + 1) // slices)
        for number in range(slices)
        for path, span in found
    ]
    return Located(first.dtype, spec.shape, tuple(extents))


def _same_shape(shape: Sequence[int], wanted: Sequence[int]) -> bool:
    """Axes of length 1 do not count: some programs drop or add them."""
    return [n for n in shape if n != 1] == [n for n in wanted if n != 1]


def _channels_last(shape: Sequence[int], wanted: Sequence[int]) -> bool:
    """Whether this is a convolution as MLX stores it."""
    return len(wanted) == 4 and list(shape) == [wanted[i] for i in (0, 2, 3, 1)] and not _same_shape(shape, wanted)


def _check(path: Path, span: Span, shape: tuple[int, ...]) -> None:
    if not _same_shape(span.shape, shape):
        raise CheckpointError(
            msg(
                "weights.shape",
                "{path} stores {name} as {shape} where config.json says {expected}; config.json and "
                "weights come from different models, so download both again.",
                path=path,
                name=short(span.name),
                shape=list(span.shape),
                expected=list(shape),
            )
        )


def _has_audio(name: str) -> bool:
    return _AUDIO.search(name) is not None or _AUDIO_PROJECTION.search(name) is not None


def _remark(name: str) -> Message | None:
    """The remark on a tensor that is left out, empty where it makes no difference; ``None``: it may not be left out."""
    if name.endswith(_DERIVED):
        return Message()
    if _has_audio(name):
        return UNUSED_SOUND
    if _DRAFTER.search(name):
        return DRAFTER
    return SCALES if _CACHE_SCALES.search(name) else None


def _refuse_quantised(folder: Path, tensors: Mapping[str, str], declared: str) -> None:
    if how := quantised_as(tensors):
        raise CheckpointError(quantised_message(folder, declared or how))
    if adapter := lora_name(tensors):
        raise CheckpointError(
            msg(
                "model.adapter-unmerged",
                "{folder} holds an adapter that was not merged into the weights ({name}); merge it first, "
                "for example with merge_and_unload of PEFT, and choose the merged folder.",
                folder=folder,
                name=adapter,
            )
        )


def _refuse_missing(folder: Path, specs: Mapping[str, TensorSpec], located: Mapping[str, Located]) -> None:
    missing = [name for name in specs if name not in located]
    if not missing:
        return
    if all(name.startswith((VISION, EMBEDDER, PROJECTION)) for name in missing) and PROJECTION in missing:
        raise CheckpointError(
            msg(
                "model.vision-missing",
                "{folder} holds no vision tower, which its config.json describes ({name}); choose a folder "
                "with the whole model, text and vision.",
                folder=folder,
                name=missing[0],
            )
        )
    if not any(name.startswith(TEXT) for name in located):
        raise CheckpointError(
            msg(
                "model.no-language-tensors",
                "{folder} holds none of the tensors of the language model that config.json describes, such "
                "as {name}; choose the folder of a Gemma 4 as Google or transformers writes it.",
                folder=folder,
                name=missing[0],
            )
        )
    raise CheckpointError(
        msg(
            "model.tensors-missing",
            "{folder} lacks {missing} of the model's {total} tensors, such as {name}; download the model again.",
            folder=folder,
            missing=len(missing),
            total=len(specs),
            name=missing[0],
        )
    )


def _refuse_unknown(folder: Path, spans: Spans, unknown: list[str]) -> None:
    if not unknown:
        return
    path, span = spans[unknown[0]]
    if "vision" in span.name:
        raise CheckpointError(
            msg(
                "model.vision-undescribed",
                "{path} holds a vision tower ({name}) that config.json does not describe; copy config.json "
                "from where the weights come from.",
                path=path,
                name=short(span.name),
            )
        )
    raise CheckpointError(
        msg(
            "model.strange-tensor",
            "{path} holds {name}, which no Gemma 4 has that Lectern knows, so its answers could be "
            "wrong; choose the model as it was published.",
            path=path,
            name=short(span.name),
        )
    )
