"""Every format of predictions gives the same records; files are generated as by their programs."""

import json

import numpy as np
import pandas as pd
import pytest

from visiontk.errors import ConfigError, DataError
from visiontk.predictions.align import align
from visiontk.predictions.separated import _split, read_separated
from visiontk.predictions.sources import read_source
from visiontk.predictions.table import Options

LABELS = ("cat", "dog", "owl")


@pytest.fixture
def probabilities():
    scores = np.random.default_rng(0).dirichlet(np.ones(3), 40)
    return scores, np.random.default_rng(1).integers(3, size=40), [f"img{i:02}.png" for i in range(40)]


def as_frame(probabilities):
    scores, y, ids = probabilities
    truth = [LABELS[c] for c in y]
    return pd.DataFrame({"id": ids, "truth": truth, **{f"prob_{name}": scores[:, i] for i, name in enumerate(LABELS)}})


def check(aligned, probabilities):
    scores, y, _ = probabilities
    assert aligned.labels == LABELS
    assert aligned.y.tolist() == y.tolist()
    assert aligned.models[0].kind == "probabilities"
    np.testing.assert_array_equal(aligned.models[0].scores[0], scores)


@pytest.mark.parametrize("suffix", ["csv", "tsv", "jsonl", "parquet", "npz", "frame", "mapping"])
def test_every_kind_of_table_gives_the_same_scores_to_the_last_digit(probabilities, suffix, tmp_path):
    table, path = as_frame(probabilities), tmp_path / f"model.{suffix}"
    source = str(path)
    if suffix in ("csv", "tsv"):
        table.to_csv(path, index=False, sep="," if suffix == "csv" else "\t")
    elif suffix == "jsonl":  # pandas' own writer rounds
        path.write_text("".join(json.dumps(row) + "\n" for row in table.to_dict("records")))
    elif suffix == "parquet":
        table.to_parquet(path)
    elif suffix == "npz":
        scores, _, ids = probabilities
        np.savez(path, scores=scores, ids=np.array(ids), y=table["truth"].to_numpy(np.str_), classes=np.array(LABELS))
    elif suffix == "frame":
        source = table
    else:
        source = {name: table[name].tolist() for name in table}

    check(align({"model": source}), probabilities)


def test_cross_val_predict_saved_as_arrays(probabilities, tmp_path):
    """Columns of scikit-learn are in the order of the sorted classes."""
    scores, y, _ = probabilities
    np.savez(tmp_path / "svm.npz", predict_proba=scores, y=np.array(LABELS)[y])

    aligned = align({"svm": tmp_path / "svm.npz"})

    assert sorted(aligned.ids.tolist(), key=int) == [str(i) for i in range(40)]
    order = np.argsort(np.arange(40).astype(str))
    np.testing.assert_array_equal(aligned.models[0].scores[0], scores[order])
    assert aligned.notes == ("svm: score columns stand for cat, dog, owl, in this order",)


def test_medmnist_results(probabilities, tmp_path):
    """The columns of medmnist's evaluator: id, true_0, score_0, ...; with a byte order mark."""
    scores, y, _ = probabilities
    table = pd.DataFrame({"id": np.arange(40), "true_0": y, **{f"score_{i}": scores[:, i] for i in range(3)}})
    table.to_csv(tmp_path / "resnet18.csv", index=False, encoding="utf_8_sig")

    aligned = align({"resnet18": tmp_path / "resnet18.csv"})

    assert aligned.labels == ("0", "1", "2")
    order = np.argsort(np.arange(40).astype(str))
    np.testing.assert_array_equal(aligned.models[0].scores[0], scores[order])


def labelled(row, *, keys=("label", "score"), classes=False):
    label, score = keys
    order = np.argsort(-row)
    return [{label: LABELS[i], **({"class": int(i)} if classes else {}), score: float(row[i])} for i in order]


def test_hugging_face_pipelines_with_all_scores(probabilities, tmp_path):
    scores, y, ids = probabilities
    lines = [
        json.dumps({"id": name, "truth": LABELS[c], "predictions": labelled(row)})
        for name, c, row in zip(ids, y, scores, strict=True)
    ]
    (tmp_path / "bert.jsonl").write_text("\n".join(lines) + "\n")

    check(align({"bert": tmp_path / "bert.jsonl"}), probabilities)


def test_hugging_face_lists_without_ids_are_matched_by_position(probabilities, tmp_path):
    scores, y, _ = probabilities
    (tmp_path / "bert.jsonl").write_text("".join(json.dumps(labelled(row)) + "\n" for row in scores))

    aligned = align({"bert": tmp_path / "bert.jsonl"}, truth=[LABELS[c] for c in y])

    order = np.argsort(np.arange(40).astype(str))
    np.testing.assert_array_equal(aligned.models[0].scores[0], scores[order])
    assert aligned.warnings == ("Samples of bert have no ids and were matched by their position.",)


