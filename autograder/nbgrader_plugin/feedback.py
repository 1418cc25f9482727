"""What a student's feedback page shows of a graded notebook: marks from the gradebook, in three groups."""

from __future__ import annotations

from typing import Any

from nbgrader.preprocessors import GetGrades

from autograder.reports.page import STYLE

GROUPS = {"lost": "What lost marks", "waits": "Waits for a person", "full": "Full marks"}


class GetMarks(GetGrades):  # type: ignore[misc]
    """nbgrader's `GetGrades`, which also says what waits for a person, and sorts the cells for the page."""

    def preprocess(self, nb: Any, resources: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        nb, resources = super().preprocess(nb, resources)
        marked = [cell for cell in nb.cells if "group" in cell.metadata.get("nbgrader", {})]
        resources["nbgrader"] |= {
            "style": STYLE,
            "waiting": sum(
                cell.metadata.nbgrader.points for cell in marked if cell.metadata.nbgrader.group == "waits"
            ),
            "groups": [
                (group, title, [_entry(cell) for cell in marked if cell.metadata.nbgrader.group == group])
                for group, title in GROUPS.items()
            ],
        }
        return nb, resources

    def _get_score(self, cell: Any, _: dict[str, Any]) -> None:
        meta = cell.metadata.nbgrader
        grade = self.gradebook.find_grade(meta.grade_id, self.notebook_id, self.assignment_id, self.student_id)
        meta.score, meta.points = grade.score, grade.max_score
        if grade.auto_score is None and grade.manual_score is None:
            meta.group = "waits"
        else:
            meta.group = "lost" if meta.score < meta.points else "full"


def _entry(cell: Any) -> dict[str, Any]:
    """Return what the page says about a graded cell besides its content."""
    meta = cell.metadata.nbgrader
    panels = [output.data.get("text/html", "") for output in cell.get("outputs", []) if "data" in output]
    return {
        "name": meta.grade_id,
        "marks": f"{meta.score:.4g} / {meta.points:.4g}",
        "points": f"{meta.points:.4g}",
        "comment": meta.get("comment") or "",
        "panel": panels[0] if panels and not meta.solution and not meta.get("task") else "",
    }
