"""The page of an audit: every finding with what it means for a comparison, examples to look at, and what to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from visiontk.report import formatting as fmt
from visiontk.report.exhibits.pictures import is_picture, is_small
from visiontk.report.exhibits.sounds import is_sound
from visiontk.report.pages.template import SEVERITIES, fill_template


def render_audit(value: Mapping[str, Any], exhibits: Mapping[str, Any]) -> str:
    """The page as the text of one HTML file that loads nothing.

    Parameters
    ----------
    value : mapping
        As ``visiontk data audit --json`` prints it.
    exhibits : mapping
        For ids of samples, what `visiontk.report.exhibits.samples` makes of them.
    """
    shown = fmt.clean(value)
    findings = [
        dict(finding)
        | {
            "look": SEVERITIES[finding["severity"]],
            "items": _items(finding["examples"], shown.get("labelled") or {}, exhibits, raw["examples"]),
        }
        for finding, raw in zip(shown["findings"], value["findings"], strict=True)
    ]
    return fill_template("audit.html", r=shown, drawn=bool(shown.get("synthetic")), findings=findings,
                  sentence=sentence(value), most_lines=20)  # fmt: skip


def sentence(value: Mapping[str, Any]) -> str:
    """What an audit found, in one sentence.

    Examples
    --------
    >>> sentence({"counts": {"error": 1, "warning": 2, "note": 0}, "n": 10})
    'The audit found 1 error and 2 warnings.'
    """
    counts = [fmt.plural(n, severity) for severity, n in value["counts"].items() if n]
    if not counts:
        return "The audit found nothing."
    return f"The audit found {', '.join(counts[:-1])}{' and ' if counts[1:] else ''}{counts[-1]}."


def _items(
    examples: Sequence[Sequence[str]],
    labelled: Mapping[str, str],
    exhibits: Mapping[str, Any],
    raw: Sequence[Sequence[str]],
) -> list[list[dict[str, Any]]]:
    """Groups of samples that are shown together."""
    groups = []
    for ids, keys in zip(examples, raw, strict=True):
        group = [_item(name, labelled.get(name, ""), exhibits.get(key)) for name, key in zip(ids, keys, strict=True)]
        if any(item["picture"] or item["text"] for item in group):
            groups.append(group)
    return groups


def _item(name: str, label: str, exhibit: Any) -> dict[str, Any]:
    known = exhibit if isinstance(exhibit, dict) else {"picture": exhibit}
    picture = known.get("picture")
    picture = picture if is_picture(picture) else None
    sound = known.get("sound")
    return {
        "id": name,
        "label": label,
        "text": fmt.clean(known["text"]) if isinstance(known.get("text"), str) else None,
        "picture": picture,
        "wide": "sound" in known,
        "small": picture is not None and is_small(picture),
        "sound": sound if is_sound(sound) else None,
    }
