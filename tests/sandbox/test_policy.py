"""What a student's Python consists of: the standard library, what is allowed, and nothing of ours."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import sysconfig
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from conftest import CHECKOUT, GENEROUS

from autograder.sandbox import policy, ways
from autograder.sandbox.confine import landlock
from autograder.sandbox.policy import EVERYTHING, CannotIsolateError, Limits
from autograder.sandbox.pool import Pool
from autograder.sandbox.users import IDS

OURS = ("autograder", "solutions", "logits_and_likelihoods", "__editable__", "_editable_impl")
SITE = Path(sysconfig.get_path("purelib"))


@pytest.fixture(params=[(), ("scipy",), (EVERYTHING,)], ids=["default", "scipy", "everything"])
def laid_out(request):
    with policy.runtime(request.param) as runtime:
        yield runtime


@pytest.fixture(scope="module")
def pool():
    pool = Pool(Limits())
    yield pool
    pool.close()


def linked(runtime):
    return {entry.name: Path(os.path.realpath(entry)) for entry in runtime.site.iterdir()}


def printed(pool, allow, code):
    """What a cell prints in a new process, with the name of the exception it ends in."""
    with pool.session(allow, {}) as session:
        done, _ = session.run_cell(code)
    return "".join(getattr(output, "text", "") for output in done.outputs), done.error


# --- the folder ------------------------------------------------------------------------------------------


def test_no_link_leads_to_the_grader_or_the_solutions(laid_out):
    """Neither by its own name, nor as metadata or editable-install file, nor by where it leads."""
    for name, target in linked(laid_out).items():
        assert not name.startswith(OURS), name
        assert not name.endswith(".pth"), name
        assert not target.is_relative_to(CHECKOUT / "autograder"), target
        assert not target.is_relative_to(CHECKOUT / "solutions"), target


def test_nothing_that_may_be_read_contains_the_grader_the_course_or_the_whole_site_packages(laid_out):
    secret = [CHECKOUT / name for name in ("autograder", "solutions", "source", "tests")]
    secret += [
        SITE,
        Path(policy.__file__),
        Path.home() / ".ssh",
        Path("/etc/passwd"),
        Path("/proc/self"),
        Path("/dev"),
    ]
    for entry in laid_out.readable:
        for path in secret:
            assert not path.is_relative_to(entry), f"{entry} shows {path}"


def test_every_link_may_be_read_and_leads_somewhere(laid_out):
    lib = next((laid_out.python / "lib").iterdir())
    for entry in (*laid_out.site.iterdir(), *lib.iterdir()):
        if entry.name == "autograder_inside":
            continue
        assert entry.is_symlink()
        assert os.path.realpath(entry) in laid_out.readable
        assert entry.exists()


def test_by_default_numpy_matplotlib_and_ipython_are_linked_and_scipy_nbgrader_and_pytest_are_not():
    with policy.runtime() as runtime:
        names = linked(runtime).keys()
    assert names >= {"numpy", "matplotlib", "ipywidgets", "IPython", "traitlets"}
    assert not names & {"scipy", "nbgrader", "nbformat", "pytest", "msgspec", "sqlalchemy"}


def test_an_allowed_module_is_linked_with_its_distribution_and_nothing_else_is():
    with policy.runtime() as runtime:
        default = linked(runtime).keys()
    with policy.runtime(["scipy"]) as runtime:
        added = linked(runtime).keys() - default
    assert "scipy" in added
    assert all(name.startswith("scipy") for name in added)


def test_everything_is_whatever_is_installed_but_ours():
    with policy.runtime([EVERYTHING]) as runtime:
        names = linked(runtime).keys()
    assert names >= {"numpy", "scipy", "nbgrader", "pytest"}
    installed = {entry.name for entry in SITE.iterdir()} - {"__pycache__"}
    assert all(name.startswith(OURS) or name.endswith(".pth") for name in installed - names)


@pytest.fixture
def installed_beside_numpy(tmp_path, monkeypatch):
    """A site-packages folder into which the project was installed as a wheel, with an editable one's traces."""
    for name in ("numpy", "autograder", "solutions", "logits_and_likelihoods-0.1.0.dist-info"):
        (tmp_path / name).mkdir()
    for name in (
        "honest.py",
        "solutions.py",
        "sitecustomize.py",
        "_editable_impl_logits_and_likelihoods.pth",
        "__editable___logits_and_likelihoods_0_1_0_finder.py",
        "logits_and_likelihoods.egg-link",
        "distutils-precedence.pth",
    ):
        (tmp_path / name).touch()
    with monkeypatch.context() as patch:
        patch.setattr(policy.sysconfig, "get_path", lambda _: str(tmp_path))
        policy._allowed.cache_clear()
        yield
    policy._allowed.cache_clear()


