"""Figures of the Bayes notebook. They draw what they are given: no solution is in here.

Importing them has JupyterLab show a failed check as one sentence.
"""

import ast
import asyncio
import linecache
import unicodedata
from base64 import b64encode
from html import escape
from pathlib import Path

import numpy as np
from IPython import get_ipython
from IPython.core.pylabtools import print_figure
from IPython.display import Javascript, display
from IPython.utils.capture import capture_output

DIE = np.arange(1, 7)
TESTS = ((0.99, 0.99, "o", "-"), (0.99, 0.95, "s", "--"), (0.9, 0.9, "^", ":"))


def pmf_and_pdf():
    """Draw the pmf of a die beside a density, with the probability of an interval as an area."""
    _, (left, right) = plt.subplots(1, 2, figsize=(7.2, 2.9), layout="constrained")
    left.bar(DIE, 1 / 6, width=0.15)
    left.plot(DIE, np.full(6, 1 / 6), "o", color="C0")
    left.set(
        xlabel="value x", ylabel="probability P(X = x)", ylim=(0, 0.25), title="pmf: heights are probabilities"
    )
    left.set_xticks(DIE)
    right.plot([-0.2, 0, 0, 0.5, 0.5, 0.7], [0, 0, 2, 2, 0, 0])
    right.fill_between([0.1, 0.3], 2, color="C1", alpha=0.5, hatch="//", edgecolor="C1")
    right.annotate(
        "area\n0.4", (0.2, 1), ha="center", va="center", bbox={"boxstyle": "round", "fc": "white", "lw": 0}
    )
    right.set(xlabel="value x", ylabel="density f(x)", ylim=(0, 2.6), title="pdf: areas are probabilities")
    _show(pmf_and_pdf)


def balance(expectation, *pmfs):
    """Draw pmfs of a die, each with a wedge under its expectation."""
    _, axes = plt.subplots(1, len(pmfs), figsize=(7.2, 2.9), layout="constrained", sharey=True)
    for ax, probs in zip(axes, pmfs, strict=True):
        mean = expectation(DIE, probs)
        ax.bar(DIE, probs, width=0.5, edgecolor="black")
        ax.plot(mean, -0.035, "^", color="C1", markersize=14, clip_on=False)
        ax.axhline(0, color="black", linewidth=2)
        ax.annotate(f"{mean:g}", (mean, -0.035), xytext=(11, -5), textcoords="offset points", fontsize=11)
        ax.set(xlabel="face", ylim=(-0.08, 0.55), xlim=(0.3, 6.7))
        ax.set_xticks(DIE)
    axes[0].set(ylabel="probability", title="fair")
    axes[1].set_title("loaded")
    _show(balance)


def running_mean(expectation, variance, runs=4, most=3000):
    """Draw the mean of the first n rolls of a die against n, in a band of two standard errors."""
    _, axes = plt.subplots(figsize=(6.8, 3.2), layout="constrained")
    fair = np.full(6, 1 / 6)
    mean, deviation = expectation(DIE, fair), np.sqrt(variance(DIE, fair))
    n = np.arange(1, most + 1)
    axes.fill_between(
        n, mean - 2 * deviation / np.sqrt(n), mean + 2 * deviation / np.sqrt(n), color="0.85", label="μ ± 2σ/√n"
    )
    rolls = np.random.default_rng(1).integers(1, 7, (runs, most))
    for number, (row, style) in enumerate(zip(rolls, ("-", "--", "-.", ":"), strict=True), 1):
        axes.plot(n, np.cumsum(row) / n, style, linewidth=1.2, label=f"run {number}")
    axes.axhline(mean, color="black", linewidth=0.8)
    axes.set(xscale="log", xlim=(1, most), ylim=(1, 6), xlabel="number of rolls n", ylabel="mean of the rolls")
    axes.set_title("The noise of a mean shrinks like 1/√n")
    axes.legend(ncols=2, fontsize=8, loc="lower right")
    _show(running_mean)


