"""The page of a class: one file that loads nothing, names nobody, and shows every text as text."""

from __future__ import annotations

import re
from html import unescape

import html5lib
import msgspec
import numpy as np
import pytest
from analysis.classes import cell, check, drawn, of_marks, report

from autograder.analysis.model import Answer, Cluster, Interval, LostCheck, Mistake, Pair, Question, Slow, Stop
from autograder.analysis.summary import summarise
from autograder.reports import class_mistakes, class_questions
from autograder.reports.class_facts import ExerciseFacts, right_answer, stub_of
from autograder.reports.class_page import class_as_page
from autograder.reports.slides import Slide, slides_as_page

MARKUP = '<script>alert("x")</script>&amp;'


def class_of(counts, *, misconceptions=True):
    """A class in which so many students make mistake 0, 1, ..."""
    cells = []
    for number, count in enumerate(counts):
        name = f"mistake-{number}"
        wrong = check(
            passed=False,
            misconception=name if misconceptions else None,
            example="f(1)",
            answer=f"{number}.75125",
            message=f"f(1) → {number}.75125, expected 3\nSentence {number}.",
        )
        found = [name] if misconceptions else []
        cells += [cell("f", 0.0, exercise="f", checks=[wrong], misconceptions=found)] * count
    return [report(f"student-{n:03d}", [each]) for n, each in enumerate(cells)]


def page_of(reports, *, named=False, facts=None):
    return class_as_page(summarise(reports, "softmax", names=named), facts or {}, named=named)


def parsed(page):
    return html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(page)


@pytest.mark.parametrize("reports", [[], of_marks(drawn()), of_marks(drawn(1, 1)), class_of([5, 3])], ids=len)
def test_the_page_is_valid_html_that_loads_nothing(reports):
    page = page_of(reports)
    tree = parsed(page)
    policy = next(meta for meta in tree.iter("meta") if meta.get("http-equiv"))
    assert policy.get("content").startswith("default-src 'none';")
    assert not re.search(r"""(?:src|href)=["'](?!#)""", page)
    links = {each.get("href")[1:] for each in tree.iter("a")}
    assert links <= {each.get("id") for each in tree.iter() if each.get("id")}


def test_every_picture_has_a_text_and_every_table_heads_that_are_buttons():
    tree = parsed(page_of([*class_of([5, 3]), *of_marks(drawn())]))
    pictures = list(tree.iter("{http://www.w3.org/2000/svg}svg"))
    assert len(pictures) >= 3
    assert all(picture.get("role") == "img" and picture.get("aria-label") for picture in pictures)
    heads = [head for table in tree.iter("table") for head in table.iter("th")]
    assert heads
    assert all(head.get("scope") == "col" and head.find("button") is not None for head in heads)


def test_nobody_is_named_and_groups_below_three_are_not_shown_singly():
    reports = class_of([4, 2, 1])
    silent, named = page_of(reports), page_of(reports, named=True)
    assert "student-0" not in silent
    assert "mistake-0" in silent
    assert "mistake-1" not in silent
    assert "2.75125" not in silent
    assert "2 more named mistakes were made, each by fewer than 3 students." in silent
    assert "student-006" in named
    assert "mistake-2" in named


def test_an_unexplained_answer_of_three_is_shown_and_one_of_two_is_not():
    page = page_of(class_of([3, 2], misconceptions=False))
    assert "<code>0.75125</code>" in page
    assert "1.75125" not in page


def test_texts_are_shown_as_texts_wherever_they_come_from():
    wrong = check(
        MARKUP, passed=False, misconception=MARKUP, example=MARKUP, answer=MARKUP, message=f"{MARKUP}\n{MARKUP}"
    )
    cells = [cell(MARKUP, 0.0, exercise=MARKUP, checks=[wrong], misconceptions=[MARKUP])]
    plain = [
        cell(MARKUP, 0.0, exercise=MARKUP, checks=[check(MARKUP, passed=False, example=MARKUP, answer=MARKUP)])
    ]
    reports = [report(f"{MARKUP}{n}", cells if n < 4 else plain, assignment=MARKUP) for n in range(8)]
    reports.append(report(MARKUP, [], status="failed", message=MARKUP))
    page = class_as_page(summarise(reports, MARKUP, names=True), {MARKUP: ExerciseFacts(file=MARKUP)}, named=True)
    scripts = list(parsed(page).iter("script"))
    assert len(scripts) == 1
    assert MARKUP not in page
    assert "alert" not in scripts[0].text


