"""The engine: opens a model folder and answers requests, one at a time, on the thread that calls it.

``Engine`` makes no threads and holds no locks: one thread owns it. Only the ``cancel`` events come from
others. ``generate`` never raises; any error ends as ``Failed`` with one sentence for the user.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from model.cancel import Cancel
from model.engine import offline  # before everything that could look for a network
from model.messages import Message, msg

offline.go_offline()

import torch  # noqa: E402

from model.adapters.applying import Adapters  # noqa: E402
from model.cache.document_store import DocumentStore, folder_identity  # noqa: E402
from model.cache.features import FeatureCache  # noqa: E402
from model.cache.residency import Residency  # noqa: E402
from model.cache.spill import Room  # noqa: E402
from model.checkpoint.files import Files  # noqa: E402
from model.checkpoint.folder_names import LABEL, actual_folder, model_name, read_json  # noqa: E402
from model.checkpoint.inspection import remarks_of  # noqa: E402
from model.checkpoint.opening import open_checkpoint  # noqa: E402
from model.constraint.vocabulary import Vocabulary  # noqa: E402
from model.drafter.network import Drafter  # noqa: E402
from model.engine.device_plan import plan_words  # noqa: E402
from model.engine.generation import Generation, LoadedModel  # noqa: E402
from model.engine.memory import free_memory, is_out_of_memory, trim_heap  # noqa: E402
from model.engine.places import open_placed, planned  # noqa: E402
from model.engine.preflight import preflight  # noqa: E402
from model.engine.sampling import read_defaults  # noqa: E402
from model.engine.speeds import Speeds  # noqa: E402
from model.errors import CheckpointError, LecternError, ModelError, OutOfMemoryError  # noqa: E402
from model.family.config import ModelConfig  # noqa: E402
from model.family.config_json import read_config  # noqa: E402
from model.family.decoder import Decoder  # noqa: E402
from model.family.encoder import encoder_of  # noqa: E402
from model.family.inventory import expected_tensors, with_what_is_there  # noqa: E402
from model.formats.low_rank import AdaptedSource  # noqa: E402
from model.formats.weights import WeightSource  # noqa: E402
from model.kernels.native.pairs import open_pairs  # noqa: E402
from model.prompt.building import writes_thoughts, writes_tools  # noqa: E402
from model.prompt.frame_times import LINES  # noqa: E402
from model.prompt.media import takes  # noqa: E402
from model.prompt.sounds import heard  # noqa: E402
from model.prompt.spans import Source  # noqa: E402
from model.prompt.template_probe import template_remarks  # noqa: E402
from model.prompt.tokenizer import Tokenizer  # noqa: E402
from model.soft_tokens import IMAGE, SOUND  # noqa: E402
from model.types import (  # noqa: E402
    CacheSettings,
    EngineCapabilities,
    Event,
    Failed,
    Format,
    LoadProgress,
    ModelInfo,
    Picture,
    PicturePart,
    Preflight,
    Request,
    Sound,
    SoundPart,
)

CHUNK_TOKENS = {"cpu": 2048, "cuda": 2048}
"""Prefill chunk: so large that each of 128 experts has rows enough for a matrix product. Stopping is between layers."""

STREAMS = msg(
    "model.streams",
    "This model is larger than the memory that was free when it was opened, so parts of it are read from the disk "
    "while it answers.",
)

NO_DRAFTER = msg(
    "model.no-drafter-when-split",
    "The drafter beside this model is not used, because the model is spread over several devices.",
)

_log = logging.getLogger(__name__)
_DTYPES = {"bfloat16": torch.bfloat16, "float32": torch.float32}


class Engine:
    """One open model. Use ``Engine.open``; close it when done."""

    def __init__(self, model: LoadedModel, info: ModelInfo) -> None:
        self.info = info
        self._model: LoadedModel | None = model

    @classmethod
    def open(
        cls,
        folder: Path,
        *,
        device: str | None = None,
        store: Path | None = None,
        quantise: bool = True,
        fmt: Format | None = None,
        dtype: str | None = None,
        threads: int | None = None,
        cache: CacheSettings | None = None,
        lookup: bool = True,
        adapters: Sequence[Path] = (),
        drafter: Path | None = None,
        on_progress: Callable[[LoadProgress], None] | None = None,
        cancel: Cancel | None = None,
    ) -> Engine:
        """Opens the model in ``folder``. Raises ``LecternError``.

        ``device`` is ``cpu`` or ``cuda``, by default the best available. ``store`` is where the quantised form of a
        published checkpoint is kept, and ``fmt`` its 4-bit numbers, by default those it was trained for. ``threads``
        bounds the processor threads of one operation. ``cache`` is where read documents are cached; by
        default in memory only.
        With ``lookup`` words are drafted from the prompt: answers that quote come quicker, and are the same.
        ``adapters`` are folders of LoRA adapters, applied together. ``drafter`` is the folder of a drafter for this
        model, which guesses what the prompt does not have: quicker answers, and the same.
        """
        if threads is not None:
            torch.set_num_threads(threads)
        failure: LecternError | None = None
        folder = actual_folder(folder)
        try:
            where = pick_device(device)
            config = read_config(folder)
            plan = planned(config) if device is None else None
            if device is None and where.type == "cuda":
                where = torch.device(plan.places[plan.layers[0]].device if plan is not None else "cpu")
            if on_progress is not None:  # reading the vocabulary of 262,144 takes seconds
                on_progress(LoadProgress(msg("stage.opening", "Opening the model"), 0, 0))
            tokenizer = Tokenizer.open(folder, open_pairs)
            trim_heap()  # of 284 MB that the library takes for the published vocabulary, 98 are kept
            opened = partial(
                open_checkpoint,
                folder,
                dtype=pick_dtype(dtype),
                store=store,
                quantise=quantise,
                fmt=fmt,
                on_progress=on_progress,
                cancel=cancel,
            )
            is_split = plan is not None and plan.is_split
            source: WeightSource
            source = open_placed(plan, opened) if plan is not None and is_split else opened(device=where)
            pictures = takes(tokenizer, tokenizer.text_of(config.image_token_id), PicturePart)
            config = with_what_is_there(config, source.names())
            if not takes(tokenizer, tokenizer.text_of(config.audio_token_id), SoundPart):
                config = replace(config, audio=None)
            loaded = _load(folder, config, tokenizer, source, cache or CacheSettings())
            info = describe(folder, config, source)
            able = EngineCapabilities(
                pictures=config.vision is not None and pictures,
                sound=config.audio is not None,
                thinking=writes_thoughts(tokenizer),
                tools=writes_tools(tokenizer, config),
            )
            info = replace(info, capabilities=able)
            if plan is not None and is_split:
                info = replace(info, remarks=(*info.remarks, plan_words(plan)))
            engine = cls(replace(loaded, lookup=lookup, takes_pictures=pictures), info)
            engine.use_adapters(adapters)
            if drafter is not None and is_split:
                engine.info = replace(engine.info, remarks=(*engine.info.remarks, NO_DRAFTER))
            elif drafter is not None:
                engine.use_drafter(drafter)
            return engine
        except LecternError:
            raise
        except Exception as error:  # torch reports "out of memory" in many ways
            if not is_out_of_memory(error):
                if isinstance(error, OSError):  # the folder was removed, or can no longer be read, while it was opened
                    raise CheckpointError(_unreadable(error, folder)) from error
                raise
            failure = OutOfMemoryError(
                msg(
                    "memory.opening",
                    "There is not enough memory to open this model; close other programs or choose a smaller model.",
                )
            )
        free_memory()
        raise failure

    def count_tokens(self, request: Request) -> int:
        """How many tokens the prompt of ``request`` has. Raises ``LecternError``."""
        return len(self._loaded().prompt(request))

    def generate(self, request: Request, cancel: Cancel) -> Iterator[Event]:
        """Answers ``request``. The last event is ``Finished`` or ``Failed``; nothing is raised.

        Prefix reuse needs nothing from the caller: what the cache already holds is not read again.
        """
        failure: Message | None = None
        damaged = False
        try:
            yield from Generation(self._loaded(), request, cancel).events()
        except LecternError as error:
            failure, damaged = error.message, isinstance(error, ModelError)
        except Exception as error:  # every fault of a request ends in a sentence
            failure, damaged = _failure(error), True
        # Outside `except`: there the traceback would still hold the tensors that are to be freed.
        if damaged:
            self._recover()
        if failure is not None:
            yield Failed(failure)

    def preflight(self, request: Request) -> Preflight:
        """Estimates the cost of ``request``, and where its documents are cached. Raises ``LecternError``."""
        return preflight(self._loaded(), request)

    def settle(self, cancel: Cancel | None = None) -> None:
        """Saves documents to disk that were read and not saved yet. For idle moments."""
        self._loaded().residency.settle(cancel)

    def prepare(self, seen: Picture | Sound, document: str, cancel: Cancel | None = None) -> bool:
        """Has a picture or a piece of sound of ``document`` encoded before it is asked about.

        False where that would not pay. For idle moments. Raises ``LecternError``; after ``CancelledError`` the next
        call for the same one, or a request with it, continues where this one stopped.
        """
        model = self._loaded()
        features, audio = model.features, model.config.audio
        source: Source
        if isinstance(seen, Picture):
            source = seen
        elif audio is not None:
            source = heard(seen, audio)
        else:
            return False
        if features is None or features.is_ready(source) or not features.can_keep(source):
            return False
        features.soft_tokens(source, document, cancel)
        return True

    def use_adapters(self, folders: Sequence[Path]) -> None:
        """Applies the adapters in ``folders`` to what is asked from now on, and no others. Raises ``LecternError``.

        The weights stay as they are, and so does what is cached: of documents that were read under the same adapters,
        or without any, nothing is read again.
        """
        adapters = self._loaded().adapters
        adapters.use(folders)
        self.info = replace(self.info, adapters=tuple(one.name for one in adapters.used))

    def use_drafter(self, folder: Path) -> None:
        """Has the drafter in ``folder`` guess tokens from now on. Raises ``CheckpointError`` for another model's."""
        model = self._loaded()
        self._model = replace(model, drafter=Drafter.open(folder, model.decoder, model.decoder.source))
        self.info = replace(self.info, drafter=model_name(folder))

    def pin(self, document: str, on: bool) -> None:
        """Whether the document with this key stays whatever else is asked about."""
        self._loaded().residency.pin(document, on)

    def unload(self, document: str) -> None:
        """Takes a document out of memory; it stays on disk where it was saved."""
        self._loaded().residency.unload(document)

    def forget(self, document: str) -> None:
        """Deletes a document's cached data from memory and from disk, its pictures' soft tokens included."""
        model = self._loaded()
        model.residency.forget(document)
        if model.features is not None:
            model.features.clear()

    def cached_bytes(self) -> int:
        """Bytes of the KV cache and of the points in documents to return to, in memory."""
        return self._loaded().residency.nbytes

    def close(self) -> None:
        """Gives all memory back. Harmless to call again."""
        self._model = None
        free_memory()

    def _loaded(self) -> LoadedModel:
        if self._model is None:
            raise ModelError(msg("model.closed", "The model is closed; open it again."))
        return self._model

    def _recover(self) -> None:
        # Dropping a device tensor can itself fail once the device is lost.
        with contextlib.suppress(RuntimeError):
            if self._model is not None:
                self._model.residency.drop()
            free_memory()


