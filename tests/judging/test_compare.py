"""What counts as the right value, by CONTRACT.md's "Results" and "Accuracy", and how a wrong one is named."""

from __future__ import annotations

import math
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from autograder.judging.compare import (
    EPS,
    EPS32,
    Mismatch,
    Tolerance,
    agrees,
    compare,
    describe,
    identical,
    show,
    tolerance_for,
)

EXACT = Tolerance()
nan, inf = np.nan, np.inf


def clause(actual, expected, tolerance=EXACT, *, single=False):
    mismatch = compare(actual, expected, tolerance, single=single)
    return mismatch and mismatch.clause


# --- equal in every bit ----------------------------------------------------------------------------------

doubles = npst.arrays(np.float64, npst.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3))


@given(doubles)
def test_what_is_equal_in_every_bit_is_right_without_any_tolerance(values):
    for answer, truth in ((values.copy(), values), ((values, values.copy()), (values, values))):
        assert identical(answer, truth)
        assert compare(answer, truth, Tolerance(0.0, 0.0)) is None


@pytest.mark.parametrize(
    ("answer", "truth"),
    [
        (np.float32([0.5]), np.float64([0.5])),
        (np.array([0.5], ">f8"), np.array([0.5])),
        (np.array([1]), np.array([1.0])),
        (np.array([0.5]), np.array([[0.5]])),
        (np.array([0.5, 0.0]), np.array([0.5, -0.0])),
        ([0.5], np.array([0.5])),
        (0.5, np.float64(0.5)),
        ((np.array([0.5]),), (np.array([0.5]), np.array([0.5]))),
        (np.array([[0.5], [0.5]]), (np.array([0.5]), np.array([0.5]))),
        (None, np.array([0.5])),
    ],
    ids=repr,
)
def test_what_is_of_another_kind_is_looked_at_more_closely(answer, truth):
    assert not identical(answer, truth)


# --- kinds and shapes ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "scalar",
    [2.0, 2, np.float64(2), np.array(2.0), np.array(2), np.longdouble(2), np.array(2.0, ">f8")],
    ids=repr,
)
def test_a_number_of_any_width_and_wrapping_is_a_scalar(scalar):
    assert compare(scalar, np.float64(2), EXACT) is None


@pytest.mark.parametrize("actual", [np.array([2.0]), [2.0], (2.0,), np.array([[2.0]])], ids=repr)
def test_a_length_one_array_is_no_scalar(actual):
    assert clause(actual, 2.0) == f"shape {np.shape(actual)} where a scalar was expected"


def test_a_scalar_is_no_array():
    assert clause(2.0, np.array([2.0])) == "a scalar where shape (1,) was expected"


@pytest.mark.parametrize("shape", [(3, 2), (6,), (2, 3, 1), (1, 2, 3)])
def test_another_shape_is_named_beside_the_expected_one(shape):
    assert clause(np.zeros(shape), np.zeros((2, 3))) == f"shape {shape} where shape (2, 3) was expected"


@pytest.mark.parametrize("actual", [[0.25, 0.75], (0.25, 0.75), [np.array(0.25), np.float64(0.75)]], ids=repr)
def test_a_list_of_numbers_is_an_array(actual):
    assert compare(actual, np.array([0.25, 0.75]), EXACT) is None


@pytest.mark.parametrize("dtype", ["f8", ">f8", np.longdouble])
def test_float64_and_wider_arrays_are_accepted(dtype):
    assert compare(np.array([1.0, 0.0], dtype), np.array([1.0, 0.0]), EXACT) is None


@pytest.mark.parametrize("shape", [(), (2,)])
def test_float32_is_accepted_for_float32_arguments_alone(shape):
    actual, truth = np.ones(shape, np.float32), np.ones(shape)
    assert compare(actual, truth, EXACT, single=True) is None
    assert clause(actual, truth) == "float32 numbers where float64 was expected"


@pytest.mark.parametrize("single", [False, True])
@pytest.mark.parametrize("dtype", ["f2", "i8", "i1", "u8", "c16", "c8", "?"])
def test_arrays_of_other_dtypes_are_refused_even_when_equal(dtype, single):
    wanted = "float32 or float64" if single else "float64"
    name = np.dtype(dtype).name
    assert clause(np.ones(2, dtype), np.ones(2), single=single) == f"{name} numbers where {wanted} was expected"


@pytest.mark.parametrize(
    ("actual", "kind"), [(True, "bool"), (np.True_, "bool"), (1 + 0j, "complex128"), (np.float16(1), "float16")]
)
def test_booleans_complex_and_half_precision_numbers_are_no_scalars(actual, kind):
    assert clause(actual, 1.0) == f"{kind} numbers where float64 was expected"