def test_a_question_that_is_not_defined_says_why():
    page = page_of(of_marks(np.full((5, 2), 2.0)))
    assert "the marks don't vary" in page.replace("&#x27;", "'")
    assert "all students have the same sum of marks" in page


def test_the_stub_is_a_known_mistake_to_fill_in():
    (cluster,) = summarise(class_of([3], misconceptions=False)).unexplained
    facts = {"f": ExerciseFacts("x, axis=-1", "exercises/f.py", {"f(1)": "3"})}
    assert stub_of(cluster, facts).splitlines() == [
        '@mistake("a-name-for-it")',
        "def _(x, axis=-1):",
        '    """What goes wrong, and a hint at the remedy that doesn\'t give the answer away."""',
        "    # 3 students: f(1) → 0.75125",
        "    # right is 3",
        '    raise NotImplementedError("write the wrong formula here, and return what it gives")',
    ]
    assert "def _(*args):" in stub_of(cluster, {})


def test_slides_show_the_wrong_formula_as_mathematics_or_as_code():
    slide = Slide("f", "sum", 7, 20, "It sums.", ["g (3)"], "def f(x):\n    return np.sum(x)", "f(1)", "2", "3")
    looped = Slide("g", "loop", 5, 20, MARKUP, (), "def g(x):\n    for i in x: print(i)")
    page = slides_as_page("softmax", [slide, looped])
    tree = parsed(page)
    assert len([each for each in tree.iter("section") if each.get("class") == "slide"]) == 2
    assert "<math" in page
    assert "for i in x" in page
    assert "7 of 20 students. Also in g (3)." in page
    assert not list(tree.iter("script"))
    assert "enough students" in slides_as_page("softmax", [])


# --- what the parts say ----------------------------------------------------------------------------------


def read(parts):
    """The text of some HTML, with a line for each heading, paragraph, item and row."""
    text = re.sub(r"</(?:p|li|tr|h3|pre|caption)>", "\n", "".join(parts).replace("</td>", " | "))
    text = re.sub(r"<svg.*?</svg>|<figcaption.*?</figcaption>", "", text)
    return [line.strip(" |") for line in unescape(re.sub(r"<[^>]*>", "", text)).splitlines() if line.strip()]


def wrong_in(example, answer, *, name=None):
    message = f"{example} → {answer}, expected 9\nIt is wrong."
    return check(passed=False, misconception=name, example=example, answer=answer, message=message)


def erring(student, *cells):
    return report(student, [cell(f, 0.0, exercise=f, **fields) for f, fields in cells])


def test_pairs_of_mistakes_stand_in_the_table_and_only_those_of_three():
    both = [("f", {"misconceptions": ["sum"]}), ("g", {"misconceptions": ["sign"]})]
    few = [("f", {"misconceptions": ["sum"]}), ("h", {"misconceptions": ["rare"]})]
    reports = [erring(f"s{n}", *(both if n < 4 else few)) for n in range(6)]
    said = read(class_mistakes.mistakes(summarise(reports), named=False))
    assert "Which occur together" in said
    assert any({"sum", "f", "sign", "g", "4"} == set(line.split(" | ")) for line in said)
    assert "1 more pairs occur, each by fewer than 3 students." in said
    assert not any("rare" in line for line in said)


def test_shared_answers_are_shown_with_what_is_right_and_the_others_are_counted():
    def reports(counts):
        return [
            erring(f"s{group}-{n}", ("f", {"checks": [wrong_in("f(1)", group), wrong_in("f(2)", -group)]}))
            for group, count in enumerate(counts, 1)
            for n in range(count)
        ]

    facts = {"f": ExerciseFacts(file="f.py", truths={"f(1)": "9", "f(2)": "8"})}
    said = read(class_mistakes.unexplained(summarise(reports([5, 3, 2, 1])), facts, named=False))
    assert [line for line in said if line[0].isdigit()][:2] == ["1. f: 5 students", "2. f: 3 students"]
    assert "f(1) → 1right is 9" in said
    assert "What they answer to other examplesf(2) → -1right is 8" in said
    assert "1 more answers are shared, each by fewer than 3 students." in said
    assert "1 students have a wrong answer that nobody else has." in said
    assert "There are none." in read(class_mistakes.unexplained(summarise(reports([])), facts, named=False))