def dice_sums(dice_sum_pmf, numbers=(1, 2, 3, 10), rolls=20_000):
    """Draw the exact pmf of sums of dice, simulated shares, and the normal density of like mean and variance."""
    figure, axes = plt.subplots(2, 2, figsize=(7.2, 5.2), layout="constrained")
    rng = np.random.default_rng(0)
    for ax, n in zip(axes.flat, numbers, strict=True):
        sums = np.arange(n, 6 * n + 1)
        simulated = np.bincount(rng.integers(1, 7, (rolls, n)).sum(axis=1), minlength=6 * n + 1)[n:] / rolls
        x = np.linspace(n - 1, 6 * n + 1, 300)
        spread = n * 35 / 12
        ax.bar(sums, dice_sum_pmf(n), width=0.9, color="C0", alpha=0.45, label="exact")
        ax.plot(sums, simulated, "x", color="C1", markersize=5, label=f"{rolls} simulated")
        ax.plot(
            x, np.exp(-((x - 3.5 * n) ** 2) / (2 * spread)) / np.sqrt(2 * np.pi * spread), "k--", label="normal"
        )
        ax.set(title=f"{n} dice" if n > 1 else "1 die", xlabel="sum", ylabel="probability")
        ax.xaxis.get_major_locator().set_params(integer=True)
    figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=3, fontsize=9)
    _show(dice_sums)


def update(bayes_posterior, prior, likelihood, names):
    """Draw prior, likelihood, their product and the posterior as bars."""
    _, axes = plt.subplots(1, 4, figsize=(8, 2.9), layout="constrained")
    rows = (prior, likelihood, prior * likelihood, bayes_posterior(prior, likelihood))
    titles = ("prior", "likelihood", "prior × likelihood", "posterior")
    for ax, heights, title in zip(axes, rows, titles, strict=True):
        bars = ax.bar(names, heights, color=["C1", "C0"], edgecolor="black")
        for bar, hatch in zip(bars, ("//", ""), strict=True):
            bar.set_hatch(hatch)
        ax.bar_label(bars, fmt="%.4g", fontsize=9)
        ax.set(title=title, ylim=(0, 1.18 * max(heights)), yticks=[])
    axes[0].set_ylabel("each panel to its own scale")
    _show(update)


def words(sequential_posterior, prior, likelihoods):
    """Draw the log-odds and the posterior of the first hypothesis of two after each observation."""
    posteriors = np.array(
        [prior] + [sequential_posterior(prior, likelihoods[:t]) for t in range(1, len(likelihoods) + 1)]
    )
    _, (left, right) = plt.subplots(1, 2, figsize=(7.6, 3.1), layout="constrained")
    left.step(
        range(len(posteriors)), np.log(posteriors[:, 0] / posteriors[:, 1]), "o-", where="post", markersize=3
    )
    left.axhline(0, color="black", linewidth=0.8)
    left.set(xlabel="words read", ylabel="log-odds of spam", title="Evidence adds up…")
    right.step(range(len(posteriors)), posteriors[:, 0], "s-", where="post", color="C1", markersize=3)
    right.axhline(0.5, color="black", linewidth=0.8)
    right.set(xlabel="words read", ylabel="P(spam | words)", ylim=(-0.03, 1.03), title="…belief saturates")
    _show(words)


def frequency_grid(prevalence, sensitivity, specificity):
    """Draw 1000 people as markers: ill or healthy, positive or negative."""
    ill = round(1000 * prevalence)
    found, alarms = round(ill * sensitivity), round((1000 - ill) * (1 - specificity))
    groups = (
        (found, "ill, positive", "s", "C0", 34),
        (ill - found, "ill, negative (missed)", "X", "black", 40),
        (alarms, "healthy, positive (false alarm)", "^", "C1", 26),
        (1000 - ill - alarms, "healthy, negative", ".", "0.75", 12),
    )
    _, axes = plt.subplots(figsize=(7.2, 3.9), layout="constrained")
    start = 0
    for count, label, marker, colour, size in groups:
        column, row = np.divmod(np.arange(start, start + count), 20)
        axes.scatter(column, -row, s=size, marker=marker, color=colour, label=f"{count}  {label}")
        start += count
    axes.set_axis_off()
    axes.set_title(f"1000 people: of {found + alarms} who test positive, {found} are ill")
    axes.legend(ncols=2, loc="upper center", bbox_to_anchor=(0.5, 0), frameon=False)
    _show(frequency_grid)