def test_none_is_met_with_the_likely_cause():
    assert clause(None, 1.0) == clause(None, np.ones(3)) == "None (is a return statement missing?)"


@pytest.mark.parametrize("ragged", [[[1.0, 2.0], [3.0]], [1.0, [2.0]], [np.ones(2), np.ones(3)]], ids=repr)
def test_a_ragged_list_is_called_ragged(ragged):
    assert clause(ragged, np.ones((2, 2))) == "a ragged list: its rows differ in length"


@pytest.mark.parametrize(
    ("actual", "kind"),
    [
        ("0.5", "a string"),
        ("", "a string"),
        ({}, "a dictionary"),
        ({"mu": 1.0}, "a dictionary"),
        (["a", "b"], "a list"),
        ((None, 1.0), "a tuple"),
        ([{}, {}], "a list"),
    ],
    ids=repr,
)
def test_what_is_no_number_is_named_by_its_kind(actual, kind):
    assert clause(actual, np.ones(2)) == f"{kind} where numbers were expected"


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (None, "None"),
        (True, "a boolean"),
        (1, "a number"),
        (1.5, "a number"),
        ("x", "a string"),
        ([], "a list"),
        ((), "a tuple"),
        ({}, "a dictionary"),
        (np.zeros((2, 0)), "an array of shape (2, 0)"),
    ],
    ids=repr,
)
def test_describe_names_every_kind(value, kind):
    assert describe(value) == kind


# --- pairs -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "pair", [(1.0, 2.0), [1.0, 2.0], np.array([1.0, 2.0]), (np.array(1.0), np.float64(2))], ids=repr
)
def test_a_pair_is_any_sequence_of_length_two(pair):
    assert compare(pair, (1.0, 2.0), EXACT) is None


@pytest.mark.parametrize(
    ("actual", "kind"),
    [
        (None, "None"),
        (1.0, "a number"),
        (np.array(1.0), "a number"),
        ("ab", "a string"),
        ({1.0: 2.0, 2.0: 1.0}, "a dictionary"),
        ((1.0,), "a tuple"),
        ([1.0, 2.0, 3.0], "a list"),
        (np.ones(3), "an array of shape (3,)"),
    ],
    ids=repr,
)
def test_what_is_no_pair_is_named(actual, kind):
    assert clause(actual, (1.0, 2.0)) == f"{kind} where 2 values were expected"
    assert not agrees(actual, (1.0, 2.0), EXACT)


def test_the_wrong_value_of_a_pair_is_named():
    assert clause((1.0, 5.0), (1.0, 2.0)).endswith("(value 2 of 2)")
    assert clause((None, 2.0), (1.0, 2.0)).endswith("(value 1 of 2)")


# --- elements --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [nan, inf, -inf])
def test_nan_and_infinities_agree_with_themselves(value):
    assert compare(np.array([value, 1.0]), np.array([value, 1.0]), EXACT) is None


@pytest.mark.parametrize(
    ("got", "truth"),
    [
        (nan, 1.0),
        (inf, 1.0),
        (-inf, 1.0),
        (1.0, nan),
        (1.0, inf),
        (1.0, -inf),
        (inf, -inf),
        (-inf, inf),
        (nan, inf),
        (inf, nan),
    ],
)
def test_nan_and_infinities_agree_with_nothing_else_whatever_the_tolerance(got, truth):
    mismatch = clause(np.array([1.0, got]), np.array([1.0, truth]), Tolerance(1e300, 1e300))
    assert "at [1]" in mismatch
    assert "expected" in mismatch


def test_the_worst_element_is_named():
    """Three elements are wrong by 1e-3, 1e-1 and 1e-2 of their size; the second is the one shown."""
    truth = np.array([[1e6, 2.0], [4.0, 8.0]])
    wrong = truth * (1 + np.array([[1e-3, 1e-1], [0, 1e-2]]))
    assert clause(wrong, truth) == "2.2 at [0, 1] where 2 was expected (relative difference 1.0e-01)"


def test_a_difference_in_late_digits_is_shown_with_as_many():
    assert clause(1.0 + 1e-8, 1.0).startswith("1.00000001 where 1 was expected")


def test_a_difference_from_zero_is_absolute():
    assert clause(0.5, 0.0) == "0.5 where 0 was expected (absolute difference 5.0e-01)"


@pytest.mark.parametrize(("got", "truth"), [(1e308, -1e308), (1e308, 5e-324), (5e-324, 1e308)])
def test_differences_that_overflow_are_wrong_values(got, truth):
    assert "was expected" in clause(got, truth)