def test_a_check_is_listed_from_three_who_lost_it_and_from_one_where_students_are_named():
    def lost(name, count):
        return [erring(f"{name}{n}", ("f", {"checks": [check(name, passed=False)]})) for n in range(count)]

    summary = summarise(lost("three", 3) + lost("two", 2))
    for named, wanted in ((False, ["f | three | 3 | 0"]), (True, ["f | three | 3 | 0", "f | two | 2 | 0"])):
        assert [line for line in read(class_mistakes.checks(summary, named=named)) if "|" in line] == wanted
    nothing = read(class_mistakes.checks(summarise(lost("x", 2)), named=False))
    assert nothing == ["No check was lost by 3 students or more."]
    assert read(class_mistakes.checks(summarise([]), named=True)) == ["No check was lost by anybody."]


def test_of_each_mistake_one_answer_is_shown_or_that_there_is_none():
    seen = ("f", {"misconceptions": ["sum"], "checks": [wrong_in("f(1)", "2", name="sum")]})
    hidden = ("g", {"misconceptions": ["sign"]})
    summary = summarise([erring(f"s{n}", seen, hidden) for n in range(3)])
    facts = {"f": ExerciseFacts(truths={"f(1)": "3"})}
    said = read(class_mistakes.answers(summary, facts, named=False))
    assert said[0] == "One student's answer for each named mistake."
    assert said[said.index("f: sum") + 1 : said.index("f: sum") + 3] == ["It is wrong.", "f(1) → 2right is 3"]
    assert "It shows on hidden inputs only: the public example is right." in said
    assert read(class_mistakes.answers(summarise([]), {}, named=False)) == ["There are none to show."]


def test_the_opening_counts_and_says_whether_students_are_named():
    waiting = report("ada", [cell("why", None, mode="manual")])
    failed = report("bob", [], status="failed", message="It is empty.")
    for named, said in ((False, "Nobody is named"), (True, "This page names students.")):
        page = page_of([waiting, failed, *class_of([1])], named=named)
        assert "<p>3 handed in, 2 graded, 1 with an answer that waits for a person.</p>" in page
        assert (said in page, page.count("names students.") == named) == (True, True)
    assert "<p>1 handed in, 1 graded.</p>" in page_of(class_of([1]))


def test_what_was_not_graded_waits_or_took_long_is_listed():
    reasons = {0: "It is empty.", 1: "It is old."}
    reports = [
        *(report(name, [], status="failed", message="?") for name in ("cyd", "dan")),
        report("ada", [cell("why", None, mode="manual"), cell("f", 1.0)], seconds=2.5),
        report("bob", [cell("why", None, mode="manual"), cell("f", 1.0)], seconds=0.0),
    ]
    silent = read(class_questions.leftovers(summarise(reports, failures=reasons), named=False))
    assert {"1: It is empty.", "1: It is old.", "why: 2"} <= set(silent)
    assert "f: 0" not in silent
    assert [line for line in silent if line.startswith(("2.5", "0.0"))] == ["2.5 | softmax"]
    named = read(class_questions.leftovers(summarise(reports, names=True), named=True))
    assert "2.5 | softmax | ada" in named
    nothing = read(class_questions.leftovers(summarise([]), named=False))
    assert nothing.count("Nothing.") == 2
    assert "No times are known." in nothing


def test_the_table_of_assignments_stands_where_there_is_more_than_one():
    def said(*names):
        cells = {name: cell("f", 1.0 + n) for n, name in enumerate(names)}
        reports = [report("ada", [each], assignment=name) for name, each in cells.items()]
        return read(class_questions.scores(summarise(reports)))

    assert [line for line in said("bayes", "softmax") if "|" in line] == [
        "bayes | 1 | 1 | 1 | 1 | 4",
        "softmax | 1 | 1 | 2 | 2 | 4",
    ]
    assert not any("|" in line for line in said("bayes"))
    (reason,) = read(class_questions.scores(summarise([])))
    assert reason.startswith("There are no marks: ")
    assert reason != "There are no marks: ."