def posterior_against_prevalence(positive_predictive_value):
    """Draw P(ill | positive) against the prevalence for three tests."""
    _, axes = plt.subplots(figsize=(6.8, 3.5), layout="constrained")
    prevalences = np.geomspace(1e-4, 1, 201)  # entry 100 is 0.01
    places = ((-42, 2), (-42, 4), (8, -11))
    for (sensitivity, specificity, marker, style), place in zip(TESTS, places, strict=True):
        curve = [positive_predictive_value(p, sensitivity, specificity) for p in prevalences]
        label = f"{sensitivity:.0%} / {specificity:.0%}"
        axes.plot(prevalences, curve, style, marker=marker, markevery=[100], markersize=8, label=label)
        axes.annotate(f"{curve[100]:.3f}", (0.01, curve[100]), xytext=place, textcoords="offset points")
    axes.axvline(0.01, color="0.7", linewidth=0.8, zorder=0)
    axes.set(xscale="log", xlabel="prevalence P(ill)", ylabel="P(ill | positive)", ylim=(0, 1))
    axes.set_title("The same test, another population")
    axes.legend(title="sensitivity / specificity")
    _show(posterior_against_prevalence)


def explore_test(positive_predictive_value):
    """Show sliders for prevalence, sensitivity and specificity, and what they make of 10 000 people."""

    def draw(prevalence, sensitivity, specificity):
        ill = 10_000 * prevalence
        healthy = 10_000 - ill
        _, axes = plt.subplots(figsize=(6.8, 2.2), layout="constrained")
        right, wrong = ill * sensitivity, healthy * (1 - specificity)
        bars = axes.barh(
            ["false alarms", "ill and positive"], [wrong, right], color=["C1", "C0"], edgecolor="black"
        )
        bars[0].set_hatch("//")
        axes.bar_label(bars, fmt="%.0f", padding=3)
        axes.set(xlabel="people of 10 000", xlim=(0, 1.15 * max(right, wrong, 1)))
        posterior = positive_predictive_value(prevalence, sensitivity, specificity)
        axes.set_title(f"P(ill | positive) = {posterior:.4f}")
        _show(f"Two bars, {wrong:.0f} false alarms and {right:.0f} ill and positive: {posterior:.4f}.")

    def sliders(widgets):
        return {
            "prevalence": widgets.FloatLogSlider(
                value=0.01, min=-4, max=-0.05, step=0.05, readout_format=".4f", description="prevalence"
            ),
            "sensitivity": widgets.FloatSlider(
                value=0.99, min=0.5, max=1.0, step=0.01, readout_format=".2f", description="sensitivity"
            ),
            "specificity": widgets.FloatSlider(
                value=0.95, min=0.5, max=0.999, step=0.001, readout_format=".3f", description="specificity"
            ),
        }

    _explore(draw, sliders)


def explorer_settings(positive_predictive_value):
    """Draw what the explorer shows at a few settings, on one scale: it stays readable on paper."""
    settings = ((0.01, 0.99, 0.95), (0.1, 0.99, 0.95), (0.01, 0.99, 0.999), (0.01, 0.9, 0.95))
    _, axes = plt.subplots(2, 2, figsize=(7.6, 3.6), layout="constrained", sharex=True, sharey=True)
    for ax, (prevalence, sensitivity, specificity) in zip(axes.flat, settings, strict=True):
        counts = [10_000 * (1 - prevalence) * (1 - specificity), 10_000 * prevalence * sensitivity]
        bars = ax.barh(["false alarms", "ill and positive"], counts, color=["C1", "C0"], edgecolor="black")
        bars[0].set_hatch("//")
        ax.bar_label(bars, fmt="%.0f", padding=3)
        posterior = positive_predictive_value(prevalence, sensitivity, specificity)
        ax.set_title(
            f"{prevalence:.0%} ill, {sensitivity:.0%} / {specificity:.1%}: P(ill | positive) = {posterior:.4f}",
            fontsize=9,
        )
    axes[0, 0].set_xlim(0, 1180)
    for ax in axes[1]:
        ax.set_xlabel("people of 10 000")
    _show(explorer_settings)


