from __future__ import annotations

import os
import struct
import subprocess
import sys
import zlib

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from images import FORMATS, encoded, noise
from PIL import Image

from visiontk.data import decode_image, read_image
from visiontk.data.formats import image
from visiontk.errors import DataError


def refused(content: bytes, name: str = "a/b.png", **options) -> DataError:
    with pytest.raises(DataError) as caught:
        decode_image(content, name, **options)
    assert str(caught.value).startswith(f"{name}: ")
    return caught.value


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("percent", [1, 5, 20, 50, 80, 95])
def test_a_truncated_file_is_refused(suffix, percent):
    content = encoded(noise(), FORMATS[suffix])

    error = refused(content[: len(content) * percent // 100], f"a.{suffix}")

    assert error.error_id == "E-DATA-DECODE"
    if percent >= 5:
        assert "image" in str(error)
    if percent >= 50:
        assert "truncated" in str(error)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty file"),
        (b"<!DOCTYPE html><html><body>404</body></html>", "not an image (looks like HTML)"),
        (b"\n  <html>", "not an image (looks like HTML)"),
        (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', "not an image (looks like SVG)"),
        (b'<svg width="9"/>', "not an image (looks like SVG)"),
        (b"%PDF-1.4", "not an image (looks like a PDF)"),
        (b"PK\x03\x04abc", "not an image (looks like a ZIP archive)"),
        (b"just words\n", "not an image (looks like text)"),
        (bytes(100), "not an image"),
        (b"\0\0\0\x18ftypheic\0\0", "not an image (looks like a HEIC or AVIF image, which is not supported)"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "not an image (looks like text)"),
    ],
)
def test_other_content_is_described(content, reason):
    assert str(refused(content)) == f"a/b.png: {reason}"


def png(width: int, height: int, depth: int, kind: int, rows: bytes) -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


@pytest.mark.parametrize(("side", "words"), [(13_000, "13000x13000 pixels"), (20_000, "400,000,000 pixels")])
def test_a_bomb_is_refused_by_its_header_under_a_memory_limit(tmp_path, side, words):
    (tmp_path / "bomb.png").write_bytes(png(side, side, 1, 0, bytes((side // 8 + 1) * side)))
    code = (
        "import resource, sys; from PIL import Image; import numpy\n"
        "from visiontk.data import read_image\n"
        "pages = int(open('/proc/self/statm').read().split()[0]) * resource.getpagesize()\n"
        "resource.setrlimit(resource.RLIMIT_AS, (pages + 100_000_000,) * 2)\n"
        "try: read_image(sys.argv[1])\n"
        "except Exception as error: print(error.error_id, error)"
    )

    output = subprocess.run([sys.executable, "-c", code, tmp_path / "bomb.png"], capture_output=True, text=True)

    assert output.stdout.startswith("E-DATA-HUGE")
    assert words in output.stdout


@pytest.mark.parametrize("side", [8_000, 13_000, 20_000])
def test_a_large_header_alone_is_refused_without_a_warning(side):
    """Pillow warns above 89 million pixels and raises above 179 million; visiontk raises the same error for all."""
    assert refused(png(side, side, 1, 0, b"")).error_id == "E-DATA-HUGE"


def test_the_pixel_limit_is_inclusive(monkeypatch):
    monkeypatch.setattr(image, "MAX_PIXELS", 1200)

    assert decode_image(encoded(noise(40, 30)), "a.png").width == 40
    assert refused(encoded(noise(40, 31))).error_id == "E-DATA-HUGE"


def test_a_file_over_the_limit_is_refused_before_reading(tmp_path, monkeypatch):
    monkeypatch.setattr(image, "MAX_FILE_BYTES", 100)
    noise().save(tmp_path / "a.png")

    with pytest.raises(DataError, match="bytes, the limit is 100") as caught:
        read_image(tmp_path / "a.png")
    assert caught.value.error_id == "E-DATA-HUGE"


RAMP = np.linspace(0, 65535, 1024).astype(np.uint16).reshape(16, 64)


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "PPM"])
@pytest.mark.parametrize("depth", ["full", "percentile"])
def test_the_levels_of_a_16_bit_ramp_are_preserved(kind, depth):
    pixels = decode_image(encoded(Image.fromarray(RAMP), kind), "a", depth=depth).pixels[..., 0]

    assert len(np.unique(pixels)) > 200
    assert (np.diff(pixels.ravel().astype(int)) >= 0).all()
    if depth == "full":
        np.testing.assert_array_equal(pixels, np.rint(RAMP / 257))


def test_the_percentile_rule_agrees_with_numpy():
    pixels = decode_image(encoded(Image.fromarray(RAMP // 16)), "a", depth="percentile").pixels[..., 0]

    low, high = np.percentile(RAMP // 16, [1, 99])
    np.testing.assert_array_equal(pixels, np.clip(np.rint((RAMP // 16 - low) / (high - low) * 255), 0, 255))


@pytest.mark.parametrize("values", [RAMP, RAMP.astype(np.int32) * 1000, RAMP.astype(np.float32) / 7])
def test_more_than_8_bits_without_a_rule_are_refused(values):
    error = refused(encoded(Image.fromarray(values), "TIFF"))

    assert error.error_id == "E-DATA-DEPTH"
    assert "bit image (mode" in str(error)


def deep_colours(kind: str) -> bytes:
    """Return an RGB image of 16 bits per channel with all levels of `RAMP`, which Pillow cannot write."""
    values = np.repeat(RAMP[..., None], 3, axis=2)
    height, width = RAMP.shape
    if kind == "PPM":
        return b"P6\n%d %d\n65535\n" % (width, height) + values.astype(">u2").tobytes()
    if kind == "TIFF":
        tags = {256: width, 257: height, 258: 0, 259: 1, 262: 2, 273: 0, 277: 3, 278: height, 279: values.nbytes}
        end = 8 + 2 + 12 * len(tags) + 4
        tags |= {258: end, 273: end + 6}
        entries = [
            struct.pack("<HHII", tag, 3 if tag == 258 else 4, 3 if tag == 258 else 1, n) for tag, n in tags.items()
        ]
        head = (
            b"II*\0" + struct.pack("<IH", 8, len(tags)) + b"".join(entries) + bytes(4) + struct.pack("<3H", 16, 16, 16)
        )
        return head + values.astype("<u2").tobytes()
    return png(width, height, 16, 2, b"".join(b"\0" + row.astype(">u2").tobytes() for row in values))


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "PPM"])
def test_colours_of_16_bits_require_the_rule_full(kind):
    """Pillow silently uses the upper 8 bits of each channel, which corresponds to the rule "full"."""
    content = deep_colours(kind)

    for depth in (None, "percentile"):
        error = refused(content, depth=depth)
        assert error.error_id == "E-DATA-DEPTH"
        assert "16 bits for each channel" in str(error)
    pixels = decode_image(content, "a", depth="full").pixels
    assert np.abs(pixels.astype(float) - RAMP[..., None] / 257).max() <= 1


def test_a_bitmap_of_16_bits_per_pixel_is_not_16_bits_per_channel():
    """5, 6 and 5 bits for red, green and blue are fewer than 8 for each."""
    rows = np.random.default_rng(0).integers(0, 1 << 16, (4, 4)).astype("<u2").tobytes()
    masks = struct.pack("<III", 0xF800, 0x07E0, 0x001F)
    head = struct.pack("<2sIHHI", b"BM", 66 + len(rows), 0, 0, 66)
    head += struct.pack("<IiiHHIIiiII", 40, 4, 4, 1, 16, 3, len(rows), 0, 0, 0, 0)

    assert decode_image(head + masks + rows, "a").mode == "RGB"


def test_floats_are_scaled_by_percentiles_only():
    content = encoded(Image.fromarray(RAMP.astype(np.float32) - 1e4), "TIFF")

    assert refused(content, depth="full").error_id == "E-DATA-DEPTH"
    assert len(np.unique(decode_image(content, "a", depth="percentile").pixels)) > 200


def test_values_that_are_not_finite_are_refused():
    values = np.ones((4, 4), np.float32)
    values[1, 1] = np.nan

    assert refused(encoded(Image.fromarray(values), "TIFF"), depth="percentile").error_id == "E-DATA-NONFINITE"


def test_a_constant_deep_image_is_black():
    assert not decode_image(encoded(Image.fromarray(RAMP * 0 + 9)), "a", depth="percentile").pixels.any()


def palette() -> Image.Image:
    image = Image.new("P", (1, 1), 1)
    image.putpalette([0, 0, 0, 200, 100, 50])
    return image


# Luma of ITU-R 601: 0.299 R + 0.587 G + 0.114 B; alpha over white: a c + (1 - a) 255.
@pytest.mark.parametrize(
    ("image", "kind", "grey", "rgb", "natural"),
    [
        (Image.new("1", (1, 1), 1), "PNG", 255, (255, 255, 255), 1),
        (Image.new("L", (1, 1), 100), "PNG", 100, (100, 100, 100), 1),
        (Image.new("LA", (1, 1), (100, 51)), "PNG", 224, (224, 224, 224), 1),
        (palette(), "PNG", 124, (200, 100, 50), 3),
        (Image.new("RGB", (1, 1), (200, 100, 50)), "PNG", 124, (200, 100, 50), 3),
        (Image.new("RGBA", (1, 1), (200, 100, 50, 51)), "PNG", 229, (244, 224, 214), 3),
        (Image.new("RGBA", (1, 1), (200, 100, 50, 0)), "PNG", 255, (255, 255, 255), 3),
        (Image.new("CMYK", (1, 1), (55, 155, 205, 0)), "TIFF", 124, (200, 100, 50), 3),
        (Image.new("RGB", (1, 1), (200, 100, 50)), "BMP", 124, (200, 100, 50), 3),
    ],
    ids=["1", "L", "LA", "P", "RGB", "RGBA", "clear", "CMYK", "BMP"],
)
def test_every_mode_is_converted_as_calculated_by_hand(image, kind, grey, rgb, natural):
    content = encoded(image, kind)

    assert decode_image(content, "a", color="grey").pixels.tolist() == [[[grey]]]
    assert decode_image(content, "a", color="rgb").pixels.tolist() == [[list(rgb)]]
    assert decode_image(content, "a").pixels.shape == (1, 1, natural)


@pytest.mark.parametrize(("mode", "ink"), [("L", 7), ("RGB", (7, 8, 9)), ("P", 1)])
def test_a_transparent_colour_becomes_white(mode, ink):
    image = palette().resize((2, 1)) if mode == "P" else Image.new(mode, (2, 1), ink)
    image.putpixel((1, 0), 0 if mode == "P" else (0 if mode == "L" else (0, 0, 0)))
    clear = (7, 8, 9) if mode == "RGB" else ink

    image = decode_image(encoded(image, transparency=clear), "a")

    assert (image.pixels[0, 0] == 255).all()
    assert (image.pixels[0, 1] == 0).all()
    assert image.composited


UPRIGHT = noise(24, 16, "L")
STORED = {  # how a camera stores the upright image under each orientation (EXIF 2.3, figure 6)
    1: lambda a: a,
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.T,
    6: lambda a: a.T[::-1],
    7: lambda a: a.T[::-1, ::-1],
    8: lambda a: a.T[:, ::-1],
}


@pytest.mark.parametrize("orientation", STORED)
@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP"])
def test_images_are_rotated_according_to_exif(orientation, kind):
    image = Image.fromarray(np.ascontiguousarray(STORED[orientation](np.asarray(UPRIGHT))))
    exif = Image.Exif()
    exif[0x0112] = orientation
    options = {"lossless": True} if kind == "WEBP" else {}

    image = decode_image(encoded(image, kind, exif=exif, **options), "a", color="grey")

    np.testing.assert_array_equal(image.pixels[..., 0], np.asarray(UPRIGHT))
    assert (image.width, image.height) == (24, 16)
    assert image.rotated == (orientation > 1)


def test_a_jpeg_is_rotated_according_to_exif():
    exif = Image.Exif()
    exif[0x0112] = 6

    assert decode_image(encoded(noise(40, 30), "JPEG", exif=exif), "a.jpg").pixels.shape == (40, 30, 3)


@pytest.mark.parametrize("kind", ["GIF", "TIFF", "WEBP", "PNG"])
def test_the_first_of_several_images_is_used(kind):
    frames = [Image.new("RGB", (8, 8), color) for color in ("red", "green", "blue")]
    options = {"lossless": True} if kind == "WEBP" else {}

    image = decode_image(encoded(frames[0], kind, save_all=True, append_images=frames[1:], **options), "a")

    assert image.animated
    assert image.pixels[0, 0].tolist() == [255, 0, 0]
    assert not decode_image(encoded(frames[0], kind), "a").animated


def test_stretching_fills_the_square_and_padding_preserves_the_aspect_ratio():
    image = Image.new("L", (40, 20), 90)
    image.paste(200, (10, 5, 30, 15))

    stretched = decode_image(encoded(image), "a", size=20, resize="stretch").pixels[..., 0]
    padded = decode_image(encoded(image), "a", size=20, resize="pad").pixels[..., 0]

    np.testing.assert_array_equal(stretched, np.asarray(image.resize((20, 20), Image.Resampling.BILINEAR)))
    np.testing.assert_array_equal(padded[5:15], np.asarray(image.resize((20, 10), Image.Resampling.BILINEAR)))
    assert (padded[:5] == 90).all()
    assert (padded[15:] == 90).all()


def test_cropping_keeps_the_middle_and_the_aspect_ratio():
    """The sides beyond a square in the middle are lost, and nothing else."""
    image = Image.new("L", (40, 20), 90)
    image.paste(200, (10, 0, 30, 20))

    cropped = decode_image(encoded(image), "a", size=10, resize="crop").pixels

    assert (cropped == 200).all()


@pytest.mark.parametrize("resize", ["pad", "crop", "stretch"])
def test_a_line_of_pixels_becomes_a_square_of_any_kind(resize):
    """A side of less than a pixel is one of a pixel."""
    pixels = decode_image(encoded(Image.new("L", (900, 2), 7)), "a", size=8, resize=resize).pixels

    assert pixels.shape == (8, 8, 1)
    assert (pixels == 7).all()


@pytest.mark.parametrize("resize", ["pad", "crop", "stretch"])
def test_a_large_jpeg_is_decoded_at_a_fraction_of_its_size(resize, monkeypatch):
    """It is hardly another image, and its size is that of the file, upright; no more is decoded than is needed."""
    exif = Image.Exif()
    exif[0x0112] = 6
    smooth = noise(4, 3).resize((1200, 900), Image.Resampling.BICUBIC)
    content = encoded(smooth, "JPEG", quality=95, exif=exif)

    fast = decode_image(content, "a.jpg", size=32, resize=resize)
    monkeypatch.setattr("PIL.JpegImagePlugin.JpegImageFile.draft", lambda *_: None)
    slow = decode_image(content, "a.jpg", size=32, resize=resize)

    assert (fast.width, fast.height) == (slow.width, slow.height) == (900, 1200)
    assert fast.rotated
    assert np.abs(fast.pixels.astype(int) - slow.pixels.astype(int)).mean() < 1
    assert (fast.pixels != slow.pixels).any(), "the same work"


@pytest.mark.parametrize("share", [0.3, 0.9])
def test_a_truncated_large_jpeg_is_refused_at_any_size(share):
    content = encoded(noise(800, 600), "JPEG")

    with pytest.raises(DataError, match="truncated image"):
        decode_image(content[: int(share * len(content))], "a.jpg", size=32)


@pytest.mark.parametrize("resize", ["pad", "crop", "stretch"])
def test_a_square_image_is_the_same_under_each_rule(resize):
    image = noise(31, 31)

    pixels = decode_image(encoded(image), "a", size=16, resize=resize).pixels

    np.testing.assert_array_equal(pixels, np.asarray(image.resize((16, 16), Image.Resampling.BILINEAR)))


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_padding_has_the_colour_of_the_border(mode):
    padded = decode_image(encoded(noise(40, 20, mode)), "a", size=20, resize="pad").pixels

    assert len(np.unique(padded[:5].reshape(-1, padded.shape[2]), axis=0)) == 1


@pytest.mark.parametrize("shape", [(1, 1), (1, 50_000), (50_000, 1)])
def test_any_shape_becomes_a_square(shape):
    assert decode_image(encoded(Image.new("RGB", shape)), "a", size=16).pixels.shape == (16, 16, 3)


@pytest.mark.parametrize(("name", "misnamed"), [("a.png", False), ("a.PNG", False), ("a.jpg", True), ("a", True)])
def test_a_wrong_suffix_is_noted(name, misnamed):
    assert decode_image(encoded(noise()), name).misnamed == misnamed


@pytest.mark.parametrize("zero", [(0, 5), (5, 0), (0, 0)])
def test_an_image_without_pixels_is_refused(zero):
    assert refused(png(*zero, 8, 0, b"")).error_id == "E-DATA-DECODE"


def test_names_are_printable_in_messages():
    with pytest.raises(DataError) as caught:
        decode_image(b"", os.fsdecode(b"a\xff\n\x1b[31m\xe2\x80\xae.png"))

    assert str(caught.value) == r"a\xff\n\x1b[31m\u202e.png: empty file"


def test_a_missing_file_is_reported(tmp_path):
    with pytest.raises(DataError, match=r"nothing.png: No such file"):
        read_image(tmp_path / "nothing.png")


def test_a_file_without_read_permission_is_reported(tmp_path, monkeypatch):
    def denied(*arguments, **options):
        raise PermissionError

    monkeypatch.setattr("pathlib.Path.open", denied)

    with pytest.raises(DataError, match=r"a.png: permission denied") as caught:
        read_image(tmp_path / "a.png")
    assert caught.value.error_id == "E-DATA-PERM"


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(sorted(FORMATS)), st.lists(st.tuples(st.floats(0, 0.999), st.integers(1, 255)), min_size=1))
def test_damaged_files_raise_data_errors_only(suffix, changes):
    content = bytearray(encoded(noise(16, 12), FORMATS[suffix]))
    for place, change in changes:
        content[int(place * len(content))] ^= change

    try:
        image = decode_image(bytes(content), "a", size=8, depth="percentile")
    except DataError:
        return
    assert image.pixels.shape[:2] == (8, 8)
