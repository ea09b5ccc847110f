"""Knowledge of networks from before they saw the training set: on the first screen, and among the warnings."""

from __future__ import annotations

from visiontk.report import formatting as fmt
from visiontk.report.evidence.evidence import PREDICTIONS
from visiontk.report.values import Results


def prior_knowledge(results: Results) -> str:
    """Return which networks are from scratch and which are not, and at what size they see images; empty if unknown."""
    fitted_here = results["dataset"]["origin"] != PREDICTIONS
    names: dict[str, list[str]] = {}
    for row in results["learners"]:
        source = "pretrained" + f" on {row['pretrained_on']}" * bool(row["pretrained_on"])
        if row["family"] != "pretrained":
            source = f"beginning with {row['knew']}" if row["knew"] else "from scratch"
        if row["family"] == "pretrained" or row["knew"] or (row["family"] == "network" and fitted_here):
            source += f" ({row['input_size']} pixels)" if row["input_size"] else ""
            names.setdefault(source, []).append(row["name"])
    return " ".join(f"{fmt.capitalized(source)}: {', '.join(each)}." for source, each in names.items())


def seen_in_pretraining(results: Results) -> list[str]:
    """Return a warning about each learner that was fitted to the test samples before."""
    seen = {row["name"]: row["pretrained_on"] for row in results["learners"]}
    seen = {name: source for name, source in seen.items() if source in results["dataset"]["seen_in"]}
    return [
        f"{name} has seen these samples in pretraining: {source} is known to contain them. What it would do on new "
        "samples is not known, so there is no verdict."
        for name, source in seen.items()
    ]
