"""Figures of the losses notebook. They draw what they are given: no solution is in here.

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

BLUE, ORANGE, GREEN, PINK, GREY = "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#666666"


# --- the recipe ------------------------------------------------------------------------------------------


def recipe():
    """Draw the four steps of the recipe as boxes with arrows between them, and four examples of losses below."""
    _, axes = plt.subplots(figsize=(9.6, 3.6), layout="constrained")
    rows = (
        ("1  distribution\nwhat can y be?", "Gaussian", "categorical", "Poisson", "Laplace"),
        (
            "2  parameters\na function of x,\nthrough a link",
            "mean μ",
            "softmax of logits",
            "exp of log-rate",
            "median μ",
        ),
        ("3  loss\nmean of −log p(y)", "squared error", "cross-entropy", "part 1", "part 2"),
        ("4  gradient\nby hand, checked\nby differences", "μ − y", "p − one-hot", "?", "?"),
    )
    for column, (step, *examples) in enumerate(rows):
        box = {"boxstyle": "round,pad=0.5", "facecolor": "white", "edgecolor": BLUE, "linewidth": 1.5}
        axes.text(column, 0, step, ha="center", va="center", bbox=box, fontsize=10)
        for row, (text, marker) in enumerate(zip(examples, "os^D", strict=True)):
            axes.text(column, -0.62 - 0.3 * row, text, ha="center", va="center", fontsize=10)
            if column == 0:
                axes.plot(-0.42, -0.62 - 0.3 * row, marker, color=(BLUE, ORANGE, GREEN, PINK)[row])
        if column:
            arrow = {"arrowstyle": "->", "color": GREY, "linewidth": 1.5}
            axes.annotate("", (column - 0.36, 0), (column - 0.64, 0), arrowprops=arrow)
    axes.set(xlim=(-0.55, 3.5), ylim=(-1.7, 0.4))
    axes.axis("off")
    _show(recipe)


# --- counts ----------------------------------------------------------------------------------------------


def counts_and_fits(x, y, poisson, squares, line, poisson_slopes, squares_slopes):
    """Draw counts with three fits, and as histograms the slopes that two of them give on many data sets."""
    _, (left, right) = plt.subplots(1, 2, figsize=(9.6, 3.9), layout="constrained")
    grid = np.linspace(0, 3, 121)
    left.plot(x, y, ".", color=GREY, alpha=0.7, label="counts")
    left.plot(grid, np.exp(-2 + 1.5 * grid), color="black", linewidth=1, label="true rate")
    every = {"markevery": 20, "markersize": 6}
    left.plot(grid, np.exp(poisson[0] + poisson[1] * grid), "-o", color=BLUE, label="Poisson", **every)
    left.plot(grid, np.exp(squares[0] + squares[1] * grid), "--s", color=ORANGE, label="squared error", **every)
    left.plot(grid, line[0] + line[1] * grid, ":^", color=GREEN, label="straight line", **every)
    left.axhline(0, color=GREY, linewidth=0.6)
    left.set(xlabel="x", ylabel="calls in a minute", title="One data set")
    left.legend(fontsize=9, loc="upper left")
    bins = np.linspace(0.7, 2.5, 37)
    right.hist(poisson_slopes, bins, color=BLUE, alpha=0.6, label="Poisson")
    right.hist(squares_slopes, bins, histtype="step", color=ORANGE, hatch="//", label="squared error")
    right.axvline(1.5, color="black", linewidth=1)
    right.set(xlabel="fitted slope b (truth 1.5)", ylabel="data sets", title=f"{len(poisson_slopes)} data sets")
    right.legend(fontsize=9)
    _show(counts_and_fits)


# --- outliers --------------------------------------------------------------------------------------------


def two_centres(laplace_nll, readings):
    """Draw the Laplace loss and half the mean squared error against μ, with their minima at median and mean."""
    _, panels = plt.subplots(1, 2, figsize=(9.2, 3.6), layout="constrained")
    mu = np.linspace(-5, 45, 501)
    mu = np.sort(np.concatenate([mu, readings[readings < 45]]))
    absolute = np.array([float(laplace_nll(readings, m, 1.0)) for m in mu])
    squared = np.array([np.mean((readings - m) ** 2) / 2 for m in mu])
    looks = (
        (absolute, np.median(readings), "Laplace, b = 1: least at the median", "o", BLUE, "-"),
        (squared, readings.mean(), "Gaussian, σ = 1: least at the mean", "s", ORANGE, "--"),
    )
    for axes, (values, best, title, marker, color, line) in zip(panels, looks, strict=True):
        axes.plot(mu, values, line, color=color)
        low = values[np.argmin(np.abs(mu - best))]
        axes.plot(best, low, marker, color=color, markersize=9)
        axes.annotate(f"{best:g}", (best, low), xytext=(0, 9), textcoords="offset points", ha="center")
        axes.set_ylim(values.min() - 0.12 * np.ptp(values), None)
        axes.plot(
            readings[readings < 45],
            np.full(np.sum(readings < 45), axes.get_ylim()[0]),
            "|",
            color="black",
            markersize=14,
        )
        axes.text(
            0.5, 0.9, "the fifth reading, 100, lies outside", transform=axes.transAxes, ha="center", fontsize=9
        )
        axes.set(xlabel="μ", title=title)
    panels[0].set_ylabel("loss in nats")
    panels[1].set_ylabel("half the mean squared error")
    _show(two_centres)


def two_lines(x, y, absolute, squared):
    """Draw points with the lines of least absolute and of least squared error."""
    _, axes = plt.subplots(figsize=(6.8, 3.8), layout="constrained")
    far = y < 2 * x - 5
    axes.plot(x[~far], y[~far], "o", color=GREY, markersize=5, label="points")
    axes.plot(x[far], y[far], "x", color="black", markersize=8, label="three wrong ones")
    every = {"markevery": 6, "markersize": 6}
    axes.plot(
        x,
        absolute[0] + absolute[1] * x,
        "-^",
        color=BLUE,
        label=f"absolute error, slope {absolute[1]:.2f}",
        **every,
    )
    axes.plot(
        x,
        squared[0] + squared[1] * x,
        "--s",
        color=ORANGE,
        label=f"squared error, slope {squared[1]:.2f}",
        **every,
    )
    axes.set(xlabel="x", ylabel="y", title="Two losses, two answers")
    axes.legend(fontsize=9)
    _show(two_lines)


# --- noise -----------------------------------------------------------------------------------------------


def price_of_doubt(heteroscedastic_nll):
    """Draw the loss of one target against log σ for three errors, each with its minimum where σ is the error."""
    _, axes = plt.subplots(figsize=(6.8, 3.8), layout="constrained")
    logs = np.linspace(-4, 4, 321)
    for error, marker, color, line in ((0.1, "o", BLUE, "-"), (1.0, "s", ORANGE, "--"), (3.0, "^", GREEN, "-.")):
        values = [float(heteroscedastic_nll(np.zeros(1), np.array([s]), np.array([error]))) for s in logs]
        axes.plot(
            logs, values, line, color=color, marker=marker, markevery=40, markersize=5, label=f"error {error:g}"
        )
        best = float(heteroscedastic_nll(np.zeros(1), np.log([error]), np.array([error])))
        axes.plot(np.log(error), best, marker, color=color, markersize=11, markeredgecolor="black")
        axes.annotate(
            f"{np.log(error):.2f}", (np.log(error), best), xytext=(0, 11), textcoords="offset points", ha="center"
        )
    axes.set(xlabel="log σ", ylabel="loss in nats", ylim=(-2.6, 8), title="What doubt costs, and what it saves")
    axes.legend(loc="upper right")
    _show(price_of_doubt)


def _band(axes, x, y, mean, sigma, title, color, hatch):
    axes.plot(x, y, ".", color=GREY, markersize=4, alpha=0.7)
    order = np.argsort(x)
    low, high = (mean + side * 1.96 * sigma for side in (-1, 1))
    axes.fill_between(x[order], low[order], high[order], color=color, alpha=0.2, hatch=hatch, edgecolor=color)
    axes.plot(x[order], mean[order], color=color, linewidth=2)
    axes.set(xlabel="x", title=title)


def two_bands(x, y, line, sigma, w, v):
    """Draw noisy data with the 95 % band of one σ, and with that of a predicted σ, which opens like a funnel."""
    _, panels = plt.subplots(1, 2, figsize=(9.2, 3.8), layout="constrained", sharey=True)
    _band(panels[0], x, y, line[0] + line[1] * x, np.full(len(x), sigma), "One σ", ORANGE, "//")
    _band(panels[1], x, y, w[0] + w[1] * x, np.exp(v[0] + v[1] * x), "Its own σ", BLUE, None)
    panels[0].set_ylabel("y, and the band that should hold 95 %")
    _show(two_bands)


# --- the network -----------------------------------------------------------------------------------------


def gradient_check(names, numeric, gradient, broken):
    """Draw each entry of two gradients against differences: yours, and one in which a layer lacks its 1/n."""
    _, panels = plt.subplots(1, 2, figsize=(9.2, 4.2), layout="constrained", sharex=True, sharey=True)
    looks = list(zip(names, "os^D", (BLUE, ORANGE, GREEN, PINK), strict=True))
    for axes, parts, title in zip(panels, (gradient, broken), ("Yours", "A layer without its 1/n"), strict=True):
        ends = 1.1 * np.max([np.max(np.abs(part)) for part in (*numeric, *broken)]) * np.array([-1, 1])
        axes.plot(ends, ends, color=GREY, linewidth=1)
        for (name, marker, color), right, found in zip(looks, numeric, parts, strict=True):
            axes.plot(
                np.ravel(right), np.ravel(found), marker, color=color, label=f"d{name}", markersize=6, alpha=0.8
            )
        axes.set(xlabel="by differences", title=title, aspect="equal")
    panels[0].set_ylabel("by formula")
    panels[0].legend(loc="upper left")
    _show(gradient_check)


def noise_against_batch(sizes, noise, one, n):
    """Draw the noise of a batch's gradient against the batch size, with what theory says."""
    _, axes = plt.subplots(figsize=(6.8, 3.8), layout="constrained")
    grid = np.geomspace(1, 0.999 * n, 300)
    axes.plot(grid, one / np.sqrt(grid), color=BLUE, label=f"{one:.2f} / √B")
    axes.plot(
        grid,
        one / np.sqrt(grid) * np.sqrt((n - grid) / (n - 1)),
        "--",
        color=ORANGE,
        label="times √((n − B)/(n − 1))",
    )
    axes.plot(sizes, noise["with replacement"], "o", color=BLUE, markersize=8, label="measured, with replacement")
    axes.plot(sizes, noise["without"], "s", color=ORANGE, markersize=6, label="measured, without")
    axes.set(
        xscale="log", yscale="log", xlabel="batch size B", ylabel="deviation of the gradient", ylim=(0.015, 1.2)
    )
    axes.set_xticks(sizes, [str(size) for size in sizes])
    axes.set_title("Four times the batch, half the noise")
    axes.legend(fontsize=9, loc="lower left")
    _show(noise_against_batch)


