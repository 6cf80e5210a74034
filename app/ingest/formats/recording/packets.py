"""A sound track's frames, also those of a damaged file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import av


class Packets:
    """Decodes a track from where its container is; ``errors`` counts packets that could not be decoded."""

    def __init__(self, container: Any, stream: Any, most_errors: int) -> None:
        self._container, self._stream, self._most = container, stream, most_errors
        self.errors = 0

    def frames(self) -> Iterator[Any]:
        """Up to the end, or to where hardly anything can be decoded."""
        packets = self._container.demux(self._stream)
        while self.errors < self._most:
            try:
                packet = next(packets, None)
                if packet is None:
                    return
                yield from packet.decode()
            except av.error.EOFError:
                return
            except (av.error.FFmpegError, ValueError):
                self.errors += 1
