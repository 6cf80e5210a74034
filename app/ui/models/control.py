"""Which model is loaded, and changing it without a restart."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.engine.folders.jobs import ModelJobs
from app.engine.model.bridges import ModelBridge
from app.engine.threads.background import Background
from app.i18n import tr, translated
from app.library.model_ref import LocalFolder, ModelRef, RemoteModel, SampleModel
from app.library.models import ModelFolder, find_models, folder_of
from app.library.settings import Settings
from app.session.conversation import ModelPhase, ModelState
from app.ui.asking.bridges import UserSettings
from model.messages import Message
from model.types import LoadProgress, ModelInfo


class ModelControl(QObject):
    """Follows the engine's loading; the window asks it for changes."""

    changed = Signal()
    found_changed = Signal()
    notice = Signal(str)
    """What the user should know of the model that was just opened; empty where there is nothing."""

    def __init__(self, engine: ModelBridge, settings: UserSettings, background: Background) -> None:
        super().__init__()
        self._engine, self._settings, self._background = engine, settings, background
        self.jobs = ModelJobs(self)
        self.jobs.got.connect(self._use)
        self.jobs.ended.connect(self._say_why)
        self.found: list[ModelFolder] = []
        self._wanted = settings.model
        self._cancelled = False
        self.stuck = False
        """It is busy and shows no sign of work."""
        self.state = self._first_state()
        engine.loading.connect(self._on_loading)
        engine.loaded.connect(self._on_loaded)
        engine.load_failed.connect(self._on_failed)
        engine.stuck.connect(lambda: self._show_stuck(True))
        engine.recovered.connect(lambda: self._show_stuck(False))

    def _first_state(self) -> ModelState:
        if self._engine.info is not None:
            return ModelState(ModelPhase.READY, info=self._engine.info)
        return ModelState(ModelPhase.STARTING if self._settings.model is not None else ModelPhase.NONE)

    @property
    def ready(self) -> bool:
        """A model can be asked."""
        return self.state.phase is ModelPhase.READY

    @property
    def sample(self) -> bool:
        """The sample model answers, or is on its way."""
        info = self.state.info
        return info.sample if info is not None else self.state.coming and self._wanted == SampleModel()

    @property
    def in_use(self) -> Path | None:
        """The folder of the model that is open or being opened, where that is on this machine."""
        if self.state.info is not None:
            return self.state.info.folder
        return folder_of(self._wanted) if self.state.coming and isinstance(self._wanted, LocalFolder) else None

    @property
    def server(self) -> RemoteModel | None:
        """The model on a server that was chosen last, where one was."""
        return self._settings.model if isinstance(self._settings.model, RemoteModel) else None

    def load(self, model: ModelRef) -> None:
        """Start to open ``model``; the state becomes loading."""
        self._wanted, self._cancelled = model, False
        self._become(ModelState(ModelPhase.LOADING))
        self._engine.load(model)

    def cancel(self) -> None:
        """Stop loading the model."""
        if self.state.coming:
            self._cancelled = True
            self._engine.unload()
            self._become(ModelState(ModelPhase.NONE))

    def wait_longer(self) -> None:
        """It seems to hang, and the user would rather wait."""
        self._engine.wait_longer()
        self._show_stuck(False)

    def restart(self) -> None:
        """It hangs: open the same model anew. What was asked of it fails with a sentence."""
        self._engine.restart()  # reports first what became of the questions, then that it loads
        self._show_stuck(False)

    def close(self) -> None:
        """Stop work on model folders; partial results stay for resuming."""
        self.jobs.shutdown()

    def look_for_models(self) -> None:
        """List the model folders on this machine, on the helper thread."""
        if isinstance(self._settings, Settings):
            self._background.run(partial(find_models, replace(self._settings)), self._on_found, self._on_not_found)

    def _on_found(self, result: list[ModelFolder]) -> None:
        self.found = result
        self.found_changed.emit()

    def _on_not_found(self, error: Exception) -> None:
        self.notice.emit(tr("The model folders could not be checked: {error}", error=str(error)))

    def _use(self, folder: Path) -> None:
        """A model was downloaded: it is opened, unless another real one is in use."""
        self.look_for_models()
        info = self.state.info
        if (info is None or info.sample) and not (self.state.coming and not self.sample):
            self.load(LocalFolder(folder))
        else:
            self.notice.emit(tr("{name} has been downloaded; choose it in the model menu.", name=folder.name))

    def _say_why(self, _folder: Path | None, error: Message) -> None:
        """Why a download ended; its dialog has been closed. All else is said in the list of models."""
        if self.jobs.offer is not None and error:
            self.notice.emit(translated(error))

    def _on_loading(self, progress: LoadProgress) -> None:
        if not self._cancelled:
            self._become(ModelState(ModelPhase.LOADING, progress=progress))

    def _on_loaded(self, info: ModelInfo) -> None:
        if self._cancelled:
            return
        self._remember(info)
        self._become(ModelState(ModelPhase.READY, info=info))
        self.notice.emit(" ".join(map(translated, info.remarks)))

    def _remember(self, info: ModelInfo) -> None:
        """Remember the model, which is opened again at the next start."""
        wanted, settings = self._wanted, self._settings
        # A folder that holds some sample model is for a moment.
        if wanted is not None and wanted != settings.model and isinstance(wanted, SampleModel) == info.sample:
            settings.choose(wanted)
            settings.save()

    def _on_failed(self, message: Message) -> None:
        if not self._cancelled:
            self._become(ModelState(ModelPhase.FAILED, error=message))

    def _show_stuck(self, stuck: bool) -> None:
        self.stuck = stuck
        self.changed.emit()

    def _become(self, state: ModelState) -> None:
        self.state = state
        self.changed.emit()
