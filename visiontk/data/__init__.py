"""Data: readers of published and of the user's files, checks and splits.

Readers check sizes before they allocate memory, and content before they use it; nothing in a file is executed, and
nothing in the user's folder is changed. Heavy libraries are imported where they are used.
"""

from visiontk.data.checks.labels import check_classes, classes_of
from visiontk.data.fingerprints import fingerprint
from visiontk.data.formats.cifar import read_cifar
from visiontk.data.formats.idx import read_idx
from visiontk.data.formats.image import DecodedImage, decode_image, read_image
from visiontk.data.formats.json_lines import read_jsonl
from visiontk.data.formats.npz import read_npz
from visiontk.data.formats.text_table import Table, read_table, texts_of
from visiontk.data.layouts.class_folders import list_files, read_layout
from visiontk.data.layouts.manifest import Manifest, read_manifest
from visiontk.data.public.locations import data_dir, require
from visiontk.data.public.records import Source
from visiontk.data.public.sources import published
from visiontk.data.readers.image_folder import image_folder, image_table
from visiontk.data.splits import official_or, stratified_folds

__all__ = [
    "DecodedImage",
    "Manifest",
    "Source",
    "Table",
    "check_classes",
    "classes_of",
    "data_dir",
    "decode_image",
    "fingerprint",
    "image_folder",
    "image_table",
    "list_files",
    "official_or",
    "published",
    "read_cifar",
    "read_idx",
    "read_image",
    "read_jsonl",
    "read_layout",
    "read_manifest",
    "read_npz",
    "read_table",
    "require",
    "stratified_folds",
    "texts_of",
]
