"""Reading of configs: from documents to experiments."""

from pathlib import Path

import pytest

from visiontk.config import experiment, read_config
from visiontk.config.reader import read_settings
from visiontk.errors import ConfigError
from visiontk.harness.experiment import SETTINGS, seconds
from visiontk.strict_yaml import Document, read

CONFIGS = sorted((Path(__file__).parents[1] / "configs").glob("*.yaml"))


def problems(text: str, **settings: object) -> str:
    with pytest.raises(ConfigError) as caught:
        experiment(read(text, where="a.yaml"), where="a.yaml", **settings)
    return str(caught.value)


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.name)
def test_every_shipped_config_is_read(path: Path) -> None:
    task, result = read_config(path)

    assert result.task == task.name
    assert result.learners
    assert path.read_text().startswith("#"), "the first lines say what it is and what it costs"


def test_every_default_is_filled_in() -> None:
    """A stored experiment is complete."""
    _, result = experiment(Document({"task": "image_classification", "learners": ["lenet5"]}, {}))

    assert result.dataset == "digits"
    assert result.seeds == (0, 1, 2)
    assert result.budget == 600
    assert {"epochs", "batch_size", "learning_rate", "shift", "imbalance"} <= set(result.learners["lenet5"])


def test_an_experiment_written_as_yaml_is_read_back_unchanged() -> None:
    document = {"task": "image_classification", "learners": {"lenet5": {"epochs": 3}, "prior": None}, "folds": 2}
    _, result = experiment(Document(document, {}))

    _, again = experiment(Document(result.as_document(), {}))

    assert again == result


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("task: image_clasification", "No task 'image_clasification'. Did you mean 'image_classification'?"),
        ("seeds: 3", "task: missing"),
        ("task: image_classification\nlerners: [prior]", "a.yaml:2: lerners: unknown key. Did you mean 'learners'?"),
        ("task: image_classification\nlearners: [lenet]", "a.yaml:2: learners.lenet: No learner 'lenet'. Did you mean"),
        ("task: image_classification\ndataset: digit", "a.yaml:2: dataset: No dataset 'digit'. Did you mean 'digits'?"),
        (
            "task: image_classification\nlearners:\n  lenet5:\n    epoch: 3",
            "a.yaml:4: learners.lenet5.epoch: unknown parameter. Did you mean 'epochs'?",
        ),
        ("task: image_classification\nlearners: {lenet5: {epochs: x}}", "a.yaml:2: learners.lenet5.epochs: 'x'"),
        ("task: image_classification\nlearners: {lenet5: {epochs: -1}}", "greater than or equal to 1"),
        ("task: image_classification\nlearners: {lenet5: {learning_rate: .nan}}", "learning_rate"),
        ("task: image_classification\nlearners: {lenet5: {imbalance: maybe}}", "'none' or 'balanced'"),
        ("task: image_classification\nlearners: {lenet5: 3}", "expected a mapping"),
        ("task: image_classification\nlearners: []", "learners: [] given"),
        ("task: image_classification\nseeds: 0", "seeds: 0 given"),
        ("task: image_classification\nseeds: [1, 1]", "different whole numbers"),
        ("task: image_classification\nseeds: true", "seeds: True given"),
        ("task: image_classification\nfolds: 0", "from 1 to 100, or null"),
        ("task: image_classification\npreset: quik", "preset: 'quik' given. Did you mean 'quick'?"),
        ("task: image_classification\nbudget: soon", "or a duration such as 90s, 10m or 1h."),
        ("task: image_classification\nbudget: -3", "or a duration such as 90s, 10m or 1h."),
        (f"task: image_classification\nbudget: {'9' * 5000}", "9999… given; expected a number above 0, or a duration"),
        (f"task: image_classification\nbudget: {'9' * 308}h", "expected a number above 0, or a duration"),
        ("task: image_classification\nmargin: 1", "from 0 to below 1"),
        ("task: image_classification\nreference: lenet6", "is not compared"),
        ("task: image_classification\ndataset: {path: x}", "expected name, or a mapping"),
        ("task: image_classification\ndataset: {name: folder, sise: 3}", "dataset.sise: unknown parameter"),
        ("task: image_classification\nimbalance: odd", "imbalance: 'odd' given"),
    ],
)
def test_an_invalid_key_type_or_range_is_reported_with_its_line(text: str, expected: str) -> None:
    """One message per error, with the nearest name if there is one."""
    assert expected in problems(text)


