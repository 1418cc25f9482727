"""Figures of the gaussian notebook. They draw what they are given: no solution is in here.

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

WIDE = (7.2, 3.3)


def bell(x, mu=0.0, sigma=1.0):
    """The density of one variable, as the notebook gives it."""
    return np.exp(-0.5 * ((x - mu) / sigma) ** 2) / (sigma * np.sqrt(2 * np.pi))


def bell_2d(x, y, rho):
    """The density of two standard normal variables of correlation rho."""
    quadratic = (x**2 - 2 * rho * x * y + y**2) / (1 - rho**2)
    return np.exp(-0.5 * quadratic) / (2 * np.pi * np.sqrt(1 - rho**2))


def log_density(log_pdf):
    """Draw three densities, and the log-density far out beside the logarithm of the density."""
    _, (left, right) = plt.subplots(1, 2, figsize=WIDE, layout="constrained")
    x = np.linspace(-6, 6, 601)
    for (mu, sigma), style in zip(((0, 1), (0, 2), (3, 0.3)), ("-", "--", "-."), strict=True):
        left.plot(x, np.exp(log_pdf(x, mu, sigma)), style, label=f"μ = {mu}, σ = {sigma}")
    left.axhline(1, color="0.6", linewidth=0.8)
    left.set(xlabel="x", ylabel="density (per unit of x)", ylim=(0, 1.75), title="A density may exceed 1")
    left.legend(fontsize=8, loc="upper left")
    far = np.linspace(0, 50, 201)
    right.plot(far, log_pdf(far, 0.0, 1.0), "-", label="log-density")
    with np.errstate(divide="ignore"):
        naive = np.log(bell(far))
    right.plot(far[::10], naive[::10], "o", markerfacecolor="none", color="C1", label="log of the density")
    right.axvline(38.6, color="0.4", linestyle=":")
    right.text(39.4, -120, "here the\ndensity is 0", fontsize=8, va="center")
    right.set(xlabel="distance in σ", ylabel="nats", title="The logarithm reaches further")
    right.legend(fontsize=8, loc="lower left")
    _show(log_density)


def _bands(axes, mu, sigma, within_k_sigma, ks=(3, 2, 1)):
    """Shade the bands of ks standard deviations, widest first."""
    x = np.linspace(mu - 4.5 * sigma, mu + 4.5 * sigma, 601)
    looks = {1: ("#56B4E9", "//"), 2: ("#E69F00", "\\\\"), 3: ("#D55E00", "")}
    for k in ks:
        shade, hatch = looks.get(k, looks[1])
        inside = np.abs(x - mu) <= k * sigma
        strip = "and this strip: " if k > min(ks) else ""
        axes.fill_between(
            x,
            bell(x, mu, sigma),
            where=inside,
            facecolor=shade,
            hatch=hatch,
            edgecolor="0.25",
            linewidth=0,
            label=f"{strip}within {k:g}σ, {100 * within_k_sigma(k):.2f} %",
        )
    axes.plot(x, bell(x, mu, sigma), color="black", linewidth=1.2)
    axes.axvline(mu, color="black", linewidth=0.8, linestyle=":")


def bands(within_k_sigma, settings=((0, 1), (2, 0.5), (-2, 2))):
    """Draw the bands of one, two and three standard deviations under several bells."""
    _, panels = plt.subplots(1, len(settings), figsize=(7.6, 3.4), layout="constrained", sharey=True)
    for axes, (mu, sigma) in zip(panels, settings, strict=True):
        _bands(axes, mu, sigma, within_k_sigma)
        axes.set(xlabel="x", xlim=(-11, 7), title=f"μ = {mu}, σ = {sigma}")
    panels[0].set_ylabel("density")
    handles, labels = panels[0].get_legend_handles_labels()
    panels[0].figure.legend(handles[::-1], labels[::-1], loc="outside lower center", ncols=3, fontsize=9)
    _show(bands)


def explore_bands(within_k_sigma):
    """Show sliders for mean, standard deviation and width of the band, and what they draw."""

    def draw(mu, sigma, k):
        _, axes = plt.subplots(figsize=WIDE, layout="constrained")
        _bands(axes, mu, sigma, within_k_sigma, ks=(k,))
        low, high = mu - k * sigma, mu + k * sigma
        for end in (low, high):
            axes.axvline(end, color="C1", linestyle="--", linewidth=1)
        axes.set(xlabel="x", ylabel="density", xlim=(-10, 10), ylim=(0, max(0.45, 1.1 * bell(0, 0, sigma))))
        share = f"P({low:.2f} ≤ X ≤ {high:.2f}) = {100 * within_k_sigma(k):.2f} %"
        axes.set_title(f"{share},  height {bell(0, 0, sigma):.3f}")
        _show(f"A bell of height {bell(0, 0, sigma):.3f} with a band: {share}.")

    def sliders(widgets):
        return {
            "mu": widgets.FloatSlider(value=0, min=-4, max=4, step=0.1, description="mean μ"),
            "sigma": widgets.FloatSlider(value=1, min=0.3, max=4, step=0.1, description="st. dev. σ"),
            "k": widgets.FloatSlider(value=1, min=0, max=4, step=0.1, description="band of k σ, k ="),
        }

    _explore(draw, sliders)


def layers(measured, predicted):
    """Draw the variance of each layer: lines predict, markers are measured."""
    _, axes = plt.subplots(figsize=(7.2, 3.8), layout="constrained")
    for number, (name, values) in enumerate(measured.items()):
        depth = np.arange(1, len(values) + 1)
        axes.semilogy(depth, predicted[name], color=f"C{number}", linewidth=1)
        axes.semilogy(
            depth[number::4], values[number::4], "os^D"[number % 4], color=f"C{number}", markersize=5, label=name
        )
    axes.set(xlabel="layer", ylabel="variance of pre-activations", title="Lines: predicted. Markers: measured.")
    axes.legend(fontsize=9, loc="center left", bbox_to_anchor=(1.0, 0.5))
    axes.grid(alpha=0.3)
    _show(layers)


def standardised(raw, after):
    """Draw histograms of skewed data before and after standardising, with the standard bell."""
    _, (left, right) = plt.subplots(1, 2, figsize=WIDE, layout="constrained")
    left.hist(raw, bins=60, density=True, color="C1", alpha=0.6, label="data")
    left.set(xlabel="raw value", ylabel="density", title=f"mean {raw.mean():.2f}, st. dev. {raw.std():.2f}")
    right.hist(after, bins=60, density=True, color="C0", alpha=0.6, label="standardised data")
    x = np.linspace(-4, 6, 400)
    right.plot(x, bell(x), "k--", label="standard Gaussian")
    right.set(
        xlabel="standardised value",
        title=f"mean {abs(after.mean()):.2f}, st. dev. {after.std():.2f}",
        xlim=(-4, 6),
    )
    left.legend(fontsize=8)
    right.legend(fontsize=8)
    _show(standardised)


def likelihoods(x, settings, log_likelihood):
    """Draw data under several bells; a stem is the density that a point gets."""
    _, panels = plt.subplots(1, len(settings), figsize=(7.6, 3.1), layout="constrained", sharey=True)
    grid = np.linspace(-4.5, 5.5, 400)
    for axes, (mu, variance) in zip(panels, settings, strict=True):
        sigma = np.sqrt(variance)
        axes.plot(grid, bell(grid, mu, sigma), color="C0")
        axes.vlines(x, 0, bell(x, mu, sigma), color="C1", linewidth=2)
        axes.plot(x, bell(x, mu, sigma), "o", color="C1")
        axes.plot(x, np.zeros_like(x), "k|", markersize=9)
        axes.set(xlabel="x", ylim=(-0.02, 0.85))
        axes.set_title(f"N({mu:g}, {variance:g})\nlog-likelihood {log_likelihood(x, mu, sigma):.4f}", fontsize=10)
    panels[0].set_ylabel("density")
    _show(likelihoods)


def surface(x, path, log_likelihood):
    """Draw the log-likelihood over (mu, log sigma) as contours, with the path of gradient ascent."""
    _, axes = plt.subplots(figsize=(6.6, 4.2), layout="constrained")
    mus, logs = np.linspace(-3, 3, 61), np.linspace(-0.8, 2, 57)
    heights = np.array([[log_likelihood(x, m, np.exp(s)) for m in mus] for s in logs])
    best = heights.max()
    levels = best - np.array([32, 16, 8, 4, 2, 1, 0.5, 0.1])
    shades = plt.colormaps["viridis"](np.linspace(0, 0.6, len(levels)))  # its yellow end is lost on white
    lines = axes.contour(mus, logs, heights, levels=np.sort(levels), colors=shades)
    axes.clabel(lines, fmt="%.1f", fontsize=7)
    axes.plot(path[:, 0], path[:, 1], "-", color="C1", linewidth=1)
    axes.plot(path[::5, 0], path[::5, 1], ".", color="C1", label="ascent, every fifth step")
    axes.plot(*path[0], "s", color="C1", markersize=8, label="start")
    axes.plot(*path[-1], "*", color="black", markersize=13, label="end")
    axes.set(xlabel="μ", ylabel="log σ", title="Log-likelihood of (−1, 0, 1, 2) in nats")
    axes.legend(fontsize=8, loc="upper right")
    _show(surface)


def squared_error(slopes, mse, nll, lost_minus):
    """Draw squared error, negative log-likelihood and the one whose exponent lost its minus."""
    _, (left, right) = plt.subplots(1, 2, figsize=WIDE, layout="constrained")
    left.plot(slopes, mse, color="C0", label="mean squared error")
    for (sigma, curve), style, mark in zip(nll.items(), ("--", "-.", ":"), "os^", strict=False):
        left.plot(slopes, curve, style, color="C1", label=f"mean NLL, σ = {sigma:g}")
        left.plot(slopes[np.argmin(curve)], curve.min(), mark, color="C1")
    lowest = slopes[np.argmin(mse)]
    left.plot(lowest, mse.min(), "D", color="C0")
    left.axvline(lowest, color="0.6", linewidth=0.8)
    left.set(xlabel="slope", ylabel="loss", ylim=(0, 5.5), title="One place, four curves")
    left.legend(fontsize=7, loc="upper center")
    right.plot(slopes, lost_minus, color="C3")
    right.plot(
        slopes[np.argmin(lost_minus)], lost_minus.min(), "X", color="C3", markersize=9, label="its “best” fit"
    )
    right.axvline(lowest, color="0.6", linewidth=0.8, label="least squares")
    right.set(xlabel="slope", ylabel="“NLL”", title="The exponent lost its minus")
    right.legend(fontsize=8)
    _show(squared_error)


def signed_rectangles(x, y):
    """Draw each point's deviations from the means as a rectangle; covariance is their mean signed area."""
    _, axes = plt.subplots(figsize=(6.0, 4.0), layout="constrained")
    mx, my = x.mean(), y.mean()
    for a, b in zip(x, y, strict=True):
        positive = (a - mx) * (b - my) >= 0
        axes.fill(
            [mx, a, a, mx],
            [my, my, b, b],
            facecolor="C0" if positive else "C3",
            alpha=0.2,
            hatch="//" if positive else "..",
            edgecolor="0.4",
        )
        axes.annotate(
            f"{(a - mx) * (b - my):+g}", (a, b), textcoords="offset points", xytext=(6, 5 if b >= my else -12)
        )
    axes.plot(x, y, "ko")
    axes.axvline(mx, color="black", linewidth=0.8, linestyle=":")
    axes.axhline(my, color="black", linewidth=0.8, linestyle=":")
    axes.set(
        xlabel="height in cm", ylabel="weight in kg", title="Covariance: the mean signed area", xlim=(157, 184)
    )
    axes.set_ylim(53, 84)
    _show(signed_rectangles)


