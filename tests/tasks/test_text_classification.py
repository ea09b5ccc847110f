"""Text classification: embedded texts, readers on small files in the published formats, and learners."""

import csv
import gzip
import inspect
import json
import re
from pathlib import Path

import numpy as np
import pytest

from visiontk.core import Card, about, parameters
from visiontk.data.readers.texts import text_samples
from visiontk.errors import DataError
from visiontk.registry import get_task
from visiontk.testing import task_checks

TASK = get_task("text_classification")
NETWORKS = [name for name, make in TASK.learners.items() if about(make).family == "network"]
FOLDER = Path(inspect.getfile(TASK.datasets["pydoc"])).parent


def write(path: Path, *lines: str, encoding="latin-1") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes("\n".join([*lines, ""]).encode(encoding))


def test_the_embedded_texts_are_frozen():
    """Their fingerprint does not depend on the version of Python."""
    samples = TASK.datasets["pydoc"]()

    assert len(samples) == 1651
    assert samples.labels == ("concurrency", "files", "network", "testing", "windows")
    assert samples.card.fingerprint == "98b596c338a9b15f"
    assert samples.card.origin == "embedded"


def test_no_embedded_text_contains_the_name_of_its_module():
    """The name would reveal the class."""
    samples = TASK.datasets["pydoc"]()
    for text, module in zip(samples.take(np.arange(len(samples))), samples.groups, strict=True):
        words_of_text = {word.lower().rstrip("s") for word in re.findall("[A-Za-z]+", text)}
        words_of_module = {
            part.strip("_").lower().rstrip("s") for name in module.split(".") for part in name.split("_")
        } - {""}
        assert not words_of_text & words_of_module, (module, text)


def test_the_embedded_texts_are_from_many_modules():
    samples = TASK.datasets["pydoc"]()
    texts = samples.take(np.arange(len(samples))).tolist()

    assert len(set(texts)) == len(texts)
    assert min(len(text.split()) for text in texts) >= 14
    for c in range(5):
        assert len(set(samples.groups[samples.y == c])) >= 20
    assert (FOLDER / "pydoc.jsonl.gz").stat().st_size < 300_000


def test_the_embedded_file_has_json_lines():
    rows = [json.loads(line) for line in gzip.decompress((FOLDER / "pydoc.jsonl.gz").read_bytes()).splitlines()]

    assert all(set(row) == {"text", "label", "module"} for row in rows)


def test_film_reviews_are_read_from_the_published_files(data):
    write(data / "mr" / "rt-polarity.pos", "a fine caf\u00e9 . ", "good ")
    write(data / "mr" / "rt-polarity.neg", "bad .", "", "dull .")

    samples = TASK.datasets["mr"]()

    assert samples.take(np.arange(4)).tolist() == ["bad .", "dull .", "a fine caf\u00e9 .", "good"]
    assert samples.y.tolist() == [0, 0, 1, 1]
    assert samples.labels == ("negative", "positive")
    assert samples.ids[[1, 2]].tolist() == ["neg-0003", "pos-0001"]
    assert samples.parts is None


@pytest.mark.parametrize(("level", "labels"), [("coarse", ["human", "number"]), ("fine", ["human:ind", "number:date"])])
def test_questions_are_read_with_both_label_levels(data, level, labels):
    write(data / "trec" / "TREC.train", "NUM:date When ?", "HUM:ind Who ?")
    write(data / "trec" / "TREC.test", "HUM:ind Who else ?")

    samples = TASK.datasets["trec"](level=level)

    assert samples.labels == tuple(labels)
    assert samples.y.tolist() == [1, 0, 0]
    assert samples.parts.tolist() == ["train", "train", "test"]
    assert samples.take([2]).tolist() == ["Who else ?"]


@pytest.mark.parametrize("line", ["Who ?", "XX:ind Who ?", "HUM: Who ?"])
def test_a_question_without_a_label_is_refused_with_its_line(data, line):
    write(data / "trec" / "TREC.train", "NUM:date When ?", line)
    write(data / "trec" / "TREC.test", "HUM:ind Who else ?")

    with pytest.raises(DataError, match="line 2") as caught:
        TASK.datasets["trec"]()

    assert caught.value.error_id == "E-LABEL-MISSING"