# --- each number in its column, and how many at most -----------------------------------------------------

EMPTY = summarise([])


def having(**fields):
    """An empty class but for some fields."""
    return msgspec.structs.replace(EMPTY, **fields)


def question(grade_id="q", **fields):
    usual = {
        "max_score": 4.0, "mean": 1.0, "difficulty": 0.25, "discrimination": 0.5,
        "discrimination_interval": (0.125, 0.75),
        "zero": 1, "full": 2, "pending": 0, "marked": 9, "upper": 3.0, "lower": 0.5, "alpha_without": 0.0,
        "assignment": "hw", "notebook": "hw", "exercise": None, "reasons": {},
    }  # fmt: skip
    return Question(grade_id=grade_id, **{**usual, **fields})


def rows_of(said):
    return [line for line in said if " | " in line]


def test_a_question_has_each_number_in_its_column():
    bare = dict.fromkeys(("mean", "difficulty", "discrimination", "discrimination_interval", "upper", "lower"))
    reasons = {"mean": "nobody was marked", "alpha_without": "two questions"}
    questions = [question("a"), question("b", **bare, alpha_without=None, reasons=reasons, pending=3, zero=0)]
    assert rows_of(read(class_questions.questions(having(questions=questions)))) == [
        "a | 4 | 1.00 | 0.25 | 0.50 | 0.12 to 0.75 | 3.00 | 0.50 | 1 | 2 | 0 | 0.00",
        "b | 4 | – nobody was marked | – | – | – | – | – | 0 | 2 | 3 | – two questions",
    ]


@pytest.mark.parametrize(
    ("other", "named"), [({}, "a"), ({"notebook": "two"}, "hw: a"), ({"assignment": "hw2"}, "hw: a")], ids=str
)
def test_a_question_has_its_assignments_name_where_there_are_several(other, named):
    questions = having(questions=[question("a"), question("b", **other)])
    assert rows_of(read(class_questions.questions(questions)))[0].split(" | ")[0] == named


def test_alpha_is_told_with_its_interval_or_why_there_is_none():
    def said(alpha, interval: Interval | None):
        found = having(
            alpha=alpha, alpha_interval=interval, alpha_students=31, reasons={"alpha": "one <question>"}
        )
        return read(class_questions.questions(found))[0]

    assert said(0.0, (-0.25, 0.0)).startswith("Cronbach's α is 0.00 (95 %: -0.25 to 0.00; 31 students).")
    assert (
        said(None, None)
        == said(0.5, None)
        == said(None, (0.0, 1.0))
        == "Cronbach's α is not defined: one <question>."
    )


def test_a_mean_of_nothing_is_a_mark_and_so_are_its_neighbours():
    found = summarise([report(f"s{n}", [cell("f", 0.0), cell("g", 0.0)]) for n in range(3)])
    assert read(class_questions.scores(found))[0] == "Mean 0, median 0, from 0 to 0 of 8."


def test_each_number_of_the_marks_stands_at_its_word():
    marks = msgspec.structs.replace(EMPTY.scores, mean=2.0, median=3.0, min=1.0, max=4.5, max_score=5.0)
    found = having(scores=marks, distribution=summarise([report("a", [cell("f", 1.0)])]).distribution)
    assert read(class_questions.scores(found))[0] == "Mean 2, median 3, from 1 to 4.5 of 5."


def mistake(name, students, **fields):
    usual = {"exercise": "f", "message": f"About `{name}`.", "example": "f(1)", "answer": "2"}
    return Mistake(name=name, students=students, **{**usual, **fields})