def test_empty_arrays_of_the_same_shape_agree():
    assert compare(np.zeros((0, 3)), np.zeros((0, 3)), EXACT) is None
    assert clause(np.zeros((3, 0)), np.zeros((0, 3))) == "shape (3, 0) where shape (0, 3) was expected"


# --- tolerance -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("truth", [1.0, -3.25, 1e-200, 1e200])
def test_a_relative_difference_of_1e9_is_the_limit(truth):
    tolerance = tolerance_for(0.0)
    assert compare(truth * (1 + 0.99e-9), truth, tolerance) is None
    assert compare(truth * (1 + 1.01e-9), truth, tolerance) is not None


@pytest.mark.parametrize("magnitude", [1.0, 1e4])
@pytest.mark.parametrize(("single", "eps"), [(False, EPS), (True, EPS32)])
def test_sixteen_epsilons_of_the_largest_intermediate_are_forgiven(magnitude, single, eps):
    tolerance = tolerance_for(magnitude, single=single)
    assert compare(15.9 * eps * magnitude, 0.0, tolerance) is None
    assert compare(16.1 * eps * magnitude, 0.0, tolerance) is not None


def test_float32_arguments_loosen_the_relative_tolerance_to_float32_accuracy():
    assert tolerance_for(1.0).relative == pytest.approx(1e-9)
    assert EPS32 < tolerance_for(1.0, single=True).relative < 1e-4


def test_an_exponent_rounded_by_its_size_costs_that_much_relative_accuracy():
    """exp(z (1 + eps)) = exp(z) (1 + eps z): the tolerance must admit it, for the largest z of the contract."""
    z = 1e6
    assert tolerance_for(1.0, conditioned=z).relative >= 1e-9 + EPS * z


# --- agreement with a known mistake ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrong", [None, 3, np.ones(2, np.float32), np.ones((1, 2)), np.array([1, 2]), nan, [1.0, 2.0]], ids=repr
)
def test_two_wrong_results_of_one_kind_agree(wrong):
    assert agrees(wrong, wrong, EXACT)


@pytest.mark.parametrize(
    ("actual", "other"),
    [
        (None, 1.0),
        (1.0, None),
        (np.ones(2), np.ones(3)),
        (np.ones(2), np.ones(2, np.float32)),
        (np.ones(2), np.ones(2, np.int64)),
        ("1.0", 1.0),
        (1.0, "1.0"),
        (1.0, 1.1),
        ((1.0, 2.0), (2.0, 1.0)),
    ],
    ids=repr,
)
def test_results_of_another_kind_or_value_do_not_agree(actual, other):
    assert not agrees(actual, other, EXACT)


# --- printing --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (np.array([[1.0, 0.25]]), "[[1, 0.25]]"),
        ([[1, 2], [3, 5]], "[[1, 2], [3, 5]]"),
        (2.5, "2.5"),
        (7, "7"),
        (True, "True"),
        (None, "None"),
        (np.zeros((0, 2)), "[]"),
        (np.array([nan, -inf]), "[nan, -inf]"),
        ("it's", '"it\'s"'),
        ((1.0, None), "(1, None)"),
    ],
    ids=repr,
)
def test_values_are_printed_as_in_source_code(value, text):
    assert show(value) == text


@pytest.mark.parametrize("value", ["x" * 10_000, np.zeros(10_000), np.zeros((500, 500)), [["x" * 99] * 99] * 99])
def test_what_is_long_is_abridged(value):
    assert len(show(value)) < 700


@given(st.floats(allow_nan=False), st.floats(allow_nan=False) | st.none())
def test_different_numbers_are_shown_differently(a, b):
    """However close they are: without a second number, the one next to the first is taken."""
    b = math.nextafter(a, 0) if b is None else b
    assert (show(a, against=b) == show(b, against=a)) == (repr(a) == repr(b))


# --- whatever the strict reader may produce --------------------------------------------------------------


def decoded(kinds):
    """Values as ``sandbox.protocol`` decodes them; arrays of the dtype kinds named."""
    sizes = {"b": ["?"], "i": ["i1", "i2", "<i4", ">i8"], "u": ["u1", "u8"], "c": ["c8", ">c16", "G"]}
    sizes["f"] = ["f2", "<f4", "f8", ">f8", "g"]
    dtypes = st.sampled_from([np.dtype(name) for kind in kinds for name in sizes[kind]])
    arrays = npst.arrays(dtypes, npst.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=3))
    keys = st.none() | st.booleans() | st.integers() | st.text(max_size=5)
    leaves = keys | st.integers(-(2**1024), 2**1024) | st.floats() | arrays
    return st.recursive(
        leaves,
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.lists(inner, max_size=4).map(tuple)
            | st.dictionaries(keys, inner, max_size=3)
        ),
        max_leaves=12,
    )


