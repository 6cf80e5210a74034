"""Where each kind of server reports what its model can do: vLLM, SGLang, llama.cpp's, LM Studio, Ollama, Lectern.

Each has its own address for that, and answers the others' with an error. What a server does not report is left out of
the result; ``app.engine.remote.server`` then tries it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

if TYPE_CHECKING:
    from app.library.model_ref import RemoteModel

Client = Any
"""``openai.OpenAI``, which ``app.engine.remote.server`` makes."""
Reported = dict[str, Any]
"""``context``, ``pictures``, ``sound``, ``thinking``, ``tools``; ``effort``: thinking is switched by that name."""
OLLAMAS_LEAST = 4096
"""What Ollama allots with little graphics memory. It cuts the beginning of longer prompts without an error."""


def reported(client: Client, model: RemoteModel, listed: Reported, load: Callable[[], object]) -> Reported:
    """What the server reports. ``listed``: the model in its list; ``load`` asks for a token, which loads the model."""
    found: Reported = {}
    if isinstance(length := listed.get("max_model_len"), int):  # vLLM and SGLang
        found["context"] = length
    if isinstance(own := listed.get("lectern"), dict):
        found |= {"context": own.get("context_tokens")} | (own.get("capabilities") or {})
    parts = urlsplit(model.address)
    root = urlunsplit((parts.scheme, parts.netloc, "", "", ""))
    for look in (_llama_server, _sglang, _lm_studio, _old_lm_studio, _ollama):
        if {"context", "pictures", "sound", "tools"} <= found.keys():
            break
        try:
            found = look(client, root, model.name, load) | found
        except Exception:  # another kind of server, which has no such address
            continue
    return found


def _llama_server(client: Client, root: str, _name: str, _load: Callable[[], object]) -> Reported:
    props: Any = client.get(f"{root}/props", cast_to=object)
    modalities = props["modalities"]
    return {
        "context": props["default_generation_settings"]["n_ctx"],
        "pictures": bool(modalities["vision"]),
        "sound": bool(modalities["audio"]),
    }


def _sglang(client: Client, root: str, _name: str, _load: Callable[[], object]) -> Reported:
    about: Any = client.get(f"{root}/model_info", cast_to=object)
    return {"pictures": about["has_image_understanding"] is True, "sound": about["has_audio_understanding"] is True}


def _lm_studio(client: Client, root: str, name: str, load: Callable[[], object]) -> Reported:
    def look() -> Any:
        listed: Any = client.get(f"{root}/api/v1/models", cast_to=object)
        return next(
            one
            for one in listed["models"]
            if name == one["key"] or name in [loaded["id"] for loaded in one["loaded_instances"]]
        )

    about = look()
    if not about["loaded_instances"]:
        load()
        about = look()
    loaded = about["loaded_instances"]
    can = about["capabilities"]
    return {
        "context": loaded[0]["config"]["context_length"] if loaded else about["max_context_length"],
        "pictures": can["vision"] is True,
        "sound": False,
        "tools": can["trained_for_tool_use"] is True,
    }


def _old_lm_studio(client: Client, root: str, name: str, load: Callable[[], object]) -> Reported:
    """Before version 0.4."""
    about: Any = client.get(f"{root}/api/v0/models/{name}", cast_to=object)
    if not about.get("loaded_context_length"):
        load()
        about = client.get(f"{root}/api/v0/models/{name}", cast_to=object)
    return {
        "context": about.get("loaded_context_length") or about["max_context_length"],
        "pictures": about["type"] == "vlm",
        "sound": False,
        "tools": "tool_use" in about.get("capabilities", ()),
    }


def _ollama(client: Client, root: str, name: str, load: Callable[[], object]) -> Reported:
    """It reports a model's largest context at once, the allocated one only after the model is loaded."""
    about: Any = client.post(f"{root}/api/show", cast_to=object, body={"model": name})
    can = about["capabilities"]
    found = {"pictures": "vision" in can, "tools": "tools" in can, "thinking": "thinking" in can, "effort": True}
    load()
    running: Any = client.get(f"{root}/api/ps", cast_to=object)
    lengths = [one.get("context_length") for one in running["models"] if _same(name, one.get("model") or one["name"])]
    return found | {"context": next((one for one in lengths if isinstance(one, int)), OLLAMAS_LEAST)}


def _same(name: str, other: str) -> bool:
    return name.removesuffix(":latest") == other.removesuffix(":latest")
