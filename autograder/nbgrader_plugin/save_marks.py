"""nbgrader's `SaveAutoGrades`, with one commit a notebook: nbgrader's own has one a cell."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from nbgrader import utils
from nbgrader.api import BaseCell, Comment, Grade, MissingEntry
from nbgrader.preprocessors import NbGraderPreprocessor, SaveAutoGrades

from autograder.gradebook import history
from autograder.gradebook.rows import NO_RESPONSE
from autograder.nbgrader_plugin.opened import open_database


class SaveMarks(SaveAutoGrades):  # type: ignore[misc]
    """Enter the marks that the outputs of a graded notebook hold, and comment on unchanged answers."""

    def preprocess(self, nb: Any, resources: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        names = resources["nbgrader"]
        with open_database(names["db_url"]) as gradebook:
            book = gradebook.find_submission_notebook(names["notebook"], names["assignment"], names["student"])
            self._grades = _by_cell(gradebook.db, Grade, book.id)
            self._comments = _by_cell(gradebook.db, Comment, book.id)
            self._verdicts = {cell.grade_id: cell for cell in names["report"].cells} if "report" in names else {}
            before = {name: grade.auto_score for name, grade in self._grades.items()}
            nb, resources = NbGraderPreprocessor.preprocess(self, nb, resources)
            changes = history.changed(before, {name: grade.auto_score for name, grade in self._grades.items()})
            key = (names["student"], names["assignment"], names["notebook"])
            history.add_entry(gradebook.db, *key, "", changes)
            gradebook.db.commit()
        return nb, resources

    def _add_score(self, cell: Any, _: dict[str, Any]) -> None:
        grade = _row_of(cell, self._grades)
        verdict = self._verdicts.get(cell.metadata.nbgrader["grade_id"])
        unmarked = verdict is not None and verdict.mode == "sealed" and verdict.score is None
        grade.auto_score = None if unmarked else utils.determine_grade(cell, self.log)[0]
        faulty = verdict is not None and bool(verdict.fault)
        grade.needs_manual_grade = grade.manual_score is not None or grade.auto_score is None or faulty

    def _add_comment(self, cell: Any, _: dict[str, Any]) -> None:
        unchanged = cell.metadata.nbgrader.get("checksum") == utils.compute_checksum(cell)
        comment = NO_RESPONSE if unchanged and not utils.is_task(cell) else None
        _row_of(cell, self._comments).auto_comment = comment


def _by_cell(session: Any, table: Any, notebook_id: str) -> dict[str, Any]:
    """Return a submitted notebook's rows of a table by the name of their cell.

    They are locked, where the database can, so that nobody enters a manual mark until they are written.
    """
    rows = sa.select(BaseCell.name, table).join(BaseCell, BaseCell.id == table.cell_id)
    rows = rows.where(table.notebook_id == notebook_id).with_for_update(of=table)
    return dict(session.execute(rows).all())


def _row_of(cell: Any, rows: dict[str, Any]) -> Any:
    name = cell.metadata.nbgrader["grade_id"]
    if name not in rows:
        raise MissingEntry(f"The gradebook has no row for the cell “{name}” of this submission")
    return rows[name]
