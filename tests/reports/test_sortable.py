"""A table that a reader can sort: each field as it is shown, and as it is sorted by."""

from __future__ import annotations

import pytest

from autograder.reports.sortable import LONG, Html, Number, table


def body(*row):
    made = table("Title", [str(number) for number in range(len(row))], [row])
    return made.partition("<tbody>\n<tr>")[2].partition("</tr>")[0]


@pytest.mark.parametrize(
    ("field", "shown"),
    [
        (3, '<td class="number">3</td>'),
        (0, '<td class="number">0</td>'),
        (Number.of(0.0), '<td class="number" data-value="0">0</td>'),
        (Number.of(0.125), '<td class="number" data-value="0.125">0.125</td>'),
        (Number.of(2 / 3), '<td class="number" data-value="0.666666666667">0.667</td>'),
        (Number.of(0.5, "{:.0%}"), '<td class="number" data-value="0.5">50%</td>'),
        (Number.of(None, why="one student"), '<td class="number" data-value="">– one student</td>'),
        (Number.of(None), '<td class="number" data-value="">–</td>'),
        ("a < b", "<td>a &lt; b</td>"),
        ("x" * LONG, f"<td>{'x' * LONG}</td>"),
        ("x" * (LONG + 1), f'<td class="text">{"x" * (LONG + 1)}</td>'),
        (Html("<b>q</b>", 'q"'), '<td data-value="q&quot;"><b>q</b></td>'),
        (Html("<b>q</b>", "x" * (LONG + 1)), f'<td data-value="{"x" * (LONG + 1)}" class="text"><b>q</b></td>'),
    ],
)
def test_a_field_is_shown_and_sorted_by_its_number(field, shown):
    assert body(field) == shown


def test_a_column_is_of_numbers_if_its_first_field_is_one_and_an_empty_table_has_none():
    made = table("a & b", ["name", "n", "<mean>"], [("x", 1, Number.of(0.0)), ("y", 2, Number.of(None))])
    assert made.count('<th scope="col" class="number">') == 2
    assert '<th scope="col"><button type="button">name</button>' in made
    assert '<button type="button">&lt;mean&gt;</button>' in made
    assert 'aria-label="a &amp; b"' in made
    assert "<caption>a &amp; b</caption>" in made
    assert made.count("<tr>") == 3
    assert 'class="number"' not in table("t", ["a"], [])
