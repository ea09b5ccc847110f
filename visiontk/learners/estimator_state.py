"""Fitted scikit-learn estimators as data (docs/decisions/018).

An estimator is made by our code from the parameters of its learner; saved is only what `fit` added to it, as numbers,
texts and arrays. A file names no type but a few that are listed in `MADE_BY_FIT`, and no function. Arrays that compiled
code indexes without checking, those of trees and of libsvm, are checked here.
"""

from __future__ import annotations

import importlib
import math
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from visiontk.core import CannotSave
from visiontk.errors import ModelError
from visiontk.learners.state import State

MADE_BY_FIT = {
    "DecisionTreeClassifier": "sklearn.tree",
    "DecisionTreeRegressor": "sklearn.tree",
    "ExtraTreeClassifier": "sklearn.tree",
    "ExtraTreeRegressor": "sklearn.tree",
    "LabelBinarizer": "sklearn.preprocessing",
    "LabelEncoder": "sklearn.preprocessing",
    "LogisticRegression": "sklearn.linear_model",
    "MLPClassifier": "sklearn.neural_network",
    "MLPRegressor": "sklearn.neural_network",
    "TfidfTransformer": "sklearn.feature_extraction.text",
}
"""Estimators that the fit of another one makes, with their modules."""

LEFT_OUT = {"_random_state", "_optimizer", "_best_coefs", "_best_intercepts", "_sample_weight"}
"""Attributes that prediction does not read."""

NODES = {
    "left_child": np.dtype(np.int32),
    "right_child": np.dtype(np.int32),
    "feature": np.dtype(np.int32),
    "threshold": np.dtype(np.float64),
    "missing_go_to_left": np.dtype(np.uint8),
}
"""Columns of the nodes of a tree that prediction reads."""

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*|_[A-Za-z][A-Za-z0-9_]*")


def state_of(estimator: Any) -> State:
    """Return what `fit` added to an estimator and to those inside it; CannotSave if something is no data."""
    writer = _Writer()
    return State({"scikit-learn": version(), "fitted": writer.fitted(estimator)}, writer.arrays)


def fill(estimator: Any, state: State) -> None:
    """Add to an estimator that was made with the same parameters what `state_of` returned; ValueError if it is damaged.

    Raises
    ------
    ValueError
        If the state is damaged.
    ModelError
        If another version of scikit-learn wrote it.
    """
    wrote = state.value.get("scikit-learn")
    if wrote != version():
        raise ModelError(
            f"fitted with scikit-learn {wrote}, installed is {version()}.",
            error_id="E-MODEL-VERSION",
            hint=f"Install scikit-learn {wrote}, or fit it again.",
        )
    _Reader(state.arrays).fill(estimator, state.value["fitted"])


def version() -> str:
    """Return the version of scikit-learn without its last part, which changes no attribute."""
    import sklearn

    return ".".join(sklearn.__version__.split(".")[:2])


def parts(estimator: Any) -> Iterator[tuple[str, Any]]:
    """Yield the estimators among the parameters of another one, such as the steps of a pipeline, with their names."""
    for name, value in estimator.get_params(deep=False).items():
        if hasattr(value, "get_params"):
            yield name, value
        elif isinstance(value, list):
            for each in value:
                if isinstance(each, tuple) and hasattr(each[-1], "get_params"):
                    yield f"{name}.{each[0]}", each[-1]


