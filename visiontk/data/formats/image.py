"""One image from a file: decoded in full, upright, 8 bits, grey or RGB, or an error with a plain reason."""

from __future__ import annotations

import os
import re
import warnings
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from visiontk.data.formats.array_files import is_in_arrays, read_in_arrays
from visiontk.data.formats.parquet_files import is_in_parquet, read_in_parquet
from visiontk.errors import DataError
from visiontk.messages import printable

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFile import ImageFile

Color = Literal["grey", "rgb", "auto"]
Depth = Literal["full", "percentile"]
Resize = Literal["pad", "crop", "stretch"]

MAX_PIXELS = 50_000_000
"""Images with more are refused by their header, before memory is allocated."""

MAX_FILE_BYTES = 512 << 20
"""Larger files are refused; 50 million pixels of 16-bit RGBA have 400 MB."""

SUFFIXES = (".bmp", ".gif", ".jfif", ".jpeg", ".jpg", ".pgm", ".png", ".ppm", ".tif", ".tiff", ".webp")

# Only these decoders are ever tried: others, such as EPS, start programs.
_SUFFIXES_OF = {
    "BMP": (".bmp",),
    "GIF": (".gif",),
    "JPEG": (".jfif", ".jpeg", ".jpg"),
    "MPO": (".jfif", ".jpeg", ".jpg"),
    "PNG": (".png",),
    "PPM": (".pgm", ".ppm"),
    "TIFF": (".tif", ".tiff"),
    "WEBP": (".webp",),
}
_FORMATS = [kind for kind in _SUFFIXES_OF if kind != "MPO"]
_GREY_MODES = ("1", "L", "LA", "La")
_DEEP_MODES = ("I;16", "I;16L", "I;16B", "I;16N", "I", "F")


class DecodedImage(NamedTuple):
    """A decoded image and its conversions.

    Parameters
    ----------
    pixels : ndarray of uint8, shape (height, width, 1 or 3)
        Upright, composited on white, resized on request.
    mode : str
        Pillow's mode of the file, such as ``RGBA``.
    width, height : int
        Upright, before resizing.
    animated, composited, rotated, misnamed : bool
        True if the file has more images than the first, which is used; has transparency; is rotated or flipped
        by its EXIF data; has the suffix of another format.
    """

    pixels: NDArray[np.uint8]
    mode: str
    width: int
    height: int
    animated: bool = False
    composited: bool = False
    rotated: bool = False
    misnamed: bool = False


def read_image(
    path: str | os.PathLike[str],
    *,
    size: int | None = None,
    color: Color = "auto",
    depth: Depth | None = None,
    resize: Resize = "pad",
) -> DecodedImage:
    """Image of a file, decoded in full.

    Parameters
    ----------
    path : path-like
        BMP, GIF, JPEG, PNG, PPM, TIFF or WebP, recognised by content.
    size : int, optional
        Side of the result in pixels; by default as in the file.
    color : {"grey", "rgb", "auto"}
        Grey is ITU-R 601 luma; "auto" is grey for files that are grey.
    depth : {"full", "percentile"}, optional
        Conversion of more than 8 bits to 8: the full range of 16 bits (0 to 65535 becomes 0 to 255), or
        the 1st to 99th percentile of this image, of one channel only. With None such an image is refused.
    resize : {"pad", "crop", "stretch"}
        Bilinear and antialiased. "pad" preserves the aspect ratio and fills the rest with the mean of the border,
        "crop" preserves it and keeps the middle, "stretch" makes a square of any shape.

    Returns
    -------
    DecodedImage
        Pixels and conversions.

    Raises
    ------
    DataError
        ``E-DATA-DECODE``, ``E-DATA-HUGE``, ``E-DATA-DEPTH`` or ``E-DATA-PERM``, with path and reason.

    Examples
    --------
    >>> import tempfile
    >>> from PIL import Image
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     Image.new("RGB", (40, 20), "red").save(Path(folder, "red.png"))
    ...     read_image(Path(folder, "red.png"), size=8).pixels.shape
    (8, 8, 3)
    """
    return decode_image(read_file(path), os.fspath(path), size=size, color=color, depth=depth, resize=resize)


