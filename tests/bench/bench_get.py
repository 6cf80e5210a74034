"""A download that is killed again and again, and continued: is the result the same?

    python -m tests.bench.bench_get [--kills 50] [--megabytes 40] [--seed 0]

The process that downloads is killed after a random number of bytes, ``--kills`` times, from a server on loopback that
sends slowly. Each try continues the one before; when so many bytes have come that it could be complete, it begins anew.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import tempfile
import threading
from dataclasses import replace
from pathlib import Path

from app import paths
from app.fetch import fetching
from app.fetch.catalogue import OFFERS
from app.fetch.fetching import fetch, folder_for
from model.errors import CancelledError
from model.types import LoadProgress
from tests.app.fetch.hub import REPOSITORY, Hub, serving

TEXT, SEEING = "tiny_q4_0-it.gguf", "tiny-it-mmproj.gguf"


def main() -> int:
    """Print how many were killed, and whether every finished download was right."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--megabytes", type=int, default=40)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    moments = random.Random(options.seed)
    size = options.megabytes << 20
    hub = Hub({TEXT: moments.randbytes(size), SEEING: moments.randbytes(size // 8)})
    offer = replace(OFFERS[0], repository=REPOSITORY, download=1000)
    fetching.check_room = lambda _folder, _bytes: 0  # the room of the real model is not needed
    with tempfile.TemporaryDirectory() as home, serving(hub):
        os.environ[paths.HOME_VARIABLE], os.environ["HF_ENDPOINT"] = home, hub.address
        killed = finished = right = 0
        while killed < options.kills:
            stop, left = threading.Event(), moments.randrange(0, size // 2)
            begun: list[int] = []

            def kill(
                progress: LoadProgress, stop: threading.Event = stop, left: int = left, begun: list[int] = begun
            ) -> None:
                begun.append(progress.done)
                if progress.total and progress.done >= begun[0] + left:
                    stop.set()

            try:
                found = fetch(offer, kill, stop)
            except CancelledError:
                killed += 1
                continue
            finished += 1
            right += _is_right(found, hub)
            shutil.rmtree(folder_for(offer))
        right += _is_right(fetch(offer, lambda progress: None), hub)
        finished += 1
    print(f"killed {killed} times; {right} of {finished} finished downloads are equal to the server's files")
    return 0 if right == finished else 1


def _is_right(found: list[Path], hub: Hub) -> bool:
    return [path.read_bytes() for path in found] == [hub.files[TEXT], hub.files[SEEING]]


if __name__ == "__main__":
    raise SystemExit(main())