def race(losses):
    """Draw the losses after each epoch, for large and for small batches."""
    _, axes = plt.subplots(figsize=(6.8, 3.5), layout="constrained")
    for (name, values), look, color in zip(losses.items(), ("--s", "-o"), (ORANGE, BLUE), strict=True):
        axes.plot(np.arange(1, len(values) + 1), values, look, color=color, markevery=6, markersize=6, label=name)
    axes.set(xlabel="epochs", ylabel="loss in nats", ylim=(0, 0.75), title="As many looks at the data, more steps")
    axes.legend()
    _show(race)


def clipped_bands(x, y, fits):
    """Draw noisy data and the 95 % band that was learnt from them, without clipping and with it."""
    _, panels = plt.subplots(1, len(fits), figsize=(9.2, 3.8), layout="constrained", sharey=True)
    looks = zip(panels, fits.items(), (ORANGE, BLUE), ("//", None), strict=True)
    for axes, (name, both), color, hatch in looks:
        _band(axes, x, y, both[0] + both[1] * x, np.exp(both[2] + both[3] * x), name.capitalize(), color, hatch)
        axes.set_ylim(-4.5, 9)
        wrong = f"the wrong target, at {y[np.argmin(x)]:.0f}"
        axes.annotate(wrong, (x.min(), 8.8), (0.1, 7.2), arrowprops={"arrowstyle": "->"}, va="center")
    panels[0].set_ylabel("y, and the band that should hold 95 %")
    _show(clipped_bands)