class _Writer:
    """Encodes values as JSON; arrays are put aside."""

    def __init__(self) -> None:
        self.arrays: dict[str, NDArray[Any]] = {}

    def fitted(self, estimator: Any) -> dict[str, Any]:
        parameters = set(estimator.get_params(deep=False))
        own = {name: value for name, value in vars(estimator).items() if name not in parameters | LEFT_OUT}
        inside = {name: self.fitted(part) for name, part in parts(estimator)}
        return {"own": {name: self.encode(value) for name, value in own.items()}, "parts": inside}

    def encode(self, value: Any) -> Any:
        if value is None or isinstance(value, bool | str) or type(value) is int:
            return value
        if type(value) is float and math.isfinite(value):
            return value
        if type(value) in (list, tuple):
            return {type(value).__name__: [self.encode(each) for each in value]}
        if isinstance(value, float | np.generic | np.ndarray):
            return self._array(np.asarray(value))
        if isinstance(value, dict):
            return {"vocabulary": _in_order(value)}
        kind = type(value).__name__
        if kind == "Tree":
            return {"tree": self._tree(value)}
        if kind in MADE_BY_FIT and type(value).__module__.startswith("sklearn."):
            parameters = {name: self.encode(each) for name, each in value.get_params(deep=False).items()}
            return {"estimator": kind, "parameters": parameters, "fitted": self.fitted(value)}
        raise CannotSave(f"it holds a {type(value).__module__}.{kind}, for which there is no form as data")

    def _array(self, array: NDArray[Any]) -> dict[str, Any]:
        if array.dtype.kind not in "biuf" or array.dtype.itemsize > 8:
            raise CannotSave(f"it holds an array of {array.dtype}, for which there is no form as data")
        # Products of matrices differ in their last bits by the order of their elements in memory.
        by_column = array.ndim == 2 and array.flags.f_contiguous and not array.flags.c_contiguous
        name = str(len(self.arrays))
        self.arrays[name] = array.T if by_column else array
        return {"by_column" if by_column else "array": name}

    def _tree(self, tree: Any) -> dict[str, Any]:
        state = tree.__getstate__()
        return {
            "n_features": int(tree.n_features),
            "n_classes": self.encode(np.asarray(tree.n_classes)),
            "max_depth": int(state["max_depth"]),
            "nodes": {name: self.encode(state["nodes"][name].astype(kind)) for name, kind in NODES.items()},
            "values": self.encode(state["values"]),
        }


class _Reader:
    """Decodes what `_Writer` encoded."""

    def __init__(self, arrays: dict[str, NDArray[Any]]) -> None:
        self.arrays = arrays

    def fill(self, estimator: Any, fitted: Any) -> None:
        own, inside = _members(fitted, "own", "parts")
        expected = dict(parts(estimator))
        if set(inside) != set(expected):
            raise ValueError(f"parts {', '.join(sorted(inside)) or 'none'}, expected {', '.join(sorted(expected))}")
        for name, part in expected.items():
            self.fill(part, inside[name])
        reserved = set(estimator.get_params(deep=False)) | LEFT_OUT
        for name, value in own.items():
            if not NAME.fullmatch(name) or name in reserved or callable(getattr(type(estimator), name, None)):
                raise ValueError(f"{type(estimator).__name__} has no fitted attribute {name!r}")
            vars(estimator)[name] = self.decode(value)
        _check_trees(estimator)
        _check_libsvm(estimator)

    def decode(self, value: Any) -> Any:
        if not isinstance(value, dict):
            if isinstance(value, list):
                raise ValueError("a list without its type")
            return value
        match value:
            case {"list": list(values)}:
                return [self.decode(each) for each in values]
            case {"tuple": list(values)}:
                return tuple(self.decode(each) for each in values)
            case {"array": str(name)}:
                array = self._array(name)
                return array if array.ndim else array[()]
            case {"by_column": str(name)}:
                return self._array(name).T
            case {"vocabulary": list(words)} if all(isinstance(word, str) for word in words):
                numbers = {word: i for i, word in enumerate(words)}
                if len(numbers) != len(words):
                    raise ValueError("a word occurs twice in a vocabulary")
                return numbers
            case {"tree": dict(tree)}:
                return self._tree(tree)
            case {"estimator": str(kind), "parameters": dict(parameters), "fitted": fitted} if kind in MADE_BY_FIT:
                make = getattr(importlib.import_module(MADE_BY_FIT[kind]), kind)
                estimator = make(**{name: self.decode(each) for name, each in parameters.items()})
                self.fill(estimator, fitted)
                return estimator
        raise ValueError(f"a value of an unknown form, with {', '.join(sorted(value)) or 'nothing'}")

    def _array(self, name: str) -> NDArray[Any]:
        if name not in self.arrays:
            raise ValueError(f"no array {name!r}")
        return self.arrays[name]

    def _tree(self, value: dict[str, Any]) -> Any:
        from sklearn.tree._tree import NODE_DTYPE, Tree

        nodes, n_features = value["nodes"], value["n_features"]
        columns = {name: self.decode(nodes[name]) for name in NODES}
        n_nodes = len(columns["left_child"])
        table = np.zeros(n_nodes, NODE_DTYPE)
        for name, column in columns.items():
            if column.shape != (n_nodes,) or column.dtype != NODES[name]:
                raise ValueError(f"a tree whose {name} are {column.dtype} of shape {column.shape}")
            table[name] = column
        _check_nodes(table, n_features)
        n_classes, values = self.decode(value["n_classes"]), self.decode(value["values"])
        tree = Tree(n_features, n_classes.astype(np.intp), len(n_classes))
        state = {"max_depth": value["max_depth"], "node_count": n_nodes, "nodes": table, "values": values}
        tree.__setstate__(state)
        return tree


