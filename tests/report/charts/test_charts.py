"""Charts: labels do not overlap, families differ in shape, texts are escaped."""

from __future__ import annotations

import random
import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from visiontk.report import formatting as fmt
from visiontk.report.charts import cost, plots, svg
from visiontk.report.charts.cost import Point
from visiontk.report.charts.plots import Line, Row
from visiontk.report.charts.svg import Box, Mark
from visiontk.report.exhibits import thumbnails


def cloud(n: int, seed: int) -> list[Point]:
    rng = random.Random(seed)
    points = []
    for i in range(n):
        y = 0.9 + rng.gauss(0, 0.02)
        family = rng.choice(svg.FAMILIES[:2])
        points.append(Point(f"learner_{i}", family, 10 ** rng.uniform(0, 2), y, y - 0.005, y + 0.005, i < 2, f"n{i}"))
    return points


def draw(points: list[Point], floors: tuple[Mark, ...] = (), width: float = 960.0) -> str:
    return str(cost.cost_chart(points, floors, name="c", width=width, height=430.0, title="t", desc="d",
                                     marks={1: "1 s", 60: "1 min"}, kind="proportion", y_label="y",
                                     x_label="x"))  # fmt: skip


@pytest.mark.parametrize("seed", range(20))
def test_labels_do_not_overlap_labels_or_markers(seed: int) -> None:
    """For twelve random points; all labels are in the frame."""
    rng = random.Random(seed)
    frame = Box(0, 0, 400, 300)
    anchors = [(rng.uniform(20, 380), rng.uniform(20, 280), rng.uniform(30, 90)) for _ in range(12)]
    markers = [Box(x - 7, y - 7, x + 7, y + 7) for x, y, _ in anchors]

    boxes = [place[0] for place in cost.place_labels(anchors, markers, frame) if place]

    assert len(boxes) >= 9
    for i, box in enumerate(boxes):
        assert sum(box.overlap(other) for other in boxes[:i]) * 9 < 60
        assert sum(box.overlap(marker) for marker in markers) * 2 < 60
        assert box.left >= frame.left
        assert box.right <= frame.right


def test_the_labels_of_the_compared_pair_are_always_placed() -> None:
    """Without free space they cover as little as possible."""
    frame = Box(0, 0, 300, 200)
    anchors = [(150.0, 100.0, 80.0), (160.0, 110.0, 80.0)]

    none = cost.place_labels(anchors, [frame], frame)
    first = cost.place_labels(anchors, [frame], frame, 1)

    assert none == [None, None]
    assert first[0] is not None
    assert first[1] is None


def test_the_compared_pair_has_labels_on_a_phone() -> None:
    """Among twelve learners at nearly the same cost and value."""
    points = [p._replace(x=1 + 0.01 * i, y=0.9 + 0.0001 * i, low=0.8, high=0.99) for i, p in enumerate(cloud(12, 0))]

    chart = draw(points, width=360.0)

    assert ">learner_0<" in chart
    assert ">learner_1<" in chart


def test_a_floor_retains_its_value_in_little_space() -> None:
    """The remark about the scale is dropped first."""
    chart = draw(cloud(4, 1), (Mark(0.1, None, None, "floor", "floor a_rather_long_name 10.0 %"),), width=310.0)

    assert ">floor a_rather_long_name 10.0 %</text>" in chart


def test_many_points_have_labels_only_on_the_pareto_front() -> None:
    """Three hundred learners give at most sixteen labels."""
    chart = draw(cloud(300, 0))

    assert chart.count('class="label') <= 16
    assert ">learner_0<" in chart
    assert ">learner_1<" in chart


@pytest.mark.parametrize("value", [0.1, 0.9, 0.999])
def test_a_floor_is_drawn_wherever_it_lies(value: float) -> None:
    """Far away in a strip beyond a break of the axis, close by as a line on the scale."""
    chart = draw(cloud(6, 1), (Mark(value, None, None, "floor", "floor prior"),))

    assert chart.count("floor-line") == 1
    assert ("off the scale" in chart) == (value == 0.1)


