"""What an author does about a check that fails."""

REMEDIES = {
    "importing_the_task_loads_no_framework": "Import keras, tensorflow and sklearn inside of the functions that use "
    "them, never at the top of a module that the task imports.",
    "every_learner_cites_a_source": "Give its docstring a section References with an entry '.. [1] Author (year), "
    "title.': the paper or book that the method is from.",
    "search_spaces_hold_what_parameters_allow": "Keep the ends of Range(low, high) and the values of Choice(...) "
    "within the range that stands beside them; a floor has none.",
    "every_parameter_is_described": "Add 'name : type' and a line that says what it does to the section Parameters of "
    "the docstring; visiontk list shows parameters to users.",
    "every_number_of_a_learner_has_a_range": "Write the type as Annotated[int, Ge(1), Le(100)] with Ge, Gt, Le and Lt "
    "of the package annotated-types: values outside are then refused before anything is trained.",
    "ids_are_unique_and_stable": "Make ids of what names a sample for good, such as its file name, never of the order "
    "in which a program meets it; draw with numpy.random.default_rng of a fixed seed; compute Card.fingerprint with "
    "visiontk.data.fingerprint.",
    "take_and_batches_agree": "Samples.read takes positions in the source and returns their inputs in that order, "
    "with repetitions, and whatever their number.",
    "folds_are_disjoint_cover_and_repeat": "Use official_or(stratified_folds) of visiontk.data, or make every draw "
    "follow from the seed and give each sample to one part of a fold.",
    "no_group_straddles_a_fold": "Split groups, not samples: official_or(stratified_folds) of visiontk.data keeps "
    "Samples.groups together.",
    "tiny_data_has_every_class": "Give every class enough samples (and groups): of 200 samples of the first dataset, "
    "train, valid and test must each have all classes.",
    "metrics_prefer_the_truth": "Look at sign and axes: scores have shape (n, n_classes), weights (m, n), the result "
    "(m,); set Metric.higher_is_better=False for a loss; weight samples by weights / weights.sum().",
    "trials_survive_pickle_and_json": "Defaults of parameters are numbers, texts, booleans, None, or lists of these: "
    "a config is text.",
    "learners_give_finite_scores_of_the_right_shape": "predict returns an array of shape (n, samples.n_classes), "
    "columns in the order of samples.labels; where scores only rank, say About(..., probabilities=False).",
    "predictions_do_not_depend_on_neighbours": "Whatever is estimated (means, scales, vocabularies) is estimated in "
    "fit, on train, and kept; predict treats each sample as if it came alone.",
    "predict_does_not_look_at_targets": "predict may use samples.take and samples.batches, never samples.y: in a "
    "comparison all targets are hidden from it.",
    "learners_beat_the_prior_on_tiny_data": "Look at the scale of the inputs, at the order of the columns of the "
    "scores, and at whether a fit of a few epochs on 200 samples learns anything.",
    "same_seed_gives_same_scores": "Give seed to every random generator (random_state, keras.utils.set_random_seed, "
    "numpy.random.default_rng(seed)); do not depend on the order of a set or on time.",
    "seeds_matter_just_where_they_are_said_to": "Pass seed on to what is random; where nothing is, say About(..., "
    "seeded=False) and the learner is fitted once for all seeds.",
    "a_finished_trial_is_not_run_again": "fit returns a FitReport, predict finite numbers; the reason above says what "
    "the harness refused.",
    "a_resumed_trial_equals_an_uninterrupted_one": "What fit leaves in workdir must be all that it needs to go on as "
    "if nothing had happened, or be ignored; visiontk.learners.network.Network does this for Keras.",
}
"""By the name of a check."""