def _members(value: Any, *names: str) -> list[dict[str, Any]]:
    """Return the objects of these names; ValueError unless `value` holds these and no others."""
    if not isinstance(value, dict) or set(value) != set(names) or not all(isinstance(value[n], dict) for n in names):
        raise ValueError(f"expected an object with {' and '.join(names)}")
    return [value[name] for name in names]


def _in_order(numbers: dict[Any, Any]) -> list[str]:
    """Return the words of a vocabulary, which has each number from 0 once, in their order."""
    words = sorted(numbers, key=lambda word: numbers[word]) if all(type(n) is int for n in numbers.values()) else []
    if not all(isinstance(word, str) for word in words) or [numbers[w] for w in words] != list(range(len(numbers))):
        raise CannotSave("it holds a dictionary that is no vocabulary, for which there is no form as data")
    return words


def _check_nodes(nodes: NDArray[Any], n_features: Any) -> None:
    """Raise ValueError unless following the nodes of a tree ends, and stays within nodes and features."""
    place = np.arange(len(nodes))
    inner = nodes["left_child"] != -1
    children = np.stack([nodes["left_child"], nodes["right_child"]])
    # scikit-learn numbers children after their parents.
    follows = ((children > place) & (children < len(nodes)))[:, inner].all() and (children[:, ~inner] == -1).all()
    features = nodes["feature"][inner]
    if type(n_features) is not int or not len(nodes) or not follows or not _within(features, n_features):
        raise ValueError("a tree whose nodes lead outside of it")


def _within(numbers: NDArray[Any], n: int) -> bool:
    return bool(((numbers >= 0) & (numbers < n)).all())


def _check_trees(estimator: Any) -> None:
    """Raise ValueError unless every tree of an estimator, or the tree that it is, takes as many features as it does."""
    fitted = vars(estimator)
    trees = [each for each in fitted.get("estimators_", ()) if "tree_" in vars(each)]
    own = [fitted["tree_"].n_features] if "tree_" in fitted else []
    if any(n != fitted.get("n_features_in_") for n in [*own, *(tree.n_features_in_ for tree in trees)]):
        raise ValueError("trees of other numbers of features than the forest")


def _check_libsvm(machine: Any) -> None:
    """Raise ValueError unless the arrays of a support vector machine of libsvm have the sizes that its code assumes."""
    fitted = vars(machine)
    if "_n_support" not in fitted:
        return
    counts, vectors = fitted["_n_support"], fitted["support_vectors_"]
    k, n = len(counts), len(vectors)
    sizes = {
        "_n_support": (np.int32, (k,)),
        "support_": (np.int32, (n,)),
        "support_vectors_": (np.float64, (n, machine.n_features_in_)),
        "_dual_coef_": (np.float64, (max(k - 1, 1), n)),
        "_intercept_": (np.float64, (max(k * (k - 1) // 2, 1),)),
        "classes_": (np.int64, (k,)),
    }
    wrong = [name for name, (kind, shape) in sizes.items() if _form(fitted[name]) != (np.dtype(kind), shape)]
    probabilities = [fitted[name].size for name in ("_probA", "_probB")]
    if wrong or fitted["_sparse"] or any(probabilities) or (counts < 0).any() or counts.sum() != n:
        raise ValueError(f"a support vector machine whose {wrong[0] if wrong else 'support vectors'} cannot be true")
    if tuple(fitted["shape_fit_"][1:]) != vectors.shape[1:]:
        raise ValueError("a support vector machine of another number of features")


def _form(array: Any) -> tuple[Any, Any]:
    return getattr(array, "dtype", None), getattr(array, "shape", None)