def correlations(clouds, correlation):
    """Draw scatter plots, each with its correlation."""
    _, panels = plt.subplots(1, len(clouds), figsize=(8.0, 2.5), layout="constrained")
    for axes, (name, (x, y)), mark in zip(panels, clouds.items(), "o^sD", strict=True):
        axes.plot(x, y, mark, markersize=2.5, alpha=0.6, color="C0")
        axes.set_title(f"{name}\nρ = {correlation(x, y):+.2f}", fontsize=10)
        axes.set(xlabel="x")
        axes.tick_params(labelsize=7)
    panels[0].set_ylabel("y")
    _show(correlations)


def ellipse(samples, mu, cov, log_pdf):
    """Draw samples with the 1σ and 2σ ellipses, their eigenvectors, and both marginals beside the cloud."""
    figure = plt.figure(figsize=(6.0, 5.7), layout="constrained")
    grid = figure.add_gridspec(2, 2, width_ratios=(4, 1.2), height_ratios=(1.2, 4))
    axes = figure.add_subplot(grid[1, 0])
    above, beside = figure.add_subplot(grid[0, 0], sharex=axes), figure.add_subplot(grid[1, 1], sharey=axes)
    axes.plot(samples[:, 0], samples[:, 1], ".", markersize=2, alpha=0.4, color="C0")
    values, vectors = np.linalg.eigh(cov)
    angle = np.linspace(0, 2 * np.pi, 200)
    circle = np.stack([np.cos(angle), np.sin(angle)])
    for k, style in ((1, "-"), (2, "--")):
        curve = mu[:, None] + k * vectors @ (np.sqrt(values)[:, None] * circle)
        axes.plot(*curve, style, color="C1", linewidth=2, label=f"Mahalanobis distance {k}")
    for value, vector in zip(values, vectors.T, strict=True):
        axes.annotate("", mu + np.sqrt(value) * vector, mu, arrowprops={"arrowstyle": "->", "linewidth": 2})
    axes.set(xlabel="height in cm", ylabel="weight in kg")
    axes.set(xlim=(mu[0] - 26, mu[0] + 26), ylim=(mu[1] - 26, mu[1] + 26))
    axes.set_box_aspect(1)  # 52 units either way: an angle in the figure is one in the data
    axes.legend(fontsize=8, loc="upper left")
    for side, index, turned in ((above, 0, False), (beside, 1, True)):
        low, high = samples[:, index].min(), samples[:, index].max()
        line = np.linspace(low, high, 200)
        height = np.exp(log_pdf(line, mu[index], np.sqrt(cov[index, index])))
        side.hist(
            samples[:, index],
            bins=40,
            density=True,
            alpha=0.4,
            orientation="horizontal" if turned else "vertical",
        )
        side.plot(*((height, line) if turned else (line, height)), "k--")
        side.tick_params(labelbottom=turned, labelleft=not turned, labelsize=7)
        (side.set_xlabel if turned else side.set_ylabel)("density", fontsize=8)
    _show(ellipse)