TRUTHS = st.sampled_from([1.0, np.array([0.5, nan]), np.zeros((2, 3)), (1.0, np.ones(2)), np.zeros((0,)), -inf])


@given(decoded("biufc"), TRUTHS, st.booleans())
def test_no_decoded_value_makes_comparing_raise(value, truth, single):
    result = compare(value, truth, tolerance_for(10.0, single=single), single=single)
    assert result is None or (isinstance(result, Mismatch) and result.clause)


@given(decoded("biuf"), TRUTHS | decoded("biuf"))
def test_no_decoded_value_makes_looking_for_agreement_raise(value, other):
    assert agrees(value, other, EXACT) in {True, False}


@given(decoded("biufc"), decoded("biufc"))
def test_no_decoded_value_makes_printing_raise(value, other):
    assert show(value, against=other)


# --- found by trying ----------------------------------------------------------------------------------------


def test_an_array_of_many_short_axes_is_abridged():
    assert len(show(np.zeros((4,) * 8))) < 1000


def test_complex_values_agree_with_nothing():
    assert not agrees(np.array(1 + 5j), np.array(1.0), Tolerance())
    assert not agrees(np.array([1 + 5j]), np.array([1 + 3j]), Tolerance())


def test_a_long_double_beyond_float64_is_only_wrong():
    beyond = np.array([np.longdouble("1e4000")])
    assert compare(beyond, np.array([1.0]), Tolerance())
    assert not agrees(beyond, np.array([1.0]), Tolerance())


def test_an_array_may_stand_for_a_pair():
    assert agrees(np.array([1.0, 2.0]), (1.0, 2.0), Tolerance())


def test_an_integer_beyond_float64_is_called_by_name():
    assert "too large for float64" in compare(10**400, 1.0, Tolerance()).clause


# --- what a process may send all the same ----------------------------------------------------------------


def test_texts_in_a_list_take_no_memory():
    """NumPy would make each of them as long as the longest: 24 TB for the second."""
    tracemalloc.start()
    for texts in (["a" * 4000] + ["b"] * 50_000, [1.0, ["a" * 60_000_000, "b"] * 50_000]):
        found = compare(texts, np.zeros(3), Tolerance())
        assert found == Mismatch("a list of more than 10000 items where fewer were expected")
        assert compare([texts[0], "b" * 4000], np.zeros(2), Tolerance()) == Mismatch(
            "a list where numbers were expected"
        )
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 100_000_000


def test_two_wrong_shapes_agree_within_a_tolerance_for_each_element():
    """A tolerance that has the truth's shape still serves to tell whether two wrong results are alike."""
    each = Tolerance(absolute=np.full((2, 2), 1e-3))
    assert agrees(np.ones(3), np.ones(3) + 5e-4, each)
    assert not agrees(np.ones(3), np.ones(3) + 5e-3, each)


HUGE = {
    "an array": np.zeros((1 << 22, 1), np.int8),
    "an array without strides": np.broadcast_to(0.5, (1 << 20, 1 << 20)),
    "a list": [0.5] * 2_000_000,
    "lists": [[0.5] * 1000] * 2000,
    "a list of arrays": [np.zeros((1000, 1000), np.int8)] * 4,
    "rows of which the last is long": [[0.5, 0.5], [0.5, [0.5] * 2_000_000]],
    "a pair of which the second is long": (0.5, [0.5] * 2_000_000),
    "short axes": np.zeros((4,) * 11, np.int8),
    "a pair of short axes": np.zeros((2,) + (4,) * 10, np.int8),
}


def peak_of(action):
    """The memory that an action takes at most, in bytes."""
    tracemalloc.start()
    try:
        action()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("truth", [1.0, (1.0, 2.0), np.ones(3), np.ones((2, 2))], ids=repr)
@pytest.mark.parametrize("huge", HUGE.values(), ids=HUGE)
def test_what_is_too_long_is_refused_by_its_lengths(huge, truth):
    """Nothing is listed, converted or printed of it: that would take megabytes."""
    assert compare(huge, truth, EXACT)
    assert not agrees(huge, truth, EXACT)
    assert len(show(huge, against=truth)) < 1000
    looks = (
        lambda: compare(huge, truth, EXACT),
        lambda: agrees(huge, truth, EXACT),
        lambda: identical(huge, truth),
        lambda: show(huge, against=truth),
        lambda: show(truth, against=huge),
    )
    assert max(map(peak_of, looks)) < 2 << 20