def coin(sequential_posterior, grid, prior, counts):
    """Draw the posterior of a coin's bias after a few tosses, its mode, and the maximum of the likelihood."""
    _, axes = plt.subplots(1, len(counts), figsize=(8, 3), layout="constrained")
    for ax, (heads, tosses) in zip(axes, counts, strict=True):
        table = np.array([grid] * heads + [1 - grid] * (tosses - heads))
        posterior = sequential_posterior(prior, table)
        flat = sequential_posterior(np.full(len(grid), 1 / len(grid)), table)
        mode, best = np.argmax(posterior), np.argmax(flat)
        ax.plot(grid, prior, ":", color="0.4", label="prior")
        ax.plot(grid, flat, "--", color="C1", label="likelihood, scaled")
        ax.plot(grid, posterior, "-", color="C0", label="posterior")
        ax.plot(grid[best], flat[best], "s", color="C1", label="MLE")
        ax.plot(grid[mode], posterior[mode], "o", color="C0", label="MAP")
        ax.set(title=f"{heads} heads of {tosses}", xlabel="P(heads) θ", ylim=(0, None))
    axes[0].set_ylabel("probability on the grid")
    axes[0].legend(fontsize=8, loc="upper left")
    _show(coin)


def chords(recipes, shown=30, dots=500):
    """Draw chords of the unit circle from several recipes, and the midpoints of more chords.

    recipes: name → function of (rng, n) that returns the angles (n, 2) of the end points.
    """
    _, axes = plt.subplots(2, len(recipes), figsize=(7.6, 5.2), layout="constrained")
    angle = np.linspace(0, 2 * np.pi, 200)
    for (above, below), (name, recipe) in zip(axes.T, recipes.items(), strict=True):
        ends = recipe(np.random.default_rng(5), dots)
        x, y = np.cos(ends), np.sin(ends)
        is_long = np.hypot(np.diff(x), np.diff(y))[:, 0] > np.sqrt(3)
        for chosen, style, colour, marker in ((~is_long, ":", "C0", "."), (is_long, "-", "C1", "x")):
            few = chosen & (np.arange(dots) < shown)
            above.plot(x[few].T, y[few].T, style, color=colour, linewidth=0.8)
            below.plot(x[chosen].mean(axis=1), y[chosen].mean(axis=1), marker, color=colour, markersize=3)
        for ax in (above, below):
            ax.plot(np.cos(angle), np.sin(angle), "k", linewidth=1)
            ax.set_aspect("equal")
            ax.set_axis_off()
        above.set_title(f"{name}: {shown} chords", fontsize=10)
        below.set_title(f"midpoints of {dots}: {is_long.mean():.0%} are long", fontsize=10)
    _show(chords)


# --- a prediction and its answer: the same lines in every topic -----------------------------------------------


def reveal(name, guess=None):
    """Show the answer to a prediction beside the guess; folded where nothing was guessed.

    name: what the answer is called in predictions.md; guess: a number or a few words. Nothing of this is graded.
    """
    try:
        text = Path(__file__).with_name("predictions.md").read_text(encoding="utf-8")
    except OSError:
        print("The answers stand in predictions.md, which does not lie beside this notebook.")
        return
    truth, answer = _answers(text)[name]
    said = f"<details><summary>The answer</summary>\n\n{answer}\n\n</details>"
    if guess is not None:
        said = f"{_beside(guess, truth)}\n\n{answer}"
    if get_ipython() is None:
        print(said)
    else:
        display({"text/markdown": said, "text/plain": said}, raw=True)


def _answers(text):
    """What a guess is set beside and the answer, by name: a heading of a page, and what stands below it."""
    parts = [part.partition("\n") for part in text.split("\n## ")[1:]]
    titles = [title.rpartition(": ") for title, _, _ in parts]
    texts = [text.strip() for _, _, text in parts]
    return {name: (truth, text) for (name, _, truth), text in zip(titles, texts, strict=True)}