def _grid_lines(low, high, step=0.25):
    """Return the lines of a grid, finely drawn: arrays of shape (m, 2)."""
    fine = [np.linspace(a, b, 200) for a, b in zip(low, high, strict=True)]
    across = [np.stack([fine[0], np.full(200, at)], axis=1) for at in np.arange(low[1], high[1] + 1e-9, step)]
    return across + [
        np.stack([np.full(200, at), fine[1]], axis=1) for at in np.arange(low[0], high[0] + 1e-9, step)
    ]


def untangled(points, side, weights):
    """Draw two arcs and a grid before the hidden layer, and after it as seen along the plane of equal logits."""
    W1, b1, W2, b2 = weights

    def hidden(X):
        return np.tanh(X @ W1 + b1)

    normal = W2[:, 1] - W2[:, 0]
    across = normal / np.linalg.norm(normal)
    rest = hidden(points) - hidden(points).mean(axis=0)
    rest = rest - np.outer(rest @ across, across)
    along = np.linalg.svd(rest, full_matrices=False)[2][0]  # where the points spread most within that plane
    edge = -(b2[1] - b2[0]) / np.linalg.norm(normal)
    ratios = {"width_ratios": (1.35, 1)}
    _, (left, right) = plt.subplots(1, 2, figsize=(10.2, 4.3), layout="constrained", gridspec_kw=ratios)
    low, high = np.floor(4 * points.min(axis=0)) / 4, np.ceil(4 * points.max(axis=0)) / 4
    for line in _grid_lines(low, high):
        left.plot(*line.T, color=GREY, linewidth=0.4)
        right.plot(hidden(line) @ along, hidden(line) @ across, color=GREY, linewidth=0.4)
    for label, marker, color in ((0, "o", BLUE), (1, "^", ORANGE)):
        chosen = points[side == label]
        left.plot(*chosen.T, marker, color=color, markersize=4, label=f"class {label}")
        right.plot(hidden(chosen) @ along, hidden(chosen) @ across, marker, color=color, markersize=4)
    columns, rows = (np.linspace(a, b, 300) for a, b in zip(low, high, strict=True))
    plane = np.stack(np.meshgrid(columns, rows), axis=-1)
    left.contour(columns, rows, hidden(plane) @ across - edge, levels=[0], colors="black", linestyles="--")
    left.set(xlabel="x₁", ylabel="x₂", title="Before the hidden layer", aspect="equal")
    left.legend(fontsize=9, loc="upper center", bbox_to_anchor=(0.5, -0.16), ncols=2)
    right.axhline(edge, color="black", linestyle="--")
    right.set(xlabel="along the plane of equal logits", ylabel="across it", title="After it, seen from the side")
    _show(untangled)


