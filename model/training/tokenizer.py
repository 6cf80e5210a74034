"""The sample model's tokenizer: known words and the halves of times are one token, the rest is spelled.

It is a BPE tokenizer without any merges (``ignore_merges`` takes whole words from the vocabulary), with byte
fallback, blanks as ``▁`` and all of Gemma 4's control tokens, with the ids of ``model.synthetic.tokenizer``. The chat
template knows no functions, since none are trained: so the application never offers any.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from model.prompt.gemma_tokenizer import TOKENIZER_CONFIG
from model.synthetic.tokenizer import PUBLISHED_IDS
from model.training.data.lexicon import pieces

CHAT_TEMPLATE = Path(__file__).with_name("chat_template.jinja")
_MULTIPLE = 64
ALPHABET = "".join(chr(code) for code in range(33, 127))
"""What generated documents are written with, besides blanks."""

_SINGLES = "▁\n\t" + ALPHABET + "…€£–—’“”äöüßéèçñåøÄÖÜÉ×°"


_PIECE = "▁?[A-Za-z]+|(?<![0-9])[0-9]{2}(?=:[0-9]{2})|(?<=[0-9]:)[0-9]{2}(?![0-9])|[^A-Za-z]"
"""Words; the two halves of a time such as 00:12, which are one token each; and every other character."""


@cache
def vocabulary() -> dict[str, int]:
    """Token to id: control tokens, bytes, single characters, words; filled up to a multiple of 64."""
    return filled([*(f"{number:02}" for number in range(100)), *pieces()])


def filled(words: Sequence[str]) -> dict[str, int]:
    """A vocabulary with these words, each of them once, behind what every vocabulary has."""
    tokens = [*PUBLISHED_IDS, *(f"<0x{byte:02X}>" for byte in range(256)), *_SINGLES]
    seen = set(tokens)
    tokens += [word for word in dict.fromkeys(words) if word not in seen]
    tokens += [f"<unused{index}>" for index in range(-len(tokens) % _MULTIPLE)]
    return {token: index for index, token in enumerate(tokens)}


def build_tokenizer(vocab: dict[str, int]) -> Any:
    """The tokenizer of the ``tokenizers`` library."""
    from tokenizers import AddedToken, Regex, Tokenizer, decoders, normalizers, pre_tokenizers, processors
    from tokenizers.models import BPE

    model = BPE(vocab, [], unk_token="<unk>", fuse_unk=True, byte_fallback=True, ignore_merges=True)
    tokenizer = Tokenizer(model)
    tokenizer.normalizer = normalizers.Replace(" ", "▁")
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(_PIECE), "isolated")
    tokenizer.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<bos> $A", pair="<bos> $A <bos> $B", special_tokens=[("<bos>", vocab["<bos>"])]
    )
    tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in PUBLISHED_IDS])
    return tokenizer


def write_tokenizer(folder: Path, vocab: dict[str, int] | None = None) -> None:
    """tokenizer.json, tokenizer_config.json, chat_template.jinja and generation_config.json."""
    vocab = vocab or vocabulary()
    build_tokenizer(vocab).save(str(folder / "tokenizer.json"))
    ids = PUBLISHED_IDS
    _write(folder / "tokenizer_config.json", {**TOKENIZER_CONFIG, "tokenizer_class": "PreTrainedTokenizerFast"})
    _write(
        folder / "generation_config.json",
        {
            "bos_token_id": vocab["<bos>"],
            "do_sample": False,
            "eos_token_id": [vocab[token] for token in ("<eos>", "<turn|>", "<|tool_response>")],
            "pad_token_id": vocab["<pad>"],
            "temperature": 1.0,
            "top_k": 1,
            "top_p": 1.0,
        },
    )
    assert set(ids) <= set(vocab)
    (folder / "chat_template.jinja").write_text(CHAT_TEMPLATE.read_text(encoding="utf-8"), encoding="utf-8")


def _write(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
