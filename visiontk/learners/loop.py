"""Keras callback of a fit: history, best weights, early stopping, budget, checkpoints."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from visiontk.core import Inputs
from visiontk.errors import disk_errors
from visiontk.learners.checkpoint import Checkpoint, read_checkpoint, write_checkpoint
from visiontk.learners.progress import csv_text, write_history, write_progress
from visiontk.learners.training import Training

log = logging.getLogger(__name__)


class Loop(keras.callbacks.Callback):  # type: ignore[misc]
    """History, best weights, early stopping, budget and checkpoints in one callback, so that all of it resumes."""

    def __init__(
        self,
        trainer: keras.Model,
        model: keras.Model,
        workdir: Path,
        *,
        n_epochs: int,
        budget_s: float,
        training: Training,
        every_s: float,
        fingerprint: str,
    ) -> None:
        super().__init__()
        self.trainer, self.network, self.workdir = trainer, model, workdir
        self.n_epochs, self.budget_s, self.every_s = n_epochs, budget_s, every_s
        self.patience = training.patience
        self.keep = training.keep
        self.averaging = training.averaging > 0
        self.raw_weights: list[Inputs] = []
        self.validated_weights: list[Inputs] = []
        self.fingerprint = fingerprint
        self.epoch = 0
        self.history: list[dict[str, float]] = []
        self.best: tuple[float, float] = (-math.inf, -math.inf)
        self.best_epoch = 0
        self.best_weights: list[Inputs] = values_of(model.variables)
        self.finished = False
        self.cut_off = False
        self.cpu_before = 0.0
        self.cpu_start = time.process_time()
        self.saved_at = time.monotonic()
        self.reported_at = 0.0

    def cpu_s(self) -> float:
        """CPU seconds of this fit, including earlier, interrupted calls."""
        return self.cpu_before + time.process_time() - self.cpu_start

    def _variables(self) -> list[Any]:
        # Weights, batch statistics and the states of random generators; then the optimizer with its step.
        return [*self.trainer.variables, *self.trainer.optimizer.variables]

    def resume(self) -> None:
        """Restore the newest valid checkpoint of this fit, if there is one."""
        checkpoint = read_checkpoint(self.workdir)
        if checkpoint is None:
            return
        if checkpoint.state["fingerprint"] != self.fingerprint:
            log.warning("W-CKPT-OTHER: the checkpoint in %s belongs to another fit; restarting", self.workdir)
            return
        for i, variable in enumerate(self._variables()):
            variable.assign(checkpoint.arrays[f"v{i}"])
        self.best_weights = [checkpoint.arrays[f"b{i}"] for i in range(len(self.best_weights))]
        self.epoch = checkpoint.epoch
        self.history = checkpoint.state["history"]
        self.best = tuple(checkpoint.state["best"])
        self.best_epoch = checkpoint.state["best_epoch"]
        self.finished = checkpoint.state["finished"]
        self.cpu_before = checkpoint.state["cpu_s"]

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        """Check the loss, report progress, stop at the budget."""
        self._check_loss((logs or {})["loss"], self.epoch + 1)  # the mean so far: not finite once one batch is not
        now = time.monotonic()
        if now - self.reported_at > 1:
            self.reported_at = now
            self._report(self.epoch + (batch + 1) / self.params["steps"])
        if self.cpu_s() > self.budget_s:
            self.cut_off = True
            self.model.stop_training = True

    def on_test_begin(self, logs: dict[str, float] | None = None) -> None:
        """Validate with the averaged weights, if any."""
        if self.averaging:
            self.raw_weights = values_of(self.trainer.trainable_variables)
            self.trainer.optimizer.finalize_variable_values(self.trainer.trainable_variables)

    def on_test_end(self, logs: dict[str, float] | None = None) -> None:
        """Restore the weights for training."""
        if self.averaging:
            self.validated_weights = values_of(self.network.variables)
            for variable, value in zip(self.trainer.trainable_variables, self.raw_weights, strict=True):
                variable.assign(value)

    def _score(self, values: dict[str, float]) -> tuple[float, float]:
        """Score of an epoch; the weights of the largest are retained."""
        if self.keep == "last":
            return float(self.epoch), 0.0
        by_accuracy, by_loss = values["val_accuracy"], -values["val_loss"]
        return (by_loss, by_accuracy) if self.keep == "loss" else (by_accuracy, by_loss)

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Retain the best weights, write the history, stop early, write a checkpoint from time to time."""
        values = {name: float(value) for name, value in (logs or {}).items()}
        self._check_loss(values["loss"], epoch + 1)
        self.epoch = epoch + 1
        score = self._score(values)
        if score > self.best and math.isfinite(values["val_loss"]):
            self.best, self.best_epoch = score, self.epoch
            self.best_weights = self.validated_weights if self.averaging else values_of(self.network.variables)
        self.history.append(
            {
                "epoch": self.epoch,
                "loss": values["loss"],
                "accuracy": values["accuracy"],
                "valid_loss": values["val_loss"],
                "valid_accuracy": values["val_accuracy"],
                "cpu_s": round(self.cpu_s(), 3),
            }
        )
        write_history(self.workdir, csv_text(self.history))
        self._report(self.epoch)
        if self.epoch - self.best_epoch >= self.patience:
            self.finished = True
            self.model.stop_training = True
        if time.monotonic() - self.saved_at >= self.every_s and not self.cut_off:
            self._save()
            self.saved_at = time.monotonic()

    @staticmethod
    def _check_loss(loss: float, epoch: int) -> None:
        if not math.isfinite(loss):
            raise ArithmeticError(f"the loss became {float(loss)} in epoch {epoch}; a smaller learning_rate may help")

    def restore_best(self) -> None:
        """Load the weights of the best epoch into the network."""
        if not self.best_epoch:
            raise ArithmeticError(
                f"the validation loss is not finite after any of {self.epoch} epochs; a smaller learning_rate may help"
            )
        for variable, value in zip(self.network.variables, self.best_weights, strict=True):
            variable.assign(value)

    def _save(self) -> None:
        arrays = {f"v{i}": value for i, value in enumerate(values_of(self._variables()))}
        arrays |= {f"b{i}": value for i, value in enumerate(self.best_weights)}
        state = {
            "history": self.history,
            "best": self.best,
            "best_epoch": self.best_epoch,
            "finished": self.finished,
            "cpu_s": self.cpu_s(),
            "fingerprint": self.fingerprint,
        }
        with disk_errors(self.workdir):
            write_checkpoint(self.workdir, Checkpoint(self.epoch, arrays, state))

    def _report(self, done: float) -> None:
        best = f", valid {self.history[self.best_epoch - 1]['valid_accuracy']:.1%}" if self.best_epoch else ""
        epoch = min(int(done) + 1, self.n_epochs)
        write_progress(self.workdir, done, self.n_epochs, f"epoch {epoch}/{self.n_epochs}{best}")


def values_of(variables: Sequence[Any]) -> list[Inputs]:
    """Values of Keras variables."""
    # Not np.array(v): Keras variables warn that they do not know the argument "copy" of NumPy 2.
    return [tf.convert_to_tensor(v.value).numpy() for v in variables]
