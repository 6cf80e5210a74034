"""Gemma's tokenizer from its words, merges and control tokens: BPE with byte fallback, blanks as ``▁``.

For vocabularies that come without a ``tokenizer.json``: those in GGUF files and made-up ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tokenizers import Tokenizer as Backend

TOKENIZER_CONFIG = {
    "tokenizer_class": "GemmaTokenizer",
    "bos_token": "<bos>",
    "eos_token": "<eos>",
    "pad_token": "<pad>",
    "unk_token": "<unk>",
    "mask_token": "<mask>",
    "image_token": "<|image|>",
    "boi_token": "<|image>",
    "eoi_token": "<image|>",
    "audio_token": "<|audio|>",
    "boa_token": "<|audio>",
    "eoa_token": "<audio|>",
    "model_max_length": 262144,
    "padding_side": "left",
    "clean_up_tokenization_spaces": False,
}
"""``tokenizer_config.json``: what a template and transformers call by name."""


def gemma_tokenizer(
    vocabulary: Mapping[str, int], merges: Sequence[tuple[str, str]], control: Sequence[str]
) -> Backend:
    """The tokenizer. ``control`` are tokens of the vocabulary that no ordinary text may become.

    Raises whatever the library below does where merges and words do not fit together.
    """
    from tokenizers import AddedToken, Tokenizer, decoders, normalizers, pre_tokenizers
    from tokenizers.models import BPE

    tokenizer = Tokenizer(BPE(dict(vocabulary), list(merges), unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    tokenizer.normalizer = normalizers.Replace(" ", "▁")
    tokenizer.pre_tokenizer = pre_tokenizers.Split(" ", "merged_with_previous")
    tokenizer.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()])
    tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in control])
    return tokenizer
