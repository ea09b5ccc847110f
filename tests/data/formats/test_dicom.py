from __future__ import annotations

import logging
import sys

import numpy as np
import pytest
import scans
from scans import CANARY, dicom, ramp

from visiontk.data.formats.dicom import READ, decode_dicom
from visiontk.data.formats.intensity import Window
from visiontk.errors import DataError, EnvironmentFault

PALETTE = {
    f"{colour}PaletteColorLookupTable{what}": value
    for colour in ("Red", "Green", "Blue")
    for what, value in (("Descriptor", [256, 0, 16]), ("Data", (np.arange(256, dtype=np.uint16) * 257).tobytes()))
}


def refused(content, **options):
    with pytest.raises(DataError) as caught:
        decode_dicom(content, "image-00007", **options)
    assert caught.value.message.startswith("image-00007: ")
    return caught.value


def test_16_bits_are_preserved():
    stored = np.arange(16 * 16, dtype=np.uint16).reshape(16, 16) + 30_000

    result = decode_dicom(dicom(stored, WindowCenter=30_128, WindowWidth=257, VOILUTFunction="LINEAR_EXACT"), "f")

    assert len(np.unique(result.shares)) == 256


def test_the_modality_lut_is_applied():
    """Stored 1024 with intercept -1024 is water: 0 Hounsfield units, the middle of this window."""
    stored = np.full((4, 4), 1024, np.uint16)

    result = decode_dicom(dicom(stored, RescaleSlope=1, RescaleIntercept=-1024), "f", window=Window(-100.0, 100.0))

    assert result.shares == pytest.approx(np.full((4, 4), 0.5))


def test_the_rescale_slope_is_applied():
    stored = np.full((4, 4), 10, np.uint16)

    result = decode_dicom(dicom(stored, RescaleSlope=2.5, RescaleIntercept=0), "f", window=Window(0.0, 100.0))

    assert result.shares == pytest.approx(np.full((4, 4), 0.25))


def test_a_linear_window_follows_the_standard():
    """PS3.3 C.11.2.1.2.1 with its own example: c 2048, w 4096 leads 0 to black and 4095 to white."""
    result = decode_dicom(dicom(ramp(0, 4095), WindowCenter=2048, WindowWidth=4096), "f")

    assert (result.shares.min(), result.shares.max()) == (0.0, 1.0)
    assert result.beyond == 0.0


def test_windows_agree_with_pydicom():
    """Independent source: pydicom.pixels.apply_windowing, for all three functions."""
    from io import BytesIO

    import pydicom
    from pydicom.pixels import apply_windowing

    cases = [("LINEAR", 300), ("LINEAR", 6), ("LINEAR", 1), ("LINEAR_EXACT", 6), ("SIGMOID", 300)]
    for function, width in cases:
        content = dicom(ramp(392, 407), WindowCenter=400, WindowWidth=width, VOILUTFunction=function)
        header = pydicom.dcmread(BytesIO(content))

        result = decode_dicom(content, "f").shares

        assert result == pytest.approx(apply_windowing(header.pixel_array, header) / 65535, abs=1e-3), (function, width)


def test_pixels_beyond_the_window_are_counted():
    result = decode_dicom(dicom(ramp(0, 15)), "f", window=Window(4.0, 100.0))

    assert result.beyond == pytest.approx(4 / 16)


def test_the_first_of_several_windows_is_used():
    one = decode_dicom(dicom(ramp(0, 4095), WindowCenter=1000, WindowWidth=500), "f")
    two = decode_dicom(dicom(ramp(0, 4095), WindowCenter=[1000, 3000], WindowWidth=[500, 100]), "f")

    assert (one.shares == two.shares).all()


@pytest.mark.parametrize("width", [0, -5, 0.5, None])
def test_an_invalid_window_is_replaced_by_percentiles(width):
    result = decode_dicom(dicom(ramp(0, 4095), WindowCenter=2000, WindowWidth=width), "f")

    assert result.windowless
    assert (result.shares.min(), result.shares.max()) == (0.0, 1.0)


def test_a_voi_lut_is_applied():
    from pydicom.dataset import Dataset
    from pydicom.sequence import Sequence

    item = Dataset()
    item.add_new(0x00283002, "US", [16, 0, 8])
    item.add_new(0x00283006, "US", [0] * 8 + [255] * 8)

    result = decode_dicom(dicom(ramp(0, 15), VOILUTSequence=Sequence([item])), "f")

    assert result.shares[0].tolist() == [0.0] * 8 + [1.0] * 8


