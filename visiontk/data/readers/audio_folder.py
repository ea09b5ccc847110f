"""The user's own sounds: a folder with one folder for each class, or a table that names files and classes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from annotated_types import Ge, Gt, Le

from visiontk.core import Card, Samples
from visiontk.data.checks.copies import Leak, check_copies
from visiontk.data.checks.labels import RareClass, check_parts
from visiontk.data.checks.rare_classes import learnable
from visiontk.data.fingerprints import fingerprint, with_groups
from visiontk.data.formats.audio import SUFFIXES, UNREAD
from visiontk.data.layouts.class_folders import check_layout, groups_within, lay_out, list_files, passed_over
from visiontk.data.layouts.manifest import read_manifest
from visiontk.data.readers.audio_files import Clips, Sound, check_arguments, read_clips
from visiontk.data.readers.image_files import identifier
from visiontk.messages import printable

Rate = Annotated[int, Ge(4_000), Le(192_000)]
Duration = Annotated[float, Gt(0), Le(60)]


def audio_folder(
    path: str = "",
    sample_rate: Rate = 16_000,
    duration_s: Duration = 2.0,
    channels: Literal["mean", "left", "error"] = "mean",
    resample: Literal["allow", "forbid"] = "allow",
    on_bad_file: Literal["refuse", "skip"] = "refuse",
    min_per_class: Annotated[int, Ge(1)] = 5,
    group: str = "",
    on_rare_class: RareClass = "refuse",
    leak: Leak = "refuse",
) -> Samples:
    """Sounds in class folders, ``path/<class>/**``, or such folders within train, valid and test.

    Parameters
    ----------
    path : str
        The folder. Nothing in it is changed; hidden files and symbolic links are passed over.
    sample_rate : int
        In Hz; files of other rates are resampled. 16,000 keeps all of speech.
    duration_s : float
        Seconds of every clip, at most 60: longer ones are cut at the end, shorter ones followed by zeros.
    channels : {"mean", "left", "error"}
        What becomes of several channels; "error" refuses such files.
    resample : {"allow", "forbid"}
        Whether files of other rates are refused.
    on_bad_file : {"refuse", "skip"}
        Whether a file that cannot be read ends the work. At most 1 % may be skipped; they are noted.
    min_per_class : int
        A class with fewer clips to learn from is too small, at least 1.
    group : str
        Which part of the name says what belongs together, such as one speaker, as for `groups_of`: ``name:2``,
        ``name`` or ``folder``; empty for none.
    on_rare_class : {"refuse", "drop"}
        Whether a class with fewer clips to learn from than that ends the work, or is left out with all its clips.
        Those of test are counted as unknown.
    leak : {"refuse", "warn"}
        Whether clips that are the same in two parts of the split end the work, or are noted only.

    Returns
    -------
    Samples
        Ids are relative paths. Clips are float32 of shape (time, 1). Conversions and counts are in ``card.notes``.

    Raises
    ------
    ConfigError
        ``E-CONFIG-PATH`` or ``E-CONFIG-RANGE``.
    DataError
        For files as `read_clips`, every bad one listed at once. For folders: ``E-DATA-EMPTY``,
        ``E-LABEL-SINGLE``, ``E-LABEL-TWINS``, ``E-SPLIT-CLASS``, ``E-SPLIT-PARTS``. For
        copies: ``E-LEAK-EXACT``, ``E-LABEL-CONFLICT``.

    Examples
    --------
    >>> import tempfile, soundfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for name, pitch in (("low", 0.1), ("high", 1.0)):
    ...         Path(folder, name).mkdir()
    ...         for i in range(5):
    ...             soundfile.write(f"{folder}/{name}/{i}.wav", np.sin(pitch * np.arange(4000)), 8_000)
    ...     samples = audio_folder(folder, sample_rate=8_000, duration_s=1)
    >>> samples.labels, samples.ids[0].item(), samples.take([0]).shape
    (('high', 'low'), 'high/0.wav', (1, 8000, 1))
    """
    sound = Sound(sample_rate, duration_s, channels, resample)
    check_arguments(sound, on_bad_file, min_per_class, leak)
    listing = list_files(path, (*SUFFIXES, *UNREAD), "sounds")
    root = Path(path).expanduser().absolute()
    where = printable(str(root))
    layout = lay_out(listing, where)
    check_layout(listing, layout, where, min_per_class, "sound", on_rare_class)
    labels = {name: i for i, name in enumerate(sorted(set(layout.classes)))}
    found = read_clips(root, layout.files, sound, on_bad_file=on_bad_file)
    layout = layout.only(found.kept)
    y = np.array([labels[name] for name in layout.classes], dtype=np.int64)
    copied = check_copies(found.copies, layout.files, y, layout.parts, where, leak=leak, what="sounds")
    groups = groups_within(layout, group, where)
    samples = Samples(
        ids=np.array([identifier(name) for name in layout.files], dtype=np.str_),
        y=y,
        labels=tuple(map(identifier, labels)),
        read=found.read,
        card=Card(
            printable(root.name),
            with_groups(found.fingerprint, groups),
            sample_rate=sample_rate,
            notes=(*passed_over(listing, layout), *found.notes, *copied),
        ),
        groups=groups,
        parts=None if layout.parts is None else np.array(layout.parts, dtype=np.str_),
    )
    return learnable(samples, min_per_class, on_rare_class, where, "sound")


def audio_table(
    path: str = "",
    sample_rate: Rate = 16_000,
    duration_s: Duration = 2.0,
    channels: Literal["mean", "left", "error"] = "mean",
    resample: Literal["allow", "forbid"] = "allow",
    on_bad_file: Literal["refuse", "skip"] = "refuse",
    min_per_class: Annotated[int, Ge(1)] = 5,
    path_column: str = "path",
    label_column: str = "label",
    group_column: str = "",
    part_column: str = "",
    encoding: str = "utf-8",
    delimiter: str = ",",
    time_column: str = "",
    on_rare_class: RareClass = "refuse",
    leak: Leak = "refuse",
) -> Samples:
    """Sounds named by the rows of a table, with a class for each.

    Parameters
    ----------
    path : str
        The table; the sounds lie in its folder or below. Nothing is changed.
    sample_rate, duration_s, channels, resample, on_bad_file, min_per_class, on_rare_class, leak
        As for `audio_folder`.
    path_column, label_column, group_column, part_column, encoding, delimiter, time_column : str
        As for `read_manifest`. Name the group wherever clips belong together, such as those of one speaker
        or of one recording: what is alike within a group must not be learnt and tested.

    Returns
    -------
    Samples
        Ids are relative paths, in the order of the table. Clips are as from `audio_folder`.

    Raises
    ------
    ConfigError
        ``E-CONFIG-PATH`` or ``E-CONFIG-RANGE``.
    DataError
        As `read_manifest` and, for the sounds, as `audio_folder`.
    """
    sound = Sound(sample_rate, duration_s, channels, resample)
    check_arguments(sound, on_bad_file, min_per_class, leak)
    manifest = read_manifest(
        path,
        path_column=path_column,
        label_column=label_column,
        group_column=group_column,
        part_column=part_column,
        encoding=encoding,
        delimiter=delimiter,
        time_column=time_column,
    )
    where = printable(path)
    check_parts(manifest.y, manifest.labels, manifest.parts, where, min_per_class, "sound", on_rare_class)
    found = read_clips(manifest.root, manifest.names, sound, on_bad_file=on_bad_file)
    manifest = manifest.only(found.kept)
    parts = None if manifest.parts is None else manifest.parts.tolist()
    copied = check_copies(found.copies, manifest.names, manifest.y, parts, where, leak=leak, what="sounds")
    columns = [column for column in (manifest.groups, manifest.parts) if column is not None]
    samples = Samples(
        ids=np.array([identifier(name) for name in manifest.names], dtype=np.str_),
        y=manifest.y,
        labels=manifest.labels,
        read=found.read,
        card=Card(
            printable(Path(path).stem),
            # Unlike in a folder, class, group and part are not in the name of a file.
            fingerprint(found.fingerprint, manifest.y, "\n".join(manifest.labels), *columns),
            sample_rate=sample_rate,
            grouped_by=group_column,
            notes=(*manifest.notes, *found.notes, *copied),
        ),
        groups=manifest.groups,
        parts=manifest.parts,
    )
    return learnable(samples, min_per_class, on_rare_class, where, "sound")


__all__ = ["Clips", "Sound", "audio_folder", "audio_table"]
