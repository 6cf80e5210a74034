"""Keeps every library off the network. Importing this module is enough; import it before those libraries.

transformers and huggingface_hub read their switches once, when they are imported. bitsandbytes fetches a
kernel from a hub on a CPU where the package ``kernels`` is installed, so that package is made unimportable.
"""

from __future__ import annotations

import logging
import os
import sys

SWITCHES = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_DATASETS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_IMPLICIT_TOKEN": "1",
    "DO_NOT_TRACK": "1",
    # The tokenizer's own thread pool: one owner thread is all that this engine has.
    "TOKENIZERS_PARALLELISM": "false",
}


def go_offline() -> None:
    """Sets every switch; harmless to call again."""
    os.environ.update(SWITCHES)
    sys.modules["kernels"] = None  # type: ignore[assignment]  # the documented way to forbid an import
    # bitsandbytes' advice to install that package is not meant for the user.
    logging.getLogger("bitsandbytes.backends.cpu.ops").setLevel(logging.ERROR)
    constants = sys.modules.get("huggingface_hub.constants")
    if constants is not None:
        constants.HF_HUB_OFFLINE = True  # type: ignore[attr-defined]  # it was imported before us


go_offline()