def _beside(guess, truth):
    """A sentence with the guess and the truth: no verdict, since words may say it otherwise."""
    given = escape(str(guess).strip()[:200])
    if _alike(guess, truth):
        return f"You said **{given}**, and so it is."
    return f"You said **{given}**; it is **{truth}**."


def _alike(guess, truth):
    """Whether a guess says the truth: the same words, or a number as near as the truth's own digits are.

    That is half a unit of its last digit where it has two or more; or half a per cent, and at most 0.005.
    """
    if _plain(guess) == _plain(truth):
        return True
    try:
        given, true = _number(guess), float(truth)
    except (TypeError, ValueError, OverflowError, ZeroDivisionError):
        return False
    digits = truth.lstrip("-0.").replace(".", "")
    unit = 10.0 ** -len(truth.partition(".")[2]) if len(digits) > 1 else 0
    return abs(given - true) <= max(unit / 2, 0.005 * min(abs(true), 1))


def _plain(value):
    """A guess as text without case, blanks and a final full stop."""
    return "".join(str(value).casefold().split()).removesuffix(".")


def _number(guess):
    """A guess as a number, also one that is written as a fraction: "1/2" or "4½"."""
    if not isinstance(guess, str):
        return float(guess)
    text, part = _plain(guess).replace("−", "-").removesuffix("%"), 0
    if unicodedata.decomposition(text[-1:] or " ").startswith("<fraction>"):
        text, part = text[:-1] or "0", unicodedata.numeric(text[-1])
    above, _, below = text.partition("/")
    return float(above) / float(below or 1) + part


# --- a figure and its text, and sliders: the same lines in every topic ----------------------------------------

PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#7F7F7F")
"""Okabe and Ito's colours: told apart by colour-blind readers, too."""
NO_SLIDERS = "The sliders need a running kernel and ipywidgets. Their static twin is a figure nearby."
PAUSE = 0.15
"""Seconds without a change before a figure is drawn again: keys that are held down don't queue up."""
ANNOUNCE = """
let tries = 0;
const timer = setInterval(() => {
  for (const row of document.querySelectorAll(".widget-slider")) {
    const handle = row.querySelector(".noUi-handle"), readout = row.querySelector(".widget-readout");
    if (!handle || !readout || handle.hasAttribute("aria-label")) continue;
    const say = () => {
      const text = readout.textContent;
      if (handle.getAttribute("aria-valuetext") !== text) handle.setAttribute("aria-valuetext", text);
    };
    handle.setAttribute("aria-label", row.querySelector("label").textContent);
    new MutationObserver(say).observe(readout, { childList: true, characterData: true, subtree: true });
    new MutationObserver(say).observe(handle, { attributes: true, attributeFilter: ["aria-valuetext"] });
    say();
  }
  if (++tries > 40) clearInterval(timer);
}, 250);
"""
"""Has a slider announce its name, and the number that it shows: the browser's own is a position."""


class _Pyplot:
    """matplotlib.pyplot, imported when the first figure is drawn: it takes longer than all other cells."""

    def __getattr__(self, name):
        import matplotlib.pyplot as plt

        plt.rcParams["axes.prop_cycle"] = plt.cycler(color=PALETTE)
        return getattr(plt, name)


plt = _Pyplot()


def _show(what):
    """Show the figure that was just drawn, with a text for readers who don't see it.

    what: the text, or the function that drew the figure: its docstring says what it draws.
    """
    if not hasattr(get_ipython(), "kernel"):
        plt.show()
        return
    text = what if isinstance(what, str) else " ".join(what.__doc__.split("\n\n")[0].split())
    text = text.removeprefix("Draw ")
    text = f"Figure: {text[0].upper()}{text[1:]}"
    figure = plt.gcf()
    data = b64encode(print_figure(figure)).decode("ascii")
    image = f'<img alt="{escape(text)}" style="max-width: 100%" src="data:image/png;base64,{data}">'
    bundle = {"text/html": image, "image/png": data, "text/plain": text}
    display(bundle, raw=True, metadata={"image/png": {"alt": text}})
    plt.close(figure)


