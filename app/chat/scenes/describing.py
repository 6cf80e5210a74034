"""Summaries of a video's scenes, one question each and then one about the whole: a ``Pass``."""

from __future__ import annotations

from dataclasses import dataclass, replace

from app.chat.parts import Reply
from app.chat.scenes.asking import SceneList, read_summary, read_whole, scene_request, whole_request
from app.ingest.shots.finder import ShotList
from model.messages import NOTHING, Message
from model.types import Request


@dataclass
class Describing:
    """``next`` is the scene that is described, or comes next; past the last one it is the whole video."""

    found: ShotList
    scenes: SceneList
    next: int = 0
    sample: bool = False
    """Whether the sample model is asked, in its own questions."""
    looped: bool = False
    """An answer was stopped because the model only repeated itself."""
    failure: Message = NOTHING

    @property
    def over(self) -> bool:
        """Every scene and the whole have been asked about."""
        return self.next > len(self.scenes.scenes)

    def next_request(self) -> Request | None:
        """The question about the next scene of which there is a picture."""
        while not self.failure and not self.over:
            request = self._request()
            if request is not None:
                return request
            self.next += 1
        return None

    def grow(self, text: str) -> None:
        """The summary appears as it is written."""
        if self.next < len(self.scenes.scenes):
            self.scenes = self.scenes.with_summary(self.next, *read_summary(text))
        else:
            self.scenes = replace(self.scenes, summary=read_whole(text))

    def take(self, reply: Reply) -> None:
        """Take the whole summary of the current scene."""
        self.grow(reply.text)
        self.looped = self.looped or reply.repeated
        self.next += 1

    def fail(self, message: Message) -> None:
        """Without one scene's summary the others would mislead about the whole."""
        self.failure = message

    def _request(self) -> Request | None:
        if self.next < len(self.scenes.scenes):
            return scene_request(self.found, self.next, sample=self.sample)
        return whole_request(self.found, self.scenes, sample=self.sample)