def test_ours_beside_numpy_in_the_same_site_packages_are_left_out(installed_beside_numpy):
    """Installed as a wheel or editable, package, metadata and finder alike; a file that runs code is, too."""
    assert {path.name for path in policy._allowed(frozenset([EVERYTHING]))} == {"numpy", "honest.py"}


def test_the_standard_library_is_linked_without_its_site_packages(laid_out):
    lib = laid_out.python / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}"
    names = {entry.name for entry in lib.iterdir()}
    assert names >= {"os.py", "json", "lib-dynload", "encodings"}
    assert not names & {"site-packages", "dist-packages"}


def test_the_program_inside_is_a_copy_and_imports_nothing_of_ours(laid_out):
    (folder,) = laid_out.python.glob("lib/python*/autograder_inside")
    copied = {path.name: path.read_text() for path in folder.iterdir()}
    assert copied == {path.name: path.read_text() for path in policy.INSIDE.glob("*.py")}
    for text in copied.values():
        assert "import autograder" not in text
        assert "from autograder" not in text
        assert "solutions" not in text


def test_the_folder_is_gone_after_a_run_that_failed_too():
    with policy.runtime() as runtime:
        kept = runtime.folder
        assert kept.is_dir()
    assert not kept.exists()
    with contextlib.suppress(ZeroDivisionError), policy.runtime() as runtime:
        kept = runtime.folder
        1 / 0  # noqa: B018
    assert not kept.exists()
    assert Path(os.path.realpath(SITE / "numpy")).is_dir(), "links were removed, not what they lead to"


@pytest.mark.slow
def test_a_pool_makes_a_folder_for_what_is_allowed_once_and_removes_it_when_it_is_closed():
    pool = Pool(GENEROUS, isolated=False)
    folders = set()
    for allow in ((), ("scipy",), ()):
        with pool.session(allow, {}) as session:
            folders.add(session.server.runtime.folder)
    assert len(folders) == 2
    pool.close()
    assert not any(folder.exists() for folder in folders)


def test_the_environment_is_the_same_whatever_the_grader_s_own_is(laid_out, monkeypatch, tmp_path):
    before = laid_out.environment(tmp_path)
    monkeypatch.setenv("AUTOGRADER_SECRET", "do not tell")
    monkeypatch.setenv("LD_PRELOAD", "")
    assert laid_out.environment(tmp_path) == before
    assert "do not tell" not in str(before)


# --- in a student's process ------------------------------------------------------------------------------

TRY = """
import importlib
for name in {names!r}:
    try:
        importlib.import_module(name)
        print(name, "yes")
    except ModuleNotFoundError as error:
        print(name, "no" if error.name == name.partition(".")[0] else error)
"""


@pytest.mark.sandbox
@pytest.mark.parametrize(
    ("allow", "scipy", "nbgrader"),
    [
        ((), "no", "no"),
        (["scipy"], "yes", "no"),
        pytest.param([EVERYTHING], "yes", "yes", marks=pytest.mark.slow),
    ],
)
def test_only_what_is_allowed_can_be_imported_and_ours_never(pool, allow, scipy, nbgrader):
    names = (
        "numpy",
        "matplotlib.pyplot",
        "scipy.special",
        "nbgrader",
        "autograder",
        "solutions",
        "solutions.softmax",
    )
    text, error = printed(pool, allow, TRY.format(names=names))
    told = dict(line.split(maxsplit=1) for line in text.splitlines())
    assert error is None
    assert told == {
        **dict.fromkeys(("numpy", "matplotlib.pyplot"), "yes"),
        "scipy.special": scipy,
        "nbgrader": nbgrader,
        **dict.fromkeys(("autograder", "solutions", "solutions.softmax"), "no"),
    }


