"""A class of right solutions that were written independently, and copies of some that were made to look otherwise.

An independent solution takes each function in one of the styles that the tests and benchmarks know, and writes it
in its own way: other names, other temporary variables, terms in another order. Every change keeps the values.
"""

from __future__ import annotations

import ast
import copy
import re

from autograder.commands.demo import submissions
from autograder.notebooks import notebook

_WORDS = (
    "a b c d e f g h k m n p q r s t u v w aa arr array axis_max base best big buf c1 c2 centre "
    "centred col cols count cur d1 d2 data delta den denom diff dist e1 entry err expz exps ez first "
    "g1 grad h1 hi hot idx inner item k1 kept l1 label lab largest left length lo logit logp logs "
    "low m1 mask maxi maximum mean mid mm mx ndim norm num number numer out outer p1 parts peak pos "
    "prob probs prod q1 r1 ratio rel res rest result ret right row rows s1 safe scale scaled shape "
    "shifted size spread sq sqr sum1 summed sums t1 temp term terms tmp tot total tt v1 val vals "
    "value vec w1 weights whole x1 xs y1 z1 zmax zs zz "
)
NAMES = _WORDS.split()
REMARKS = (
    "shift first",
    "now the sum",
    "see the lecture",
    "numerically stable",
    "mean over rows",
    "done",
    "by the rule",
)


class Variation(ast.NodeTransformer):
    """Writes a function in another way, drawn at random, with the same values."""

    def __init__(self, rng, tree):
        self.rng = rng
        self.taken = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        self.taken |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}

    def fresh(self):
        name = self.rng.choice([name for name in NAMES if name not in self.taken])
        self.taken.add(name)
        return name

    def visit_BinOp(self, node):
        self.generic_visit(node)
        swap = isinstance(node.op, ast.Mult | ast.Add) and not _has_sequence(node)
        if swap and self.rng.random() < 0.4:
            node.left, node.right = node.right, node.left
        square = isinstance(node.op, ast.Pow) and isinstance(node.right, ast.Constant) and node.right.value == 2
        if square and isinstance(node.left, ast.Name) and self.rng.random() < 0.5:
            return ast.BinOp(node.left, ast.Mult(), copy.deepcopy(node.left))
        return node

    def visit_Return(self, node):
        if node.value is None or isinstance(node.value, ast.Name | ast.Constant):
            return node
        self.generic_visit(node)
        before = []
        calls = [n for n in ast.walk(node.value) if isinstance(n, ast.BinOp)]
        if calls and self.rng.random() < 0.5 and not _is_lazy(node.value):
            chosen, name = self.rng.choice(calls), self.fresh()
            before.append(ast.Assign([ast.Name(name, ast.Store())], copy.deepcopy(chosen)))
            node = _Swap(chosen, name).visit(node)
        if self.rng.random() < 0.4:
            name = self.fresh()
            before.append(ast.Assign([ast.Name(name, ast.Store())], node.value))
            node = ast.Return(ast.Name(name, ast.Load()))
        return [*before, node]

    def visit_Assign(self, node):
        self.generic_visit(node)
        inner = [n for n in ast.walk(node.value) if isinstance(n, ast.Call | ast.BinOp) and n is not node.value]
        if inner and self.rng.random() < 0.35 and not _is_lazy(node.value):
            chosen, name = self.rng.choice(inner), self.fresh()
            extra = ast.Assign([ast.Name(name, ast.Store())], copy.deepcopy(chosen))
            return [extra, _Swap(chosen, name).visit(node)]
        return node


class _Swap(ast.NodeTransformer):
    def __init__(self, wanted, name):
        self.wanted, self.name = wanted, name

    def visit(self, node):
        return ast.Name(self.name, ast.Load()) if node is self.wanted else super().visit(node)


def _has_sequence(node):
    return any(isinstance(n, ast.List | ast.Tuple | ast.Constant) and not _is_number(n) for n in ast.walk(node))


def _is_number(node):
    return isinstance(node, ast.Constant) and isinstance(node.value, int | float)


def _is_lazy(node):
    lazy = (
        ast.Lambda,
        ast.ListComp,
        ast.GeneratorExp,
        ast.DictComp,
        ast.SetComp,
        ast.IfExp,
        ast.BoolOp,
        ast.Starred,
    )
    return any(isinstance(n, (*lazy, ast.Compare, ast.NamedExpr)) for n in ast.walk(node))


