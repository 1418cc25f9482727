"""A runner for GitHub's workflows, as far as ours go: each job has a folder of its own and nothing of the others'.

A checkout is a clone of a repository in a folder, an artifact a folder, and what installs is left out. Every other
step runs in a shell, under its condition, with its variables and no others of ours.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from workflow_files import BIN, jobs_of, read

STATUS = re.compile(r"\b(cancelled|success|always|failure)\(\)")


class Context(dict):
    """The names that an expression may hold; what is not there is the empty text."""

    def value(self, expression):
        """The value of an expression without the braces: names, texts, comparisons, !, && and ||."""
        parts = re.split(r"('[^']*')", expression)
        parts[::2] = map(self._translated, parts[::2])
        functions = {
            "hashFiles": self["hashFiles"],
            "cancelled": lambda: False,
            "success": lambda: self["success"],
        }
        return eval("".join(parts).strip(), {"__builtins__": {}}, functions)

    def _translated(self, part):
        part = re.sub(r"!(?!=)", " not ", part).replace("&&", " and ").replace("||", " or ")
        return re.sub(r"(?<![\w.])[a-z]\w*(\.[\w-]+)+", lambda name: repr(self.get(name[0], "")), part)

    def filled(self, text):
        """A text with the values of the expressions in it."""
        return re.sub(r"\$\{\{(.*?)\}\}", lambda found: str(self.value(found[1])), text)

    def holds(self, condition):
        """Whether a step or a job is run; after a failure only one that asks for it."""
        text = re.sub(r"^\$\{\{(.*)\}\}$", r"\1", condition or "success()")
        return bool((STATUS.search(text) or self["success"]) and self.value(text))


class Runner:
    """Runs the jobs of a workflow on the default branch of a bare repository.

    ``tools`` is put in front of the PATH, ``secrets`` are the repository's, ``summary`` and ``log`` gather what is
    said.
    """

    def __init__(self, repository, folder, *, event="workflow_dispatch", secrets=None, tools=None, **environment):
        self.repository, self.folder, self.event = repository, folder, event
        self.secrets, self.environment = secrets or {}, environment
        self.path = os.pathsep.join(str(part) for part in (tools, BIN, os.environ["PATH"]) if part)
        self.log, self.results, self.outputs, self.ran = "", {}, {}, []
        folder.mkdir()

    @property
    def summary(self):
        return "".join(path.read_text() for path in sorted(self.folder.glob("*/summary.md")))

    def run(self, workflow):
        """Run the jobs in their order; return the result of each: success, failure or skipped."""
        for name, job in jobs_of(workflow).items():
            needs = [job["needs"]] if isinstance(job.get("needs"), str) else job.get("needs", [])
            ready = all(self.results[other] == "success" for other in needs)
            context = self._context(self.folder / name, ready)
            self.results[name] = self._job(name, job, context) if context.holds(job.get("if")) else "skipped"
        return self.results

    def run_action(self, action, inputs, job="job"):
        """Run the steps of a composite action in a checkout; return the result and its outputs."""
        root = self.folder / job
        declared = read(action)
        context = self._context(root, success=True)
        context |= {f"inputs.{name}": about.get("default", "") for name, about in declared["inputs"].items()}
        context |= {f"inputs.{name}": value for name, value in inputs.items()}
        self._checkout(root, {})
        result = self._job(job, declared["runs"], context, action.parent)
        return result, {name: context.filled(out["value"]) for name, out in declared["outputs"].items()}

    def _context(self, root, success):
        return Context(
            {
                "success": success,
                "hashFiles": lambda name: "x" * (root / "work" / name).exists(),
                "github.event_name": self.event,
                "github.token": "the job's own",
                "runner.temp": str(root / "temp"),
                **{f"secrets.{name}": value for name, value in self.secrets.items()},
                **self.outputs,
            }
        )

    def _job(self, name, job, context, action=None):
        root = self.folder / name
        for part in ("work", "temp"):
            (root / part).mkdir(parents=True, exist_ok=True)
        context["success"] = True
        failed = False
        for number, step in enumerate(job["steps"]):
            ident = step.get("id", f"step-{number}")
            outcome = "skipped"
            if context.holds(step.get("if")):
                outcome = "success" if self._step(root, step, job, context, action, ident) else "failure"
                self.ran.append(step.get("name", step.get("uses")))
            failed |= outcome == "failure"
            context["success"] = not failed
            context[f"steps.{ident}.outcome"] = outcome
        for output, value in job.get("outputs", {}).items():
            self.outputs[f"needs.{name}.outputs.{output}"] = context.filled(value)
        return "failure" if failed else "success"

    def _step(self, root, step, job, context, action, ident):
        given = {name: context.filled(value) for name, value in step.get("with", {}).items()}
        kind = step.get("uses", "").partition("@")[0]
        if kind == "actions/checkout":
            self._checkout(root, given)
        elif kind == "actions/upload-artifact":
            self._upload(root, given)
        elif kind == "actions/download-artifact":
            shutil.copytree(self.folder / "artifacts" / given["name"], given["path"], dirs_exist_ok=True)
        elif kind:
            assert kind == "actions/setup-python", kind
        elif " pip install " not in step["run"]:
            return self._shell(root, step, job, context, action, ident)
        return True

    def _checkout(self, root, given):
        place = root / "work" / given.get("path", ".")
        place.parent.mkdir(parents=True, exist_ok=True)
        branch = ["--branch", given["ref"]] if "ref" in given else []
        subprocess.run(["git", "clone", "--quiet", *branch, self.repository, place], check=True)

    def _upload(self, root, given):
        place = self.folder / "artifacts" / given["name"]
        place.mkdir(parents=True, exist_ok=True)
        for line in given["path"].split("\n"):
            path = root / "work" / line.strip()
            if line.strip() and path.is_dir():
                shutil.copytree(path, place / path.name, dirs_exist_ok=True)
            elif line.strip() and path.exists():
                shutil.copy(path, place)

    def _shell(self, root, step, job, context, action, ident):
        output = root / f"output-{ident}"
        output.touch()
        environment = {
            "PATH": self.path,
            "HOME": str(root),
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "RUNNER_TEMP": str(root / "temp"),
            "GITHUB_STEP_SUMMARY": str(root / "summary.md"),
            "GITHUB_OUTPUT": str(output),
            **({"GITHUB_ACTION_PATH": str(action)} if action else {}),
            **self.environment,
            **{name: context.filled(v) for name, v in {**job.get("env", {}), **step.get("env", {})}.items()},
        }
        done = subprocess.run(
            ["bash", "-eo", "pipefail", "-c", step["run"]],
            cwd=root / "work",
            env=environment,
            capture_output=True,
            text=True,
            timeout=900,
            check=False,
        )
        self.log += done.stdout + done.stderr
        for line in output.read_text().splitlines():
            name, _, value = line.partition("=")
            context[f"steps.{ident}.outputs.{name}"] = value
        return done.returncode == 0


def git(*words, cwd):
    """Run git as somebody; return what it says."""
    who = ["-c", "user.name=x", "-c", "user.email=x@localhost"]
    done = subprocess.run(["git", *who, *map(str, words)], cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def empty_repository(folder, name):
    """An empty repository on the platform, and a clone of it to work in."""
    origin, work = folder / f"{name}.git", folder / name
    Path(folder).mkdir(exist_ok=True, parents=True)
    git("init", "--quiet", "--bare", "--initial-branch=main", origin, cwd=folder)
    git("clone", "--quiet", origin, work, cwd=folder)
    git("switch", "--quiet", "--orphan", "main", cwd=work)
    return origin, work


def push(work):
    """Commit all that lies there, and push it."""
    git("add", "--all", cwd=work)
    git("commit", "--quiet", "--message", "Mine", cwd=work)
    git("push", "--quiet", "origin", "HEAD", cwd=work)