def test_monochrome1_and_its_inverse_give_the_same_image():
    """One image stored in both ways."""
    stored = ramp(0, 255, dtype=np.uint8)
    window = {"WindowCenter": 127.5, "WindowWidth": 255, "VOILUTFunction": "LINEAR_EXACT"}

    white = decode_dicom(dicom(stored, **window), "f")
    black = decode_dicom(dicom(255 - stored, PhotometricInterpretation="MONOCHROME1", **window), "f")

    assert black.shares == pytest.approx(white.shares)
    assert (white.inverted, black.inverted) == (False, True)


def test_signed_values_are_read():
    result = decode_dicom(dicom(ramp(-1000, 1000, dtype=np.int16)), "f", window=Window(-1000.0, 1000.0))

    assert result.shares[0, [0, -1]] == pytest.approx([0.0, 1.0])


def test_padding_is_black_and_does_not_change_the_window():
    stored = ramp(100, 200, dtype=np.int16)
    stored[:4] = -2000

    result = decode_dicom(dicom(stored, PixelPaddingValue=-2000), "f")

    assert (result.shares[:4] == 0).all()
    assert result.shares[5, 8] == pytest.approx(0.53, abs=0.05)


def test_colours_are_converted_to_luma():
    stored = np.zeros((4, 4, 3), np.uint8)
    stored[..., 1] = 255

    result = decode_dicom(dicom(stored), "f")

    assert result.coloured
    assert result.shares == pytest.approx(np.full((4, 4), 0.587))


def test_a_palette_is_applied():
    stored = ramp(0, 255, dtype=np.uint8)

    result = decode_dicom(dicom(stored, PhotometricInterpretation="PALETTE COLOR", **PALETTE), "f")

    assert result.shares[0, [0, -1]] == pytest.approx([0.0, 1.0], abs=0.01)


@pytest.mark.parametrize(
    "elements",
    [
        {"PhotometricInterpretation": "PALETTE COLOR"},
        {"PhotometricInterpretation": "RGB"},
        {"PhotometricInterpretation": CANARY},
        {"PhotometricInterpretation": None},
    ],
)
def test_an_inconsistent_photometric_interpretation_is_refused(elements):
    error = refused(dicom(ramp(0, 255), **elements))

    assert error.error_id == "E-DICOM-PHOTOMETRIC"
    assert CANARY not in error.message


def test_monochrome_with_three_samples_is_refused():
    error = refused(dicom(np.zeros((4, 4, 3), np.uint8), PhotometricInterpretation="MONOCHROME2"))

    assert error.error_id == "E-DICOM-PHOTOMETRIC"


def test_the_middle_frame_is_the_default():
    stored = np.stack([np.full((4, 4), i, np.uint16) for i in range(5)])
    content = dicom(stored, NumberOfFrames=5)
    window = Window(0.0, 4.0)

    assert decode_dicom(content, "f", window=window).shares[0, 0] == 0.5
    assert decode_dicom(content, "f", window=window, frame=4).shares[0, 0] == 1.0
    assert refused(content, frame=5).error_id == "E-DICOM-FRAME"


def test_a_file_without_pixels_is_refused_with_its_sop_class():
    from pydicom.uid import BasicTextSRStorage

    error = refused(dicom(ramp(0, 9), PixelData=None, SOPClassUID=BasicTextSRStorage))

    assert error.error_id == "E-DICOM-NOPIXELS"
    assert "Basic Text SR Storage" in error.message


def test_too_few_pixels_are_refused_with_both_sizes():
    error = refused(dicom(ramp(0, 9), PixelData=b"\0" * 100))

    assert (error.error_id, "need 512 bytes, found 100" in error.message) == ("E-DATA-TRUNC", True)


@pytest.mark.parametrize("n_bytes", [0, 100, 140, 400, 700])
def test_a_truncated_file_is_refused(n_bytes):
    content = dicom(ramp(0, 4095), protected=True)

    error = refused(content[:n_bytes])

    assert error.error_id in {"E-DATA-DECODE", "E-DATA-TRUNC", "E-DICOM-NOPIXELS"}
    assert CANARY not in error.message


def test_damaged_files_raise_documented_errors_only():
    """Random bytes are changed: the result is an image or a visiontk error, which quotes no value."""
    content = bytearray(dicom(ramp(0, 4095), protected=True))
    rng = np.random.default_rng(0)
    quoted = 0
    for _ in range(150):
        damaged = bytearray(content)
        for place in rng.integers(132, len(content) - 512, 3):
            damaged[place] = rng.integers(256)

        try:
            decode_dicom(bytes(damaged), "image-00001")
        except (DataError, EnvironmentFault) as error:
            quoted += CANARY in error.message + error.hint
    assert quoted == 0


