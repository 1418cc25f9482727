"""Each question with a stored answer: its notebook asks what is graded, and gives nothing away."""

from __future__ import annotations

import re
from collections import Counter
from itertools import permutations

import numpy as np
import pytest
from conftest import CHECKOUT
from played import texts_of
from test_messages import WORDS, WORDS_OF_A_SENTENCE

from autograder import exercises
from autograder.judging.model import truth_of
from autograder.judging.prove import compositions, faults, marked
from autograder.notebooks import notebook
from autograder.notebooks.source import visible_part

ITEMS = exercises.items()
each_item = pytest.mark.parametrize(("topic", "name"), ITEMS)


def question_of(topic, name):
    """The text that stands above an item's stub."""
    cells = [cell for _, cell in texts_of(topic)]
    place = next(i for i, cell in enumerate(cells) if notebook.grade_id_of(cell) == f"{name}-solution")
    return cells[place - 1]["source"]


def check_of(topic, name):
    """What students see of the cell that grades an item, as a function of the item's answer."""
    (cell,) = [cell for _, cell in texts_of(topic) if notebook.grade_id_of(cell) == name]

    def check(answer):
        exec(compile(visible_part(cell["source"]), name, "exec"), {name: lambda: answer, "np": np})

    return check


def is_proof(name):
    return isinstance(truth_of(exercises.find(name), exercises.find(name).checks[0].example).value, list)


@each_item
def test_an_item_is_found_in_its_topic_and_proven(topic, name):
    item = exercises.find(name)
    assert (item.name, item.topic, item.points) == (name, topic, 1)
    assert [*faults(item), *compositions(item)] == []


@each_item
def test_the_notebook_lists_the_letters_that_are_graded(topic, name):
    listed = re.findall(r"^- \*\*(\w)\*\* ", question_of(topic, name), re.MULTILINE)
    assert listed == list(exercises.find(name).letters)


@each_item
def test_what_students_see_of_the_check_takes_every_answer_alike(topic, name):
    """It says whether something was chosen, not whether it is right."""
    check, letters = check_of(topic, name), exercises.find(name).letters
    for answer in (list(letters), list(letters[::-1])) if is_proof(name) else letters:
        check(answer)
    for answer in ("?", "", "z", None):
        with pytest.raises(AssertionError, match="you gave"):
            check(answer)


def spellings(name):
    """Answers as students write them: the right one, and some that are none."""
    right = truth_of(exercises.find(name), exercises.find(name).checks[0].example).value
    if not is_proof(name):
        yield from (right, right.upper(), f" {right}\n", np.str_(right), np.array(right))
        yield from (right * 2, [], [right], (right,), 3, True, None, "z", {right: 1}, np.array([right]))
        return
    yield from (right, tuple(right), "".join(right), ", ".join(right), " ".join(right).lower())
    yield from (np.array(right), np.array(right, dtype=object), np.str_("".join(right)), np.array("".join(right)))
    yield from ([*map(str.lower, right)], [f"{line}, " for line in right], [" ".join(right)], [*right, ""])
    yield from ([*right, right[0]], [*right, right[0].lower()], [[line] for line in right], np.array([right]))
    yield from ([], "", "?", None, 3, [3, *right], dict.fromkeys(right), {*right}, [*right, "Z"], [right, "A"])


@each_item
def test_what_students_see_of_the_check_takes_what_the_grader_takes(topic, name):
    check, item = check_of(topic, name), exercises.find(name)
    taken = 0
    for answer in spellings(name):
        if item.read(answer):
            check(answer)
            taken += 1
            assert marked(item, lambda answer=answer: answer, 0).score == 1
        else:
            with pytest.raises(AssertionError, match=r"you gave .*") as refused:
                check(answer)
            assert str(refused.value).endswith(repr(answer))
            assert item.flaw(answer) in str(refused.value)
    assert taken >= 5


def test_the_catalogue_says_of_a_question_only_that_it_is_one():
    page = (CHECKOUT / "docs" / "misconceptions.md").read_text(encoding="utf-8")  # another test holds it fresh
    for _, name in ITEMS:
        assert f"## {name}\n" in page
        assert not [mistake.name for mistake in exercises.find(name).misconceptions if mistake.message in page]


@each_item
def test_the_lines_of_a_proof_are_shuffled(topic, name):
    item = exercises.find(name)
    if is_proof(name):
        assert not item.accepts(item.letters)
        assert not item.accepts(item.letters[::-1])


def test_the_right_choice_stands_in_every_place():
    right = Counter(exercises.find(name).reference() for _, name in ITEMS if not is_proof(name))
    assert max(right.values()) <= len(ITEMS) / 2


@pytest.mark.parametrize("topic", sorted({topic for topic, _ in ITEMS}))
def test_a_notebook_has_two_questions(topic):
    assert sum(of == topic and not is_proof(name) for of, name in ITEMS) == 2


@each_item
def test_what_is_read_about_a_wrong_answer_is_short_and_names_no_right_one(topic, name):
    item = exercises.find(name)
    for mistake in item.misconceptions:
        sentences = re.split(r"(?<=[.?!])\s", mistake.message)
        assert len(mistake.message.split()) <= WORDS
        assert max(len(sentence.split()) for sentence in sentences) <= WORDS_OF_A_SENTENCE
        if not is_proof(name):
            assert not re.search(rf"“{item.reference()}”|\b(choice|answer) {item.reference()}\b", mistake.message)