def narrowing(rhos=(0.0, 0.9, 0.99)):
    """Draw the contours of a standard bell as its correlation nears 1, and sections across it."""
    _, panels = plt.subplots(1, len(rhos) + 1, figsize=(8.4, 2.6), layout="constrained")
    grid = np.linspace(-3, 3, 301)
    across = np.linspace(-2.5, 2.5, 501)
    styles = ("-", "--", "-.")
    for axes, rho, style in zip(panels, rhos, styles, strict=False):
        height = bell_2d(grid[:, None], grid, rho)
        axes.contour(
            grid,
            grid,
            height,
            levels=height.max() * np.exp([-2.0, -0.5]),
            colors=["C1", "C0"],
            linestyles=["--", "-"],
        )
        axes.set(xlabel="x", title=f"ρ = {rho:g}, peak {height.max():.3f}", aspect="equal")
        axes.title.set_fontsize(9)
        panels[-1].plot(across, bell_2d(across, -across, rho), style, label=f"ρ = {rho:g}")
    panels[0].set_ylabel("y")
    panels[-1].set(xlabel="x along y = −x", ylabel="density", title="Sections", xlim=(-2.5, 2.5))
    panels[-1].title.set_fontsize(9)
    panels[-1].legend(fontsize=7)
    _show(narrowing)


