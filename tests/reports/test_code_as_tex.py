"""Short NumPy functions as mathematics."""

from __future__ import annotations

import inspect

import pytest

from autograder import exercises
from autograder.notebooks.formulas import as_mathml
from autograder.reports.code_as_tex import formulas_in

FORMULAS = {
    "return np.sum(p * np.log(p / q))": r"\sum p \, \log\left(\frac{p}{q}\right)",
    "return z - (x - y)": r"z - \left(x - y\right)",
    "return -(a + b) * c": r"\left(-\left(a + b\right)\right) \, c",
    "return (a + b) ** 2": r"\left(a + b\right)^{2}",
    "return np.mean(x) / (n - 1)": r"\frac{\mathrm{mean}\left(x\right)}{n - 1}",
    "return np.log(p + 1e-12)": r"\log\left(p + 10^{-12}\right)",
    "return z.max(axis=axis, keepdims=True)": r"\max_{\mathrm{axis}}\left(z\right)",
    "return np.sum(x, 0)": r"\sum_{\mathrm{axis}\ 0} x",
    "return np.where(p > 0, p, 0)": r"\begin{cases} p & p > 0 \\ 0 & \text{otherwise} \end{cases}",
    "return mu1 + sigma2": r"\mu_{1} + \sigma_{2}",
    "return np.sqrt(np.abs(x[:, None]))": r"\sqrt{\left|x\right|}",
    "return right.kl_divergence(q, p)": r"\mathrm{kl\_divergence}\left(q, p\right)",
    "return X.T @ np.asarray(y, dtype=float)": r"X^{\top} y",
}


@pytest.mark.parametrize(("code", "tex"), FORMULAS.items())
def test_a_result_is_a_formula(code, tex):
    assert formulas_in(f"def f(x):\n    {code}", "answer") == [rf"\mathrm{{answer}} = {tex}"]
    assert as_mathml(tex, block=True)


def test_each_assignment_is_a_line_and_one_that_says_nothing_is_left_out():
    head = '@mistake("x")\ndef _(z):\n    """Text."""\n'
    code = f"{head}    z = np.asarray(z)\n    w = np.exp(z)\n    return w / w.sum()"
    assert formulas_in(code, "a") == [r"w = \exp\left(z\right)", r"a = \frac{w}{\sum w}"]


@pytest.mark.parametrize(
    "code",
    [
        "for i in x: pass",
        "return x[mask > 0]",
        "return np.asarray(x, np.float32)",
        "return x.astype(int)",
        "return _helper(x)",
        "x += 1\n    return x",
        "return 'text'",
        "return",
        "return )",
    ],
)
def test_what_is_no_formula_gives_none(code):
    assert formulas_in(f"def f(x):\n    {code}", "answer") == []


def test_no_formula_of_the_catalogue_is_refused_by_the_typesetter():
    """Of the known mistakes that are formulas, every line becomes MathML; a third at least are formulas."""
    known = [mistake for _, name in exercises.names() for mistake in exercises.find(name).misconceptions]
    sources = [inspect.getsource(mistake.function) for mistake in known if inspect.isfunction(mistake.function)]
    lines = [formulas_in(source, "answer") for source in sources]
    assert sum(map(bool, lines)) > len(known) / 3
    assert all(as_mathml(line, block=True) for each in lines for line in each)


