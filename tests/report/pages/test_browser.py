"""The report in a real browser: sorting, themes, width, and no request to the network."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from visiontk.report.exhibits.clips import spectrogram, wav_uri
from visiontk.report.exhibits.thumbnails import image_uri
from visiontk.report.pages.all_tasks import render_all_tasks
from visiontk.report.pages.audit import render_audit
from visiontk.report.pages.ranking import render_ranking
from visiontk.report.pages.single import render
from visiontk.report.several.all_tasks import all_tasks
from visiontk.report.several.ranking import rank_learners
from visiontk.report.several.task_rows import empty_row, task_row

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")
FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--window-size=1280,900",
)  # fmt: skip

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.xdist_group("browser"),
    pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="chromium and chromedriver are not both installed"),
]


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    webdriver = pytest.importorskip("selenium.webdriver")
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    yield driver
    driver.quit()


@pytest.fixture
def browser(chromium: Any) -> Iterator[Any]:
    """A tab of default size and colours, with empty logs and stores."""
    chromium.switch_to.new_window("tab")
    for kind in ("browser", "performance"):
        chromium.get_log(kind)
    yield chromium
    chromium.execute_script("if (location.protocol === 'file:') localStorage.clear()")
    chromium.close()
    chromium.switch_to.window(chromium.window_handles[0])


@pytest.fixture
def opened(browser: Any, results: dict[str, Any], exhibits: dict[str, Any], tmp_path: Path) -> Any:
    file = tmp_path / "report.html"
    file.write_text(render(results, exhibits), encoding="utf-8")
    browser.get(file.as_uri())
    return browser


def names(browser: Any, table: str = "table-learners") -> list[str]:
    cells = browser.find_elements("css selector", f"#{table} tbody th")
    return [str(cell.get_attribute("data-sort")) for cell in cells]


def heading(browser: Any, label: str, table: str = "table-learners") -> Any:
    buttons = browser.find_elements("css selector", f"#{table} th button")
    return next(b for b in buttons if b.text == label)


def width(browser: Any, pixels: int) -> int:
    """Return the width of the document in a window of this many pixels."""
    device = {"width": pixels, "height": 844, "deviceScaleFactor": 1, "mobile": True}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", device)
    return int(browser.execute_script("return document.documentElement.scrollWidth"))


def test_a_click_sorts_and_a_second_one_reverses(opened: Any, results: dict[str, Any]) -> None:
    """Fit time sorts ascending, then descending, and the state is exposed to assistive software."""
    by_cost = [item["name"] for item in sorted(results["learners"], key=lambda item: item["fit_cpu_s"])]
    button = heading(opened, "fit, CPU")

    button.click()
    once, said_once = names(opened), button.find_element("xpath", "..").get_attribute("aria-sort")
    button.click()
    twice, said_twice = names(opened), button.find_element("xpath", "..").get_attribute("aria-sort")

    assert (once, said_once) == (by_cost, "ascending")
    assert (twice, said_twice) == (by_cost[::-1], "descending")
    assert len(opened.find_elements("css selector", "[aria-sort]")) == 1


def test_the_keyboard_sorts_and_unknown_values_stay_last(opened: Any) -> None:
    """With Enter and space; learners without a log loss are last in both directions."""
    from selenium.webdriver.common.keys import Keys

    button = heading(opened, "log loss")

    opened.execute_script("arguments[0].focus()", button)
    opened.switch_to.active_element.send_keys(Keys.ENTER)
    up = names(opened)
    opened.switch_to.active_element.send_keys(Keys.SPACE)
    down = names(opened)

    assert set(down[-2:]) == set(up[-2:]) == {"hog_svm", "pixels_svm"}
    assert down[:-2] == up[:-2][::-1]
    assert down[0] == "prior"


def test_texts_sort_by_name(opened: Any) -> None:
    """The comparisons sort by the name of the learner."""
    heading(opened, "learner", "table-comparisons").click()

    assert names(opened, "table-comparisons") == sorted(names(opened, "table-comparisons"))


def test_the_toggle_changes_the_colours(opened: Any) -> None:
    """From light to dark and back."""
    opened.execute_cdp_cmd(
        "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": "light"}]}
    )
    background = "return getComputedStyle(document.body).backgroundColor"
    before = opened.execute_script(background)

    opened.find_element("id", "theme").click()
    dark = opened.execute_script(background)
    opened.find_element("id", "theme").click()

    assert before == opened.execute_script(background) != dark
    assert max(int(n) for n in re.findall(r"\d+", dark)[:3]) < 60


def test_slices_sort_and_do_not_widen_the_page(browser: Any, extras: dict[str, Any], tmp_path: Path) -> None:
    """Numbers sort in both directions, with too small slices last; on a phone the table scrolls in its frame."""
    extras["slices"][0]["column"] = extras["slices"][0]["slices"][0]["name"] = "a" * 300
    (tmp_path / "report.html").write_text(render(extras, {}), encoding="utf-8")
    browser.get((tmp_path / "report.html").as_uri())
    table = "table-slices-1"
    before = names(browser, table)

    heading(browser, "difference", table).click()
    falling = names(browser, table)
    heading(browser, "difference", table).click()

    assert falling == before
    assert names(browser, table) == [before[1], before[0], before[2]]
    assert [width(browser, pixels) for pixels in (1280, 390)] == [1280, 390]


@pytest.mark.parametrize("pixels", [320, 390, 768, 1280])
def test_nothing_is_wider_than_the_window(opened: Any, pixels: int) -> None:
    """The page never scrolls sideways, folded or unfolded."""
    opened.find_element("id", "unfold").click()

    assert width(opened, pixels) <= pixels


@pytest.mark.parametrize("pixels", [320, 390, 1280])
def test_every_verdict_is_visible(opened: Any, pixels: int) -> None:
    """Without scrolling sideways; on a phone each comparison is a card."""
    width(opened, pixels)

    pills = opened.find_elements("css selector", "#table-comparisons .verdict")

    assert len(pills) > 3
    assert all(pill.rect["x"] > 0 and pill.rect["x"] + pill.rect["width"] <= pixels for pill in pills)


def test_a_usual_screen_shows_every_column_of_the_learners(opened: Any) -> None:
    """Headings wrap instead of pushing the costs out of sight."""
    width(opened, 1240)
    frame = "document.getElementById('table-learners').parentElement"

    hidden = opened.execute_script(f"return {frame}.scrollWidth - {frame}.clientWidth")

    assert hidden <= 0


def test_the_first_printed_page_has_the_sentence_and_the_figure(opened: Any) -> None:
    """A4 less its margins is 182 mm by 269 mm."""
    opened.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    width(opened, round(182 / 25.4 * 96))

    end = opened.execute_script("return document.getElementById('figure-cost').getBoundingClientRect().bottom")

    assert end <= 269 / 25.4 * 96


@pytest.mark.parametrize("pixels", [390, 760, 1280])
def test_labels_of_the_first_chart_do_not_overlap(opened: Any, pixels: int) -> None:
    """In the browser, no name covers another one or leaves the drawing."""
    width(opened, pixels)
    boxes = opened.execute_script(
        "return [...document.querySelectorAll('#figure-cost svg .label')].map(e => e.getBoundingClientRect())"
        ".filter(b => b.width).map(b => [b.left, b.top, b.right, b.bottom])"
    )

    assert len(boxes) == 8
    assert all(left >= 0 and right <= pixels for left, _, right, _ in boxes)
    for i, a in enumerate(boxes):
        for b in boxes[:i]:
            apart = a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] + 3 or b[3] <= a[1] + 3
            assert apart, (a, b)


def test_the_page_requests_nothing_and_reports_no_error(opened: Any) -> None:
    """It reads only itself and its data addresses, and the console stays empty."""
    opened.find_element("id", "unfold").click()
    opened.find_element("css selector", "[data-copy=config]").click()

    events = [json.loads(entry["message"])["message"] for entry in opened.get_log("performance")]
    sent = [e["params"] for e in events if e["method"] == "Network.requestWillBeSent"]
    urls = [s["request"]["url"] for s in sent if s["documentURL"].startswith("file:")]  # not the browser's start page

    assert [url for url in urls if not url.startswith(("file:", "data:"))] == []
    assert [s["request"]["url"] for s in sent if s["request"]["url"].startswith("http")] == []
    assert any(url.endswith("report.html") for url in urls)
    assert opened.get_log("browser") == []


def test_hostile_names_do_not_run(
    browser: Any, results: dict[str, Any], exhibits: dict[str, Any], tmp_path: Path
) -> None:
    """Names that are scripts open no dialog and set nothing."""
    attack = "</script><script>window.hit = 1</script><img src=x onerror='window.hit = 2'>"
    results["dataset"]["labels"][0] = results["headlines"][0]["sentence"] = results["warnings"][0] = attack
    results["learners"][0]["name"] = results["reproduce"]["config"] = attack
    file = tmp_path / "report.html"
    file.write_text(render(results, exhibits), encoding="utf-8")

    browser.get(file.as_uri())

    assert browser.execute_script("return typeof window.hit") == "undefined"
    assert browser.find_element("tag name", "h1").text == attack
    assert browser.get_log("browser") == []


def show(browser: Any, folder: Path, html: str) -> None:
    file = folder / "report.html"
    file.write_text(html, encoding="utf-8")
    browser.get(file.as_uri())


def test_a_clip_plays_under_the_policy_of_the_page(browser: Any, results: dict[str, Any], tmp_path: Path) -> None:
    """The browser decodes one second without an error in the console."""
    tone = np.sin(2 * np.pi * 440 * np.arange(8000) / 8000).astype(np.float32)
    clip = {"image": image_uri(spectrogram(tone)), "audio": wav_uri(tone, 8000), "seconds": 1.0}
    ids = [item["id"] for item in results["disagreement"]["only_challenger_items"]]
    show(browser, tmp_path, render(results, dict.fromkeys(ids, clip)))

    seconds = browser.execute_async_script(
        "const done = arguments[0], a = document.querySelector('audio');"
        "a.addEventListener('loadedmetadata', () => done(a.duration)); a.addEventListener('error', () => done(-1));"
        "a.preload = 'auto'; a.load();"
    )

    assert seconds == pytest.approx(1.0)
    assert browser.get_log("browser") == []


@pytest.mark.parametrize("kind", ["text", "audio", "extras"])
@pytest.mark.parametrize("pixels", [320, 390, 1280])
def test_no_kind_of_sample_makes_the_page_wider(
    browser: Any, extras: dict[str, Any], tmp_path: Path, kind: str, pixels: int
) -> None:
    """Words without blanks, players, tables of groups, reliability diagrams."""
    clip = wav_uri(np.zeros(800, np.float32), 8000)
    contents = {
        "text": {"text": "x" * 300},
        "audio": {"image": image_uri(np.zeros((72, 144), np.uint8)), "audio": clip, "seconds": 0.1},
        "extras": None,
    }
    ids = [
        item["id"] for key in ("only_challenger_items", "only_classical_items") for item in extras["disagreement"][key]
    ]
    show(browser, tmp_path, render(extras, dict.fromkeys(ids, contents[kind])))
    browser.find_element("id", "unfold").click()

    assert width(browser, pixels) <= pixels


def test_hostile_texts_do_not_run(browser: Any, results: dict[str, Any], tmp_path: Path) -> None:
    """They are shown as text and do not reverse the direction of a line."""
    attack = "</blockquote><script>window.hit = 1</script><img src=x onerror='window.hit = 2'>\u202etxt"
    ids = [item["id"] for item in results["disagreement"]["only_challenger_items"]]
    show(browser, tmp_path, render(results, {name: {"text": attack} for name in ids}))

    assert browser.execute_script("return typeof window.hit") == "undefined"
    assert browser.find_element("css selector", "blockquote").text == attack.replace("\u202e", "\\u202e")
    assert browser.get_log("browser") == []


def combined(results: dict[str, Any], words: str = "") -> dict[str, Any]:
    rows = []
    for verdict in ("better", "worse", "undecided"):
        results["headlines"][0]["verdict"] = verdict
        rows.append(task_row(results, summary="", folder=f"task_{verdict}") | {"task": f"task_{verdict}{words}"})
    rows.append(empty_row(f"failed{words}", summary="", folder="failed", status="failed", reason=f"No libfoo.{words}"))
    return all_tasks(rows, preset="quick", settings={}, command="visiontk compare all")


@pytest.mark.parametrize("pixels", [320, 390, 760, 1280])
def test_the_combined_page_fits_and_shows_every_verdict(
    browser: Any, results: dict[str, Any], tmp_path: Path, pixels: int
) -> None:
    """On a phone a row is a card."""
    show(browser, tmp_path, render_all_tasks(combined(results)))

    assert width(browser, pixels) <= pixels
    pills = browser.find_elements("css selector", ".domains .verdict")
    assert [pill.text.split("\n")[-1].lstrip("▲?✕ ") for pill in pills] == [
        "network better", "traditional better", "undecided", "failed",
    ]  # fmt: skip
    if pixels < 700 or pixels > 1000:
        assert all(pill.rect["x"] + pill.rect["width"] <= pixels for pill in pills)
    sizes = {pill.value_of_css_property("font-size") for pill in pills}
    assert len(sizes) == 1
    assert browser.get_log("browser") == []


def test_the_combined_page_links_to_the_reports(browser: Any, results: dict[str, Any], tmp_path: Path) -> None:
    """A click on a domain opens its page."""
    (tmp_path / "task_worse").mkdir()
    (tmp_path / "task_worse" / "report.html").write_text(render(results, {}), encoding="utf-8")
    show(browser, tmp_path, render_all_tasks(combined(results)))

    browser.find_element("link text", "task worse").click()

    assert browser.current_url.endswith("/task_worse/report.html")
    assert browser.find_elements("id", "table-learners")


@pytest.mark.parametrize("pixels", [320, 390, 760, 1280])
def test_the_page_of_several_runs_fits_and_does_not_run_names(
    browser: Any, runs: Callable[..., Any], tmp_path: Path, pixels: int
) -> None:
    """With names that are long and hostile."""
    attack = "</td><script>window.hit = 1</script><img src=x onerror='window.hit = 2'>"
    some = runs(7)
    for _, results in some:
        results["learners"][0]["name"] += attack
        results["dataset"]["title"] += attack
    show(browser, tmp_path, render_ranking(rank_learners(some)))

    assert width(browser, pixels) <= pixels
    assert browser.execute_script("return typeof window.hit") == "undefined"
    labels = browser.execute_script(
        "return [...document.querySelectorAll('#figure-ranks svg .label')].map(e => e.getBoundingClientRect())"
        ".filter(b => b.width).map(b => [b.left, b.right])"
    )
    assert len(labels) == 6
    assert all(0 <= left < right <= pixels for left, right in labels)
    assert browser.get_log("browser") == []


def test_hostile_names_of_tasks_do_not_run(browser: Any, results: dict[str, Any], tmp_path: Path) -> None:
    """Nor do reasons of a failure."""
    attack = "</td><script>window.hit = 1</script><img src=x onerror='window.hit = 2'>"
    show(browser, tmp_path, render_all_tasks(combined(results, attack)))

    assert browser.execute_script("return typeof window.hit") == "undefined"
    assert attack in browser.find_element("css selector", ".domains").text
    assert browser.get_log("browser") == []


@pytest.mark.parametrize("pixels", [320, 1280])
def test_the_page_of_an_audit_fits_and_reports_no_error(browser: Any, tmp_path: Path, pixels: int) -> None:
    """The theme changes although there is nothing to unfold."""
    finding = {"code": "VTK101", "severity": "warning", "title": "exact duplicates", "message": "2 copies.", "count": 2,
               "remedy": "Remove one.", "lines": ["a and b"], "examples": [["a", "b"]]}  # fmt: skip
    value = {"findings": [finding], "counts": {"error": 0, "warning": 1, "note": 0}, "n": 3, "n_compared": 2,
             "split": "5 folds", "visiontk": "0", "task": "pets", "dataset": "x" * 300}  # fmt: skip
    exhibit = {"image": image_uri(np.zeros((28, 28), np.uint8))}
    show(browser, tmp_path, render_audit(value, {"a": exhibit, "b": exhibit}))

    browser.find_element("id", "theme").click()

    assert browser.find_element("id", "theme").text in ("Dark", "Light")
    assert len(browser.find_elements("css selector", ".gallery img")) == 2
    assert width(browser, pixels) <= pixels
    assert browser.get_log("browser") == []