def read_file(path: str | os.PathLike[str], name: str = "", *, at_most: int | None = None) -> bytes:
    """Content of a file of at most `at_most` bytes; a DataError begins with `name`."""
    name = name or printable(os.fspath(path))
    limit = MAX_FILE_BYTES if at_most is None else at_most
    if is_in_parquet(os.fspath(path)):
        return read_in_parquet(os.fspath(path), name)
    if is_in_arrays(os.fspath(path)):
        return read_in_arrays(os.fspath(path), name)
    try:
        with Path(path).open("rb") as stream:
            size = os.fstat(stream.fileno()).st_size
            content = stream.read() if size <= limit else b""
    except PermissionError:
        raise DataError(f"{name}: permission denied", error_id="E-DATA-PERM") from None
    except OSError as error:
        raise DataError(f"{name}: {error.strerror or error}", error_id="E-DATA-DECODE") from None
    if size > limit:
        raise DataError(f"{name}: file of {size} bytes, the limit is {limit}", error_id="E-DATA-HUGE")
    return content


def decode_image(
    content: bytes,
    name: str,
    *,
    size: int | None = None,
    color: Color = "auto",
    depth: Depth | None = None,
    resize: Resize = "pad",
) -> DecodedImage:
    """Image from the bytes of a file, as `read_image`; errors begin with `name`."""
    name = printable(name)
    if not content:
        raise DataError(f"{name}: empty file", error_id="E-DATA-DECODE")
    # Pillow warns about metadata and about sizes; sizes are checked here, by a stricter limit.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        image, mode = _opened(content, name)
        try:
            _check_channels(image, name, depth)
            orientation = _orientation(image)  # before load(), in which Pillow rotates a TIFF
            width, height = _upright_size(image)
            if size is not None:
                # A JPEG much larger than needed is decoded at an eighth to a half: many times faster, hardly different.
                image.draft(image.mode, (4 * size, 4 * size))
            image.load()
            animated = bool(getattr(image, "is_animated", False))
            upright = _upright(image)
            composited = upright.has_transparency_data and mode not in _DEEP_MODES
            plain = _in_color(_eight_bits(upright, name, depth, netpbm=image.format == "PPM"), color)
            pixels = np.asarray(plain if size is None else _resized(plain, size, resize))
        except DataError:
            raise
        except Exception as error:  # hostile bytes may raise any type
            raise _damaged(content, name, error) from None
    misnamed = not name.lower().endswith(_SUFFIXES_OF[image.format or ""])
    return DecodedImage(
        pixels if pixels.ndim == 3 else pixels[..., None],
        *(mode, width, height, animated, composited, orientation > 1, misnamed),
    )


def image_size(path: str | os.PathLike[str]) -> tuple[int, int] | None:
    """Width and height of an image as its header states them; None if it cannot be opened. Nothing is decoded."""
    from PIL import Image

    inside = is_in_parquet(os.fspath(path)) or is_in_arrays(os.fspath(path))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            source = BytesIO(read_file(path)) if inside else path
            with Image.open(source, formats=_FORMATS) as image:
                return _upright_size(image)
        except Exception:  # hostile bytes may raise any type; the reader reports them
            return None


def decode_array(pixels: NDArray[np.uint8], *, size: int | None = None, color: Color = "auto") -> DecodedImage:
    """Image from uint8 values of shape (height, width, 1 or 3), as `decode_image`.

    Examples
    --------
    >>> decode_array(np.zeros((4, 6, 1), np.uint8), size=2, color="rgb").pixels.shape
    (2, 2, 3)
    """
    from PIL import Image as pillow

    image = pillow.fromarray(pixels[..., 0] if pixels.shape[2] == 1 else pixels)
    plain = _in_color(image, color)
    values = np.asarray(plain if size is None else _resized(plain, size, "pad"))
    return DecodedImage(values[..., None] if values.ndim == 2 else values, image.mode, image.width, image.height)