@pytest.mark.sandbox
@pytest.mark.parametrize("allow", [(), (EVERYTHING,)], ids=["default", "everything"])
def test_ours_can_not_be_imported_by_adding_their_folder_to_the_path(pool, allow):
    """The folder may be named; nothing in it can be read, listed or executed."""
    code = f"import sys\nsys.path[:0] = {[str(CHECKOUT), str(SITE)]!r}\nimport autograder"
    assert printed(pool, allow, code) == ("", "ModuleNotFoundError")
    code = f"print(open({str(CHECKOUT / 'solutions' / 'softmax.py')!r}).read())"
    assert printed(pool, allow, code) in [("", "PermissionError"), ("", "FileNotFoundError")]


# --- a machine that can't --------------------------------------------------------------------------------


@pytest.mark.sandbox
def test_on_another_system_grading_refuses_and_says_what_works(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(CannotIsolateError, match=r"needs Linux.*this is darwin.*grade on a Linux machine"):
        policy.isolation()


def test_without_landlock_grading_refuses_and_says_what_to_do(monkeypatch):
    monkeypatch.setattr(landlock, "best_abi", lambda: 0)
    ways.obstacle.cache_clear()
    with pytest.raises(CannotIsolateError, match=r"needs Landlock .*landlock: it is switched off"):
        policy.isolation("landlock")
    ways.obstacle.cache_clear()


def test_limits_say_what_one_submission_may_use():
    """The defaults are finite: nothing is unlimited because somebody forgot to name it."""
    limits = Limits()
    assert 0 < limits.grace_seconds < limits.call_seconds <= limits.cell_seconds < limits.function_seconds
    assert limits.function_seconds < limits.submission_seconds <= 600
    assert limits.output_bytes < limits.submission_output_bytes < limits.memory < 8 << 30
    assert limits.reply_bytes < limits.submission_reply_bytes < limits.memory
    assert 0 < limits.judging_seconds < limits.grader_seconds < limits.submission_seconds
    assert limits.file_size <= limits.scratch_size <= 1 << 30


def test_limits_are_set_by_name_in_numbers_or_units():
    changed = Limits().changed({"cell_seconds": "1.5", "memory": "2G", "open_files": 24})
    assert changed == replace(Limits(), cell_seconds=1.5, memory=2 << 30, open_files=24)
    assert Limits().changed({}) == Limits()


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("cell_second", 1, "no limit called “cell_second”; there are: cell_seconds, cell_patience"),
        ("memory", "2T", "memory must be a positive number .* not “2T”"),
        ("memory", "", "positive"),
        ("call_seconds", "-1", "positive"),
        ("call_seconds", 0, "positive"),
        ("call_seconds", "inf", "positive"),
        ("start_seconds", 0.01, "start_seconds must be at least 1, or no submission could start"),
        ("memory", "1M", r"memory must be at least 134217728 \(it is in bytes\)"),
        ("files", 1, "files must be at least 8"),
        ("open_files", "20.5", "open_files must be a whole number"),
    ],
)
def test_a_limit_that_is_none_is_named(name, value, says):
    with pytest.raises(ValueError, match=says):
        Limits().changed({name: value})


@pytest.mark.sandbox
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_a_grader_that_is_root_runs_submissions_as_nobody(pool):
    """Landlock would hold root, too; but a second lock is worth having."""
    said, _ = printed(pool, (), "import os; print(os.getresuid(), os.getresgid(), os.getgroups())")
    assert said in {f"{(uid,) * 3} {(uid,) * 3} []\n" for uid in IDS}


def test_whatever_the_umask_a_submissions_user_reads_its_own_program():
    """Gradescope's program runs with 077: what it writes is for itself."""
    before = os.umask(0o077)
    try:
        with policy.runtime(way="none") as made:
            ours = [path for path in (made.folder / "python").rglob("*") if not path.is_symlink()]
            unread = [path for path in ours if path.stat().st_mode & 0o005 != (0o005 if path.is_dir() else 0o004)]
    finally:
        os.umask(before)
    assert any(path.name == "worker.py" for path in ours)
    assert unread == []