def test_all_problems_are_listed_at_once() -> None:
    text = "task: image_classification\nseeds: x\nfolds: 1.5\nlearners: {lenet5: {epoch: 1}, lenet: null}\n"

    assert len(problems(text).splitlines()) == 4


def test_a_top_level_list_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("- task\n")

    with pytest.raises(ConfigError, match="mapping"):
        read_config(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.yaml: No such file"):
        read_config(tmp_path / "none.yaml")


def test_overrides_take_precedence_over_the_file() -> None:
    document = Document({"task": "image_classification", "learners": ["lenet5"]}, {})

    _, result = experiment(document, overrides=["learners.lenet5.epochs=3", "dataset.name=digits", "folds=2"])

    assert result.learners["lenet5"]["epochs"] == 3
    assert result.folds == 2


@pytest.mark.parametrize("text", ["epochs", "=3", "a..b=3", "task.name=3"])
def test_a_malformed_override_is_an_error(text: str) -> None:
    """The message has the form of --set."""
    with pytest.raises(ConfigError, match="--set"):
        experiment(Document({"task": "image_classification"}, {}), overrides=[text])


def test_imbalance_applies_to_both_families_but_not_to_floors() -> None:
    """Networks and traditional learners are weighted alike."""
    document = {"task": "image_classification", "learners": ["prior", "hog_svm", "lenet5"], "imbalance": "balanced"}

    _, result = experiment(Document(document, {}))

    assert result.learners["hog_svm"]["imbalance"] == result.learners["lenet5"]["imbalance"] == "balanced"
    assert result.learners["prior"] == {}


def test_a_path_is_relative_to_its_config(tmp_path: Path) -> None:
    """The current directory does not matter."""
    path = tmp_path / "a.yaml"
    path.write_text("task: image_classification\ndataset: {name: folder, path: flowers}\n")

    _, result = read_config(path)

    assert result.dataset_parameters["path"] == str(tmp_path / "flowers")


@pytest.mark.parametrize(("text", "value"), [("90s", 90), ("10m", 600), ("1.5h", 5400), (7, 7), ("7", 7)])
def test_durations_are_read(text: str | float, value: float) -> None:
    """Seconds, minutes and hours."""
    assert seconds(text) == value


def test_a_path_in_an_override_is_relative_to_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is stored as an absolute path."""
    monkeypatch.chdir(tmp_path)
    document = Document({"task": "image_classification", "dataset": {"name": "folder", "path": "a"}}, {})

    _, result = experiment(document, overrides=["dataset.path=sub/../b"])

    assert result.dataset_parameters["path"] == str(tmp_path / "b")


def test_a_tilde_in_a_path_is_expanded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    path = tmp_path / "a.yaml"
    path.write_text("task: image_classification\ndataset: {name: folder, path: ~/flowers}\n")

    _, result = read_config(path)

    assert result.dataset_parameters["path"] == str(tmp_path / "home" / "flowers")


def test_setting_one_parameter_retains_the_other_learners() -> None:
    """With --set learners.lenet5.epochs=3 all learners are compared."""
    document = Document({"task": "image_classification"}, {})

    task, result = experiment(document, overrides=["learners.lenet5.epochs=3", "learners.alexnet.epochs=2"])

    assert list(result.learners) == [*task.defaults, "alexnet"]
    assert result.learners["lenet5"]["epochs"] == 3
    with pytest.raises(ConfigError, match=r"dataset\.sise: unknown parameter"):
        experiment(document, overrides=["dataset.sise=3"])


def test_elements_of_a_list_cannot_be_set() -> None:
    """Except learners, whose names have parameters."""
    with pytest.raises(ConfigError, match="not a mapping"):
        experiment(Document({"task": "image_classification", "seeds": [0, 1]}, {}), overrides=["seeds.0=5"])


def test_a_preset_override_replaces_values_of_the_file() -> None:
    """Such as its number of seeds."""
    document = Document({"task": "image_classification", "seeds": 5, "folds": 5, "budget": 900}, {})

    _, quick = experiment(document, preset="quick", folds=2)
    _, written = experiment(Document({**document.value, "preset": "quick"}, {}))

    assert (quick.seeds, quick.folds, quick.budget, quick.max_train) == ((0,), 2, 60, 2000)
    assert (len(written.seeds), written.folds, written.budget) == (5, 5, 900)


def test_overrides_take_precedence_over_a_stored_experiment() -> None:
    """Although experiment.yaml has every parameter."""
    _, stored = experiment(Document({"task": "image_classification", "learners": ["lenet5", "hog_svm"]}, {}))

    _, result = experiment(Document(stored.as_document(), {}), imbalance="balanced", budget="90s")

    assert {parameters["imbalance"] for parameters in result.learners.values()} == {"balanced"}
    assert result.budget == 90


def test_a_reference_is_chosen_among_existing_learners() -> None:
    """A misspelt learner is not suggested."""
    text = problems("task: image_classification\nlearners: [priar, prior]\nreference: priar")

    assert "reference: 'priar' is not compared. Did you mean 'prior'? Known: prior." in text


def test_a_claim_is_stored_with_the_names_of_the_learners() -> None:
    document = {"task": "image_classification", "claim": "traditional  <  LeNet5 BY 2 points"}

    _, result = experiment(Document(document, {}))

    assert result.claim == "lenet5 > traditional by 2 points"


@pytest.mark.parametrize(
    ("claim", "words"),
    [
        ("network beats traditional", "a.yaml:2: claim: 'network beats traditional': no comparison; expected one of"),
        ("lenet > traditional", "a.yaml:2: claim: 'lenet > traditional': 'lenet' is not compared. Did you mean 'len"),
        ("network > traditional by 100", "100 points is the whole range of accuracy or more."),
        ("[network]", "a.yaml:2: claim: ['network'] given; expected a claim such as network > traditional by 2."),
    ],
)
def test_a_claim_that_cannot_be_tested_is_refused_before_anything_is_fitted(claim: str, words: str) -> None:
    assert words in problems(f"task: image_classification\nclaim: {claim}")


def test_messages_are_in_plain_english() -> None:
    """Not those of the validation library."""
    text = problems("task: image_classification\nlearners: {lenet5: {epochs: x, batch_size: 0, imbalance: 3}}")

    assert "epochs: 'x' given; expected an integer" in text
    assert "batch_size: 0 given; expected a number greater than or equal to 1" in text
    assert "Input should" not in text


@pytest.mark.parametrize("value", [".nan", ".inf", "-.inf", "1.0e+999"])
@pytest.mark.parametrize("name", sorted(set(SETTINGS) - {"task", "dataset", "learners", "reference", "claim"}))
def test_no_setting_admits_a_number_that_is_not_finite(name: str, value: str) -> None:
    """In a config, and with its Python value in `compare`."""
    number = read(f"{name}: {value}", where="a.yaml").value[name]

    values, wrong = read_settings({name: number})

    assert [problem.key for problem in wrong] == [(name,)]
    assert values[name] == values[name]
    assert f"{number} given" in problems(f"task: image_classification\n{name}: {value}")


@pytest.mark.parametrize("value", [".nan", ".inf", "-.inf"])
@pytest.mark.parametrize("name", ["lenet5.learning_rate", "lenet5.shift", "hog_svm.c"])
def test_no_parameter_of_a_learner_admits_a_number_that_is_not_finite(name: str, value: str) -> None:
    learner, parameter = name.split(".")

    text = problems(f"task: image_classification\nlearners:\n  {learner}:\n    {parameter}: {value}")

    assert f"learners.{name}: " in text
