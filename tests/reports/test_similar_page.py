"""The page of look-alikes: pairs in order, their cells side by side, and every text as text."""

from __future__ import annotations

import html5lib
import pytest

from autograder.reports.similar_page import similar_as_page
from autograder.similar.model import Similar, SimilarCell, SimilarPair
from autograder.similar.reading import ShownCell

EVIL = '<img src=x onerror=alert(1)>&amp;"\x1b\u202e'
SHOWN = '<img src=x onerror=alert(1)>&amp;"\ufffd\ufffd'


def pair(a, b, score, cells=(), mistakes=()):
    found = [SimilarCell(grade_id=name, score=value) for name, value in cells]
    return SimilarPair(a=a, b=b, score=score, cells=found, shared_mistakes=list(mistakes))


def page(*pairs, sides=None, notes=(), assignment="ps1", students=30):
    found = Similar(assignment=assignment, students=students, pairs=list(pairs))
    text = similar_as_page(found, sides or {}, notes)
    return html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(text)


def said(element):
    return "".join(element.itertext())


def rows(tree):
    return [[said(field) for field in row.iter("td")] for row in tree.find(".//tbody").iter("tr")]


def test_each_pair_has_a_row_with_its_rank_score_answers_and_mistakes():
    cells = [("f", 0.5), ("g", 0.25), ("h", 0.125), ("i", 0.1), ("j", 0.05)]
    tree = page(pair("ada", "bob", 0.75, cells, ["f: sum", "g: sign"]), pair("cyd", "dan", 0.0))
    assert rows(tree) == [
        ["1", "ada and bob", "0.75", "f (0.50), g (0.25), h (0.12), i (0.10)", "f: sumg: sign"],
        ["2", "cyd and dan", "0.00", "", ""],
    ]
    assert len(tree.findall(".//tbody/tr/td/br")) == 1


@pytest.mark.parametrize(
    ("score", "text"), [(0.0, "0.00"), (0.994, "0.99"), (0.995, "0.9950"), (0.99996, "1.0000"), (0.5, "0.50")]
)
def test_scores_near_one_have_four_places(score, text):
    tree = page(pair("a", "b", score), sides={0: ([], [])})
    assert rows(tree)[0][2] == text
    assert said(tree.find(".//summary")) == f"1. a and b: {text}"


def test_without_pairs_the_page_says_so_and_has_no_table():
    tree = page()
    assert tree.find(".//table") is None
    assert "No two students share anything that is not shared by most." in said(tree)
    assert "Side by side" not in said(tree)


def test_the_head_counts_the_students_and_holds_every_note():
    tree = page(pair("a", "b", 0.5), notes=["One note.", f"Two {EVIL}"], students=7, assignment=EVIL)
    paragraphs = [said(each) for each in tree.iter("p")]
    assert paragraphs[1].startswith("7 students were compared.")
    assert paragraphs[2:4] == ["One note.", f"Two {SHOWN}"]
    assert said(tree.find(".//h1")).startswith("Who wrote alike: <img")
    assert "gives no verdict" in paragraphs[0]


def test_pairs_that_are_shown_are_linked_and_the_first_of_them_is_open():
    pairs = [pair(f"a{n}", f"b{n}", 0.5) for n in range(4)]
    tree = page(*pairs, sides={1: ([], []), 3: ([], [])})
    assert [link.get("href") for link in tree.iter("a")] == ["#pair-1", "#pair-3"]
    assert [said(head) for head in tree.iter("h2")] == ["Side by side"]
    assert list(page(*pairs).iter("h2")) == []
    shown = tree.findall(".//details")
    assert [(each.get("id"), each.get("open") is not None) for each in shown] == [
        ("pair-1", True), ("pair-3", False),
    ]  # fmt: skip
    assert [said(each.find("summary")) for each in shown] == ["2. a1 and b1: 0.50", "4. a3 and b3: 0.50"]


def test_cells_of_a_question_stand_beside_each_other_the_most_unusual_question_first():
    one = [ShownCell("z", "z1", []), ShownCell("f", "f1", []), ShownCell("f", "f2", []), ShownCell("a", "a1", [])]
    other = [ShownCell("f", "F1", []), ShownCell("b", " \n", []), ShownCell("g", "G1", [])]
    tree = page(pair("ada", "bob", 0.5, [("g", 0.9), ("f", 0.2)]), sides={0: (one, other)})
    assert [said(head) for head in tree.iter("h3")] == ["g", "f", "a", "b", "z"]
    found = [[said(side) for side in row] for row in tree.findall(".//div[@class='sides']")]
    assert found == [
        ["", "bobG1"], ["adaf1", "bobF1"], ["adaf2", ""], ["adaa1", ""], ["", ""], ["adaz1", ""],
    ]  # fmt: skip


def test_what_is_shared_is_marked_and_the_rest_stands_between():
    cell = ShownCell("f", "ab<c>\tde\nfg", [(0, 2), (3, 4), (9, 11)])
    tree = page(pair("ada", "bob", 0.5), sides={0: ([cell], [ShownCell("f", "none", [])])})
    one, other = tree.findall(".//pre")
    assert [said(each) for each in one.iter("mark")] == ["ab", "c", "fg"]
    assert (said(one), said(other)) == ("ab<c>\tde\nfg", "none")
    assert one.text is None
    assert list(other) == []


def test_texts_of_students_are_shown_as_texts():
    cell = ShownCell(EVIL, EVIL, [(1, 5)])
    tree = page(pair(EVIL, f"b{EVIL}", 0.5, [(EVIL, 0.5)], [EVIL]), sides={0: ([cell], [cell])})
    assert list(tree.iter("img")) == []
    assert rows(tree) == [["1", f"{SHOWN} and b{SHOWN}", "0.50", f"{SHOWN} (0.50)", SHOWN]]
    assert [said(each) for each in tree.iter("pre")] == [SHOWN, SHOWN]
    assert [said(each) for each in tree.iter("figcaption")] == [SHOWN, f"b{SHOWN}"]
    assert [said(each) for each in tree.iter("h3")] == [SHOWN]