# --- what a distribution is made of ----------------------------------------------------------------------


class Distribution:
    """An installed distribution, by the texts in its metadata."""

    requires = None
    files = None

    def __init__(self, **texts):
        self.texts = texts

    def read_text(self, name):
        return self.texts.get(name)


def test_the_requirements_of_this_machine_are_named_without_those_of_extras():
    lines = (
        "a",
        "B_b>=1,<2",
        "c; python_version >= '3'",
        "d; python_version < '3'",
        'e; extra == "all"',
        "f; extra == 'x.y-z'",
        "g; python_version >= '3' and extra == 'x'",
        "h[extra]>=1",
    )
    text = "Name: x\n" + "".join(f"Requires-Dist: {line}\n" for line in lines) + "\nRequires-Dist: no\n"
    assert list(policy._required(Distribution(METADATA=text))) == ["a", "B_b", "c", "h"]
    plain = Distribution()
    assert list(policy._required(plain)) == []
    plain.requires = list(lines)
    assert list(policy._required(plain)) == ["a", "B_b", "c", "h"]


def test_the_first_part_of_each_installed_path_is_an_entry():
    record = 'numpy/core/x.py,sha256=1,2\nsix.py,,\n"pkg/a,b.py",,\n../../bin/f2py,,\nnumpy/y.py,,\n'
    assert policy._top_entries(Distribution(RECORD=record)) == {"numpy", "six.py", "pkg", ".."}
    plain = Distribution()
    assert policy._top_entries(plain) == set()
    plain.files = [Path("a/b.py"), Path("c.py")]
    assert policy._top_entries(plain) == {"a", "c.py"}


@pytest.mark.parametrize(
    ("as_root", "way", "modes", "needs"),
    [
        (True, "landlock", (0o755, 0o644, 0o644), False),
        (True, "landlock", (0o755, 0o644, 0o600), True),
        (True, "landlock", (0o755, 0o600, 0o644), True),
        (True, "landlock", (0o700, 0o644, 0o644), True),
        (True, "namespace", (0o700, 0o644, 0o644), False),
        (True, "namespace", (0o755, 0o644, 0o600), True),
        (True, "chroot", (0o700, 0o600, 0o600), False),
        (False, "landlock", (0o700, 0o600, 0o600), False),
    ],
)
def test_root_s_right_to_read_is_kept_where_a_stranger_could_not_read_or_reach_every_file(
    tmp_path, monkeypatch, as_root, way, modes, needs
):
    folder = tmp_path / "folder"
    folder.mkdir()
    targets = [folder / "a", folder / "b"]
    for path in targets:
        path.touch()
    modes = dict(zip((folder, *targets), modes, strict=True))
    real = Path.stat
    kind = type("Found", (), {})

    def stat(path, **options):
        found = kind()
        found.st_mode = modes.get(path, 0o755) if path in modes or path in folder.parents else real(path).st_mode
        return found

    monkeypatch.setattr(Path, "stat", stat)
    policy._world_may_enter.cache_clear()
    made = policy.Runtime(folder, way, (), as_root=as_root)
    assert policy._needs_to_read(made, [str(path) for path in targets]) is needs
    policy._world_may_enter.cache_clear()


# --- on machines that are described ----------------------------------------------------------------------


