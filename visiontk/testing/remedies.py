"""Hints for authors: how to fix each failed check."""

REMEDIES = {
    "importing_the_task_loads_no_framework": "Import keras, tensorflow and sklearn inside the functions that use them, "
    "never at the top of a module that the task imports.",
    "every_learner_cites_a_source": "Give its docstring a section References with an entry '.. [1] Author (year), "
    "title.': the paper or book of the method.",
    "search_spaces_are_within_parameter_ranges": "Keep the ends of Range(low, high) and the values of Categorical(...) "
    "within the range of the parameter; remove the search spaces of a floor.",
    "every_parameter_is_described": "Add 'name : type' and a line of explanation to the section Parameters of the "
    "docstring; visiontk list shows it to users.",
    "every_number_of_a_learner_has_a_range": "Write the type as Annotated[int, Ge(1), Le(100)] with Ge, Gt, Le and Lt "
    "of the package annotated-types: other values are then refused before training.",
    "pretrained_learners_name_their_source_data": 'Declare About("pretrained", pretrained_on="ImageNet-1k") with the '
    "short name of the data to which the weights were fitted; leave pretrained_on empty for learners from scratch.",
    "ids_are_unique_and_stable": "Derive ids from permanent names, such as file names, never from the reading order; "
    "use numpy.random.default_rng with a fixed seed; compute Card.fingerprint with visiontk.data.fingerprint.",
    "take_and_batches_agree": "Samples.read takes any number of positions, possibly repeated, and returns their inputs "
    "in that order; so does the reader that its at_size returns, if it has one.",
    "folds_are_disjoint_complete_and_repeatable": "Use official_or(stratified_folds) of visiontk.data, or derive all "
    "randomness from the seed and assign each sample to one part of a fold.",
    "no_group_is_in_two_parts_of_a_fold": "Split groups, not samples: official_or(stratified_folds) of visiontk.data "
    "keeps Samples.groups together.",
    "tiny_data_has_every_class": "Give every class enough samples (and groups): of 200 samples of the first dataset, "
    "train, valid and test must each have all classes.",
    "metrics_prefer_true_scores": "Check sign and axes: scores have shape (n, n_classes), weights (m, n), the result "
    "(m,); set Metric.higher_is_better=False for a loss; weight samples by weights / weights.sum().",
    "influence_functions_agree_with_the_jackknife": "Metric.influence(y_true, scores) returns, for each sample, the "
    "derivative of the metric with respect to its share of the weight, with mean 0; n - 1 times the change when the "
    "sample is left out approximates it.",
    "trials_survive_pickle_and_json": "Defaults of parameters are numbers, strings, booleans, None, or lists of these, "
    "as a config is text.",
    "scores_are_finite_and_have_the_right_shape": "predict returns an array of shape (n, samples.n_classes), columns "
    "in the order of samples.labels; for scores that are not probabilities declare About(..., probabilities=False).",
    "predictions_do_not_depend_on_other_samples": "Estimate means, scales and vocabularies in fit, on train, and store "
    "them; predict treats each sample separately.",
    "predictions_do_not_depend_on_targets": "predict may use samples.take and samples.batches, never samples.y: in a "
    "comparison all targets are hidden from it.",
    "learners_beat_the_prior_on_tiny_data": "Check the scale of the inputs, the order of the columns of the scores, "
    "and whether a fit of a few epochs on 200 samples learns anything.",
    "same_seed_gives_same_scores": "Pass seed to every random generator (random_state, keras.utils.set_random_seed, "
    "numpy.random.default_rng(seed)); do not depend on the order of a set or on time.",
    "only_seeded_learners_depend_on_the_seed": "Pass seed to everything random; if nothing is, declare About(..., "
    "seeded=False), and the learner is fitted once for all seeds.",
    "a_loaded_learner_gives_the_same_scores": "save must write all that fit estimated, and load read it into a learner "
    "made with the same parameters; what a Keras builder estimates from its sample must be weights of the model. "
    "Without both methods fits are not kept.",
    "only_pretrained_learners_knew_other_data": "fit returns FitReport(knew=...) with source data, network and input "
    "if and only if the weights were fitted to other data by default; such a learner is declared as pretrained.",
    "a_finished_trial_is_not_run_again": "fit returns a FitReport, predict finite numbers; the reason above says what "
    "the harness refused.",
    "a_resumed_trial_equals_an_uninterrupted_one": "Store in workdir everything that fit needs to resume exactly, or "
    "ignore workdir; visiontk.learners.network.Network does this for Keras.",
}
"""By the name of a check."""