@pytest.mark.parametrize("inner", ["", "aclImdb"])
def test_reviews_are_read_from_the_published_folders(data, inner):
    for part in ("train", "test"):
        for kind in ("neg", "pos"):
            write(data / "imdb" / inner / part / kind / "0_1.txt", f"{part} {kind}<br />\u00e9", encoding="utf-8")
    write(data / "imdb" / inner / "train" / "unsup" / "0_0.txt", "no label")

    samples = TASK.datasets["imdb"]()

    assert samples.ids.tolist() == [f"{p}/{k}/0_1.txt" for p in ("train", "test") for k in ("neg", "pos")]
    assert samples.y.tolist() == [0, 1, 0, 1]
    assert samples.take([3])[0].split() == ["test", "pos", "\u00e9"]


def test_news_are_read_from_tables_without_a_header(data):
    for part, rows in (
        ("train", [["3", "Up", 'Oil "soars"\\news'], ["1", "War", "x"], ["2", "Ball", "x"], ["4", "Chip", "z"]]),
        ("test", [["4", "Chip", "y"]]),
    ):
        path = data / "ag_news" / f"{part}.csv"
        path.parent.mkdir(exist_ok=True)
        with path.open("w", newline="") as file:
            csv.writer(file, quoting=csv.QUOTE_ALL).writerows(rows)

    samples = TASK.datasets["ag_news"]()

    assert samples.take([0]).tolist() == ['Up Oil "soars" news']
    assert samples.y.tolist() == [2, 0, 1, 3, 3]
    assert samples.parts.tolist() == ["train"] * 4 + ["test"]
    assert samples.ids[[0, 3, 4]].tolist() == ["train-000001", "train-000004", "test-000001"]


def test_news_of_an_unknown_class_are_refused(data):
    for part in ("train", "test"):
        write(data / "ag_news" / f"{part}.csv", '"1","a","b"', '"5","a","b"')

    with pytest.raises(DataError, match="line 2: class '5'"):
        TASK.datasets["ag_news"]()


@pytest.mark.parametrize("name", ["mr", "trec", "imdb", "ag_news"])
def test_missing_files_are_reported_with_a_hint(data, name):
    with pytest.raises(DataError, match="not found") as caught:
        TASK.datasets[name]()

    assert caught.value.error_id == "E-DATA-MISSING"
    assert "http" in caught.value.hint


@pytest.mark.slow
@pytest.mark.parametrize(("name", "counts"), [("mr", [5331, 5331]), ("trec", [95, 1300, 1344, 1288, 916, 1009])])
def test_the_published_files_are_complete(shared_data, name, counts):
    if not (shared_data / name).is_dir():
        pytest.skip(f"no {name} in VISIONTK_DATA")

    assert TASK.datasets[name]().counts().tolist() == counts


def fitted(name, tmp_path, n=120, **options):
    learner, part, _ = fit_of(name, tmp_path, n, **options)
    return learner, part


def fit_of(name, tmp_path, n=120, **options):
    samples = TASK.datasets["pydoc"]()
    part = samples.subset(np.random.default_rng(0).permutation(len(samples))[: n + 40])
    learner = TASK.learners[name](**options)
    train, valid = part.subset(np.arange(n)), part.subset(np.arange(n, n + 40))
    return learner, part, learner.fit(train, valid, seed=0, workdir=tmp_path, budget_s=60.0)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in TASK.learners if name != "prior"])
def test_texts_without_known_words_get_finite_scores(one_thread, tmp_path, name):
    """`predict` accepts words that are not in the training set."""
    short = {"epochs": 1} if "epochs" in parameters(TASK.learners[name]) else {}
    learner, part = fitted(name, tmp_path, **short)
    odd = np.array(["", "zxqv", "\u4f60\u597d", "\U0001f600" * 3, "word " * 5000, "_"], dtype=object)
    samples = part.subset(np.arange(6))

    from dataclasses import replace

    scores = learner.predict(replace(samples, read=odd.__getitem__, rows=np.arange(6)))

    assert scores.shape == (6, 5)
    assert np.isfinite(scores).all()