def _opened(content: bytes, name: str) -> tuple[ImageFile, str]:
    from PIL import Image, UnidentifiedImageError

    try:
        image = Image.open(BytesIO(content), formats=_FORMATS)
    except Image.DecompressionBombError as error:
        number = re.search(r"\d+", str(error))
        raise _huge(name, f"{int(number[0]):,} pixels" if number else "too many pixels") from None
    except UnidentifiedImageError:
        raise DataError(f"{name}: {_unlike(content)}", error_id="E-DATA-DECODE") from None
    except Exception as error:  # as above
        raise _damaged(content, name, error) from None
    if image.width * image.height > MAX_PIXELS:
        raise _huge(name, f"{image.width}x{image.height} pixels")
    return image, image.mode


def _huge(name: str, what: str) -> DataError:
    return DataError(f"{name}: {what}, the limit is {MAX_PIXELS:,}", error_id="E-DATA-HUGE")


def _damaged(content: bytes, name: str, error: Exception) -> DataError:
    if _end_missing(content) or re.search("truncated|not enough|end of file|ran out", str(error).lower()):
        return DataError(f"{name}: truncated image", error_id="E-DATA-DECODE")
    return DataError(f"{name}: damaged image ({error or type(error).__name__})", error_id="E-DATA-DECODE")


def _end_missing(content: bytes) -> bool:
    if content.startswith(b"\x89PNG"):
        return b"IEND" not in content[-64:]
    if content.startswith(b"\xff\xd8"):
        return b"\xff\xd9" not in content[-64:]
    if content.startswith(b"GIF8"):
        return not content.rstrip(b"\0").endswith(b";")
    if content.startswith(b"RIFF"):
        return int.from_bytes(content[4:8], "little") + 8 > len(content)
    return content.startswith(b"BM") and int.from_bytes(content[2:6], "little") > len(content)