def test_a_right_list_may_be_as_long_as_the_truth():
    """Also where a wrong one of that length is not looked at."""
    truth = np.arange(60_000.0).reshape(30_000, 2)
    assert compare(truth.tolist(), truth, EXACT) is None
    assert agrees(truth.tolist(), truth, EXACT)
    assert clause(truth.T.tolist(), truth) == "a list of more than 10000 items where fewer were expected"


@pytest.mark.parametrize("value", [[[1.0, 2.0], [3.0]], [[1.0, [2.0]], 3.0], [[[1.0], [2.0, 3.0]]] * 2], ids=repr)
def test_a_list_that_is_no_array_is_shown_to_its_second_level(value):
    shown = show(value)
    assert shown.startswith("[")
    assert len(shown) < 60


def test_of_an_abridged_array_the_entry_that_is_wrong_is_shown():
    """The ends agree to rounding; what is wrong lies in between."""
    right = np.linspace(1, 2, 99)
    wrong = right * (1 + 2 * EPS)
    wrong[[50, 60]] = 7.25, np.nan
    assert show(wrong, against=right) == "nan at [60]"
    assert show(right, against=wrong) == "1.612 at [60]"
    assert show(right * 1.001, against=right) == "[1.001, 1.011, ..., 1.992, 2.002]"


# --- what is shown and forgiven, at the bounds ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("got", "truth", "said"),
    [
        (np.array([1.0, nan]), np.array([1.0, inf]), "nan at [1] where +inf was expected"),
        (-inf, inf, "-inf where +inf was expected"),
        (1.0, -inf, "1 where -inf was expected"),
        (np.array([[1.0], [inf]]), np.array([[1.0], [nan]]), "+inf at [1, 0] where nan was expected"),
    ],
)
def test_an_infinity_is_named_with_its_sign_and_place(got, truth, said):
    assert clause(got, truth) == said


def test_an_unsigned_integer_is_no_scalar():
    assert clause(np.uint8(1), 1.0) == "uint8 numbers where float64 was expected"


def test_the_position_of_a_wrong_value_comes_after_what_is_wrong():
    assert clause((1.0, np.ones(3), 2.0), (1.0, np.ones(2), 9.0)) == (
        "shape (3,) where shape (2,) was expected (value 2 of 3)"
    )


def test_a_wrong_shape_is_compared_within_the_largest_of_many_tolerances():
    each = Tolerance(absolute=np.array([1e-6, 1e-2]))
    assert agrees(np.ones(3), np.ones(3) + 5e-3, each)
    assert not agrees(np.ones(3), np.ones(3) + 5e-2, each)


def test_every_element_has_the_tolerance_of_its_own_place():
    each = Tolerance(absolute=np.array([1e-6, 1e-2]))
    assert compare(np.array([1.0, 1.005]), np.ones(2), each) is None
    assert "at [0]" in clause(np.array([1.005, 1.005]), np.ones(2), each)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("x" * 80, repr("x" * 80)),
        ("x" * 81, repr("x" * 80 + "…")),
        (["a"] * 6, "['a', 'a', 'a', 'a', 'a', 'a']"),
        (["a"] * 7, "['a', 'a', 'a', 'a', 'a', 'a', …]"),
        (("y" * 99, 1.0), "('" + "y" * 79 + "…, 1)"),
        ([["a", 1.0], 2.0], "[a list, 2]"),
        (np.arange(24.0), "[" + ", ".join(map(str, range(24))) + "]"),
        (np.arange(25.0), "[0, 1, ..., 23, 24]"),
        (1 + 2j, "1+2j"),
        ({}, "a dictionary"),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_what_is_shown_is_cut_where_it_grows_long_and_says_so(value, text):
    assert show(value) == text


@pytest.mark.parametrize(("limit", "refused"), [(10_000, False), (10_001, True)])
def test_a_list_of_more_than_ten_thousand_items_is_not_read(limit, refused):
    said = clause([0.5] * limit, np.ones(2))
    assert said == (
        "a list of more than 10000 items where fewer were expected"
        if refused
        else "shape (10000,) where shape (2,) was expected"
    )


def test_a_small_result_counts_every_digit_and_one_that_underflows_none():
    for single, size, scale in ((False, 1e-280, 1e-9), (True, 1e-30, 1e-5)):
        tolerance = tolerance_for(0.0, single=single)
        assert compare(size * (1 + 9 * scale), size, tolerance, single=single) is not None
        assert compare(0.0, 1e-291 if not single else 1e-36, tolerance, single=single) is None
