"""What a student reads about a mistake is short: at most 80 words, and one idea a sentence."""

from __future__ import annotations

import re

import pytest

from autograder import exercises

WORDS, WORDS_OF_A_SENTENCE = 80, 30
NAMES = [name for _, name in exercises.names()]


def messages(name):
    """Each message of an exercise's known mistakes, and each hint of its checks."""
    exercise = exercises.find(name)
    known = {mistake.name: mistake.message for mistake in exercise.misconceptions}
    return known | {f"{check.name}: {hint.text}": hint.text for check in exercise.checks for hint in check.hints}


@pytest.mark.parametrize("name", NAMES)
def test_a_message_is_short(name):
    found = messages(name)
    assert found
    assert {key: text for key, text in found.items() if len(text.split()) > WORDS} == {}


@pytest.mark.parametrize("name", NAMES)
def test_a_sentence_is_one_idea(name):
    sentences = [each for text in messages(name).values() for each in re.split(r"(?<=[.?!])\s", text)]
    assert [each for each in sentences if len(each.split()) > WORDS_OF_A_SENTENCE] == []
