"""A dozen Reports of all kinds, and the files of two platforms that know the students: plain data."""

from __future__ import annotations

from autograder.results import CellResult, CheckResult, Curve, Report

HOSTILE = (
    '=1+1,"x";\'<script>alert(1)</script>\r\n<img src=x onerror=alert(1)> ![i](https://evil.example/p.png) '
    "[l](javascript:alert(1)) `tick` ``two`` | **b** _i_ ~~s~~ $x$ @everyone #1 \\| <!-- ]]> &amp; %0A::error::x "
    "www.evil.example \x00\x1b[31m\x85\u2028\u202e\ufffe\udcff 👩‍🔬 日本"
)
"""What may steer XML, HTML, Markdown, a terminal, a job's log or a spreadsheet, in one text."""


def check(name, passed, message=None, weight=1.0, misconception=None):
    score = weight if passed else 0.0
    return CheckResult(
        name=name, passed=passed, score=score, max_score=weight, message=message, misconception=misconception
    )


def cell(grade_id, checks=(), score=None, points=None, **fields):
    """A sealed cell by its checks, or another kind by its marks."""
    sealed = {"mode": "sealed", "exercise": grade_id} if checks else {"mode": "manual", "exercise": None}
    return CellResult(
        grade_id=grade_id,
        score=sum(c.score for c in checks) if checks else score,
        max_score=sum(c.max_score for c in checks) if checks else points,
        checks=list(checks),
        **{**sealed, **fields},
    )


def report(student, *cells, **fields):
    usual = {
        "assignment": "softmax",
        "notebook": "softmax",
        "file": f"submitted/{student}/softmax/softmax.ipynb",
        "status": "graded",
        "message": None,
        "isolation": "landlock",
        "seconds": 0.25,
    }
    return Report(
        student=student,
        score=sum(c.score or 0.0 for c in cells),
        max_score=sum(c.max_score for c in cells),
        cells=list(cells),
        **{**usual, **fields},
    )


ORDINARY, LARGE, AXIS = "matches the definition", "stays finite for large logits", "normalises along its axis"
WARNED = "It warned: RuntimeWarning: divide by zero encountered in log"
NAN = (
    "softmax([[1000., 1001.]]) → [[nan, nan]], expected [[0.2689, 0.7311]]\n"
    "exp(1000) overflows float64 (limit: 709.78). Subtract each row's maximum before exp."
)
LATE = "not run: it counts once “matches the definition” holds"
RIGHT = [check(ORDINARY, True, WARNED), check(LARGE, True), check(AXIS, True, weight=0.5)]
NAIVE = [
    check(ORDINARY, True),
    check(LARGE, False, NAN, misconception="no-max-shift"),
    check(AXIS, True, weight=0.5),
]
WRONG = [
    check(ORDINARY, False, "softmax([1, 2]) → [1, 2]"),
    check(LARGE, None, LATE),
    check(AXIS, None, LATE, 0.5),
]
STUCK = [check(ORDINARY, False, "softmax([1, 2]) took longer than 5 s and was interrupted."), *WRONG[1:]]
CURVE = Curve(
    label="z in softmax([z, 0])[0]",
    x=[-1000.0, 0.0, 1000.0],
    theirs=[0.0, 0.5, None],
    truth=[0.0, 0.5, 1.0],
    departs=[(1000.0, 1000.0)],
    text="Your function was called once for each z in softmax([z, 0])[0]. It gives nan at 1000.",
)

