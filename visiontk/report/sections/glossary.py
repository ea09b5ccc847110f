"""The terms of the page."""

from __future__ import annotations

from visiontk.report.blocks import Block, Term, Terms
from visiontk.report.section import Page, Section


def blocks(value: None, page: Page) -> list[Block]:
    """Return the terms, verdicts first."""
    terms = [
        Term("", "The interval of the difference to the reference excludes zero.", verdicts=("better", "worse")),
        Term("", "The whole interval of the difference lies within the margin that was set beforehand, even where it "
             "excludes zero: too small to matter.", verdicts=("equivalent",)),
        Term("", "None of these: the data cannot tell. It does not mean that there is no difference.",
             verdicts=("undecided",)),
        Term("", "The two cannot be compared; the reason stands beside it.", verdicts=("invalid",)),
        Term("", "The whole interval lies where the claim says (supported), outside of it (refuted), or neither. Only "
             "a claim stated before the test set was read has the error rate of a test; the rest is exploratory.",
             verdicts=("supported", "refuted", "not shown")),
        Term("interval", "Numbers in brackets. Intervals made in this way contain the true value in "
             f"{page.level} of repetitions, as far as the test samples are like those to come."),
        Term("paired difference", "Both learners predict the same test samples; the difference is taken sample by "
             "sample. It can be certain where the intervals of the two learners overlap."),
        Term("primary comparison", "The best network against the best traditional learner, as the validation set of "
             "each fold chose them, or as you named them: the question that was asked. It is tested alone, at 5 %. "
             "Where a pretrained learner takes part, there are two: what should be used, and is a network from scratch "
             "worth it. They share the 5 %."),
        Term("pretrained, from scratch", "A pretrained network was fitted to other data before, and begins with what "
             "it learnt there; a network from scratch begins with random numbers."),
        Term("p for all", "Of many comparisons some look striking by chance. All but the primary one therefore have "
             "wider intervals, and p values multiplied by their number: the chance of any false finding among them "
             "stays below 5 %."),
        Term("second opinion", "A test with other assumptions and less power. It never changes a verdict, but what it "
             "says against one is shown."),
        Term("margin", "The difference too small to matter: if not set, one point, but at most half of the error of "
             "the reference on the validation set."),
        Term("about: fitted models", "The claim holds for these models as they were fitted, on new samples; another "
             "fit may differ."),
        Term("about: procedure", "The claim holds for the way of fitting, with the variation between seeds or folds "
             "counted in."),
        Term("floor", "A learner that ignores its input. A learner that is not above it has learnt nothing."),
        Term("fit, CPU", "Seconds of processor time of one fit, all threads added. Time by the clock depends on how "
             "many run at once."),
        Term("points", "Differences of percentages: from 90 % to 92 % are 2 points."),
    ]  # fmt: skip
    return [Terms(terms, "cards")]


GLOSSARY = Section("glossary", "Glossary", blocks)
