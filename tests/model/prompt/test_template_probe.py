"""The limits of a chat template are known, and reported, before anything is asked."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest

from app.library.models import look_at
from model.messages import Message
from model.prompt.template_probe import NO_PICTURES, OLD_TOOLS, template_remarks
from model.synthetic.tokenizer import CHAT_TEMPLATE
from model.types import Failed, Finished
from tests.model.engines import ask, opened, picture, user, write_model
from tests.model.prompt.test_building import STRICT_TEMPLATE

TEXT_ONLY = """\
{{ bos_token }}{% for message in messages %}<|turn>{{ 'model' if message.role == 'assistant' else message.role }}
{% if message.content is string %}{{ message.content | trim }}{% else %}{% for part in message.content %}
{%- if part.type == 'text' %}{{ part.text | trim }}{% endif %}{% endfor %}{% endif %}<turn|>
{% endfor %}<|turn>model
"""
DROPS_RESULT_PICTURES = CHAT_TEMPLATE.replace("part.type in ('image', 'audio')", "part.type == 'audio'")
_RESULT = "{%- if role == 'tool' -%}\n        {{- '"
RESULT_IS_A_TURN = CHAT_TEMPLATE.replace(f"{_RESULT}<|tool_response>", f"{_RESULT}<|turn>tool\\n<|tool_response>")


def folder_with(template: str, folder: Path, **note: object) -> Path:
    write_model(folder, template=template)
    (folder / "lectern.json").write_text(json.dumps({"name": "Gemma", **note}))
    return folder


@pytest.mark.parametrize(
    ("template", "remarks"),
    [
        (CHAT_TEMPLATE, ()),
        (STRICT_TEMPLATE, (OLD_TOOLS,)),
        (DROPS_RESULT_PICTURES, (OLD_TOOLS,)),
        (RESULT_IS_A_TURN, (OLD_TOOLS,)),
        (TEXT_ONLY, (NO_PICTURES,)),
        ("{{ raise_exception('no') }}", ()),
        ("{% broken", ()),
    ],
    ids=["whole", "no functions", "no pictures in results", "results as turns", "text only", "refuses", "broken"],
)
def test_what_a_template_leaves_out_is_a_remark(template: str, remarks: tuple[Message, ...], tmp_path: Path) -> None:
    assert template != CHAT_TEMPLATE or not remarks  # the changes above were made
    folder = folder_with(template, tmp_path / "gemma")
    assert template_remarks(folder) == remarks
    assert look_at(folder).remarks == remarks  # in the list of models, and doctor's


def test_a_sample_model_is_not_told_to_get_another_template(tmp_path: Path) -> None:
    assert template_remarks(folder_with(TEXT_ONLY, tmp_path / "sample", sample=True)) == ()


def test_pictures_are_refused_before_they_are_asked_about(tmp_path: Path) -> None:
    folder = folder_with(TEXT_ONLY, tmp_path / "gemma")
    with opened(folder) as engine:
        assert not engine.info.capabilities.pictures and NO_PICTURES in engine.info.remarks
        refused = list(engine.generate(ask(user(picture(), "what?")), threading.Event()))[-1]
        assert isinstance(refused, Failed) and str(refused.message).startswith(
            "This model's chat template takes no pictures"
        )
        assert isinstance(list(engine.generate(ask(user("what?")), threading.Event()))[-1], Finished)


def test_a_whole_template_keeps_its_model_s_eyes(tmp_path: Path) -> None:
    with opened(folder_with(CHAT_TEMPLATE, tmp_path / "gemma")) as engine:
        assert engine.info.capabilities.pictures and engine.info.capabilities.tools and not engine.info.remarks