def pick_device(name: str | None) -> torch.device:
    """The device called ``name``, or the best there is. Raises ``ModelError`` where it is not there."""
    if name is None:
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise ModelError(
            msg("device.unknown", "There is no device called {name}; choose cpu or cuda.", name=repr(name))
        ) from error
    cards = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if device.type not in CHUNK_TOKENS or (device.type == "cuda" and (device.index or 0) >= cards):
        raise ModelError(
            msg("device.missing", "This machine has no {name} device that Lectern can use; choose cpu.", name=name)
        )
    if device.type == "cuda" and device.index is not None:
        torch.cuda.set_device(device)  # where the kernels are loaded and started
    return device


def pick_dtype(name: str | None) -> torch.dtype:
    """The compute dtype: bfloat16 unless float32 is asked for."""
    if name is not None and name not in _DTYPES:
        raise ModelError(
            msg(
                "format.unknown",
                "There is no number format called {name}; choose bfloat16 or float32.",
                name=repr(name),
            )
        )
    return _DTYPES[name or "bfloat16"]


def describe(folder: Path, config: ModelConfig, source: WeightSource) -> ModelInfo:
    """The facts about the model that the window and ``doctor`` show."""
    return ModelInfo(
        name=model_name(folder),
        folder=folder,
        device=torch.cuda.get_device_name(source.device) if source.device.type == "cuda" else "cpu",
        dtype=str(source.dtype).removeprefix("torch."),
        quantisation=str(getattr(source, "quantisation", "none")),
        parameters=sum(spec.numel for spec in expected_tensors(config).values()),
        weight_bytes=int(getattr(source, "weight_bytes", 0)),
        context_tokens=config.text.max_position_embeddings,
        capabilities=EngineCapabilities(pictures=config.vision is not None, sound=config.audio is not None),
        sample=bool(read_json(folder / LABEL).get("sample", False)),
        remarks=(*remarks_of(folder), *template_remarks(folder), *([STREAMS] if _streams(source) else [])),
    )