def _explore(draw, make_controls):
    """Show controls over what they draw, or a sentence where nothing would answer them.

    make_controls: gives a control for each argument of draw, from the module ipywidgets. The sentence also stands
    in the saved notebook, for a page that shows it without a kernel.
    """
    try:
        import ipywidgets
    except ImportError:
        ipywidgets = None
    if get_ipython() is None:
        print(NO_SLIDERS)
        return
    if ipywidgets is None or not hasattr(get_ipython(), "kernel"):
        display({"text/plain": NO_SLIDERS}, raw=True)
        return
    controls, area = make_controls(ipywidgets), ipywidgets.Output()
    waiting = []

    def redraw():
        with capture_output() as shown:  # between two messages the area itself would capture nothing
            draw(**{name: control.value for name, control in controls.items()})
        area.outputs = tuple(
            {"output_type": "display_data", "data": output.data, "metadata": output.metadata}
            for output in shown.outputs
        )

    def later(_):
        while waiting:
            waiting.pop().cancel()
        waiting.append(asyncio.get_running_loop().call_later(PAUSE, redraw))

    for control in controls.values():
        control.layout.width, control.style.description_width = "30em", "11em"
        control.continuous_update = False
        control.observe(later, "value")
    redraw()
    box = ipywidgets.VBox([*controls.values(), area])
    display(box._repr_mimebundle_() | {"text/plain": NO_SLIDERS}, raw=True)
    display(Javascript(ANNOUNCE))


# --- a failed check, as JupyterLab shows it --------------------------------------------------------------


def _show_assertion(shell, kind, error, trace, tb_offset=None):
    """Show an assertion of a cell's own as its sentence, with the numbers that it compares; a stub as its name."""
    cell = trace.tb_next
    last = trace
    while last.tb_next:
        last = last.tb_next
    stub = last.tb_frame.f_code.co_name
    if kind is NotImplementedError and cell and last is not cell and not str(error):
        said = (
            f"… this cell waits for {stub}, which still raises NotImplementedError. Cells that don't use it run."
        )
        error._render_traceback_ = lambda: [said]
    elif kind is AssertionError and str(error) and cell and cell.tb_next is None and error.__context__ is None:
        lines = [f"✗ line {cell.tb_lineno}: {error}", *_compared(cell)]
        error._render_traceback_ = lambda: lines
    shell.showtraceback((kind, error, trace), tb_offset=tb_offset)


def _compared(cell):
    """Both sides of a failed np.allclose or np.isclose as a small table, where they are a few numbers each."""
    names = cell.tb_frame.f_globals | cell.tb_frame.f_locals
    try:
        text = "".join(linecache.getlines(cell.tb_frame.f_code.co_filename))
        asserts = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Assert)]
        (test,) = [node.test for node in asserts if node.lineno <= cell.tb_lineno <= node.end_lineno]
        if ast.unparse(test.func) not in ("np.allclose", "np.isclose"):
            return []
        both = [compile(ast.Expression(side), "check", "eval") for side in test.args[:2]]
        sides = [eval(side, names) for side in both]  # noqa: S307  # the cell's own text, which has just run
        yours, expected = np.broadcast_arrays(*(np.asarray(side, dtype=float) for side in sides))
    except Exception:  # noqa: BLE001  # whatever the student's function does when it is asked again
        return []  # the sentence has said it
    if not 0 < yours.size <= 12:
        return []
    gaps = np.abs(yours - expected)
    rows = [
        f"{a:>14.6g} {b:>14.6g} {gap:>14.2g}"
        for a, b, gap in zip(yours.flat, expected.flat, gaps.flat, strict=True)
    ]
    return [f"{'yours':>14} {'expected':>14} {'difference':>14}", *rows, f"largest difference: {np.max(gaps):.2g}"]


if hasattr(get_ipython(), "kernel") and not get_ipython().custom_exceptions:
    get_ipython().set_custom_exc((AssertionError, NotImplementedError), _show_assertion)
