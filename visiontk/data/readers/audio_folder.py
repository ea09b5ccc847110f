"""The user's recordings: class folders, or a table that names files and classes."""

from __future__ import annotations

from functools import partial

from visiontk.core import AboutData, Samples, dataset, flat
from visiontk.data.checks.problems import Problems
from visiontk.data.formats.audio import SUFFIXES, UNREAD
from visiontk.data.options import (
    AudioOptions,
    ClassOptions,
    FileOptions,
    FolderOptions,
    NamedFiles,
    TableColumns,
    TableFormat,
    check_options,
)
from visiontk.data.readers.audio_files import read_clips
from visiontk.data.readers.labelled_files import FileKind, samples_in_folder, samples_in_table

RECORDINGS = FileKind("recording", "recordings", (*SUFFIXES, *UNREAD))


@dataset(AboutData("recordings", "folder"))
@flat()
def audio_folder(
    audio: AudioOptions,
    files: FileOptions,
    classes: ClassOptions,
    folders: FolderOptions,
    path: str = "",
    *,
    on_problem: Problems | None = None,
) -> Samples:
    """Recordings in class folders, ``path/<class>/**``, or such folders within train, valid and test.

    Parameters
    ----------
    path : str
        The folder. Nothing in it is changed; hidden files and symbolic links are ignored.

    Returns
    -------
    Samples
        Ids are relative paths. Clips are float32 of shape (time, 1). Conversions and counts are in ``card.notes``.

    Raises
    ------
    ConfigError
        ``E-CONFIG-PATH`` or ``E-CONFIG-RANGE``.
    DataError
        For files, every bad one listed at once: ``E-DATA-TRUNC`` (shorter than declared), ``E-DATA-DECODE``,
        ``E-DATA-EMPTY``, ``E-DATA-NONFINITE``, ``E-DATA-RATE``, ``E-DATA-CHANNELS``, ``E-DATA-LONG``, ``E-DATA-HUGE``,
        ``E-DATA-CODEC``, ``E-DATA-PERM``. For folders: ``E-DATA-EMPTY``, ``E-LABEL-SINGLE``, ``E-LABEL-TWINS``,
        ``E-SPLIT-CLASS``, ``E-SPLIT-PARTS``. For copies: ``E-LEAK-EXACT``, ``E-LABEL-CONFLICT``.

    Examples
    --------
    >>> import tempfile, soundfile
    >>> import numpy as np
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for name, pitch in (("low", 0.1), ("high", 1.0)):
    ...         Path(folder, name).mkdir()
    ...         for i in range(5):
    ...             soundfile.write(f"{folder}/{name}/{i}.wav", np.sin(pitch * np.arange(4000)), 8_000)
    ...     samples = audio_folder(folder, sample_rate=8_000, duration_s=1)
    >>> samples.labels, samples.ids[0].item(), samples.take([0]).shape
    (('high', 'low'), 'high/0.wav', (1, 8000, 1))
    """
    check_options(audio, files, classes)
    return samples_in_folder(
        path,
        RECORDINGS,
        partial(read_clips, audio=audio, on_bad_file=files.on_bad_file, on_problem=on_problem),
        folders=folders,
        files=files,
        classes=classes,
        sample_rate=audio.sample_rate,
        on_problem=on_problem,
    )


@dataset(AboutData("recordings", "table"))
@flat()
def audio_table(
    audio: AudioOptions,
    files: FileOptions,
    classes: ClassOptions,
    columns: TableColumns,
    table_format: TableFormat,
    named: NamedFiles,
    path: str = "",
    *,
    on_problem: Problems | None = None,
) -> Samples:
    """Recordings named by the rows of a table, with a class for each.

    Parameters
    ----------
    path : str
        The table, or a folder of tables named train, valid and test. Nothing is changed.

    Returns
    -------
    Samples
        Ids are relative paths, in the order of the table. Clips are as from `audio_folder`.

    Raises
    ------
    ConfigError
        ``E-CONFIG-PATH`` or ``E-CONFIG-RANGE``.
    DataError
        As `read_manifest` and, for the recordings, as `audio_folder`.
    """
    check_options(audio, files, classes)
    return samples_in_table(
        path,
        RECORDINGS,
        partial(read_clips, audio=audio, on_bad_file=files.on_bad_file, on_problem=on_problem),
        named=named,
        columns=columns,
        table_format=table_format,
        files=files,
        classes=classes,
        sample_rate=audio.sample_rate,
        on_problem=on_problem,
    )
