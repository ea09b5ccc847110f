"""The preview of a comparison in a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from visiontk.cli.wrapping import wrapped
from visiontk.report import formatting as fmt
from visiontk.report.formatting import visible
from visiontk.stats.power import round_up
from visiontk.studies import STUDIES

MOST_LABELS = 12
"""Labels that are listed; the others are counted."""


def recognised_lines(choices: Sequence[Mapping[str, str]]) -> list[str]:
    """Return what a folder or table is recognised as, why, and the option that changes it."""
    return [
        f"{one['name']}: {visible(one['value'])} "
        f"({visible('; '.join(filter(None, (one['reason'], one['examples']))))})."
        + (f" Otherwise: {one['option']}." if one["option"] else "")
        for one in choices
    ]


def print_data(value: Mapping[str, Any]) -> None:
    """Print what a preview says of the data."""
    for fact in _data_lines(value):
        print(wrapped(fact, 0, hanging=2))
    for warning in value["warnings"]:
        print(wrapped(f"warning: {visible(warning).removesuffix('.')}.", 0, hanging=2))


def preview_lines(value: Mapping[str, Any]) -> list[str]:
    """Return the lines of a preview, no wider than the terminal."""
    split, search = value["split"], value["search"]
    sizes = counted_fits(
        len(value["learners"]), split["folds"], len(value["seeds"]), value["fitted_once"], value["n_study_fits"]
    )
    facts = [
        *_data_lines(value),
        f"learners: {', '.join(map(visible, value['learners']))}.",
        f"fits: {value['n_fits']:,} ({sizes}; {value['preset']} preset).",
    ]
    if claim := value["config"]["claim"]:
        facts.append(f"claim: {visible(claim)}; it is stored before the test set is read.")
    if search > 1:
        facts.append(
            f"search: up to {search} configurations for each learner and fold, at most "
            f"{value['n_search_fits_at_most']:,} more fits."
        )
    facts += [_can_show(value["can_show"]), *limits(value), f"results: {visible(value['out'])}"]
    return [
        *(wrapped(fact, 0, hanging=2) for fact in facts),
        "",
        "Nothing was trained, and no run directory was written (dry run).",
    ]


def counted_fits(n_learners: int, n_folds: int, n_seeds: int, once: Sequence[str], studies: Mapping[str, int]) -> str:
    """Return the number of fits as products and further terms.

    Examples
    --------
    >>> counted_fits(2, 5, 1, [], {"shuffled_labels": 10})
    '2 learners, 5 folds, 1 seed; 10 on shuffled labels'
    >>> counted_fits(3, 5, 3, ["prior"], {})
    '2 learners, 5 folds, 3 seeds; 1 learner (prior), 5 folds, once as it ignores the seed'
    """
    sizes = (fmt.plural(n_learners - len(once), "learner"), fmt.plural(n_folds, "fold"), fmt.plural(n_seeds, "seed"))
    terms = [", ".join(sizes)] if n_learners > len(once) else []
    if once:
        who = "as it ignores the seed" if len(once) == 1 else "as they ignore the seed"
        listed = ", ".join(map(visible, once))
        terms.append(f"{fmt.plural(len(once), 'learner')} ({listed}), {sizes[1]}, once {who}")
    terms += [f"{studies[study.name]:,} {study.fits}" for study in STUDIES if study.name in studies]
    return "; ".join(terms)


def _groups(groups: Mapping[str, int]) -> str:
    """Return the number of groups and their sizes.

    Examples
    --------
    >>> _groups({"n": 6, "smallest": 100, "largest": 100}), _groups({"n": 1651, "smallest": 1, "largest": 60})
    ('groups: 6 of 100 samples each.', 'groups: 1,651 of 1 to 60 samples.')
    """
    n, smallest, largest = f"{groups['n']:,}", f"{groups['smallest']:,}", f"{groups['largest']:,}"
    return f"groups: {n} of {smallest} {'samples each' if smallest == largest else f'to {largest} samples'}."


def _data_lines(value: Mapping[str, Any]) -> list[str]:
    split, labels = value["split"], value["labels"]
    listed = ", ".join(f"{visible(name)} {n:,}" for name, n in list(labels.items())[:MOST_LABELS])
    more = f" and {len(labels) - MOST_LABELS} more" if len(labels) > MOST_LABELS else ""
    groups = value["groups"]
    known = recognised_lines(value["recognised"])
    return [
        *(known or [f"task: {value['task']}.", f"data: {visible(value['dataset'])}."]),
        *(f"note: {visible(note).removesuffix('.')}." for note in value["notes"]),
        f"samples: {value['n_samples']:,} of {len(labels)} classes: {listed}{more}.",
        *([_groups(groups)] if groups else []),
        f"split policy: {split['policy']}: {visible(split['why'])}.",
        f"{'first fold' if split['folds'] > 1 else 'parts'}: {split['n_train']:,} train, {split['n_valid']:,} valid, "
        f"{split['n_test']:,} test.",
    ]


def _can_show(value: Mapping[str, Any]) -> str:
    """Return the differences that the data can show, or why that is unknown."""
    if value["detectable"] is None:
        return f"can show: {visible(value['reason'])}."
    least, most = value["detectable"]
    most = "none" if most is None else f"of {_points(most)}"
    if least is None:
        return f"can show: no difference, as {value['n_test']} test samples are too few."
    samples = f"{value['n_test']:,} test samples"
    if value["n_groups"] is None:
        shown = f"a difference of {_points(least)} of {value['metric']} or more on {samples}"
    else:
        shown = (
            f"a difference of {_points(least)} of {value['metric']} or more on {samples} of {value['n_groups']:,} "
            f"groups if all samples were independent, {most} if each group were one sample"
        )
    more = ""
    if value["needed"]:
        few, many = (f"{round_up(each):,}" for each in value["needed"])
        size = f"about {few} samples" if value["n_groups"] is None else f"between {few} samples and {many} groups"
        more = f"; {_points(value['target'])} would take {size}"
    return (
        f"can show: {shown}{more} (power {100 * value['power']:.0f} %, if the learners disagree on "
        f"{100 * value['disagreement']:.0f} % of the samples)."
    )


def _points(difference: float) -> str:
    number = f"{100 * difference:.2g}" if difference < 0.1 else f"{100 * difference:.0f}"
    return f"{number} point{'s' * (number != '1')}"


def limits(value: Mapping[str, Any]) -> list[str]:
    """Return the warnings, and the cost in time and disk space."""
    return [
        *(f"warning: {visible(warning).removesuffix('.')}." for warning in value["warnings"]),
        f"time: {_time(value['time'])}",
        f"disk: {_disk(value['disk'])}",
    ]


def _time(time: Mapping[str, Any]) -> str:
    done = f"{time['n_done']} fits are done already; " if time["n_done"] else ""
    limit = f"at most {fmt.seconds(time['at_most_s'])} with {time['n_workers']} at a time."
    if not time["at_most_s"]:
        return "every fit is done already."
    if time["expected_s"] is None and time["rough_s"] is not None:
        return f"{done}roughly {rounded(time['rough_s'])}, as such fits took on other data; {limit}"
    if time["expected_s"] is not None:
        return f"{done}about {fmt.seconds(time['expected_s'])}, as the same fits took before; {limit}"
    measured = ", ".join(f"{visible(name)} {fmt.seconds(s)}" for name, s in time["measured_s"].items())
    before = f" A fit took before: {measured}." if measured else ""
    return f"{done}unknown until the first fit of {', '.join(map(visible, time['unknown_for']))}; {limit}{before}"


def rounded(duration: float) -> str:
    """Return a rough duration without the digits that are not known.

    Examples
    --------
    >>> rounded(3.2), rounded(143), rounded(5000)
    ('10 s', '2 min', '1 h 30 min')
    """
    step = 10 if duration < 60 else 60 if duration < 3600 else 1800
    return fmt.seconds(max(round(duration / step), 1) * step)


def _disk(disk: Mapping[str, Any]) -> str:
    free = "" if disk["free_bytes"] is None else f"; {fmt.size(disk['free_bytes'])} are free there"
    return (
        f"predictions take at most {fmt.size(disk['predictions_at_most_bytes'])}{free}. Checkpoints of networks "
        "are extra while they are fitted."
    )