PERFECT = report("4711", cell("softmax", RIGHT))
PARTIAL = report("4712", cell("softmax", NAIVE, misconceptions=["no-max-shift"], curve=CURVE))
ZERO = report("4713", cell("softmax", WRONG))
NEEDS_PERSON = report(
    "4714",
    cell("softmax", RIGHT),
    cell("why", score=None, points=2.0, message="waits to be marked by a person"),
    cell("when", score=0.0, points=1.0, message="no response"),
)
REPAIRED = report(
    "4715", cell("softmax", RIGHT), repairs=["the points of “softmax” had been changed; they are 2.5 again"]
)
WHY = "submitted/4716/softmax/softmax.ipynb is cut off or damaged: it stops being JSON at line 82."
REFUSED = report("4716", cell("softmax", WRONG)).as_failed(WHY)
LIMIT_HIT = report("4717", cell("softmax", STUCK), seconds=31.0)
IN_PROCESS = report(
    "4718", cell("test1", score=1.5, points=2.0, mode="in-process"), assignment="ps1", notebook="problem1"
)
SECOND_BOOK = report(
    "4718",
    cell("test1", score=0.0, points=1.0, mode="in-process", message="stopped with NameError: name 'f'"),
    assignment="ps1",
    notebook="problem2",
)
MISSING = report("4719", cell("softmax", score=0.0, points=2.5, mode="sealed", message="softmax is not defined."))
BARE = report("4720", cell("softmax", NAIVE), isolation="none")
HOSTILE_EVERYWHERE = report(
    HOSTILE,
    cell(
        HOSTILE,
        [
            check(HOSTILE, True, HOSTILE),
            check(HOSTILE, False, HOSTILE, misconception=HOSTILE),
            check("x", None, HOSTILE),
        ],
        misconceptions=[HOSTILE],
        curve=Curve(
            label=HOSTILE, x=[0.0, 1.0], departs=[(1.0, 1.0)], theirs=[0.0, 1.0], truth=[0.0, 0.5], text=HOSTILE
        ),
    ),
    cell(f"whole {HOSTILE}", score=None, points=1.0, message=HOSTILE),
    assignment=HOSTILE,
    notebook=HOSTILE,
    file=HOSTILE,
    repairs=[HOSTILE],
)

DOZEN = {
    "perfect": PERFECT,
    "partial": PARTIAL,
    "zero": ZERO,
    "needs_person": NEEDS_PERSON,
    "repaired": REPAIRED,
    "refused": REFUSED,
    "limit_hit": LIMIT_HIT,
    "in_process": IN_PROCESS,
    "second_book": SECOND_BOOK,
    "missing": MISSING,
    "bare": BARE,
    "hostile": HOSTILE_EVERYWHERE,
}
REPORTS = list(DOZEN.values())

# --- what the platforms know -----------------------------------------------------------------------------

CANVAS = (
    "\ufeffStudent,ID,SIS User ID,SIS Login ID,Section,Bayes (100),Softmax (101),Final Score\r\n"
    ",,,,,,Manual Posting,\r\n"
    "    Points Possible,,,,,10,2.5,(read only)\r\n"
    '"Lovelace, Ada",4711,u-ada,ada,Section 1,9,,81\r\n'
    '"Bernoulli, ""Jakob"" the\r\nelder",9001,4712,jakob,"Section 1, and 2",,1,\r\n'
    '"=Gauß, 日本 🙂",9002,u-gauss,4713,Section 1,,,\r\n'
    '"4714",9003,u-4,four,Section 1,,,\r\n'
    '"Noether, Emmy",4715,u-emmy,emmy,Section 1,,EX,\r\n'
    '"Absent, Student",9004,u-absent,absent,Section 1,3,2,3\r\n'
    '"Student, Test",9005,,,Section 1,,,\r\n'
)
"""A gradebook as Canvas exports it: each student is known by another column, one is excused, one is no student."""

MOODLE = (
    "Identifier,Full name,Email address,Status,Grade,Maximum Grade,Grade can be changed,"
    "Last modified (submission),Last modified (grade),Feedback comments\n"
    'Participant 4711,Ada Lovelace,ada@example.org,Submitted,,2.50,Yes,"Monday, 2 March 2026, 10:00 AM",-,\n'
    'Participant 4712,"Bernoulli, Jakob",jakob@example.org,Submitted,1.00,2.50,Yes,'
    '"Monday, 2 March 2026, 11:00 AM",'
    '"Tuesday, 3 March 2026, 9:00 AM","<p>See ""me"",\nplease</p>"\n'
    "Participant 9002,4713,gauss@example.org,Submitted,,2.50,Yes,-,-,\n"
    "Participant 9003,Emmy Noether,4714,Submitted,,2.50,Yes,-,-,\n"
    "Participant 9004,Absent Student,absent@example.org,No submission,,2.50,Yes,-,-,\n"
)
"""A grading worksheet as Moodle exports it."""