def renamed(text, rng, keep):
    """A text with other names for its variables; the functions' parameters keep theirs."""
    tree = ast.parse(text)
    fixed = {
        a.arg for node in ast.walk(tree) if isinstance(node, ast.arguments) for a in (*node.args, *node.kwonlyargs)
    }
    own = (
        {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        - fixed
        - set(keep)
    )
    used = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)} | fixed
    free = [name for name in NAMES if name not in used]
    table = dict(zip(sorted(own), rng.sample(free, len(own)), strict=True))
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in table:
            node.id = table[node.id]
    return ast.unparse(tree)


def written_anew(text, rng, keep):
    """The same function as another person would write it."""
    tree = ast.parse(text)
    for node in ast.walk(tree):  # nobody copies the docstring of somebody else's style
        if isinstance(node, ast.FunctionDef) and ast.get_docstring(node):
            node.body = node.body[1:] or [ast.Pass()]
    tree = ast.fix_missing_locations(Variation(rng, tree).visit(tree))
    text = renamed(ast.unparse(tree), rng, keep)
    lines = text.split("\n")
    if rng.random() < 0.3:
        lines.insert(rng.randrange(1, len(lines)) if len(lines) > 1 else 0, f"    # {rng.choice(REMARKS)}")
    return "\n".join(lines)


def independent(assignment, rng):
    """One student's answers, by function."""
    keep = {"np", "math", *assignment.functions}
    answers = {}
    for name in assignment.functions:
        styles = {"perfect": assignment.perfect[name], **assignment.right[name]}
        answers[name] = written_anew(styles[rng.choice(sorted(styles))], rng, keep)
    return answers


# --- copies ----------------------------------------------------------------------------------------------


def reordered(text, rng):
    """Independent neighbouring assignments in another order."""
    tree = ast.parse(text)
    for function in [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]:
        body = function.body
        for place in range(len(body) - 1):
            one, other = body[place], body[place + 1]
            if isinstance(one, ast.Assign) and isinstance(other, ast.Assign) and not _touch(one, other):
                body[place], body[place + 1] = other, one
    return ast.unparse(tree)


def _touch(one, other):
    stored = [
        {n.id for n in ast.walk(x) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        for x in (one, other)
    ]
    named = [{n.id for n in ast.walk(x) if isinstance(n, ast.Name)} for x in (one, other)]
    return stored[0] & named[1] or stored[1] & named[0]


def reformatted(text, rng):
    """Other spaces, line breaks and comments."""
    text = re.sub(r", ", " ,  ", text)
    text = re.sub(r" = ", "=", text)
    lines = [
        f"{line}  # {rng.choice(REMARKS)} {rng.randrange(99)}" if line.strip() else line
        for line in text.split("\n")
    ]
    return "\n\n".join(lines)


KINDS = {
    "as it is": lambda text, rng, keep: text,
    "renamed": renamed,
    "reordered": lambda text, rng, keep: reordered(text, rng),
    "reformatted": lambda text, rng, keep: reformatted(text, rng),
    "renamed, reordered and reformatted": lambda text, rng, keep: reformatted(
        reordered(renamed(text, rng, keep), rng), rng
    ),
}


def copied(answers, other, kind, rng, keep, part=1.0):
    """Another student's answers, or a part of them among one's own, made to look otherwise."""
    taken = rng.sample(sorted(answers), round(part * len(answers)))
    return {name: KINDS[kind](answers[name], rng, keep) if name in taken else other[name] for name in answers}


def written(blank, answers, rng=None, *, cells="as given"):
    """A notebook with these answers: each in its cell, all joined in the last, or each split over two cells."""
    nb = copy.deepcopy(blank)
    names = list(answers)
    for cell in list(nb["cells"]):
        name = (notebook.grade_id_of(cell) or "").removesuffix("-solution")
        if name not in answers or not cell["metadata"]["nbgrader"].get("solution"):
            continue
        text = answers[name]
        if cells == "joined":
            text = "\n\n\n".join(answers[n] for n in rng.sample(names, len(names))) if name == names[0] else ""
        elif cells == "split" and "\n\n" in text:
            helpers, text = text.rsplit("\n\n", 1)
            extra = {
                "cell_type": "code",
                "metadata": {},
                "source": helpers,
                "outputs": [],
                "execution_count": None,
            }
            nb["cells"].insert(nb["cells"].index(cell), extra | {"id": f"own-{name}"[:60]})
        cell["source"] = text
    return submissions.write(nb)