LEADS_TO = {
    "two_dice": ("factor-not-squared", "more-dice-more-spread", None, "sum-taken-for-double"),
    "rare_alarm": (None, "base-rate-of-one-per-cent", "likelihood-for-posterior", "evidence-ignored"),
    "who_pulls": ("distance-alone-counts", None, "gradient-grows-with-logit", "right-answers-pull"),
    "rare_accuracy": ("accuracy-decides", "recall-taken-for-precision", "balanced-test", None),
    "impossible_in_model": ("zeros-mixed-up", "surprise-forgotten", None, "divergence-below-zero"),
    "two_clusters": (None, "larger-mode-wins", "likelihood-taken-for-mode-seeking", "mean-alone-matched"),
    "density_of_four": ("density-taken-for-probability", None, "height-taken-for-odds", "height-taken-for-area"),
    "no_correlation": (
        "uncorrelated-is-independent",
        "dependent-must-correlate",
        "jointly-gaussian-assumed",
        None,
    ),
    "zero_count": ("zero-says-nothing", "by-rate-not-log", None, "sign-flipped"),
    "best_constant": (None, "median-and-mean-swapped", "mean-for-both", "midrange"),
    "chosen_on_test": ("choosing-is-no-training", None, "size-makes-fair", "training-loss-chooses"),
    "which_temperature": (
        *("temperature-the-wrong-way", "temperature-costs-accuracy", "calibration-needs-training"),
        None,
    ),
    "equally_sure": ("ratio-of-logits", None, "largest-logit-alone", "order-alone"),
    "first_loss": ("any-first-loss-will-do", "leak-in-first-loss", None, "bits-for-nats"),
}
"""For the choices a to d of each question, as its notebook lists them, the mistake; None for the right one."""
BEGINS = {
    "base-rate-of-one-per-cent": "That would hold at a base rate of 1 %",
    "likelihood-for-posterior": "That is how often the alarm rings if there is a fraud",
    "evidence-ignored": "That is the probability before the alarm",
    "factor-not-squared": "A factor comes out of a variance squared",
    "more-dice-more-spread": "Of two independent rolls one is often high",
    "sum-taken-for-double": "A doubled roll has one chance event in it",
    "accuracy-decides": "A gets its 99 % by never looking",
    "recall-taken-for-precision": "Nine frauds of ten are found; that is the recall",
    "balanced-test": "A balanced test set is another world",
    "distance-alone-counts": "The distance from the boundary is the same",
    "gradient-grows-with-logit": "The direction is right, the size isn't",
    "right-answers-pull": "Where prediction and truth agree, nothing is left",
    "zeros-mixed-up": "That is the other kind of zero",
    "surprise-forgotten": "The weight is small, but what does it multiply",
    "divergence-below-zero": "Single terms may be negative; a divergence never is",
    "larger-mode-wins": "Then a third of the data would be all but impossible",
    "likelihood-taken-for-mode-seeking": "That is what the other direction",
    "mean-alone-matched": "Maximum likelihood fits the spread as well",
    "median-and-mean-swapped": "The two are swapped",
    "mean-for-both": "That is the mean for both",
    "midrange": "Halfway between the extremes",
    "zero-says-nothing": "A minute without a call says that the rate is lower",
    "by-rate-not-log": "That is the derivative by the rate itself",
    "sign-flipped": "Check the direction: a step against the derivative",
    "temperature-the-wrong-way": "Dividing by a number below 1 makes the logits larger",
    "temperature-costs-accuracy": "The direction is right. But which class is first",
    "calibration-needs-training": "What a model claims can be matched to what it achieves by rescaling",
    "choosing-is-no-training": "Choosing among twenty is fitting, too",
    "size-makes-fair": "A larger test set makes the error smaller",
    "training-loss-chooses": "The training loss always prefers the weakest prior",
    "ratio-of-logits": "Softmax takes no ratio of logits",
    "largest-logit-alone": "The largest logit alone says nothing",
    "order-alone": "The order says which class wins",
    "any-first-loss-will-do": "Knowing nothing has a price of its own",
    "leak-in-first-loss": "Random weights can't use a leak",
    "bits-for-nats": "In bits all losses are 1.44 times as large",
    "uncorrelated-is-independent": "Who knows X knows Y exactly",
    "dependent-must-correlate": "The computation is right. What the right half",
    "jointly-gaussian-assumed": "Y is never negative, and no Gaussian can promise that",
    "density-taken-for-probability": "A density is no probability",
    "height-taken-for-odds": "The ratio of two densities is not the height of one",
    "height-taken-for-area": "The curve is high because it is narrow",
}


def test_each_choice_leads_to_the_mistake_that_its_question_is_about():
    for _, name in ITEMS:
        item = exercises.find(name)
        if not is_proof(name):
            found = {letter: item.mistake_in(letter) for letter in item.letters}
            assert tuple(mistake and mistake.name for mistake in found.values()) == LEADS_TO[name], name
            assert [letter for letter in item.letters if item.accepts(letter)] == [
                "abcd"[LEADS_TO[name].index(None)]
            ]
            for mistake in filter(None, found.values()):
                assert mistake.message.startswith(BEGINS[mistake.name]), mistake.name


@pytest.mark.parametrize(
    ("name", "orders", "trap"),
    [
        ("kl_is_not_negative", {"CEADF", "CEDAF", "CDEAF", "DCEAF"}, ("B", "every-term-positive")),
        ("lse_is_convex", {"DBFGAE", "DBGFAE", "DGBFAE", "GDBFAE"}, ("C", "log-is-convex")),
    ],
)
def test_a_proof_takes_every_order_in_which_each_step_has_its_reasons_and_no_other(name, orders, trap):
    item = exercises.find(name)
    lines = sorted(next(iter(orders)))
    assert {given for given in map("".join, permutations(lines)) if item.accepts(given)} == orders
    line, mistake = trap
    assert item.mistake_in(line + "".join(lines)).name == mistake
    assert item.letters == "".join(sorted([*lines, line]))