def test_hugging_face_with_only_the_likeliest_of_two_classes(tmp_path):
    rows = [("a", "NEGATIVE", 0.9), ("b", "POSITIVE", 0.6), ("c", "POSITIVE", 0.99)]
    (tmp_path / "bert.jsonl").write_text(
        "".join(json.dumps({"id": i, "label": label, "score": score}) + "\n" for i, label, score in rows)
    )

    aligned = align({"bert": tmp_path / "bert.jsonl"}, truth={"a": "NEGATIVE", "b": "NEGATIVE", "c": "POSITIVE"})

    np.testing.assert_allclose(aligned.models[0].scores[0], [[0.9, 0.1], [0.4, 0.6], [0.01, 0.99]])


def test_ultralytics_results_one_file_per_image(probabilities, tmp_path):
    scores, y, ids = probabilities
    for name, row in zip(ids, scores, strict=True):
        text = json.dumps(labelled(row, keys=("name", "confidence"), classes=True))
        (tmp_path / f"{name.removesuffix('.png')}.json").write_text(text)

    aligned = align({"yolo": tmp_path}, truth={n.removesuffix(".png"): LABELS[c] for n, c in zip(ids, y, strict=True)})

    check(aligned, probabilities)


def test_concatenated_ultralytics_tables(probabilities, tmp_path):
    scores, y, ids = probabilities
    parts = [pd.DataFrame(labelled(row, keys=("name", "confidence"), classes=True)).assign(path=name)
             for name, row in zip(ids, scores, strict=True)]  # fmt: skip
    pd.concat(parts).to_csv(tmp_path / "yolo.csv", index=False)

    aligned = align({"yolo": tmp_path / "yolo.csv"}, truth={n: LABELS[c] for n, c in zip(ids, y, strict=True)})

    check(aligned, probabilities)


def test_the_five_likeliest_of_more_classes_give_only_classes(tmp_path):
    rng = np.random.default_rng(0)
    names = [f"c{i}" for i in range(8)]
    y, lines = rng.integers(8, size=60), []
    scores = rng.dirichlet(np.ones(8), 60)
    for i, row in enumerate(scores):
        top = [{"name": names[j], "class": int(j), "confidence": round(float(row[j]), 5)} for j in np.argsort(-row)[:5]]
        lines.append(json.dumps({"id": f"{i:02}", "predictions": top}))
    (tmp_path / "yolo.jsonl").write_text("\n".join(lines))

    model = align({"yolo": tmp_path / "yolo.jsonl"}, truth={f"{i:02}": names[c] for i, c in enumerate(y)}).models[0]

    assert model.kind == "classes"
    assert model.scores[0].argmax(axis=1).tolist() == scores.argmax(axis=1).tolist()
    assert "as few as 5 of 8 classes" in model.choices[-1].why


def test_the_result_of_one_image_is_an_error(tmp_path):
    (tmp_path / "one.json").write_text(json.dumps(labelled(np.array([0.2, 0.3, 0.5]))))

    with pytest.raises(DataError, match="the result for one input") as caught:
        read_source(tmp_path / "one.json", "one")

    assert caught.value.error_id == "E-PREDICTIONS-FORMAT"


def test_mmclassification_results(probabilities, tmp_path):
    """The items of tools/test.py --out: lists over all images beside metrics."""
    scores, y, _ = probabilities
    predicted = scores.argmax(axis=1)
    document = {
        "accuracy_top-1": 33.3,
        "class_scores": scores.tolist(),
        "pred_score": scores.max(axis=1).tolist(),
        "pred_label": predicted.tolist(),
        "pred_class": [LABELS[i] for i in predicted],
    }
    (tmp_path / "swin.json").write_text(json.dumps(document))

    aligned = align({"swin": tmp_path / "swin.json"}, truth=[LABELS[c] for c in y])

    order = np.argsort(np.arange(40).astype(str))
    np.testing.assert_array_equal(aligned.models[0].scores[0], scores[order])
    assert any("accuracy_top-1" in choice.value for choice in aligned.models[0].choices)


def test_mmpretrain_inferencer_results(probabilities, tmp_path):
    scores, y, ids = probabilities
    rows = [
        {"img_path": name, "pred_scores": row.tolist(), "pred_label": int(row.argmax()), "pred_score": float(row.max())}
        for name, row in zip(ids, scores, strict=True)
    ]
    (tmp_path / "swin.json").write_text(json.dumps(rows))

    check(
        align({"swin": tmp_path / "swin.json"}, truth={n: LABELS[c] for n, c in zip(ids, y, strict=True)}),
        probabilities,
    )


@pytest.mark.parametrize("name", ["results.pkl", "results.pickle", "model.pt", "svm.joblib"])
def test_pickles_are_an_error_and_never_read(name, tmp_path):
    (tmp_path / name).write_bytes(b"cos\nsystem\n(S'touch marker'\ntR.")

    with pytest.raises(DataError, match="can run code") as caught:
        read_source(tmp_path / name, "x")

    assert "numpy.savez" in caught.value.hint