@pytest.mark.slow
def test_the_vocabulary_comes_from_the_training_set(one_thread, tmp_path):
    """Words of the validation or test set only are unknown to the network and the n-grams."""
    network, part = fitted("text_cnn", tmp_path, epochs=1, min_count=1)
    bag, _ = fitted("nb_svm", tmp_path)
    training_words = {word for text in part.take(np.arange(120)) for word in words_of(text)}

    assert set(network.step.vocabulary) == training_words
    grams = bag.pipeline[0].vocabulary_
    assert {gram for gram in grams if " " not in gram} == training_words


@pytest.mark.slow
def test_the_network_is_initialised_with_the_vectors_of_a_file(one_thread, tmp_path):
    path = tmp_path / "vectors.txt"
    path.write_text("the 1 2 3\nfile 4 5 6\n")
    learner, _, report = fit_of("text_cnn", tmp_path, epochs=1, vectors=str(path), learning_rate=1e-9)

    assert report.knew == "word vectors of vectors.txt"
    table = np.asarray(learner.learner.model.get_layer("words").embeddings)

    assert table.shape[1] == 3
    np.testing.assert_allclose(table[2 + learner.step.vocabulary.index("the")], [1, 2, 3], atol=1e-3)
    np.testing.assert_allclose(table[:2], 0, atol=1e-3)


@pytest.mark.slow
def test_the_network_is_initialised_with_vectors_of_the_training_set(one_thread, tmp_path):
    """The vectors are scaled."""
    learner, _ = fitted("text_cnn", tmp_path, epochs=1, vectors="cooccurrence", dimension=20, learning_rate=1e-9)

    table = np.asarray(learner.learner.model.get_layer("words").embeddings)

    np.testing.assert_allclose(table[2:], learner.step.vectors, atol=1e-3)
    assert table[2:].std() == pytest.approx(0.1, rel=0.01)


@pytest.mark.slow
@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_has_the_declared_weights_and_layers(one_thread, name):
    """The default network is built for the declared input."""
    from visiontk.blocks import text_networks as text

    declared = about(TASK.learners[name])
    length, n_tokens, n_classes = (int(n.replace(",", "")) for n in re.findall(r"[\d,]*\d", declared.at))
    sample = np.ones((2, length), "int32")
    defaults = parameters(TASK.learners[name])
    sizes = {key: defaults[key] for key in ("dimension", "filters")}
    if name == "text_cnn":
        model = text.text_cnn(sample, n_classes, n_words=n_tokens + 2, **sizes)
    else:
        model = text.char_cnn(sample, n_classes, n_characters=n_tokens + 2, **sizes)

    learned = [v for v in model.trainable_variables if v.name in ("kernel", "embeddings")]

    assert sum(int(np.prod(v.shape)) for v in model.trainable_variables) == declared.weights
    assert len(learned) == declared.layers


def words_of(text):
    from visiontk.baselines.ngrams import words

    return words(text)


@pytest.mark.slow
@pytest.mark.xdist_group("characters")  # they share fits
@pytest.mark.parametrize(
    "check",
    [
        "scores_are_finite_and_have_the_right_shape",
        "learners_beat_the_prior_on_tiny_data",
        "predictions_do_not_depend_on_other_samples",
        "same_seed_gives_same_scores",
    ],
)
def test_char_cnn_passes_the_contract(one_thread, check):
    checks = {c.__name__: c for c in task_checks(["char_cnn"])}

    checks[check](TASK)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in TASK.learners if name != "prior"])
def test_every_learner_of_words_learns_chinese(one_thread, tmp_path, name):
    """A sentence is no single word: held-out reviews of known expressions are recognised."""
    rng = np.random.default_rng(0)
    common = ("这部", "电影", "故事", "演员", "剧情", "音乐", "导演", "我们", "觉得", "今天")
    judged = [("很差", "无聊", "失望", "糟糕"), ("很好", "精彩", "喜欢", "感动")]
    y = np.arange(200) % 2
    texts = ["".join([*rng.choice(common, 6), *rng.choice(judged[k], 3)]) + "。" for k in y]
    samples = text_samples(Card("zh", ""), texts, y, ("差评", "好评"), names=list(map(str, range(200))))
    learner = TASK.learners[name]()

    learner.fit(
        samples.subset(np.arange(100)), samples.subset(np.arange(100, 130)), seed=0, workdir=tmp_path, budget_s=60.0
    )

    test = samples.subset(np.arange(130, 200))
    assert (learner.predict(test.blind()).argmax(axis=1) == test.y).mean() > 0.85
