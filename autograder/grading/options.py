"""The options of a course, ``c.GradeSealed.…``: how submissions are graded, set as nbgrader's own options are.

``nbgrader autograde``, the formgrader and ``autograder grade`` all read these options. The command line overrides
``nbgrader_config.py``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from traitlets import Bool, Dict, Enum, Float, HasTraits, List, TraitError, Unicode
from traitlets.config import Config
from traitlets.config.loader import LazyConfigValue

from autograder.grading import modules
from autograder.grading.secret import load_secret
from autograder.grading.settings import Settings
from autograder.results import FOLLOW_THROUGH
from autograder.sandbox.policy import Limits

SECTION = "GradeSealed"
NBGRADERS_TIMEOUT = ("NotebookClient", "ExecutePreprocessor", "Execute")
"""Sections in which a course may set nbgrader's own time limit for a cell; the last one counts."""


class OptionError(ValueError):
    """An option that doesn't exist or can't be used. The text is a sentence that says why."""


# --- kinds of options ------------------------------------------------------------------------------------


class _RefusesWithSentence:
    """Refuses a value with a sentence that says what it must be, instead of a description of types."""

    must_be: str
    name: str

    def error(self, _: Any, value: Any, *__: Any) -> None:
        raise TraitError(f"{SECTION}.{self.name} must be {self.must_be}, not {value!r}.")


class Choice(_RefusesWithSentence, Enum):  # type: ignore[misc]
    """One of a few words."""

    @property
    def must_be(self) -> str:  # type: ignore[override]
        """All words, as a phrase."""
        *most, last = [f"“{word}”" for word in self.values]
        return f"{', '.join(most)} or {last}"


class Names(_RefusesWithSentence, List):  # type: ignore[misc]
    """Names of modules: a list, or one name for each option on a command line."""

    must_be = "a list of names, as ['scipy', 'sympy']"

    def from_string(self, s: str) -> Any:
        """Read the value of an option on a command line."""
        return self.from_string_list([s])

    def validate(self, obj: Any, value: Any) -> Any:
        """Refuse names that no module can have."""
        names = super().validate(obj, value)
        for name in names:
            if not all(part.isidentifier() for part in name.split(".")):
                raise TraitError(f"{SECTION}.{self.name}: “{name}” can't be the name of a module.")
        return names


class File(_RefusesWithSentence, Unicode):  # type: ignore[misc]
    """A path, relative to the course's folder; empty if none is given."""

    must_be = "the path of a file"


class Where(_RefusesWithSentence, Unicode):  # type: ignore[misc]
    """The address of a cluster; empty if there is none."""

    must_be = "an address, as tls://scheduler:8786 or local:4"


class Switch(_RefusesWithSentence, Bool):  # type: ignore[misc]
    """Yes or no."""

    must_be = "True or False"


class Seconds(_RefusesWithSentence, Float):  # type: ignore[misc]
    """A time; 0 stands for no limit."""

    must_be = "a number of seconds, 0 or more"

    def validate(self, obj: Any, value: Any) -> Any:
        """Refuse a negative number, and what is no number."""
        seconds = super().validate(obj, value)
        return seconds if 0 <= seconds < math.inf else self.error(obj, value)


class Part(_RefusesWithSentence, Float):  # type: ignore[misc]
    """A part of a whole."""

    must_be = "a number from 0 to 1"

    def validate(self, obj: Any, value: Any) -> Any:
        """Refuse less than nothing, more than the whole, and what is no number."""
        part = super().validate(obj, value)
        return part if 0 <= part <= 1 else self.error(obj, value)


class LimitValues(_RefusesWithSentence, Dict):  # type: ignore[misc]
    """New values for some limits, by name; on a command line ``cell_seconds=60``."""

    must_be = "a dictionary, as {'cell_seconds': 60, 'memory': '4G'}"

    def validate(self, obj: Any, value: Any) -> Any:
        """Refuse names that are not limits, and values that a limit can't have."""
        changed = super().validate(obj, value)
        try:
            Limits().changed(changed)
        except ValueError as error:
            raise TraitError(f"{SECTION}.{self.name}: {error}.") from None
        return changed


# --- the options -----------------------------------------------------------------------------------------