def test_a_pickle_within_an_array_file_is_an_error(tmp_path):
    np.save(tmp_path / "a.npy", np.array([{}], dtype=object), allow_pickle=True)

    with pytest.raises(DataError) as caught:
        read_source(tmp_path / "a.npy", "a")

    assert caught.value.error_id == "E-PREDICTIONS-FORMAT"


def test_several_fits_as_an_array_of_three_dimensions():
    scores = np.random.default_rng(0).dirichlet(np.ones(2), (3, 20))

    aligned = align({"cnn": scores}, truth=[0, 1] * 10, ids=[f"s{i:02}" for i in range(20)])

    assert aligned.models[0].fits == ("0", "1", "2")
    np.testing.assert_array_equal(aligned.models[0].scores, scores)


def test_a_score_for_two_classes_as_decision_function():
    model = align({"svm": np.array([-1.5, 0.5, 2.0])}, truth=["ill", "well", "well"]).models[0]

    assert (model.kind, model.scores[0].argmax(axis=1).tolist()) == ("ranks", [0, 1, 1])


def test_ids_are_read_from_an_index_of_pandas():
    truth = pd.Series(["x", "y", "x"], index=["c", "a", "b"])
    table = pd.DataFrame({"pred": ["y", "x", "y"]}, index=["a", "b", "c"])

    aligned = align({"m": table}, truth=truth)

    assert (aligned.ids.tolist(), aligned.y.tolist()) == (["a", "b", "c"], [1, 0, 0])
    assert aligned.models[0].scores[0].argmax(axis=1).tolist() == [1, 0, 1]


def test_the_fast_and_the_strict_reader_agree(tmp_path):
    (tmp_path / "a.csv").write_text("id,label\r\na,1\r\nb,2\r\n")
    (tmp_path / "b.csv").write_text('id,label\n"a",1\nb,2\n')

    quick, strict = _split(tmp_path / "a.csv", ","), read_separated(tmp_path / "b.csv")

    assert quick is not None
    assert dict(quick.columns) == dict(strict.columns) == {"id": ["a", "b"], "label": ["1", "2"]}
    assert list(quick.rows) == list(strict.rows) == [2, 3]


@pytest.mark.parametrize(
    ("content", "error_id"),
    [
        ("id,label\na,1\nb\n", "E-CSV-RAGGED"),
        ("id,label\na,1,2\nb\n", "E-CSV-RAGGED"),
        ("id,id\na,1\nb,2\n", "E-CSV-HEADER"),
        ('id,label\n"a,1\nb,2\n', "E-CSV-SYNTAX"),
        ("id,label\n", "E-CSV-EMPTY"),
        ("id,label\na,1\0\n", "E-CSV-SYNTAX"),
        (b"id,label\na,\xe9\n", "E-CSV-ENCODING"),
    ],
)
def test_an_invalid_table_has_the_error_of_the_strict_reader(content, error_id, tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())

    with pytest.raises(DataError) as caught:
        read_separated(path)

    assert caught.value.error_id == error_id


@pytest.mark.parametrize(
    ("name", "content", "error_id"),
    [
        ("a.jsonl", '[{"label": "x", "score": 1}]\nnot json\n', "E-JSONL-SYNTAX"),
        ("a.json", "{", "E-PREDICTIONS-FORMAT"),
        ("a.json", "3", "E-PREDICTIONS-FORMAT"),
        ("a.json", '{"a": 3}', "E-PREDICTIONS-FORMAT"),
        ("a.json", '[{"s": [1, 2]}, {"s": [1]}]', "E-PREDICTIONS-FORMAT"),
        ("a.json", '[{"s": [1, 2]}, {"s": [1, 2, 3]}]', "E-PREDICTIONS-FORMAT"),
        ("a.doc", "x", "E-PREDICTIONS-FORMAT"),
    ],
)
def test_files_of_an_unknown_format_are_an_error(name, content, error_id, tmp_path):
    (tmp_path / name).write_text(content)

    with pytest.raises(DataError) as caught:
        read_source(tmp_path / name, "a")

    assert caught.value.error_id == error_id


def test_arrays_of_different_lengths_are_an_error():
    with pytest.raises(DataError, match="different lengths"):
        read_source({"a": [1, 2], "b": [1, 2, 3]}, "m")


def test_an_array_of_four_dimensions_is_an_error():
    with pytest.raises(DataError, match=r"shape \(1, 1, 1, 1\)"):
        read_source(np.zeros((1, 1, 1, 1)), "m")


def test_missing_files_and_empty_folders_are_an_error(tmp_path):
    with pytest.raises(DataError, match="no such file"):
        read_source(tmp_path / "a.csv", "a")
    with pytest.raises(DataError, match=r"without \.json files"):
        read_source(tmp_path, "a")
    with pytest.raises(ConfigError):
        align({}, options=Options())