def _streams(source: WeightSource) -> bool:
    return bool(getattr(source, "streams", False))


def _load(
    folder: Path, config: ModelConfig, tokenizer: Tokenizer, source: WeightSource, cache: CacheSettings
) -> LoadedModel:
    adapted = AdaptedSource(source)
    decoder = Decoder(config.text, adapted)
    store, speeds, room = None, Speeds(), Room(source.device)
    if cache.folder is not None:
        room = Room(source.device, cache.ram_bytes, cache.folder / "spill")
        identity = folder_identity(folder, str(source.dtype), source.device.type, cache.int8)
        store = DocumentStore(cache.folder / "documents", identity, cache.disk_bytes)
        speeds = Speeds.read(cache.folder / "speeds" / f"{identity}.json")
    features = None
    if config.encodes:
        encoders = {kind: encoder_of(config, kind)(config, source) for kind in config.encodes}
        features = FeatureCache(encoders, store=store, measured={IMAGE: speeds.saw_picture, SOUND: speeds.saw_sound})
    return LoadedModel(
        config=config,
        tokenizer=tokenizer,
        decoder=decoder,
        features=features,
        defaults=read_defaults(folder),
        residency=Residency(decoder, resident_bytes=cache.ram_bytes, store=store, int8=cache.int8, room=room),
        chunk_tokens=CHUNK_TOKENS[source.device.type],
        files=Files(source, store),
        frames_on_lines=LINES.items() <= read_json(folder / LABEL).items(),
        speeds=speeds,
        vocabulary=Vocabulary(tokenizer, config.text.vocab_size),
        adapters=Adapters(config, adapted),
    )


def _unreadable(error: OSError, folder: Path) -> Message:
    return msg(
        "model.unusable",
        "{path} cannot be used ({why}); choose the model's folder again.",
        path=error.filename or folder,
        why=error.strerror or error,
    )


def _failure(error: Exception) -> Message:
    if is_out_of_memory(error):
        _log.warning("out of memory while answering: %s", str(error).splitlines()[:1])
        return msg(
            "memory.request",
            "There is not enough memory for this request; attach fewer pages or frames, choose a lower image detail,"
            " or close other programs.",
        )
    _log.error("a request failed", exc_info=error)
    if "CUDA error" in str(error):
        return msg("device.stopped", "The graphics device stopped working; restart Lectern.")
    return msg(
        "internal.answering",
        "The model could not answer because of an internal error ({error}); ask again or restart.",
        error=type(error).__name__,
    )
