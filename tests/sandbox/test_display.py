"""The outputs of a cell are kept as a notebook shows them, and capped without losing what decides."""

from __future__ import annotations

import base64

import pytest

from autograder.sandbox.inside import display
from autograder.sandbox.inside.display import CUT, Recorder, in_short, shortened, text_of, texts

NOTE = {"output_type": "stream", "name": "stdout", "text": CUT}


def shown(text):
    return {"output_type": "display_data", "data": {"text/plain": text}}


def result(text, **data):
    return {"output_type": "execute_result", "execution_count": 1, "data": {"text/plain": text} | data}


def error(text):
    return {"output_type": "error", "ename": "E", "evalue": text, "traceback": [text]}


def stream(text, name="stdout"):
    return {"output_type": "stream", "name": name, "text": text}


def test_prints_to_the_same_stream_in_a_row_are_one_output_and_others_are_not():
    recorder = Recorder(1 << 20)
    for name, text in (("stdout", "a"), ("stdout", "b"), ("stderr", "c"), ("stdout", ""), ("stdout", "d")):
        recorder.stream(name, text)
    recorder.add(shown("x"))
    recorder.stream("stdout", "e")
    assert recorder.finished() == [stream("ab"), stream("c", "stderr"), stream("d"), shown("x"), stream("e")]


@pytest.mark.parametrize("wait", [False, True])
def test_what_is_cleared_no_longer_counts_towards_the_limit(wait):
    """Neither its bytes, nor that some were cut, nor an error or result beyond the limit."""
    recorder = Recorder(2000)
    recorder.stream("stdout", "x" * 5000)
    recorder.add(error("gone"))
    if wait:
        recorder.clear_next = True
    else:
        recorder.clear()
    recorder.stream("stdout", "y" * 1400)
    recorder.add(error("first" * 200))
    assert recorder.finished() == [stream("y" * 1400), error("first" * 200)]


@pytest.mark.parametrize("put", [lambda r: r.stream("stdout", "new"), lambda r: r.add(shown("new"))])
def test_clearing_that_waits_keeps_the_outputs_until_the_next_one(put):
    recorder = Recorder(1 << 20)
    recorder.add(shown("old"))
    recorder.clear_next = True
    assert [output["data"] for output in recorder.outputs] == [{"text/plain": "old"}]
    put(recorder)
    put(recorder)
    assert "old" not in str(recorder.finished())
    assert str(recorder.outputs).count("new") == 2


def test_a_recorder_is_unused_until_something_is_shown_printed_or_ordered():
    assert Recorder(100).is_unused
    for use in (
        lambda r: r.stream("stdout", "x"),
        lambda r: r.add(shown("x")),
        lambda r: setattr(r, "clear_next", True),
    ):
        recorder = Recorder(10_000)
        use(recorder)
        assert not recorder.is_unused


def test_beyond_the_limit_one_note_stands_for_all_that_is_missing():
    recorder = Recorder(2000)
    recorder.stream("stdout", "x" * 1000)
    for _ in range(3):
        recorder.add(shown("y" * 3000))
        recorder.stream("stderr", "z")
    assert recorder.finished() == [stream("x" * 1000), NOTE]


def test_of_what_is_printed_beyond_the_limit_the_beginning_is_kept():
    recorder = Recorder(2000)
    recorder.stream("stdout", "abc")
    recorder.stream("stdout", "x" * 9000)
    first, note = recorder.finished()
    assert first["text"].startswith("abcxxx")
    assert 1000 < len(first["text"]) < 2000
    assert note == NOTE


def test_the_limit_counts_bytes_as_they_are_sent():
    """A letter of four bytes counts as four, and a line's end as the two of its escape."""
    for letter, size in (("\U0001f600", 4), ("\n", 2), ("x", 1)):
        recorder = Recorder(10_000)
        recorder.stream("stdout", letter * 10_000)
        kept = recorder.finished()[0]["text"]
        assert 0.9 * 10_000 < size * len(kept) <= 10_000