@pytest.fixture
def machine(monkeypatch):
    """A machine with some obstacles to some ways; ``asked`` holds the ways that were looked at."""
    asked, obstacles = [], {}

    def obstacle(way):
        asked.append(way)
        if way not in ways.WAYS:
            raise ValueError(f"there is no way called {way}")
        return obstacles.get(way, "")

    monkeypatch.setattr(ways, "obstacle", obstacle)
    monkeypatch.delenv(ways.CHOICE, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    obstacles["asked"] = asked
    return obstacles


def test_the_first_way_without_an_obstacle_is_taken_and_no_other_is_tried(machine):
    assert policy.isolation() == "landlock"
    machine["landlock"] = "it is old"
    assert policy.isolation() == "namespace"
    machine["namespace"] = "it is forbidden"
    assert policy.isolation() == "chroot"
    assert machine["asked"] == [*ways.WAYS[:1], *ways.WAYS[:2], *ways.WAYS]
    machine["chroot"] = "only root may"
    with pytest.raises(CannotIsolateError) as refused:
        policy.isolation()
    every = "landlock: it is old; namespace: it is forbidden; chroot: only root may"
    assert f"(kernel {os.uname().release}; {every}). Run “autograder doctor”." in str(refused.value)


def test_a_way_that_is_named_is_the_only_one_and_goes_before_the_environment_s(machine, monkeypatch):
    machine["namespace"] = "it is forbidden"
    monkeypatch.setenv(ways.CHOICE, "chroot")
    assert policy.isolation() == "chroot"
    assert policy.isolation("landlock") == "landlock"
    for chosen in (None, "namespace"):
        monkeypatch.setenv(ways.CHOICE, "namespace")
        with pytest.raises(CannotIsolateError, match=r"kernel [^;]*; namespace: it is forbidden\)"):
            policy.isolation(chosen)
    monkeypatch.setenv(ways.CHOICE, "jail")
    with pytest.raises(CannotIsolateError, match=r"^there is no way called jail\.$"):
        policy.isolation()
    monkeypatch.setenv(ways.CHOICE, "")
    assert policy.isolation() == "landlock"


def test_a_processor_whose_system_calls_nobody_listed_is_refused_by_its_name(machine, monkeypatch):
    monkeypatch.setattr(policy.seccomp, "is_known", lambda name: False)
    with pytest.raises(
        CannotIsolateError, match=rf"knows the system calls of .* and .*; this is {os.uname().machine}"
    ):
        policy.isolation()
    assert machine["asked"] == []


@pytest.mark.parametrize(
    ("name", "value", "limit"),
    [
        ("memory", "128M", 128 << 20),
        ("memory", "0.5G", 1 << 29),
        ("file_size", "1.5K", 1536),
        ("cell_patience", 0, 0.0),
        ("cell_patience", "2", 2.0),
        ("start_seconds", 1, 1.0),
        ("open_files", 16, 16),
        ("files", 8, 8),
        ("threads", 2, 2),
        ("grader_memory", 64 << 20, 64 << 20),
        ("grace_seconds", "0.25", 0.25),
    ],
)
def test_a_limit_may_be_as_low_as_a_process_needs_and_keeps_its_kind(name, value, limit):
    changed = getattr(Limits().changed({name: value}), name)
    assert (changed, type(changed)) == (limit, type(limit))


def test_each_limit_that_would_start_nothing_is_refused():
    for name, least in policy.LEAST.items():
        with pytest.raises(ValueError, match=f"{name} must be at least {least}"):
            Limits().changed({name: least / 2})
    for value in ("1k", "1GB", " 1", "1e3", "0x10", "K", "1.", "-0", "nan", None):
        with pytest.raises(ValueError, match="memory must be a positive number"):
            Limits().changed({"memory": value})
    with pytest.raises(ValueError, match="call_seconds must be a positive number"):
        Limits().changed({"cell_seconds": 1, "call_seconds": "0.0"})


@pytest.mark.parametrize(
    ("code", "said", "why"),
    [(1, " x" * 400, f"built: {(' x' * 250)}"), (-9, " \n", "built: the program that builds it ended with -9")],
)
def test_a_root_that_can_not_be_built_says_why_in_short(monkeypatch, tmp_path, code, said, why):
    asked = []

    def run(command, *, input, **_):  # noqa: A002
        asked.append((command, json.loads(input)))
        return SimpleNamespace(returncode=code if len(asked) > 1 else 0, stderr=said)

    monkeypatch.setattr(policy, "subprocess", SimpleNamespace(run=run))
    made = policy.Runtime(tmp_path, "chroot", ("/usr",), links=(("/lib", "usr/lib"),))
    policy._build(made)
    ((ran, order),) = asked
    assert ran == policy.command("build")
    assert (order["folder"], order["root"]) == (str(tmp_path), f"{tmp_path}/root")
    assert (order["readable"], order["links"]) == (["/usr"], [["/lib", "usr/lib"]])
    with pytest.raises(CannotIsolateError) as refused:
        policy._build(made)
    assert str(refused.value).endswith(why)
