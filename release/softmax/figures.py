"""Figures of the softmax notebook. They draw what they are given: no solution is in here.

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

WIDE = (7.6, 3.4)
PAPER = {"boxstyle": "round,pad=0.15", "facecolor": "white", "edgecolor": "none", "alpha": 0.85}
LOOKS = (("C0", "", "o"), ("C1", "//", "s"), ("C2", "..", "^"))


def _bars(axes, values, form="%.4f", names=None):
    """Draw a bar for each class, told apart by hatches as well as colours."""
    bars = axes.bar(range(len(values)), values, width=0.7, color=[c for c, _, _ in LOOKS], edgecolor="black")
    for bar, (_, hatch, _) in zip(bars, LOOKS, strict=True):
        bar.set_hatch(hatch)
    axes.bar_label(bars, fmt=form, fontsize=9, padding=2)
    axes.axhline(0, color="black", linewidth=0.8)
    axes.set_xticks(range(len(values)), names or [f"class {i}" for i in range(len(values))], fontsize=9)


# --- softmax ---------------------------------------------------------------------------------------------


def three_things(softmax, rows):
    """Draw logits, their exponentials and their probabilities, a row for each named array of three logits."""
    figure, panels = plt.subplots(len(rows), 3, figsize=(8.6, 2.1 * len(rows)), layout="constrained")
    for line, (name, logits) in zip(panels, rows.items(), strict=True):
        for axes, values, form in zip(
            line, (logits, np.exp(logits), softmax(logits)), ("%.1f", "%.3f", "%.4f"), strict=True
        ):
            _bars(axes, values, form)
            low, high = min(values.min(), 0), values.max()
            axes.set_ylim(low - 0.22 * (high - low) * (low < 0), high + 0.22 * (high - low))
        line[2].set_ylim(0, 1.15)
        line[0].set_ylabel(name, fontsize=10)
    for axes, title in zip(panels[0], ("logits z", "exp(z): positive", "softmax(z): sums to 1"), strict=True):
        axes.set_title(title)
    figure.align_ylabels()
    _show(three_things)


def _temperature_paths(axes, softmax, logits, marks):
    """Draw the probability of each class against the temperature, with a line at each of some."""
    temperatures = np.geomspace(0.03, 100, 141)
    paths = np.array([softmax(logits, temperature=t) for t in temperatures])
    for path, logit, number, (colour, _, marker) in zip(paths.T, logits, range(3), LOOKS, strict=True):
        label = f"class {number}, z = {logit:g}"
        axes.semilogx(temperatures, path, color=colour, marker=marker, markevery=14, markersize=5, label=label)
    axes.axhline(1 / 3, color="gray", linestyle=":")
    axes.annotate("1/3", (0.03, 1 / 3), xytext=(2, 3), textcoords="offset points", fontsize=9)
    for mark in marks:
        axes.axvline(mark, color="C3", linestyle="--", linewidth=1)
    axes.set(xlabel="temperature T", ylabel="probability", ylim=(-0.03, 1.05))
    axes.legend(fontsize=9, loc="upper right")


def _temperature_bars(axes, softmax, logits, temperature):
    _bars(axes, softmax(logits, temperature=temperature), "%.4f")
    axes.set(ylim=(0, 1.13), title=f"T = {temperature:.3g}")


def temperatures(softmax, logits, values=(0.25, 1.0, 4.0)):
    """Draw softmax(logits) at three temperatures, and below the way from one-hot to uniform."""
    _, panels = plt.subplot_mosaic(
        [["a", "b", "c"], ["path"] * 3], figsize=(8.6, 5.4), height_ratios=[1, 1.2], layout="constrained"
    )
    for name, temperature in zip("abc", values, strict=True):
        _temperature_bars(panels[name], softmax, logits, temperature)
    panels["a"].set_ylabel("probability")
    _temperature_paths(panels["path"], softmax, logits, values)
    _show(temperatures)


def explore_temperature(softmax, logits):
    """Show sliders for three logits and the temperature over their probabilities."""

    def draw(z0, z1, z2, temperature):
        _, (left, right) = plt.subplots(
            1, 2, figsize=(8.6, 3.2), gridspec_kw={"width_ratios": [1, 1.6]}, layout="constrained"
        )
        now = np.array([z0, z1, z2])
        _temperature_bars(left, softmax, now, temperature)
        _temperature_paths(right, softmax, now, [temperature])
        p = softmax(now, temperature=temperature)
        _show(f"Probabilities {np.round(p, 4)} of three classes at temperature {temperature:.3g}.")

    def sliders(widgets):
        scores = {
            f"z{i}": widgets.FloatSlider(value=z, min=-5, max=5, step=0.1, description=f"logit of class {i}")
            for i, z in enumerate(logits)
        }
        heat = widgets.FloatLogSlider(value=1.0, min=-1.5, max=2, step=0.05, description="temperature T")
        return scores | {"temperature": heat}

    _explore(draw, sliders)


# --- logarithms ------------------------------------------------------------------------------------------


def smooth_maximum(logsumexp):
    """Draw LSE(z, 0) between its bounds, and how far LSE lies above the maximum of n logits."""
    _, (left, right) = plt.subplots(1, 2, figsize=(8.6, 3.5), layout="constrained")
    z = np.linspace(-4, 4, 161)
    top = np.maximum(z, 0)
    left.fill_between(z, top, top + np.log(2), color="C7", alpha=0.25, label="between the bounds")
    left.plot(z, top, "k--", label="max(z, 0)")
    left.plot(z, top + np.log(2), "k:", label="max(z, 0) + log 2")
    left.plot(
        z, logsumexp(np.stack([z, np.zeros_like(z)]), axis=0), "C0-", marker="o", markevery=20, label="LSE(z, 0)"
    )
    left.plot(0, np.log(2), "D", color="C1", markersize=8, zorder=5)
    left.annotate("0.6931", (0, np.log(2)), xytext=(-8, 10), textcoords="offset points", ha="right")
    left.set(xlabel="z", ylabel="nats", title="A maximum with its corner rounded")
    left.legend(fontsize=9, loc="upper left")
    lead = np.linspace(0, 12, 121)
    for n, (colour, _, marker) in zip((2, 10, 100), LOOKS, strict=True):
        gap = [logsumexp(np.concatenate([[a], np.zeros(n - 1)])) - a for a in lead]
        right.plot(
            lead, gap, color=colour, marker=marker, markevery=12, label=f"n = {n}: from log n = {gap[0]:.2f}"
        )
    right.set(
        xlabel="lead of the largest over n − 1 equal logits", ylabel="LSE − max, in nats", title="From log n to 0"
    )
    right.legend(fontsize=9)
    _show(smooth_maximum)


def log_of_softmax(softmax, log_softmax):
    """Draw log p of the smaller of two logits against their gap, computed in three ways."""
    _, axes = plt.subplots(figsize=WIDE, layout="constrained")
    gaps = np.linspace(0, 1000, 101)
    pairs = np.stack([np.zeros_like(gaps), gaps], axis=1)
    p = softmax(pairs)[:, 0]
    axes.plot(gaps, log_softmax(pairs)[:, 0], color="C0", label="log_softmax")
    with np.errstate(divide="ignore"):
        naive = np.log(p)
    axes.plot(gaps[::4], naive[::4], "o", color="C1", markerfacecolor="none", label="log of softmax")
    axes.plot(
        gaps, np.log(p + 1e-12), "s--", color="C2", markevery=8, markersize=5, label="log of (softmax + 1e-12)"
    )
    axes.axvspan(745.14, 1000, color="C3", alpha=0.12)
    axes.text(872, -250, "here p is 0\nand its log −∞", ha="center", color="0.2")
    axes.set(
        xlabel="gap between the two logits",
        ylabel="log p of the smaller",
        title="The logarithm of a number that is gone",
        xlim=(0, 1000),
    )
    axes.legend(loc="lower left")
    _show(log_of_softmax)


# --- loss ------------------------------------------------------------------------------------------------


def loss_curve(values=(0.99, 0.7, 0.5, 0.1, 0.01, 0.001)):
    """Draw the loss -log p against the probability p of the true class, on a plain and a logarithmic axis."""
    _, panels = plt.subplots(1, 2, figsize=(8.6, 3.5), sharey=True, layout="constrained")
    p = np.geomspace(4e-4, 1, 400)
    for axes in panels:
        axes.plot(p, -np.log(p))
        for value in values:
            axes.plot(value, -np.log(value), "o", color="C1")
    left, right = panels
    for value in values:
        place = (value, -np.log(value))
        shift = (-14, 8) if value == 0.99 else (7, 1)
        left.annotate(f"{place[1]:.2f}", place, xytext=shift, textcoords="offset points")
        if value < 0.2:
            right.annotate(f"p = {value:g}", place, xytext=(7, 1), textcoords="offset points", fontsize=9)
    close = ", ".join(f"{value:g}" for value in sorted(values) if value >= 0.2)
    right.annotate(
        f"p = {close}", (0.5, 0.3), xytext=(-10, -4), textcoords="offset points", ha="right", fontsize=9
    )
    left.set(
        xlabel="probability of the true class", ylabel="loss in nats", title="Surprise: −log p", xlim=(-0.03, 1.02)
    )
    right.set(xscale="log", xlabel="the same, logarithmic", title="2.30 nats a factor of ten", xlim=(3e-4, 1.1))
    _show(loss_curve)


def _draw_loss(axes, loss, p, classes):
    """Draw -log p with one prediction on it and the loss of knowing nothing of so many classes."""
    grid = np.geomspace(1e-4, 0.9999, 300)
    rest = (1 - p) / (classes - 1)
    here = loss(np.log([[p] + [rest] * (classes - 1)]), np.array([0]))
    axes.plot(grid, -np.log(grid), label="−log p")
    axes.axhline(np.log(classes), color="C2", linestyle="--", label=f"log {classes} = {np.log(classes):.2f}")
    axes.plot(
        1 / classes, np.log(classes), "D", color="C2", markersize=12, markerfacecolor="none", markeredgewidth=2
    )
    axes.plot(p, here, "o", color="C1", markersize=9, label=f"p = {p:g}: {here:.2f}")
    axes.plot([], [], " ", label=f"slope at its logit −{1 - p:.2f}")
    axes.set(xscale="log", xlim=(7e-5, 1), ylim=(0, 9.9), xlabel="p of the true class")
    axes.set_xticks([1e-4, 1e-3, 1e-2, 1e-1])  # at 1 it would touch the next panel's
    axes.legend(fontsize=9, loc="upper right")


def losses(loss, settings=((0.7, 3), (0.1, 10), (0.001, 10))):
    """Draw the loss of a few predictions against knowing nothing."""
    _, panels = plt.subplots(1, len(settings), figsize=(10, 3.4), sharey=True, layout="constrained")
    for axes, (p, classes) in zip(panels, settings, strict=True):
        _draw_loss(axes, loss, p, classes)
        axes.set_title(f"{classes} classes")
    panels[0].set_ylabel("loss in nats")
    _show(losses)


def explore_loss(loss):
    """Show sliders for the probability of the true class and the number of classes over the loss."""

    def draw(p, classes):
        _, axes = plt.subplots(figsize=(6.4, 3.6), layout="constrained")
        _draw_loss(axes, loss, p, classes)
        gain = np.log(classes) + np.log(p)
        verdict = (
            "as good as" if abs(gain) < 0.005 else f"{abs(gain):.2f} nats {'better' if gain > 0 else 'worse'} than"
        )
        axes.set(ylabel="loss in nats", title=f"{verdict} knowing nothing")
        _show(f"The loss against p: {verdict} knowing nothing of {classes} classes at p = {p:g}.")

    def sliders(widgets):
        chances = [1e-4, 1e-3, 0.01, 0.02, 0.05, *(i / 10 for i in range(1, 10)), 0.95, 0.99, 0.999]
        return {
            "p": widgets.SelectionSlider(value=0.1, options=chances, description="p of the true class"),
            "classes": widgets.SelectionSlider(
                value=10, options=[2, 3, 5, 10, 100, 1000], description="number of classes"
            ),
        }

    _explore(draw, sliders)


# --- gradients -------------------------------------------------------------------------------------------


def error_against_step(numerical_gradient):
    """Draw the error of two numerical derivatives of sin at 1 against the step."""
    _, axes = plt.subplots(figsize=WIDE, layout="constrained")
    steps = np.logspace(-13, -0.5, 51)
    x = np.array([1.0])
    central = [abs(numerical_gradient(lambda a: np.sin(a[0]), x, h=h)[0] - np.cos(1.0)) for h in steps]
    one_sided = np.abs((np.sin(1 + steps) - np.sin(1.0)) / steps - np.cos(1.0))
    axes.loglog(steps, np.maximum(central, 1e-14), "o-", markersize=4, label="your central difference")
    axes.loglog(steps, np.maximum(one_sided, 1e-14), "s--", markersize=3.5, label="one-sided difference")
    axes.loglog(steps, np.cos(1.0) / 6 * steps**2, ":", color="gray")
    axes.loglog(steps, 1.1e-16 / steps, ":", color="gray")
    axes.annotate("truncation: h²", (3e-3, 8.1e-7), xytext=(2e-3, 6e-9), color="0.35")
    axes.annotate("rounding: 1/h", (1e-10, 1e-6), xytext=(3e-11, 3e-5), color="0.35")
    axes.annotate("truncation: h", (1e-3, 1e-3), xytext=(3e-5, 5e-2), color="0.35")
    axes.axvline(1e-5, color="C3", linewidth=1, linestyle="--")
    axes.annotate("h = 1e-5", (1e-5, 2e-2), xytext=(-4, 0), textcoords="offset points", color="0.2", ha="right")
    axes.set(xlabel="step h", ylabel="error", ylim=(1e-13, 1), title="Too large truncates, too small rounds")
    axes.legend(fontsize=9, loc="lower left")
    _show(error_against_step)


def prediction_minus_truth(p, truth, gradient, names):
    """Draw a prediction, the truth, and the gradient that is their difference."""
    _, panels = plt.subplots(1, 3, figsize=(8.6, 3.0), sharey=True, layout="constrained")
    titles = ("prediction p", "truth, one-hot", "your gradient: p − one-hot")
    for axes, values, title in zip(panels, (p, truth, gradient), titles, strict=True):
        _bars(axes, values, "%.4f", names)
        axes.set(title=title, ylim=(-0.55, 1.2))
    for place, value in enumerate(gradient):
        panels[2].annotate(
            "raise its\nlogit" if value < 0 else "lower its\nlogit", (place, 0.62), ha="center", fontsize=9
        )
    panels[0].set_ylabel("probability")
    _show(prediction_minus_truth)


def learnt_shares(path, losses, shares, floor):
    """Draw how descent on three shared logits finds the shares of the classes, and the loss its floor."""
    _, (left, right) = plt.subplots(1, 2, figsize=(8.6, 3.4), layout="constrained")
    updates = np.arange(len(losses))
    for probabilities, share, number, (colour, _, marker) in zip(path.T, shares, range(3), LOOKS, strict=True):
        left.plot(updates, probabilities, color=colour, marker=marker, markevery=5, label=f"class {number}")
        left.axhline(share, color=colour, linestyle=":")
        left.annotate(
            f"share {share:.1f}", (updates[-1], share), xytext=(0, 4), textcoords="offset points", ha="right"
        )
    left.set(xlabel="updates", ylabel="probability", ylim=(0, 0.62), title="The prediction finds the shares")
    left.legend(fontsize=9, loc="lower left", ncols=3)
    right.plot(updates, losses, "o-", markevery=5, color="C0")
    right.axhline(floor, color="C2", linestyle="--")
    right.annotate(
        f"entropy of the labels {floor:.4f}",
        (updates[-1], floor),
        xytext=(0, 5),
        textcoords="offset points",
        ha="right",
    )
    right.annotate(f"log 3 = {losses[0]:.4f}", (0, losses[0]), xytext=(8, -3), textcoords="offset points")
    right.set(xlabel="updates", ylabel="mean loss in nats", title="The loss finds its floor")
    _show(learnt_shares)


def race(start, one_example, many_examples):
    """Draw squared error against cross-entropy: the losses, one example's way out, and a classifier's.

    one_example: name → probability of the truth before each update; many_examples: name → the mean of the same.
    """
    _, (first, second, third) = plt.subplots(1, 3, figsize=(10.6, 3.7), layout="constrained")
    z = np.linspace(-10, 4, 141)
    p = 1 / (1 + np.exp(-z))
    at = 1 / (1 + np.exp(-start))
    for values, here, name, (colour, _, marker), line in (
        (-np.log(p), -np.log(at), "−log σ(z)", LOOKS[0], "-"),
        ((p - 1) ** 2, (at - 1) ** 2, "(σ(z) − 1)²", LOOKS[1], "--"),
    ):
        first.plot(z, values, line, color=colour, label=name)
        first.plot(start, here, marker, color=colour, markersize=8)
    first.set(xlabel="logit z, with y = 1", ylabel="loss", title="A slope and a plateau")
    first.legend(fontsize=9, loc="upper right")
    runs = ((second, one_example), (third, many_examples))
    for axes, curves in runs:
        for (name, values), (colour, _, marker), line in zip(
            curves.items(), LOOKS, ("-", "--", ":"), strict=False
        ):
            updates = np.arange(1, len(values) + 1)
            marks = np.unique(np.geomspace(1, len(values), 12).astype(int)) - 1
            axes.semilogx(
                updates, values, line, color=colour, marker=marker, markevery=marks, markersize=5, label=name
            )
        axes.set(xlabel="updates + 1", ylim=(-0.04, 1.38), yticks=np.linspace(0, 1, 6))
        axes.legend(fontsize=8, loc="upper left")
    second.axhline(0.5, color="gray", linewidth=0.8)
    second.set(ylabel="p of the truth", title="One example")
    third.set(ylabel="mean p of the truth", title="300 examples, 3 classes")
    _show(race)


# --- names -----------------------------------------------------------------------------------------------


def bigrams(p, signs):
    """Draw the table of the probabilities of a letter given the one before it."""
    _, axes = plt.subplots(figsize=(6.4, 6), layout="constrained")
    picture = axes.imshow(p, cmap="Greys", vmin=0, vmax=1)
    axes.set_xticks(range(len(signs)), list(signs), fontsize=8)
    axes.set_yticks(range(len(signs)), list(signs), fontsize=8)
    axes.set(xlabel="next letter (the point ends a name)", ylabel="letter (the point begins a name)")
    plt.colorbar(picture, ax=axes, shrink=0.8, label="probability")
    _show(bigrams)


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
