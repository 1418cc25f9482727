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
