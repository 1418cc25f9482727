"""A call carries its arguments whole, and its answer tells everything that came of it."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from autograder.judging.calls import (
    MAX_CALLBACKS,
    Call,
    Callback,
    Raised,
    Returned,
    Stopped,
    Unreadable,
    answer_of,
    clause_of,
    copy_layout,
    differs,
)
from autograder.judging.compare import Mismatch, Tolerance
from autograder.judging.model import (
    MOST_CALLS,
    Check,
    Exercise,
    Misconceptions,
    by_value,
    leaves_unchanged,
    truths_of,
)

# --- layouts ---------------------------------------------------------------------------------------------

BASE = np.arange(60.0).reshape(3, 4, 5)
VIEWS = {
    "C order": BASE,
    "Fortran order": np.asfortranarray(BASE),
    "transposed": BASE.T,
    "reversed": BASE[::-1, :, ::-1],
    "every other": BASE[:, ::2, ::3],
    "reversed and sliced": BASE[::-2, 1:3, ::-3],
    "one column": BASE[:, 1, 2],
    "new axis": BASE[:, None, 0],
    "0-d": np.array(3.5),
    "0-d view": BASE[1, 2, 3, ...],
    "int8": np.arange(6, dtype=np.int8)[::-1].reshape(2, 3),
    "big-endian": np.arange(6, dtype=">f4").reshape(2, 3),
    "booleans": np.array([True, False]),
    "long double": np.array([1, 2], dtype=np.longdouble),
}


@pytest.mark.parametrize("writeable", [True, False])
@pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS)
def test_a_copy_has_the_values_strides_dtype_and_flags_of_the_original(view, writeable):
    array = view[...]
    array.flags.writeable = writeable
    twin = copy_layout(array)
    np.testing.assert_array_equal(twin, array, strict=True)
    assert (twin.strides, twin.dtype, twin.flags.writeable) == (array.strides, array.dtype, writeable)
    assert twin.flags.c_contiguous == array.flags.c_contiguous
    assert not np.shares_memory(twin, array)


@given(st.data())
def test_any_view_keeps_its_layout(data):
    """Slices with gaps and reversals, new axes, and transposed ones."""
    dtype = data.draw(st.sampled_from(["f8", "f4", "i8", "i2", "?"]))
    array = data.draw(npst.arrays(dtype, npst.array_shapes(max_dims=3, max_side=5)))
    view = np.asarray(array[data.draw(npst.basic_indices(array.shape, allow_ellipsis=True, allow_newaxis=True))])
    view = view.transpose(data.draw(st.permutations(range(view.ndim))))
    twin = copy_layout(view)
    np.testing.assert_array_equal(twin, view, strict=True)
    assert twin.strides == view.strides or view.size == 0


@pytest.mark.parametrize("shape", [(0,), (0, 3), (3, 0), (2, 0, 4)])
def test_an_empty_array_keeps_its_shape_dtype_and_flag(shape):
    array = np.zeros(shape, dtype=np.float32)[::-1]
    array.flags.writeable = False
    twin = copy_layout(array)
    assert (twin.shape, twin.dtype, twin.flags.writeable) == (shape, np.float32, False)


def test_writing_into_a_copy_leaves_the_original_alone():
    original = np.arange(6.0).reshape(2, 3)[:, ::-1]
    copy_layout(original)[...] = -1
    np.testing.assert_array_equal(original, [[2, 1, 0], [5, 4, 3]])


@pytest.mark.parametrize(
    ("before", "after", "different"),
    [
        (np.array([1.0, np.nan]), np.array([1.0, np.nan]), False),
        (np.array([1.0, 2.0]), np.array([1.0, 2.5]), True),
        (np.array([1.0]), np.array([[1.0]]), True),
        (np.array([1.0]), np.array([1]), True),
        (np.array([1.0]), [1.0], True),
        ([1.0, [2.0]], [1.0, [2.0]], False),
        ([1.0, [2.0]], [1.0, [3.0]], True),
        (1, 1.0, True),
        (2, 2, False),
    ],
    ids=repr,
)
def test_a_change_of_value_shape_or_kind_is_a_difference(before, after, different):
    assert differs(before, after) is different


# --- calls -----------------------------------------------------------------------------------------------

SINGLE, DOUBLE = np.zeros(2, np.float32), np.zeros(2)


@pytest.mark.parametrize(
    ("call", "single"),
    [
        (Call((SINGLE,)), True),
        (Call((SINGLE, SINGLE)), True),
        (Call((SINGLE, np.zeros(2, int), 1.5)), True),
        (Call((), {"x": SINGLE}), True),
        (Call((SINGLE, DOUBLE)), False),
        (Call((SINGLE,), {"x": DOUBLE}), False),
        (Call((DOUBLE,)), False),
        (Call((np.zeros(2, int),)), False),
        (Call((1.5, [1.0])), False),
        (Call(()), False),
    ],
    ids=str,
)
def test_float32_results_are_acceptable_where_every_floating_argument_is_float32(call, single):
    assert call.single is single


def test_a_call_is_written_as_in_source_code():
    bowl = Callback(np.sum, "lambda x: x.sum()")
    call = Call((np.array([[1.0, 0.5]]), [1, 2], bowl, "text"), {"axis": 0, "temperature": 2.5})
    assert str(call) == "[[1, 0.5]], [1, 2], lambda x: x.sum(), 'text', axis=0, temperature=2.5"


def test_a_call_with_much_data_is_abridged():
    assert len(str(Call((np.zeros((1000, 1000)),)))) < 200


# --- answers ---------------------------------------------------------------------------------------------


def test_an_answer_holds_the_value_and_every_argument_reaches_its_place():
    assert answer_of(lambda a, b, *, c: (a, b, c), Call((1, [2]), {"c": "3"})) == Returned((1, [2], "3"))


def test_an_exception_is_the_answer_with_type_text_and_earlier_warnings():
    def fails(x):
        warnings.warn("about to divide", UserWarning, stacklevel=1)
        return 1 // x

    answer = answer_of(fails, Call((0,)))
    assert isinstance(answer, Raised)
    assert (answer.type, answer.noise.warnings) == ("ZeroDivisionError", ("UserWarning: about to divide",))
    assert "zero" in answer.text


def test_every_warning_is_recorded_with_its_category():
    answer = answer_of(np.log, Call((np.array([0.0]),)))
    assert answer.value == -np.inf
    assert [text.split(":")[0] for text in answer.noise.warnings] == ["RuntimeWarning"]
    assert "divide by zero" in answer.noise.warnings[0]


def negate(x):
    x *= -1
    return x


def clear(x):
    x.clear()


def shift_first(x, y):
    y -= x


@pytest.mark.parametrize(
    ("function", "call"),
    [
        (negate, Call((np.ones(2),))),
        (negate, Call((), {"x": np.ones(2)})),
        (clear, Call(([1.0],))),
        (shift_first, Call((np.ones(2), np.ones(2)))),
    ],
)
def test_a_changed_argument_is_noticed_and_the_callers_own_stays(function, call):
    before = str(call)
    assert answer_of(function, call).changed
    assert str(call) == before


def test_an_argument_that_is_only_read_is_not_changed():
    assert not answer_of(np.sort, Call((np.array([2.0, np.nan, 1.0]),))).changed


def test_writing_into_a_read_only_argument_raises():
    array = np.ones(2)
    array.flags.writeable = False
    assert answer_of(negate, Call((array,))).type == "ValueError"


# --- callbacks -------------------------------------------------------------------------------------------


def test_a_callback_answers_and_its_points_are_kept_in_order():
    def probe(f, x):
        first = f(x)
        x += 1
        return first + f(x) + f([0, 5])

    answer = answer_of(probe, Call((Callback(np.sum, "sum"), np.array([1.0, 2.0]))))
    assert answer.value == 3 + 5 + 5
    np.testing.assert_array_equal(answer.points, [[1, 2], [2, 3], [0, 5]])


def test_a_callback_can_not_be_asked_for_ever():
    asked = []

    def insist(f):
        while True:
            asked.append(f(np.zeros(1)))

    answer = answer_of(insist, Call((Callback(np.sum, "sum"),)))
    assert (answer.type, len(asked)) == ("ValueError", MAX_CALLBACKS)
    assert f"more than {MAX_CALLBACKS} times" in answer.text


@pytest.mark.parametrize("point", ["text", None, [[1], [2, 3]], {}, {1.0}, np.ones(3), 10**400], ids=repr)
def test_a_point_that_the_function_can_not_take_raises_a_plain_error(point):
    callback = Callback(lambda x: x @ np.ones(2), "lambda x: x @ [1, 1]")
    asked = []
    with pytest.raises(ValueError, match="can't be evaluated at what it was given"):
        callback.at(point, asked)
    assert asked == []


# --- judging ---------------------------------------------------------------------------------------------

EXERCISE = Exercise(
    name="double",
    topic="test",
    reference=lambda x: 2 * x,
    tolerance=lambda call, single: Tolerance(),
    checks=(
        Check("doubles", Call((1.0,)), lambda rng: [], weight=0.75),
        Check("doubles twice", Call((1.0,)), lambda rng: [], weight=0.5),
    ),
    misconceptions=(),
)
CALL = Call((1.0,))
CHANGED, SAME, WRONG = Returned(2.0, changed=True), Returned(2.0), Returned(3.0)


def test_an_exercise_is_worth_the_sum_of_its_weights():
    assert EXERCISE.points == 1.25


@pytest.mark.parametrize(
    ("judge", "answer", "right"),
    [
        (by_value, SAME, True),
        (by_value, CHANGED, True),
        (by_value, WRONG, False),
        (by_value, Raised("ValueError"), False),
        (leaves_unchanged(), SAME, True),
        (leaves_unchanged(), CHANGED, False),
        (leaves_unchanged(), WRONG, False),
        (leaves_unchanged(lambda *_: None), WRONG, True),
        (leaves_unchanged(lambda *_: None), CHANGED, False),
    ],
)
def test_only_the_manners_check_holds_a_changed_argument_against_the_answer(judge, answer, right):
    verdict = judge(EXERCISE, CALL, answer, SAME)
    assert verdict is None if right else isinstance(verdict, Mismatch)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Raised("NotImplementedError"), "the stub is still there"),
        (Raised("KeyError", "a text"), "raised KeyError"),
        (Unreadable("a generator"), "a generator where numbers were expected"),
        (Stopped("it took too long."), "it took too long."),
        (SAME, "a value where none was expected"),
    ],
)
def test_an_answer_without_value_is_put_into_words(answer, said):
    assert said in clause_of(answer)
    assert "a text" not in clause_of(answer)


def test_a_decorated_formula_is_a_misconception_with_its_docstring_for_message():
    mistake = Misconceptions()

    @mistake("sign-flipped")
    def _(x):
        """The sign is
        flipped.
        """
        return -x

    (found,) = mistake
    assert (found.name, found.message, found.function(2)) == ("sign-flipped", "The sign is flipped.", -2)


def test_a_complex_point_is_no_point():
    with pytest.raises(ValueError, match="can't be evaluated"):
        Callback(np.sum, "sum").at(np.array([1 + 2j]), [])


# --- at the bounds ---------------------------------------------------------------------------------------------


def test_a_function_that_writes_into_its_point_does_not_change_what_is_recorded():
    def writes(x):
        x[...] = 7
        return 0.0

    point, asked = np.array([1.0, 2.0]), []
    assert Callback(writes, "writes").at(point, asked) == 0.0
    np.testing.assert_array_equal(asked, [[1.0, 2.0]])
    np.testing.assert_array_equal(point, [1.0, 2.0])


def test_a_point_that_can_not_be_answered_is_not_recorded_and_warns_nobody():
    asked = []
    with pytest.raises(ValueError, match="can't be evaluated"):
        Callback(lambda x: x[5], "x[5]").at(np.ones(2), asked)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert Callback(lambda x: np.log(x[0]), "log").at(np.zeros(1), asked) == -np.inf
    assert len(asked) == 1


def test_a_call_in_which_one_argument_of_several_is_changed_has_changed():
    def second(x, y):
        y[0] = 9.0

    assert answer_of(second, Call((np.ones(2), np.ones(2)))).changed
    assert answer_of(second, Call((np.ones(2),), {"y": np.ones(2)})).changed


@pytest.mark.parametrize("error", [SystemExit(3), KeyError("k")], ids=repr)
def test_an_exit_is_an_answer_of_a_student_and_of_a_reference(error):
    def ends(x):
        raise error

    name = type(error).__name__
    assert answer_of(ends, Call((1.0,))).type == name
    check = Check("ends", Call((1.0,)), lambda rng: [])
    assert Exercise("ends", "test", ends, checks=(check,)).truths["ends"].type == name


def test_a_reference_that_writes_into_its_argument_leaves_the_input_as_it_is():
    def writes(x, *, y):
        x *= 2
        y *= 2
        return x + y

    call = Call((np.ones(2),), {"y": np.ones(2)})
    exercise = Exercise("writes", "test", writes, checks=(Check("writes", call, lambda rng: []),))
    for _ in range(2):
        (truth,) = truths_of(exercise, [call])
        np.testing.assert_array_equal(truth.value, [4.0, 4.0])
    np.testing.assert_array_equal([call.args[0], call.kwargs["y"]], np.ones((2, 2)))


@pytest.mark.parametrize(("number", "refused"), [(MOST_CALLS, False), (MOST_CALLS + 1, True)])
def test_a_check_draws_ten_thousand_inputs_at_most(number, refused):
    call = Call((1.0,))
    check = Check("holds", call, lambda rng: (call for _ in range(number)))
    if refused:
        with pytest.raises(ValueError, match="more than 10000 hidden inputs"):
            check.drawn(np.random.default_rng(0))
    else:
        assert len(check.drawn(np.random.default_rng(0))) == number


def test_a_hint_in_words_is_about_the_mathematics():
    kinds = [hint.when for hint in Check("holds", Call(()), lambda rng: [], hint="Why?").hints]
    assert kinds == [("value", "infinite", "shape", "raised")]


def test_a_check_forbids_changes_where_its_judge_does_and_the_reference_answers():
    plain = Check("plain", Call((1.0,)), lambda rng: [])
    strict = Check("strict", Call((1.0,)), lambda rng: [], judge=leaves_unchanged())
    right = Exercise("e", "test", lambda x: x, checks=(plain, strict))
    assert [check.forbids_changes(right) for check in right.checks] == [False, True]
    raising = Exercise("e", "test", lambda x: 1 / 0, checks=(plain, strict))
    assert [check.forbids_changes(raising) for check in raising.checks] == [False, False]


def test_a_registered_mistake_has_its_docstring_in_one_line_and_is_no_slip_unless_it_is_said():
    mistakes = Misconceptions()

    @mistakes("plain")
    def plain(x):
        """It adds
        twice."""

    @mistakes("small", slip=True)
    def small(x):
        return x

    assert [(each.name, each.message, each.slip) for each in mistakes] == [
        ("plain", "It adds twice.", False),
        ("small", "", True),
    ]
    assert small(3) == 3
