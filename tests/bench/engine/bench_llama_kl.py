"""How far answers of imported GGUF files are from llama.cpp's own, and from the files' numbers computed exactly.

    python -m tests.bench.engine.bench_llama_kl PYTHON [--shape wide|NAME] [--layers N] [--types Q4_0,…] [--folder TEMP]

``PYTHON`` has ``llama_cpp``. A checkpoint with random weights is written as F32, quantised by llama.cpp's own quantiser
to each type, imported, and read by both on the same tokens; also by Lectern in float32 from the numbers that the
package ``gguf`` reads from the file. Prints a table of mean KL divergences: of the imported model from the file's
numbers, both in float32, which is what the import loses; of llama.cpp from them, which is what its rounding of
activations loses; of Lectern as it runs, which is the same for its kernels; and of the imported model in float32 from
llama.cpp.

``wide`` is the tests' tiny shape with rows of 256, which K types need; other shapes are those of ``model.synthetic``.
"""

from __future__ import annotations

import argparse
import array
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

TYPES = {"F32": 0, "Q4_0": 2, "Q8_0": 7, "Q4_K_M": 15, "Q5_K_M": 17, "Q6_K": 18}
"""llama.cpp's numbers for kinds of files (``llama_ftype``). In F32 it rounds its cache and nothing else."""
PLACES = tuple(range(4, 129, 4))
"""Logits behind so many tokens are compared."""
_QUANTISE, _READ = "--quantise", "--read"


def quantise(source: str, target: str, kind: str) -> None:
    """Have llama.cpp quantise a file; in a Python that has it."""
    import llama_cpp  # type: ignore[import-not-found, unused-ignore]

    settings = llama_cpp.llama_model_quantize_default_params()
    settings.ftype, settings.nthread = int(kind), 2
    if llama_cpp.llama_model_quantize(source.encode(), target.encode(), settings):
        raise SystemExit("llama.cpp does not quantise the file")


def read(file: str, ids: str, target: str) -> None:
    """Write llama.cpp's logits behind each of ``PLACES`` into ``target``, float32."""
    from model.bench.llama_peer import Llama

    tokens: list[int] = json.loads(ids)
    peer = Llama(file, 2, 512)
    with Path(target).open("wb") as out:
        for place in PLACES:
            array.array("f", peer.logits(tokens[:place])).tofile(out)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("python", type=Path)
    parser.add_argument("--shape", default="wide")
    parser.add_argument("--layers", type=int)
    parser.add_argument("--types", default=",".join(TYPES))
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        for row in measure(Path(folder), given.python, config_of(given.shape, given.layers), given.types.split(",")):
            print(row, flush=True)


def config_of(shape: str, layers: int | None) -> dict[str, Any]:
    """The ``config.json`` of a shape."""
    from model.synthetic.shapes import shape_config

    if shape != "wide":
        return shape_config(shape, layers)
    config = shape_config("tiny")
    wide = {"hidden_size": 256, "intermediate_size": 256, "moe_intermediate_size": 96, "num_experts": 4}
    config["text_config"] |= wide
    return config


def measure(folder: Path, python: Path, config: dict[str, Any], types: list[str]) -> Any:
    """The rows of the table, one by one."""
    import torch

    from model.checkpoint.gguf.conversion import convert
    from model.checkpoint.gguf.model import find_gguf
    from model.checkpoint.quantised_source import QuantisedSource
    from model.family.config_json import read_config
    from model.family.decoder import Decoder
    from model.formats.weights import DenseSource
    from model.synthetic.writing import write_checkpoint
    from tests.files.gguf import all_in, widened, write_model

    def logs(text: Any, source: Any) -> torch.Tensor:
        decoder = Decoder(text, source)
        with torch.inference_mode():
            hidden = decoder.forward(decoder.embed(ids), decoder.new_cache())
            return decoder.logits(hidden[[place - 1 for place in PLACES]]).double().log_softmax(-1)

    def kl(theirs: torch.Tensor, ours: torch.Tensor) -> float:
        return float((theirs.exp() * (theirs - ours)).sum(-1).mean())

    tiny = write_checkpoint(folder / "model", config)
    whole = read_config(tiny)
    text = whole.text
    ids = torch.randint(300, 500, (max(PLACES),), generator=torch.Generator().manual_seed(1))
    source = folder / "f32.gguf"
    write_model(source, tiny, all_in("F32"))
    here = [str(python), "-m", "tests.bench.engine.bench_llama_kl"]
    yield f"{'file':8} {'import':>9} {'llama.cpp':>9} {'as it runs':>10} {'import : llama.cpp':>18}"
    for name in types:
        file, out, imported = folder / f"{name}.gguf", folder / "logits", folder / name
        subprocess.run([*here, _QUANTISE, str(source), str(file), str(TYPES[name])], check=True, capture_output=True)
        subprocess.run([*here, _READ, str(file), json.dumps(ids.tolist()), str(out)], check=True, capture_output=True)
        convert(find_gguf(file), imported)
        theirs = torch.frombuffer(bytearray(out.read_bytes()), dtype=torch.float32).view(len(PLACES), -1)
        theirs = theirs.double().log_softmax(-1)
        exact = logs(text, DenseSource(widened(file, whole), dtype=torch.float32))
        plain = logs(text, QuantisedSource(imported, torch.device("cpu"), torch.float32))
        runs = logs(text, QuantisedSource(imported, torch.device("cpu"), torch.bfloat16))
        figures = kl(exact, plain), kl(exact, theirs), kl(exact, runs), kl(theirs, plain)
        yield "{:8} {:9.1e} {:9.1e} {:10.1e} {:18.1e}".format(name, *figures)


if __name__ == "__main__":
    if sys.argv[1] == _QUANTISE:
        quantise(*sys.argv[2:])
    elif sys.argv[1] == _READ:
        read(*sys.argv[2:])
    else:
        main()