def posteriors(w, likelihood, settings):
    """Draw prior, likelihood and posterior of one weight; each panel a prior, curves scaled to equal area."""
    _, panels = plt.subplots(1, len(settings), figsize=(8.0, 3.1), layout="constrained", sharey=True)
    step = w[1] - w[0]
    for axes, (tau2, prior) in zip(panels, settings.items(), strict=True):
        product = prior * likelihood
        for heights, style, mark, name in (
            (prior, ":", "s", "prior"),
            (likelihood, "--", "^", "likelihood"),
            (product, "-", "o", "posterior"),
        ):
            area = heights / (heights.sum() * step)
            axes.plot(w, area, style, label=name)
            axes.plot(w[np.argmax(area)], area.max(), mark, color=axes.lines[-1].get_color())
        axes.set(xlabel="weight w", title=f"τ² = {tau2:g}: MAP {w[np.argmax(product)]:.2f}")
    panels[0].set_ylabel("density (areas made equal)")
    handles, labels = panels[0].get_legend_handles_labels()
    panels[0].figure.legend(handles, labels, loc="outside lower center", ncols=3, fontsize=9)
    _show(posteriors)


def shrinkage(penalties, weights, best):
    """Draw each MAP weight against the penalty."""
    _, axes = plt.subplots(figsize=WIDE, layout="constrained")
    for number, column in enumerate(weights.T):
        axes.semilogx(
            penalties, column, "-" + "os^Dv"[number % 5], markevery=4, markersize=5, label=f"weight {number + 1}"
        )
        axes.plot(penalties[0] / 2, best[number], "k_", markersize=12)
    axes.axhline(0, color="black", linewidth=0.8)
    axes.set(xlabel="penalty λ = σ²/τ²", ylabel="MAP weight", title="The stronger the prior, the more it shrinks")
    axes.legend(fontsize=8)
    _show(shrinkage)


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