def test_a_group_of_three_is_shown_singly_and_one_of_two_only_where_students_are_named():
    found = having(mistakes=[mistake("three", 3, names=["ada", "b<o>b"]), mistake("two", 2), mistake("one", 1)])
    silent = read(class_mistakes.mistakes(found, named=False))
    assert rows_of(silent) == ["three | f | 3 | About three. (ada, b<o>b)"]
    assert "2 more named mistakes were made, each by fewer than 3 students." in silent
    named = read(class_mistakes.mistakes(found, named=True))
    assert [line.split(" | ")[0] for line in rows_of(named)] == ["three", "two", "one"]
    assert not any("more named" in line for line in named)
    few = having(mistakes=[mistake("one", 1)])
    assert read(class_mistakes.mistakes(few, named=False)) == [
        "1 more named mistakes were made, each by fewer than 3 students."
    ]
    assert read(class_mistakes.mistakes(EMPTY, named=False)) == ["No mistake with a name was made."]


def test_the_picture_has_fifteen_mistakes_the_map_ten_and_the_tables_twenty_pairs_and_all_mistakes():
    many = [mistake(f"m{n:02}", 50 - n) for n in range(25)]
    pairs = [Pair(a="m00", a_exercise="f", b=f"m{n:02}", b_exercise="f", students=30 - n) for n in range(1, 25)]
    html = "".join(class_mistakes.mistakes(having(mistakes=many, together=pairs), named=False))
    picture, matrix = re.findall(r"<svg.*?</svg>", html)
    assert [picture.count(f">{each.name} · f<") for each in many] == [1] * 15 + [0] * 10
    assert [matrix.count(f">{each.name} · f<") for each in many] == [1] * 10 + [0] * 15
    said = rows_of(read([html]))
    assert [line for line in said if line.startswith("m") and line.count(" | ") == 3] == [
        f"m{n:02} | f | {50 - n} | About m{n:02}." for n in range(25)
    ]
    assert [line for line in said if line.count(" | ") == 4] == [
        f"m00 | f | m{n:02} | f | {30 - n}" for n in range(1, 21)
    ]


def test_in_the_map_a_pair_has_its_number_whichever_of_both_is_named_first():
    """Mistakes of one name in two functions are two."""
    found = having(
        mistakes=[mistake("sum", 9), mistake("sum", 8, exercise="g"), mistake("sign", 7)],
        together=[
            Pair(a="sum", a_exercise="g", b="sum", b_exercise="f", students=6),
            Pair(a="sum", a_exercise="f", b="sign", b_exercise="f", students=5),
        ],
    )
    matrix = re.findall(r"<svg.*?</svg>", "".join(class_mistakes.mistakes(found, named=False)))[1]
    numbers = [int(text) for text in re.findall(r">(\d+)</text>", matrix)]
    assert numbers == [1, 1, 9, 2, 2, 6, 8, 3, 3, 5, 7]


def test_twenty_shared_answers_are_shown_and_thirty_checks_in_order():
    clusters = [
        Cluster(exercise="f", students=40 - n, example="f(1)", answer=f"{n}", others=[]) for n in range(25)
    ]
    said = read(class_mistakes.unexplained(having(unexplained=clusters), {}, named=False))
    heads = [line for line in said if line.endswith("students") and line[0].isdigit()]
    assert heads == [f"{n + 1}. f: {40 - n} students" for n in range(20)]
    assert not any("each by fewer" in line for line in said)
    lost = [LostCheck(grade_id="q", name=f"c{n}", lost=40 - n, not_run=n, assignment="hw") for n in range(35)]
    said = rows_of(read(class_mistakes.checks(having(checks=lost), named=False)))
    assert said == [f"q | c{n} | {40 - n} | {n}" for n in range(30)]


def test_a_shared_answer_names_its_file_its_students_and_the_other_examples():
    cluster = Cluster(
        exercise="f", students=3, example="f(1)", answer="2", names=["ada"],
        others=[Answer(example="f(2)", answer="3"), Answer(example="f(3)", answer="4")],
    )  # fmt: skip
    found = having(
        unexplained=[cluster],
        stopped=[Stop(exercise="f", error="KeyError", students=3), Stop(exercise="g", error="E", students=2)],
    )
    facts = {"f": ExerciseFacts(file="f<.py", truths={"f(1)": "9", "f(3)": "7"})}
    said = read(class_mistakes.unexplained(found, facts, named=False))
    assert "1. f: 3 students (ada)" in said
    assert "f(1) → 2right is 9" in said
    assert ["f(2) → 3" in line for line in said].count(True) == 1
    assert "f(3) → 4right is 7" in said
    assert any("A stub of a new known mistake, for f<.py" in line for line in said)
    assert rows_of(said) == ["f | KeyError | 3"]
    assert not any("nobody else" in line for line in said)
    unknown = read(class_mistakes.unexplained(found, {}, named=True))
    assert any("for the exercise's file" in line for line in unknown)
    assert rows_of(unknown) == ["f | KeyError | 3", "g | E | 2"]


