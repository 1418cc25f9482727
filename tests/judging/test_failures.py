"""What kind of failure an answer is, and that a hint is shown only for those that it explains."""

from __future__ import annotations

import numpy as np
import pytest

from autograder import exercises
from autograder.judging.calls import Raised, Returned, Stopped, Unreadable
from autograder.judging.failures import kind_of
from autograder.judging.prove import marked

TRUTH = Returned(np.array([1.0, 2.0]))


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Returned(np.array([1.0, 3.0])), "value"),
        (Returned(np.array([1.0, np.nan])), "infinite"),
        (Returned(np.array([1.0])), "shape"),
        (Returned(np.array([1, 2])), "dtype"),
        (Returned(np.array([1.0, 2.0], np.float32)), "dtype"),
        (Returned(None), "nothing"),
        (Returned(np.array([1.0, 2.0]), changed=True), "changed"),
        (Raised("NameError", "name 'x' is not defined"), "code"),
        (Raised("TypeError", "only length-1 arrays can be converted"), "type"),
        (Raised("ValueError", "assignment destination is read-only"), "read-only"),
        (Raised("ZeroDivisionError"), "raised"),
        (Raised("UnboundLocalError"), "code"),
        (Raised("ModuleNotFoundError"), "code"),
        (Raised("AttributeError"), "type"),
        (Raised("_UFuncNoLoopError"), "type"),
        (Raised("NameError", "it is read-only"), "read-only"),
        (Returned(None, changed=True), "changed"),
        (Returned("text"), "value"),
        (Returned(np.array([np.inf, 3.0])), "infinite"),
        (Returned(np.array([np.nan])), "shape"),
        (Returned(np.array([1.0, 3.0], np.float32)), "value"),
        (Returned(np.array([1, 7])), "dtype"),
        (Returned([1.0, 2.0]), "value"),
        (Returned((1.0, np.nan)), "infinite"),
        (Stopped("too late"), "stopped"),
        (Unreadable("a generator"), "stopped"),
    ],
    ids=repr,
)
def test_an_answer_is_of_one_kind(answer, kind):
    assert kind_of(answer, TRUTH) == kind


@pytest.mark.parametrize("name", [name for _, name in exercises.names()])
def test_every_first_check_has_a_hint(name):
    assert exercises.find(name).checks[0].hints[0].text


def failed(name, function):
    return [check.message for check in marked(exercises.find(name), function, 0).checks if check.passed is False]


def test_advice_on_dtypes_is_for_dtypes_and_advice_on_writing_for_what_is_written():
    reference = exercises.find("cross_entropy_grad").reference

    def same_dtype(logits, y):
        return reference(logits, y).astype(np.asarray(logits).dtype)

    def changes(logits, y):
        result = reference(logits, y)
        if logits.flags.writeable:
            logits *= 3
        return 1e-3 + result if len(y) == 99 else result

    (dtype,) = failed("cross_entropy_grad", same_dtype)
    assert "dtype=float" in dtype
    assert "written into" not in dtype
    assert all("dtype=float" not in text for text in failed("cross_entropy_grad", changes))


def test_a_name_that_is_missing_is_not_answered_with_mathematics():
    (text,) = failed("softmax", lambda z, axis=-1, temperature=1.0: logsumexp(z))  # noqa: F821
    assert exercises.find("softmax").checks[0].hints[0].text not in text


def test_of_several_values_one_that_is_not_finite_decides():
    pair = Returned((np.array([1.0]), np.array([2.0])))
    assert kind_of(Returned((np.array([1.0]), np.array([np.inf]))), pair) == "infinite"
    assert kind_of(Returned((np.array([1.0]), np.array([3.0]))), pair) == "value"
    assert kind_of(Returned(None), pair) == "nothing"