TERMS = {
    # What binds how strongly, and which parentheses stay.
    "a - b - c": r"a - b - c",
    "a - (b - c)": r"a - \left(b - c\right)",
    "a + (b + c)": r"a + b + c",
    "a * (b + c)": r"a \, \left(b + c\right)",
    "(a + b) @ c": r"\left(a + b\right) c",
    "a @ (b - c)": r"a \left(b - c\right)",
    "(a - b) / (a * b)": r"\frac{a - b}{a \, b}",
    "(a * b) ** (c + 1)": r"\left(a \, b\right)^{c + 1}",
    "-a * b": r"\left(-a\right) \, b",
    "-(a * b)": r"-a \, b",
    "-(a - b)": r"-\left(a - b\right)",
    "a ** -b": r"a^{-b}",
    "(a / b) ** 2": r"\left(\frac{a}{b}\right)^{2}",
    "(a + b).T": r"\left(a + b\right)^{\top}",
    "(a + b)[i]": r"\left(a + b\right)_{i}",
    # Names and numbers.
    "thetas + lambda_2 + pi": r"\theta + \lambda_{2} + \pi",
    "x_1 + y12 + T0": r"x_{1} + y_{12} + T_{0}",
    "log_p + total_": r"\mathrm{log\_p} + \mathrm{total}",
    "np.pi + np.inf": r"\pi + \infty",
    "2.5e-07 + 1e10": r"2.5 \cdot 10^{-7} + 10000000000.0",
    "1e100 + 0 + 0.0": r"10^{100} + 0 + 0.0",
    "x.size - 1": r"\mathrm{size}\left(x\right) - 1",
    # Shapes are left out.
    "x[:, None] + x[None, :, np.newaxis] + x[...] + x[:]": r"x + x + x + x",
    "x[0] + x[i]": r"x_{0} + x_{i}",
    "(a, b)": r"\left(a, b\right)",
    "[a, b]": r"\left(a, b\right)",
    # Comparisons and cases.
    "a if x <= 1 else b": r"\begin{cases} a & x \le 1 \\ b & \text{otherwise} \end{cases}",
    "np.where(x != y, a, b)": r"\begin{cases} a & x \ne y \\ b & \text{otherwise} \end{cases}",
    "a * (x >= y)": r"a \, \left(x \ge y\right)",
    "a + (x == y) + (x < y)": r"a + \left(x = y\right) + \left(x < y\right)",
    # Calls.
    "np.sum(x) / 2": r"\frac{\sum x}{2}",
    "2 * np.sum(x)": r"2 \, \left(\sum x\right)",
    "np.sum(x + y)": r"\sum \left(x + y\right)",
    "np.prod(x, axis=0)": r"\prod_{\mathrm{axis}\ 0} x",
    "np.sum(x, axis=-1)": r"\sum_{\mathrm{axis}\ -1} x",
    "np.sum(x, axis=None, keepdims=True)": None,
    "x.min(1) + x.median()": r"\min_{\mathrm{axis}\ 1}\left(x\right) + \mathrm{median}\left(x\right)",
    "np.std(x, axis=axis, ddof=1)": r"\mathrm{std}_{\mathrm{axis}}\left(x\right)",
    "np.maximum(x, y) - np.minimum(x, 0)": r"\max\left(x, y\right) - \min\left(x, 0\right)",
    "np.log1p(-x) + np.log1p(a - b)": r"\log\left(1 + -x\right) + \log\left(1 + a - b\right)",
    "np.square(a + b)": r"\left(a + b\right)^{2}",
    "np.square(x) ** 2": r"\left(x^{2}\right)^{2}",
    "abs(x) + np.sqrt(x) ** 2": r"\left|x\right| + \sqrt{x}^{2}",
    "np.log(x, out=y)": r"\log\left(x\right)",
    "np.array([a, b]) + np.asarray(a + b) * c": r"\left(a, b\right) + \left(a + b\right) \, c",
    "np.asarray(x, dtype=np.float64) + x.copy()": r"x + x",
    "np.asarray(x, float) + np.array(x, copy=True)": r"x + x",
    "np.array(x, dtype=np.float32)": None,
    "np.asarray(x, int)": None,
    "right.mean(x) + right.exp(x)": r"\mathrm{mean}\left(x\right) + \mathrm{exp}\left(x\right)",
    "x.some_name(y)": r"\mathrm{some\_name}\left(x, y\right)",
    "np.where(x)": None,
    "np.where(x, y)": None,
    "np.random()": None,
    "f(x)(y)": None,
    "x._private(y)": None,
    "a % b": None,
    "a // b": None,
    "not a": None,
    "+a": None,
    "a < b < c": None,
    "a is b": None,
    "True": None,
    "None": None,
    "1j": None,
    "x[1:]": None,
    "x[:, 0]": None,
    "x[1.5]": None,
    "x.real": None,
    "np.e": None,
    "lambda x: x": None,
}  # fmt: skip


@pytest.mark.parametrize(("code", "tex"), TERMS.items())
def test_a_term_is_written_as_people_write_it_or_not_at_all(code, tex):
    expected = [] if tex is None else [f"y = {tex}"]
    assert formulas_in(f"def f(x):\n    return {code}", "y") == expected


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("a, b = x\nreturn a", [r"\left(a, b\right) = x", "y = a"]),
        ("y = x\nreturn y", ["y = x"]),
        ("a = b = x\nreturn a", []),
        ("x[0] = 1\nreturn x", []),
        ("a: float = x\nreturn a", []),
        ("print(x)\nreturn x", []),
        ("'Text.'\n3\nreturn x", ["y = x"]),
        ("_ = x\nreturn x", []),
        ("return x\nreturn z", ["y = x", "y = z"]),
    ],
)
def test_every_line_is_a_formula_or_none_is(body, found):
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    assert formulas_in(f"def f(x):\n{lines}", "y") == found
    assert formulas_in(f"    def f(x):\n    {lines.replace(chr(10), chr(10) + '    ')}", "y") == found


@pytest.mark.parametrize(
    "code",
    [
        "def f(x): return x\ndef g(x): return x",
        "class A:\n    y = 1",
        "x = 1",
        "",
        "async def f(x): return x",
        "\x00",
    ],
)
def test_what_is_not_one_function_has_no_formula(code):
    assert formulas_in(code, "y") == []