@pytest.mark.parametrize(("example", "answer"), [("f(1)", None), (None, "2"), ("f(1)", "")])
def test_a_mistake_without_a_whole_example_shows_on_hidden_inputs(example, answer):
    found = having(mistakes=[mistake("a b", 3, exercise="my f", example=example, answer=answer)])
    html = "".join(class_mistakes.answers(found, {}, named=False))
    assert "hidden inputs only" in html
    assert 'id="answer-my-f-a-b"' in html
    assert 'href="#answer-my-f-a-b"' in "".join(class_mistakes.mistakes(found, named=False))


def test_the_slowest_are_those_that_took_time_and_are_named_only_if_asked():
    slow = [Slow(seconds=9.96, assignment="a", student="ada"), Slow(seconds=0.0, assignment="b", student="bob")]
    assert rows_of(read(class_questions.leftovers(having(slowest=slow), named=True))) == ["10.0 | a | ada"]
    assert rows_of(read(class_questions.leftovers(having(slowest=slow), named=False))) == ["10.0 | a"]


def test_warnings_stand_at_the_top_as_text():
    page = class_as_page(having(warnings=["One <b>.", "Two."], assignment=None), {})
    assert '<p class="warn">One &lt;b&gt;.</p><p class="warn">Two.</p>' in page
    assert "<h1>The whole course: what the class got wrong</h1>" in page


# --- what the exercises say ------------------------------------------------------------------------------


def test_the_right_answer_is_that_of_the_example_or_unknown():
    facts = {"f": ExerciseFacts(truths={"f(1)": "3", "f(2)": "0"})}
    assert [right_answer(facts, "f", each) for each in ("f(1)", "f(2)", "f(3)", None)] == ["3", "0", "", ""]
    assert right_answer(facts, "g", "f(1)") == right_answer({}, "f", None) == ""


def test_a_stub_holds_each_answer_in_one_comment_line():
    cluster = Cluster(exercise="f", students=3, example="f(\n1)", answer="[1\n 2]", others=[])
    lines = stub_of(cluster, {"f": ExerciseFacts(truths={"f(\n1)": "[3\r\n4]"})}).splitlines()
    assert lines[3:5] == ["    # 3 students: f( 1) → [1  2]", "    # right is [3 4]"]
    assert len(stub_of(cluster, {}).splitlines()) == 5


def test_the_contents_lead_to_each_part_in_order():
    tree = parsed(page_of(class_of([3])))
    parts = [("".join(head.itertext()), head.get("id")) for head in tree.iter("h2")]
    links = [("".join(link.itertext()), link.get("href")[1:]) for link in tree.find(".//nav").iter("a")]
    assert links == parts
    assert [name for name, _ in parts] == [
        "Marks", "Named mistakes", "Unexplained answers that agree", "Questions", "Checks most often lost",
        "Not graded, waiting, slow", "Answers",
    ]  # fmt: skip
    assert [section.get("aria-labelledby") for section in tree.iter("section")] == [ident for _, ident in parts]


def test_every_part_that_may_name_students_does_so_only_if_asked():
    """Mistakes, shared answers, what failed and what took long."""
    wrong = [wrong_in("f(1)", "2")]
    reports = [
        *(erring(f"canary-{n}", ("f", {"misconceptions": ["sum"]}), ("g", {"checks": wrong})) for n in range(3)),
        report("canary-x", [], status="failed", message="It is empty."),
    ]
    summary = summarise(reports, names=True)
    for part in (
        class_mistakes.mistakes(summary, named=True),
        class_mistakes.unexplained(summary, {}, named=True),
        class_questions.leftovers(summary, named=True),
    ):
        assert "canary" in "".join(part)
    assert "canary" not in class_as_page(summarise(reports, names=False), {}, named=False)