# --- the target ------------------------------------------------------------------------------------------


def targets(guesses, losses, found):
    """Draw a skewed density with three targets, and the losses that have them as minima."""
    _, (left, right) = plt.subplots(1, 2, figsize=(9.6, 3.8), layout="constrained")
    t = np.linspace(0, 4, 200)
    left.plot(t, np.exp(-t), color="black")
    for (name, values), look, color in zip(
        losses.items(), ("-o", "--s", "-.^"), (BLUE, ORANGE, GREEN), strict=True
    ):
        target, height = found[name], np.exp(-found[name])
        left.plot([target, target], [0, height], look, color=color, markersize=7)
        left.annotate(f"{target:.2f}", (target, height), xytext=(5, 5), textcoords="offset points")
        right.plot(guesses, values, look, color=color, markevery=50, markersize=5, label=name)
        right.plot(target, values.min(), look[-1], color=color, markersize=11, markeredgecolor="black")
    left.set(xlabel="minutes", ylabel="density", title="Waiting times, and three targets", ylim=(0, 1.1))
    right.set(
        xlabel="constant prediction in minutes", ylabel="mean loss", title="Each loss has its own", ylim=(0, 2.2)
    )
    right.legend(fontsize=9)
    _show(targets)


def explore_target(times):
    """Show a slider for the price of predicting too little, and the prediction that is then the best."""

    def draw(price):
        best = np.quantile(times, price)
        _, axes = plt.subplots(figsize=(6.8, 3.4), layout="constrained")
        t = np.linspace(0, 4, 400)
        axes.plot(t, np.exp(-t), color="black")
        axes.fill_between(t, np.exp(-t), where=t <= best, color=BLUE, alpha=0.3, hatch="//", edgecolor="white")
        axes.plot([best, best], [0, np.exp(-best)], "-^", color=GREEN, markersize=8)
        title = f"a minute too little costs {price:.2f}, one too many {1 - price:.2f}: predict {best:.2f}"
        axes.set(xlabel="minutes", ylabel="density", title=title, ylim=(0, 1.05), xlim=(0, 4))
        _show(f"The density of the waiting times with the best prediction: {title}.")

    def sliders(widgets):
        text = "price of a minute too little"
        return {"price": widgets.FloatSlider(value=0.5, min=0.05, max=0.95, step=0.05, description=text)}

    _explore(draw, sliders)


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