def test_a_file_without_the_dicom_prefix_is_refused():
    plain = dicom(ramp(0, 9))

    assert refused(plain[132:]).error_id == "E-DATA-DECODE"
    assert refused(np.random.default_rng(0).bytes(2000)).error_id == "E-DATA-DECODE"


def test_a_header_with_too_many_pixels_is_refused_before_decoding():
    error = refused(dicom(ramp(0, 9), Rows=60_000, Columns=60_000))

    assert (error.error_id, "60000x60000" in error.message) == ("E-DATA-HUGE", True)


def test_values_that_are_not_finite_are_refused():
    stored = np.array([[1.0, np.nan], [2.0, 3.0]], np.float32)

    error = refused(dicom(stored, PixelData=None, FloatPixelData=stored.tobytes(), BitsAllocated=32))

    assert (error.error_id, "1 values" in error.message) == ("E-DATA-NONFINITE", True)


def encapsulated(syntax):
    from pydicom.encaps import encapsulate

    return dicom(ramp(0, 255, dtype=np.uint8), syntax=syntax, PixelData=encapsulate([b"\0" * 64]))


def test_a_transfer_syntax_without_a_decoder_is_an_environment_error():
    from pydicom.uid import MPEG2MPML

    with pytest.raises(EnvironmentFault, match="no decoder for MPEG2 Main Profile") as caught:
        decode_dicom(encapsulated(MPEG2MPML), "image-00001")

    assert (caught.value.error_id, caught.value.exit_code) == ("E-DICOM-CODEC", 6)


def test_a_decoder_that_is_not_installed_is_reported(monkeypatch):
    from pydicom.pixels import get_decoder
    from pydicom.uid import JPEG2000Lossless

    monkeypatch.setattr(type(get_decoder(JPEG2000Lossless)), "is_available", False)

    with pytest.raises(EnvironmentFault, match="JPEG 2000") as caught:
        decode_dicom(encapsulated(JPEG2000Lossless), "image-00001")

    assert "visiontk[medical]" in caught.value.hint


def test_a_deflated_file_is_refused():
    from pydicom.uid import DeflatedExplicitVRLittleEndian

    with pytest.raises(EnvironmentFault, match="Deflated"):
        decode_dicom(dicom(ramp(0, 255), syntax=DeflatedExplicitVRLittleEndian), "image-00001")


def test_run_length_encoding_is_read():
    from io import BytesIO

    import pydicom
    from pydicom.uid import RLELossless

    plain = dicom(ramp(0, 4095), WindowCenter=2048, WindowWidth=4096)
    header = pydicom.dcmread(BytesIO(plain))
    header.compress(RLELossless)
    file = BytesIO()
    header.save_as(file)

    assert (decode_dicom(file.getvalue(), "f").shares == decode_dicom(plain, "f").shares).all()


@pytest.mark.parametrize("elements", [{"BurnedInAnnotation": "YES"}, {"SOPClassUID": "1.2.840.10008.5.1.4.1.1.7"}])
def test_possible_burned_in_text_is_detected(elements):
    assert decode_dicom(dicom(ramp(0, 9), **elements), "f").burned_in
    assert not decode_dicom(dicom(ramp(0, 9), BurnedInAnnotation="NO"), "f").burned_in


def test_the_patient_is_read_only_on_request():
    content = dicom(ramp(0, 9), patient="P-1")

    assert decode_dicom(content, "f").patient == ""
    assert decode_dicom(content, "f", patient=True).patient == "P-1"


def test_no_other_personal_element_is_decoded():
    """Only listed elements are decoded, none of which is protected."""
    assert not set(READ) & set(scans.PROTECTED)
    assert len(scans.PROTECTED) >= 30

    result = decode_dicom(dicom(ramp(0, 9), protected=True, Modality=CANARY), "f", patient=True)

    assert CANARY not in repr(result)
    assert result.modality == "other"


def test_the_decoder_neither_warns_nor_logs(caplog):
    """Warnings of pydicom quote values, here of an invalid element."""
    content = dicom(ramp(0, 9), protected=True, PatientBirthDate=CANARY, ConversionType=CANARY * 9)
    caplog.clear()

    with caplog.at_level(logging.DEBUG):
        decode_dicom(content, "f", patient=True)

    assert CANARY not in caplog.text


def test_without_pydicom_the_missing_package_is_reported(monkeypatch):
    monkeypatch.setitem(sys.modules, "pydicom", None)

    with pytest.raises(EnvironmentFault, match="pydicom") as caught:
        decode_dicom(b"", "f")

    assert caught.value.error_id == "E-ENV-PACKAGE"