class Options(HasTraits):  # type: ignore[misc]
    """What an instructor may set about the grading of a course."""

    feedback = Choice(
        ["score", "messages", "full"],
        "messages",
        help="How much feedback may tell: marks alone, sentences with public examples, or hidden inputs too.",
    ).tag(config=True)
    allow = Names(
        Unicode(),
        help="Modules that submissions may import besides NumPy, matplotlib, ipywidgets, IPython and the standard "
        "library. An assignment without sealed cells may import whatever is installed.",
    ).tag(config=True)
    limits = LimitValues(
        help="What a submission may use, as {'cell_seconds': 60, 'memory': '4G'}; cell_seconds follows "
        f"Execute.timeout where that is set. There are: {', '.join(Limits.__dataclass_fields__)}.",
    ).tag(config=True)
    class_seconds = Seconds(
        0.0,
        help="Seconds that grading a class may take; 0 sets no limit. What is not graded by then is named, and "
        "the next run takes it up.",
    ).tag(config=True)
    cluster = Where(
        "",
        help="The Dask cluster that `autograder grade` uses: tls://host:port of its scheduler, or "
        "local:N for N worker processes here; empty for this machine's own cores, which `nbgrader autograde` "
        "always uses.",
    ).tag(config=True)
    insecure_cluster = Switch(
        False, help="Let references, the secret and marks go to other machines without TLS."
    ).tag(config=True)
    seed_file = File(
        "",
        help="File with the secret from which hidden inputs are drawn, made on first use; by default one in your "
        "user data folder.",
    ).tag(config=True)
    figures = Switch(
        False,
        help="Draw all figures and run the cells tagged only-shows, which takes most of the time.",
    ).tag(config=True)
    follow_through = Part(
        FOLLOW_THROUGH,
        help="The part of its marks that a check gives which is right but for one named slip; 0 gives nothing.",
    ).tag(config=True)
    sandbox = Choice(
        ["auto", "none"], "auto", help="“none” runs submissions without isolation, and says so in every report."
    ).tag(config=True)
    isolation = Choice(
        ["auto", "landlock", "namespace", "chroot"],
        "auto",
        help="How submissions are isolated; “auto” takes the best way that the machine has.",
    ).tag(config=True)

    def seed_path(self, root: Path) -> Path | None:
        """Return the path of the named seed file; None if none is named."""
        return root / Path(self.seed_file).expanduser() if self.seed_file else None

    def settings(self, root: Path, config: Any) -> Settings:
        """Return the settings of a run.

        Parameters
        ----------
        root
            The course's folder, to which the seed file's path is relative.
        config
            The course's configuration, which may set nbgrader's own time limit.

        Raises
        ------
        OptionError
            If the seed file can't be used, or a module that submissions may import is not installed.
        """
        try:
            secret = load_secret(self.seed_path(root))
        except (OSError, ValueError) as error:
            why = f"{error.filename}: {error.strerror}" if isinstance(error, OSError) else error
            raise OptionError(f"The seed file can't be used: {why}. --seed-file names another one.") from None
        if fault := modules.missing(self.allow):
            raise OptionError(f"{SECTION}.allow: {fault}")
        limits = Limits().changed({**limits_of_nbgrader(config), **self.limits})
        return Settings(
            secret,
            self.feedback,
            limits,
            tuple(self.allow),
            isolated=self.sandbox != "none",
            way=None if self.isolation == "auto" else self.isolation,
            figures=self.figures,
            follow_through=self.follow_through,
        )


def in_course(config: Any, given: Mapping[str, Any]) -> Options:
    """Return the options of a course, overridden by those given on a command line.

    A limit that is given overrides the course's limit of the same name alone.

    Raises
    ------
    OptionError
        If an option doesn't exist, or has a value that can't be used.
    """
    section = config.get(SECTION, {})
    refuse_unknown(section)
    options = Options()
    try:
        for name, value in section.items():
            own = getattr(options, name)
            setattr(options, name, value.get_value(own) if isinstance(value, LazyConfigValue) else value)
    except TraitError as error:
        raise OptionError(f"nbgrader_config.py: {error}") from None
    try:
        for name, value in given.items():
            setattr(options, name, {**options.limits, **value} if name == "limits" else value)
    except TraitError as error:
        raise OptionError(str(error)) from None
    return options


def refuse_unknown(section: Iterable[str]) -> None:
    """Refuse options that don't exist, and ``enabled``, which would give everybody full marks.

    Raises
    ------
    OptionError
        If there is such an option.
    """
    known = sorted(Options.class_trait_names(config=True))
    for name in section:
        if name == "enabled":
            raise OptionError(
                f"{SECTION}.enabled can't be set: where nothing is graded, nbgrader gives full marks. To grade "
                "with nbgrader alone, take the two lines out of nbgrader_config.py."
            )
        if name not in known:
            raise OptionError(f"There is no option {SECTION}.{name}; there are: {', '.join(known)}.")


def limits_of_nbgrader(config: Any) -> dict[str, float]:
    """Return the limits that follow from nbgrader's own ``timeout`` for a cell, if a course has set one.

    In a course that gives its cells minutes, no submission may lose marks because of a shorter limit here. If the
    timeout is switched off, a cell may take as long as the whole submission.

    Returns
    -------
    dict
        Empty if the course has set no timeout.
    """
    found = [config[name]["timeout"] for name in NBGRADERS_TIMEOUT if "timeout" in config.get(name, Config())]
    if not found:
        return {}
    whole = Limits().submission_seconds
    seconds = _number(found[-1])
    seconds = seconds if seconds and seconds > 0 else whole
    return {"cell_seconds": seconds, "cell_patience": 0.0, "submission_seconds": max(whole, seconds)}


def _number(value: Any) -> float | None:
    """Return a number that may be given as text, or None if it is none."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return None