def _unlike(content: bytes) -> str:
    head = content[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    known = (b"\x89png", b"\xff\xd8", b"gif8", b"riff", b"bm", b"ii*\0", b"mm\0*")
    if head.startswith(known) or b"\x89png".startswith(head[:4]):
        return "truncated image"
    for kind, marks in (
        ("SVG", (b"<svg",)),
        ("HTML", (b"<!doctype html", b"<html", b"<head", b"<body")),
        ("a PDF", (b"%pdf",)),
        ("a ZIP archive", (b"pk\x03\x04",)),
        ("a HEIC or AVIF image, which is not supported", (b"ftyphei", b"ftypmif", b"ftypavif")),
        ("XML", (b"<?xml",)),
    ):
        if any(mark in head[:512] if mark.startswith((b"<", b"ftyp")) else head.startswith(mark) for mark in marks):
            return f"not an image (looks like {kind})"
    if all(byte >= 32 or byte in b"\t\n\r\f" for byte in head):
        return "not an image (looks like text)"
    return "not an image"


def _orientation(image: Image) -> int:
    from PIL import ExifTags

    orientation = image.getexif().get(ExifTags.Base.Orientation, 1)
    return orientation if orientation in range(1, 9) else 1


def _upright_size(image: Image) -> tuple[int, int]:
    """Width and height of an image that is not loaded yet; Pillow gives those of a TIFF upright already."""
    # Pillow decodes a PNG that states no orientation to look for one behind its pixels.
    if image.format == "TIFF" or (image.format == "PNG" and "exif" not in image.info):
        return image.size
    return (image.height, image.width) if _orientation(image) > 4 else image.size


def _upright(image: Image) -> Image:
    from PIL import Image as pillow

    methods = {
        2: pillow.Transpose.FLIP_LEFT_RIGHT,
        3: pillow.Transpose.ROTATE_180,
        4: pillow.Transpose.FLIP_TOP_BOTTOM,
        5: pillow.Transpose.TRANSPOSE,
        6: pillow.Transpose.ROTATE_270,
        7: pillow.Transpose.TRANSVERSE,
        8: pillow.Transpose.ROTATE_90,
    }
    orientation = _orientation(image)
    return image.transpose(methods[orientation]) if orientation > 1 else image


def _check_channels(image: ImageFile, name: str, depth: Depth | None) -> None:
    """Refuse 16 bits per channel in several channels, unless the rule is that of Pillow: the upper 8 bits."""
    if image.mode in _DEEP_MODES or depth == "full" or not any(map(_deep, image.tile)):
        return
    fits = "and no rule for 8 bits" if depth is None else f"which the rule {depth!r} does not read; full does"
    raise DataError(f"{name}: image with 16 bits for each channel, {fits}", error_id="E-DATA-DEPTH")


def _deep(tile: Any) -> bool:
    """True if a tile of a file has 16 bits per channel."""
    layout, *rest = tile.args if isinstance(tile.args, tuple) else (tile.args,)
    if tile.codec_name.startswith("ppm"):
        return bool(rest and rest[0] > 255)
    # In a BMP file ";16" are the bits of all channels together.
    return isinstance(layout, str) and ";16" in layout and not layout.startswith("BGR")


def _eight_bits(image: Image, name: str, depth: Depth | None, *, netpbm: bool) -> Image:
    from PIL import Image as pillow

    if image.mode not in _DEEP_MODES:
        return image
    values = np.asarray(image).astype(np.float64)
    sixteen = image.mode.startswith("I;16") or netpbm
    if depth is None:
        bits = "16-bit" if sixteen else "32-bit"
        raise DataError(
            f"{name}: {bits} image (mode {image.mode}, {values.min():g} to {values.max():g}), and no rule "
            "to make it 8 bits",
            error_id="E-DATA-DEPTH",
        )
    if not np.isfinite(values).all():
        raise DataError(f"{name}: {np.sum(~np.isfinite(values))} values are not finite", error_id="E-DATA-NONFINITE")
    if depth == "full":
        if not sixteen:
            raise DataError(
                f"{name}: mode {image.mode} has no full range; the rule 'percentile' fits it", error_id="E-DATA-DEPTH"
            )
        low, high = 0.0, 65535.0
    else:
        low, high = np.percentile(values, [1, 99])
    scaled = (values - low) * (255 / (high - low)) if high > low else np.zeros_like(values)
    return pillow.fromarray(np.clip(np.rint(scaled), 0, 255).astype(np.uint8))


def _in_color(image: Image, color: Color) -> Image:
    from PIL import Image as pillow

    grey = image.mode in _GREY_MODES
    if image.has_transparency_data:
        image = image.convert("LA" if grey else "RGBA")
        paper = pillow.new("L" if grey else "RGB", image.size, "white")
        paper.paste(image.convert(paper.mode), mask=image.getchannel("A"))
        image = paper
    if color == "grey" or (color == "auto" and grey):
        # Via RGB: not every mode has a direct conversion to grey.
        return image.convert("L") if image.mode in ("1", "L", "RGB") else image.convert("RGB").convert("L")
    return image.convert("RGB")


def _resized(image: Image, size: int, resize: Resize) -> Image:
    from PIL import Image as pillow

    bilinear = pillow.Resampling.BILINEAR
    if resize == "stretch" or image.width == image.height:
        return image if image.size == (size, size) else image.resize((size, size), bilinear)
    if resize == "crop":
        side = min(image.size)
        left, top = (image.width - side) // 2, (image.height - side) // 2
        return image.crop((left, top, left + side, top + side)).resize((size, size), bilinear)
    longest = max(image.size)
    new = [max(round(side * size / longest), 1) for side in image.size]
    square = pillow.new(image.mode, (size, size), _border(image))
    square.paste(image.resize((new[0], new[1]), bilinear), ((size - new[0]) // 2, (size - new[1]) // 2))
    return square


def _border(image: Image) -> Any:
    pixels = np.asarray(image)
    border = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    mean = np.rint(border.mean(axis=0)).astype(int)
    return int(mean) if mean.ndim == 0 else tuple(mean.tolist())