def test_beyond_the_limit_the_last_error_and_the_last_result_are_kept_and_no_others():
    recorder = Recorder(600)
    recorder.stream("stdout", "x" * 9000)
    for number in range(3):
        recorder.add(result(f"value {number}"))
        recorder.add(error(f"fault {number}"))
    kept = [output for output in recorder.finished() if output["output_type"] != "stream"]
    assert kept == [result("value 2"), error("fault 2")]


def test_an_update_changes_every_output_of_its_name_and_no_other():
    recorder = Recorder(1 << 20)
    for text, ident in (("a", "one"), ("b", "two"), ("c", None), ("d", "one")):
        recorder.display({"text/plain": text}, {"display_id": ident} if ident else None, update=False)
    recorder.display({"text/plain": "new"}, {"display_id": "two"}, update=True)
    recorder.display({"text/plain": "nowhere"}, {"display_id": "three"}, update=True)
    recorder.display({"text/plain": "anonymous"}, {}, update=True)
    assert recorder.finished() == [shown("d"), shown("new"), shown("c"), shown("d")]


def test_an_update_that_grows_beyond_the_limit_is_cut_and_one_that_shrinks_makes_room():
    recorder = Recorder(5000)
    transient = {"display_id": "one"}
    recorder.display({"text/plain": "x" * 3000}, transient, update=False)
    recorder.display({"text/plain": "y"}, transient, update=True)
    recorder.display({"text/plain": "z" * 3000}, {"display_id": "two"}, update=False)
    assert recorder.outputs[-1]["data"] == {"text/plain": "z" * 3000}
    recorder.display({"text/plain": "x" * 9000}, transient, update=True)
    assert recorder.finished() == [shown("y"), shown("z" * 3000), NOTE]


def test_of_a_bundle_texts_are_shown_bytes_as_base64_and_nothing_else():
    data = {"text/plain": "x", "image/png": b"\x89PNG", "application/json": {"a": 1}, 7: "seven", "none": None}
    assert texts(data) == {"text/plain": "x", "image/png": base64.b64encode(b"\x89PNG").decode()}


def test_the_number_of_types_is_counted_among_those_that_are_shown():
    hidden = {f"hidden{i}": i for i in range(display.MAX_TYPES)}
    kept = {f"shown{i}": "" for i in range(display.MAX_TYPES)}
    assert texts(hidden | kept | {"more": ""}) == kept
    assert list(texts({"t" * 200: "x"})) == ["t" * display.MAX_TYPE_NAME]


def test_in_short_an_error_has_its_name_and_the_start_of_its_text_and_a_result_its_text():
    assert in_short(error("x"), 1000) == error("x")
    short = in_short(error("x" * 5000), 1000)
    said = "x" * len(short["evalue"])
    assert 100 < len(said) <= 250
    assert short == error(said) | {"traceback": [f"E: {said}"]}
    assert in_short(result("2.5", **{"text/html": "x" * 5000}), 1000) == result("2.5")
    assert in_short(result("x" * 5000), 1000) is None


def test_of_a_long_traceback_the_end_is_kept_in_order():
    lines = [f"line {number}" for number in range(700)]
    assert shortened(lines) == lines[-display.MAX_LINES :]
    assert shortened(lines[:3]) == lines[:3]
    wide = [f"{number}" + "x" * 3000 for number in range(40)]
    kept = shortened(wide)
    assert 5 < len(kept) < 15
    assert kept == wide[-len(kept) :]
    assert shortened(["x" * 9000, 7]) == ["x" * (display.MAX_TEXT - 2), "7"]  # the quotes count


class Silent:
    def __str__(self):
        raise SystemExit


def test_the_text_of_a_value_is_capped_and_empty_if_there_is_none():
    assert text_of(ValueError("why")) == "why"
    assert text_of("x" * 9000) == "x" * display.MAX_TEXT
    assert text_of(Silent()) == ""