@pytest.mark.parametrize(
    "points", [[], cloud(1, 0), [p._replace(x=1.0, y=0.5, low=None, high=None) for p in cloud(3, 0)]]
)
def test_few_or_equal_points_are_drawn(points: list[Point]) -> None:
    """No point, one point and equal points give well-formed drawings."""
    ET.fromstring(draw(points))


def test_every_chart_is_well_formed_and_described() -> None:
    """Hostile texts are escaped, and the drawing has a title and a description."""
    bad = '<b onload="x">&\''
    charts = [
        cost.cost_chart(cloud(5, 2), [Mark(0.1, None, None, bad, bad)], name="a", width=360, height=300,
                              title=bad, desc=bad, kind="bounded", y_label=bad, x_label=bad, marks={1.0: bad}),
        plots.dot_rows([Row(bad, [Mark(0.5, 0.4, 0.6, bad, bad)])], name="b", width=360, title=bad, desc=bad,
                        kind="unbounded", axis_title=bad, spread=True),
        plots.lines([Line([1, 2], [0.1, 0.2], True, bad)], name="c", title=bad, desc=bad, kind="bounded", family=bad),
        plots.share_bars([(bad, 3, "part"), (bad, 1, "part")], name="d", width=360, title=bad, desc=bad),
    ]  # fmt: skip

    for chart in charts:
        root = ET.fromstring(str(chart))
        assert root[0].text == root[1].text == bad
        assert root.attrib["aria-labelledby"] == f"{root[0].attrib['id']} {root[1].attrib['id']}"
        assert not [e for e in root.iter() if set(e.attrib) & {"onload", "style"}]


def test_families_differ_in_shape_and_not_only_in_colour() -> None:
    """A network is a circle, a pretrained one a triangle, a classical learner a rectangle, a floor a path."""
    shapes = {family: re.match(r"<(\w+)", svg.marker(family, 0, 0)) for family in svg.FAMILIES}

    assert {family: match[1] for family, match in shapes.items() if match} == {
        "network": "circle", "pretrained": "polygon", "classical": "rect", "floor": "path",
    }  # fmt: skip


@pytest.mark.parametrize(("low", "high"), [(0.0, 1.0), (0.871, 0.938), (-3.0, 40.0), (0.99991, 0.99997)])
def test_ticks_are_within_the_range_and_their_labels_differ(low: float, high: float) -> None:
    """Two to twelve round numbers."""
    values = svg.ticks(low, high)

    assert 2 <= len(values) <= 12
    assert low - 1e-9 <= min(values)
    assert max(values) <= high + 1e-9
    assert len(set(svg.tick_labels(values, "proportion"))) == len(values)


@pytest.mark.parametrize("shape", [(28, 28), (28, 28, 1), (300, 200, 3)])
def test_written_images_are_read_by_pillow(shape: tuple[int, ...]) -> None:
    """A PNG has the original pixels, thinned if it was too large."""
    import base64
    import io

    image = pytest.importorskip("PIL.Image")
    pixels = np.random.default_rng(0).integers(0, 256, shape).astype(np.uint8)

    uri = thumbnails.image_uri(pixels)

    read = np.asarray(image.open(io.BytesIO(base64.b64decode(uri.split(",")[1]))))
    step = -(-max(shape[:2]) // 160)
    assert np.array_equal(read, pixels[::step, ::step].squeeze())
    assert thumbnails.is_image_uri(uri)


def test_images_of_another_type_are_an_error() -> None:
    """For floats and four channels, with their type and shape."""
    with pytest.raises(ValueError, match=r"not float64 \(2, 2\)"):
        thumbnails.image_uri(np.zeros((2, 2)))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="not 4"):
        thumbnails.image_uri(np.zeros((2, 2, 4), np.uint8))


@pytest.mark.parametrize("s", [0.0, 1e-9, 9.949, 9.951, 59.4, 59.6, 3599.6, 1e7, -1.0])
def test_durations_never_have_sixty_seconds_or_minutes(s: float) -> None:
    """59.6 s is a minute, 3599.6 s an hour."""
    assert not re.search(r"\b60 (s|min)|nan|e", fmt.seconds(s))


def test_a_difference_that_rounds_to_zero_has_no_sign() -> None:
    assert fmt.difference(-1e-6, "proportion") == fmt.difference(1e-6, "proportion") == "0.0"
