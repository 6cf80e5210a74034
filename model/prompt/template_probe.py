"""Finds out what a folder's chat template leaves out before anything is asked, by rendering probes. No torch.

Google's templates of April and May 2026, and what finetunes made of them, drop a picture in a function's result or
answer functions in a turn of their own; templates of finetunes on text drop every picture.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from model.checkpoint.folder_names import CONFIG, LABEL, read_json
from model.errors import CheckpointError, LecternError
from model.messages import Message, msg, plain
from model.prompt.building import writes_tools_with
from model.prompt.chat_template import ChatTemplate, read_templates
from model.prompt.media import takes
from model.prompt.tokenizer import NAMED_TOKENS, read_tokenizer_config, special_tokens
from model.types import PicturePart, SoundPart, ToolSpec

IMAGE, AUDIO = "<|image|>", "<|audio|>"
NO_PICTURES = msg(
    "template.no-pictures-remark",
    "This model's chat template takes no pictures, so only text can be asked about; if the "
    "model was trained with pictures, copy the newer chat_template.jinja from "
    "google/gemma-4-26B-A4B-it (or the Gemma 4 it was made from) into the folder.",
)
NO_SOUND = msg(
    "template.no-sound-remark",
    "This model's chat template takes no sound, so the model does not hear; copy the newer chat_template.jinja from "
    "google/gemma-4-E4B-it (or the Gemma 4 it was made from) into the folder.",
)
OLD_TOOLS = msg(
    "template.no-tools-remark",
    "This model's chat template is an older one, so the model cannot look closer or search by "
    "itself; copy the newer chat_template.jinja from google/gemma-4-26B-A4B-it (or the Gemma 4 "
    "it was made from) into the folder.",
)


class _Template:
    """A folder's template alone, as far as a probe needs a tokenizer."""

    named: Mapping[str, int | None] = dict.fromkeys(NAMED_TOKENS, 0)

    def __init__(self, folder: Path, config: Mapping[str, Any]) -> None:
        self._template = ChatTemplate(read_templates(folder, config), special_tokens(config))

    def render(self, messages: Sequence[Mapping[str, Any]], *, thinking: bool, tools: Sequence[ToolSpec] = ()) -> str:
        """As ``Tokenizer.render``."""
        try:
            return self._template.conversation(messages, tools, thinking=thinking)
        except Exception as error:  # Jinja runs the folder's own text
            raise CheckpointError(plain(error)) from error


def template_remarks(folder: Path) -> tuple[Message, ...]:
    """The limits of the template in ``folder``, one sentence each. Of a sample model nothing; of a folder whose
    template cannot be read nothing either, since opening reports that."""
    if read_json(folder / LABEL).get("sample"):
        return ()
    try:
        config = read_tokenizer_config(folder)
        template = _Template(folder, config)
        template.render([{"role": "user", "content": "?"}], thinking=False)
    except (LecternError, OSError, ValueError, RecursionError, KeyError, TypeError):
        return ()
    image, audio = _mark(config, "image_token", IMAGE), _mark(config, "audio_token", AUDIO)
    described = read_json(folder / CONFIG)
    if described.get("vision_config") and not takes(template, image, PicturePart):
        return (NO_PICTURES,)
    remarks = () if writes_tools_with(template, image) else (OLD_TOOLS,)
    deaf = described.get("audio_config") and not takes(template, audio, SoundPart)
    return (*remarks, NO_SOUND) if deaf else remarks


def _mark(config: Mapping[str, Any], name: str, usual: str) -> str:
    """What the template writes for a picture or for sound."""
    mark = config.get(name)
    return mark if isinstance(mark, str) and mark else usual
