"""The address of nbgrader's database, a SQLite file or a PostgreSQL server, and its errors as sentences."""

from __future__ import annotations

import contextlib
import logging
import re
import warnings
from collections.abc import Iterator, Mapping

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SAWarning, SQLAlchemyError

# nbgrader 0.9 builds its rows in an order that SQLAlchemy 2 warns about; users can't change it.
warnings.filterwarnings("ignore", "Object of type <Submitted", SAWarning)
# nbgrader logs the traceback of each error of its database here, before it raises the error.
logging.getLogger("tornado.application").addHandler(logging.NullHandler())

WRONG_ADDRESS = (
    "CourseDirectory.db_url is no address of a database; write sqlite:///gradebook.db for a file, or "
    "postgresql+psycopg://USER:PASSWORD@HOST/DATABASE for a server. In the password, @ is written %40, : %3A, "
    "/ %2F and % %25."
)
WRITE_FILE = "CourseDirectory.db_url = “{url}” is no address of a database; write “sqlite:///{path}”."
NO_DRIVER = (
    "The gradebook is on a PostgreSQL server, and its driver is missing: please run "
    "pip install 'logits-and-likelihoods[postgres]', and write CourseDirectory.db_url as postgresql+psycopg://…"
)
ADVICE = (
    (r"password|role .* does not exist", "Check user and password in CourseDirectory.db_url, or in ~/.pgpass."),
    (r"database .* does not exist", "Make it on the server: createdb --owner=USER DATABASE."),
    (r"permission denied", "Make the user the owner of the database: ALTER DATABASE … OWNER TO …."),
    (r"resolve host|translate host", "Check the host in CourseDirectory.db_url."),
    (r"refused|No such file|timeout|unreachable", "Check that the server runs, and its host and port."),
    (r"unable to open database file", "Check that its folder exists, and that you may write there."),
    (r"not a database|malformed", "Put a copy of it back."),
    (r"is locked", "Another program writes in it, the formgrader perhaps: run the command again."),
    (r"disk I/O error|disk is full", "Check that the disk is not full."),
)
"""What to do, by a pattern in the driver's message: libpq gives no error codes while it connects."""


class NbgraderError(RuntimeError):
    """An error of nbgrader or of its database; the text is for the instructor."""


@contextlib.contextmanager
def readable_errors(what: str, then: str = "") -> Iterator[None]:
    """Turn an error of the database into a sentence.

    Parameters
    ----------
    what
        What fails, as the start of the sentence.
    then
        What to do afterwards, as a sentence of its own.

    Raises
    ------
    NbgraderError
        If the database raises an error; the text holds its message, and advice where there is some.
    """
    try:
        yield
    except SQLAlchemyError as error:
        reason = message_of(error)
        advice = next((words for pattern, words in ADVICE if re.search(pattern, reason)), "")
        raise NbgraderError(" ".join(filter(None, (f"{what}: {reason}", advice, then)))) from None


def message_of(error: SQLAlchemyError) -> str:
    """Return the first line of the database's own message, as one sentence."""
    first = str(getattr(error, "orig", None) or error).partition("\n")[0]
    return f"{first.rstrip('.')}."


ERROR_LINE = re.compile(r"(?:\w+\.)*(?P<name>\w*(?:Error|Exception|Interrupt)): ?(?P<text>.*)|KeyboardInterrupt")
OS_ERROR = re.compile(r"\[Errno \d+\] (?P<why>[^:]+): (?P<path>.+)")


def cause_in(result: Mapping[str, str]) -> str:
    """Return why nbgrader could not do its work: the first error of its log, as one sentence.

    Parameters
    ----------
    result
        What nbgrader's own API returns; ``log`` and ``error`` hold messages and tracebacks.
    """
    lines = [line for part in ("log", "error") for line in result.get(part, "").splitlines()]
    errors = [match for line in lines if (match := ERROR_LINE.fullmatch(line.strip()))]
    if any(match[0].startswith("KeyboardInterrupt") for match in errors):
        return "KeyboardInterrupt"
    if not errors:
        return lines[-1] if lines else "it says no more."
    first = errors[0]
    refused = OS_ERROR.fullmatch(first["text"] or "")
    if refused:
        return (
            f"{refused['path']}: {refused['why']}. Check that you may write there and that the disk is not full."
        )
    return f"{first['text'] or first['name']}".rstrip(".") + "."


def check_connection(url: str) -> None:
    """Open and close the database.

    Raises
    ------
    NbgraderError
        If the address is wrong, the driver is missing, or the connection fails; the text holds no password.
    """
    plain = re.fullmatch(r"(?:sqlite:/{0,2}|file:/*)?(?P<path>[^:@]+\.(?:db|sqlite3?))", url)
    if plain and not url.startswith("sqlite:///"):
        raise NbgraderError(WRITE_FILE.format(url=url, path=plain["path"]))
    try:
        parsed = sa.make_url(url)
        engine = sa.create_engine(parsed, poolclass=sa.NullPool)
    except (ArgumentError, NoSuchModuleError, ValueError):
        raise NbgraderError(WRONG_ADDRESS) from None
    except ModuleNotFoundError:
        raise NbgraderError(NO_DRIVER if is_server(url) else WRONG_ADDRESS) from None
    if "@" in f"{parsed.host}{parsed.database}" and is_server(url):  # a part of the password, read as the host
        raise NbgraderError(WRONG_ADDRESS)
    with readable_errors("The gradebook can't be opened"):
        engine.connect().close()


def is_server(url: str) -> bool:
    """Whether an address is one of a PostgreSQL server."""
    return url.startswith("postgresql")
