"""Figures of the divergence notebook. They draw what they are given: no solution is in here.

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

BLUE, ORANGE, GREEN, GREY = "#0072B2", "#D55E00", "#009E73", "#666666"
LOG2 = float(np.log(2))


# --- entropy ---------------------------------------------------------------------------------------------


def surprise_and_entropy(entropy):
    """Draw the surprise of one outcome, and the entropy of a coin in nats and bits."""
    _, (left, right) = plt.subplots(1, 2, figsize=(8.4, 3.3), layout="constrained")
    p = np.linspace(0.005, 1, 400)
    left.plot(p, -np.log(p), color=BLUE)
    for halvings in range(5):
        at = 0.5**halvings
        left.plot(at, -np.log(at), "o", color=ORANGE)
        label = f"p = 1/{2**halvings}: {halvings} bit{'s' * (halvings != 1)}" if halvings else "p = 1: 0 bits"
        offset = (8, 4) if halvings else (-52, -16)
        left.annotate(label, (at, -np.log(at)), xytext=offset, textcoords="offset points", fontsize=9)
    left.set(
        xlabel="probability p of the outcome",
        ylabel="surprise −log p in nats",
        title="One outcome",
        ylim=(-0.7, 5.5),
    )
    coin = np.linspace(0, 1, 201)
    right.plot(coin, [entropy(np.array([c, 1 - c])) for c in coin], color=BLUE)
    for at, offset in ((0.5, (-18, 8)), (0.9, (-44, -4)), (1.0, (-48, 5))):
        value = float(entropy(np.array([at, 1 - at]))) + 0.0
        right.plot(at, value, "o", color=ORANGE, clip_on=False)
        right.annotate(f"{value:.4f}", (at, value), xytext=offset, textcoords="offset points", fontsize=9)
    right.axhline(LOG2, color=GREY, linestyle=":")
    right.set(xlabel="probability of heads", ylabel="entropy in nats", title="A whole coin", ylim=(0, 0.82))
    bits = right.secondary_yaxis("right", functions=(lambda nats: nats / LOG2, lambda b: b * LOG2))
    bits.set_ylabel("in bits")
    _show(surprise_and_entropy)


def eight(size=32):
    """Return a drawn figure 8: a (size, size) array of zeros and ones."""
    row, column = np.mgrid[:size, :size] / size
    upper = np.hypot(row - 0.31, column - 0.5)
    lower = np.hypot(row - 0.66, column - 0.5)
    return ((np.abs(upper - 0.15) < 0.05) | (np.abs(lower - 0.20) < 0.05)).astype(int)


def noise_and_structure(images, captions):
    """Draw binary images side by side, each over its caption."""
    _, panels = plt.subplots(1, len(images), figsize=(7.2, 3.9), layout="constrained")
    for axes, (name, image), caption in zip(panels, images.items(), captions, strict=True):
        axes.imshow(image, cmap="gray_r", interpolation="nearest")
        axes.set(xticks=[], yticks=[], title=name)
        axes.set_xlabel(caption, fontsize=10)
    _show(noise_and_structure)


# --- KL of pmfs ------------------------------------------------------------------------------------------


def two_directions(kl_divergence, truth=0.75):
    """Draw KL(p‖q) and KL(q‖p) of two coins against q's probability of heads."""
    _, axes = plt.subplots(figsize=(6.8, 3.5), layout="constrained")
    p = np.array([truth, 1 - truth])
    inner = 1 / (1 + np.exp(-np.linspace(-12, 12, 600)))  # dense at both ends
    axes.plot(inner, [kl_divergence(p, np.array([c, 1 - c])) for c in inner], color=BLUE, label="KL(p‖q)")
    ends = np.linspace(0, 1, 401)
    values = [kl_divergence(np.array([c, 1 - c]), p) for c in ends]
    axes.plot(ends, values, "--", color=ORANGE, label="KL(q‖p)")
    axes.plot([0, 1], [values[0], values[-1]], "s", color=ORANGE, clip_on=False)
    axes.annotate(f"{values[0]:.2f}", (0, values[0]), xytext=(4, -40), textcoords="offset points")
    axes.annotate(f"{values[-1]:.2f}", (1, values[-1]), xytext=(8, -4), textcoords="offset points")
    for end, shift in ((0, 16), (1, -48)):
        axes.annotate("↑ to ∞", (end, 2.25), xytext=(shift, 0), textcoords="offset points", color=BLUE)
    axes.plot(truth, 0, "o", color="black", clip_on=False, zorder=5)
    axes.annotate("q = p", (truth, 0), xytext=(-10, 12), textcoords="offset points")
    axes.set(xlabel="q's probability of heads", ylabel="nats", xlim=(0, 1), ylim=(0, 2.5))
    axes.set_title(f"Two coins, p = ({truth:g}, {1 - truth:g})")
    axes.legend(loc="upper center")
    _show(two_directions)


# --- KL of Gaussians -------------------------------------------------------------------------------------


def _bell(x, mu, sigma):
    return np.exp(-(((x - mu) / sigma) ** 2) / 2) / (np.sqrt(2 * np.pi) * sigma)


def _draw_pair(upper, lower, gaussian_kl, first, second):
    """Draw two densities, and below them what the divergence of the first from the second adds up."""
    low = min(m - 4.5 * s for m, s in (first, second))
    high = max(m + 4.5 * s for m, s in (first, second))
    x = np.linspace(first[0] - 9 * first[1], first[0] + 9 * first[1], 3000)  # where p has any mass
    x = np.concatenate([np.linspace(low, x[0], 300)[:-1], x, np.linspace(x[-1], high, 300)[1:]])
    x = np.unique(x)
    p, q = _bell(x, *first), _bell(x, *second)
    upper.plot(x, p, color=BLUE, label=f"p = N({first[0]:g}, {first[1]:g}²)")
    upper.plot(x, q, "--", color=ORANGE, label=f"q = N({second[0]:g}, {second[1]:g}²)")
    upper.set(ylim=(0, 1.55 * max(p.max(), q.max())), xlim=(low, high))
    upper.legend(fontsize=9, loc="upper center", ncols=1, framealpha=0.9)
    log_ratio = ((x - second[0]) / second[1]) ** 2 / 2 - ((x - first[0]) / first[1]) ** 2 / 2
    terms = p * (log_ratio - np.log(first[1] / second[1]))
    lower.fill_between(x, terms, where=terms > 0, color=GREEN, alpha=0.6, hatch="//", edgecolor="white", label="+")
    lower.fill_between(x, terms, where=terms < 0, color=GREY, alpha=0.6, hatch="..", edgecolor="white", label="−")
    lower.axhline(0, color="black", linewidth=0.8)
    lower.set(xlabel="x")
    area = np.sum((terms[1:] + terms[:-1]) / 2 * np.diff(x))
    lower.set_title(f"area {area:.4f}, your gaussian_kl {float(gaussian_kl(*first, *second)):.4f}", fontsize=10)


def gaussian_pairs(gaussian_kl):
    """Draw three settings of the explorer: N(0, 1) from N(1, 2²), the reverse, and N(0, 1) from N(1, 1)."""
    settings = [((0, 1), (1, 2)), ((1, 2), (0, 1)), ((0, 1), (1, 1))]
    _, panels = plt.subplots(2, 3, figsize=(9.6, 4.8), layout="constrained", sharex="col")
    for upper, lower, (first, second) in zip(*panels, settings, strict=True):
        _draw_pair(upper, lower, gaussian_kl, first, second)
    panels[0, 0].set_ylabel("density")
    panels[1, 0].set_ylabel("p log(p/q)")
    panels[1, 0].legend(fontsize=9, loc="upper right")
    _show(gaussian_pairs)


def _slider(widgets, value, low, high, text):
    return widgets.FloatSlider(value=value, min=low, max=high, step=0.1, description=text)


def explore_gaussians(gaussian_kl):
    """Show sliders for two Gaussians, and which of the two divergences to look at."""

    def draw(mu1, sigma1, mu2, sigma2, direction):
        _, (upper, lower) = plt.subplots(2, 1, figsize=(6.8, 5), layout="constrained", sharex=True)
        pair = ((mu1, sigma1), (mu2, sigma2))
        if direction == "KL(q‖p)":
            pair = pair[::-1]
        _draw_pair(upper, lower, gaussian_kl, *pair)
        upper.set_ylabel("density")
        lower.set_ylabel("p log(p/q)")
        forward, reverse = gaussian_kl(mu1, sigma1, mu2, sigma2), gaussian_kl(mu2, sigma2, mu1, sigma1)
        title = f"first from second {float(forward):.4f}, second from first {float(reverse):.4f} nats"
        upper.set_title(title)
        _show(f"Two bells, and below them what the divergence adds up: {title}.")

    def sliders(widgets):
        directions = [("first from second", "KL(p‖q)"), ("second from first", "KL(q‖p)")]
        return {
            "mu1": _slider(widgets, 0, -4, 4, "mean of the first"),
            "sigma1": _slider(widgets, 1, 0.2, 4, "sigma of the first"),
            "mu2": _slider(widgets, 1, -4, 4, "mean of the second"),
            "sigma2": _slider(widgets, 2, 0.2, 4, "sigma of the second"),
            "direction": widgets.ToggleButtons(options=directions, description="direction"),
        }

    _explore(draw, sliders)


def running_means(samples, exact):
    """Draw the running mean of each array of samples with its band of two standard errors."""
    _, axes = plt.subplots(figsize=(6.8, 3.6), layout="constrained")
    looks = zip((BLUE, ORANGE), ("o", "s"), (None, "//"), strict=True)
    for (name, values), target, (color, marker, hatch) in zip(samples.items(), exact, looks, strict=True):
        n = np.unique(np.geomspace(10, len(values), 60).astype(int))
        mean = np.cumsum(values)[n - 1] / n
        spread = np.sqrt(np.maximum(np.cumsum(values**2)[n - 1] / n - mean**2, 0) / n)
        axes.fill_between(
            n, mean - 2 * spread, mean + 2 * spread, color=color, alpha=0.2, hatch=hatch, edgecolor=color
        )
        axes.plot(n, mean, marker=marker, markevery=8, color=color, label=f"{name}, closed form {target:.4f}")
        axes.axhline(target, color=color, linestyle=":")
    axes.set(xscale="log", xlabel="number of draws", ylabel="mean of log(p/q) in nats", ylim=(-0.3, 2.6))
    axes.set_title("An average finds the closed form")
    axes.legend()
    _show(running_means)


# --- likelihood ------------------------------------------------------------------------------------------


def one_argmin(thetas, losses, divergences, floor):
    """Draw the mean negative log-likelihood and the divergence against a parameter."""
    _, axes = plt.subplots(figsize=(6.8, 3.8), layout="constrained")
    best = int(np.argmin(losses))
    axes.plot(thetas, losses, color=BLUE, label="mean negative log-likelihood")
    axes.plot(thetas, divergences, "--", color=ORANGE, label="KL(data‖model)")
    axes.plot(thetas[best], losses[best], "o", color=BLUE)
    axes.plot(thetas[best], divergences[best], "s", color=ORANGE)
    axes.axvline(thetas[best], color=GREY, linestyle=":")
    arrow = {"arrowstyle": "<->", "color": GREY}
    for place in (0.4, 0.63, 0.8):
        at = int(np.argmin(np.abs(thetas - place)))
        axes.annotate("", (thetas[at], losses[at]), (thetas[at], divergences[at]), arrowprops=arrow)
    middle = (losses[best] + divergences[best]) / 2
    axes.annotate(f"H(data) = {floor:.4f}", (thetas[best], middle), xytext=(6, 0), textcoords="offset points")
    axes.annotate(f"{losses[best]:.4f}", (thetas[best], losses[best]), xytext=(6, 8), textcoords="offset points")
    axes.annotate(
        f"{divergences[best]:.4f}", (thetas[best], divergences[best]), xytext=(6, -14), textcoords="offset points"
    )
    axes.set(xlabel="θ", ylabel="nats", ylim=(-0.25, 3.5), xlim=(0.2, 0.95))
    axes.set_title("Two curves, one place of the minimum")
    axes.legend(loc="upper center")
    _show(one_argmin)


# --- two fits --------------------------------------------------------------------------------------------


def explore_fits(log_mixture, both_divergences):
    """Show sliders for a Gaussian to be fitted to two bumps, and both divergences of the fit."""

    def draw(mu, sigma, half):
        ratios = {"height_ratios": (3, 1)}
        _, (upper, lower) = plt.subplots(2, 1, figsize=(6.8, 4.4), layout="constrained", gridspec_kw=ratios)
        x = np.linspace(-6, 6, 601)
        upper.plot(x, np.exp(log_mixture(x, half)), color="black", label="p, the mixture")
        upper.plot(x, _bell(x, mu, sigma), "--", color=GREEN, label=f"q = N({mu:g}, {sigma:g}²)")
        upper.set(xlabel="x", ylabel="density", ylim=(0, 1), xlim=(-6, 6))
        upper.legend(loc="upper left", fontsize=9)
        values = [
            round(value.item(), 4) for value in both_divergences(np.array([mu]), np.array([sigma]), half=half)
        ]
        looks = zip(("KL(p‖q)", "KL(q‖p)"), values, (BLUE, ORANGE), ("", "//"), strict=True)
        for name, value, color, hatch in looks:
            bar = lower.barh(name, min(value, 8), color=color, hatch=hatch, edgecolor="white")
            lower.bar_label(bar, [f"{value:.4f}"], padding=4)
        lower.set(xlabel="nats (bars end at 8)", xlim=(0, 9))
        lower.invert_yaxis()
        _show(f"The mixture and the fit N({mu:g}, {sigma:g}²), and a bar for each divergence: {values}.")

    def sliders(widgets):
        return {
            "mu": _slider(widgets, 1, -4, 4, "μ of the fit q"),
            "sigma": _slider(widgets, 1, 0.2, 4, "σ of the fit q"),
            "half": _slider(widgets, 2, 0, 4, "bumps at ± this"),
        }

    _explore(draw, sliders)


def two_fits(log_mixture, covering, seeking):
    """Draw the mixture with a Gaussian that covers it and one that picks a mode, as densities and as logs."""
    _, (left, right) = plt.subplots(1, 2, figsize=(9.2, 3.6), layout="constrained")
    x = np.linspace(-7, 7, 701)
    curves = [
        ("mixture", log_mixture(x), "-", "black", None),
        (f"KL(mixture‖q): σ = {covering[1]:.2f}", np.log(_bell(x, *covering)), "-", BLUE, "o"),
        (f"KL(q‖mixture): μ = {seeking[0]:g}, σ = {seeking[1]:g}", None, "--", ORANGE, "s"),
    ]
    for name, given, line, color, marker in curves:
        # the log of a bell, not the bell's log: the latter is -inf far out
        mu, sigma = seeking
        log = -(((x - mu) / sigma) ** 2) / 2 - np.log(sigma * np.sqrt(2 * np.pi)) if given is None else given
        left.plot(x, np.exp(log), line, color=color, marker=marker, markevery=50, markersize=5, label=name)
        right.plot(x, log, line, color=color, marker=marker, markevery=50, markersize=5)
    left.set(xlabel="x", ylabel="density", ylim=(0, 1.18), title="Densities")
    left.legend(fontsize=9, loc="upper left")
    right.set(xlabel="x", ylabel="log-density", ylim=(-25, 2), title="The same as logarithms")
    _show(two_fits)


def landscapes(mus, sigmas, forward, reverse):
    """Draw both divergences over (mu, sigma) as contours, their minima marked."""
    _, panels = plt.subplots(1, 2, figsize=(9.2, 3.8), layout="constrained", sharey=True)
    names = ("KL(mixture‖q): one bowl", "KL(q‖mixture): two valleys")
    for axes, values, name, color in zip(panels, (forward, reverse), names, (BLUE, ORANGE), strict=True):
        levels = values.min() + np.array([0, 0.05, 0.2, 0.5, 1, 2, 4, 8, 16, 32])
        shades = plt.colormaps["Greys_r"](np.linspace(0.4, 1, len(levels)))  # each level one step lighter
        axes.contourf(mus, sigmas, values.T, levels=levels, colors=shades, extend="max")
        lines = axes.contour(mus, sigmas, values.T, levels=levels[1:], colors="black", linewidths=0.5)
        axes.clabel(lines, levels=levels[2::2], fontsize=8, fmt="%.1f")
        for i, j in np.argwhere(values < values.min() + 1e-9):
            axes.plot(mus[i], sigmas[j], "*", color=color, markersize=15, markeredgecolor="white")
        axes.set(xlabel="μ of q", title=name)
    panels[0].set_ylabel("σ of q")
    _show(landscapes)


def parting(halves, covering, seeking):
    """Draw where both fits put their mean and deviation while the components move apart."""
    _, (left, right) = plt.subplots(1, 2, figsize=(8.8, 3.4), layout="constrained", sharex=True)
    for fits, name, look, color in (
        (covering, "KL(mixture‖q)", "o-", BLUE),
        (seeking, "KL(q‖mixture)", "s--", ORANGE),
    ):
        left.plot(halves, [abs(mu) for mu, _ in fits], look, color=color, label=name, markersize=5)
        right.plot(halves, [sigma for _, sigma in fits], look, color=color, label=name, markersize=5)
    left.plot(halves, halves, ":", color=GREY, label="a component's mean")
    right.axhline(0.5, color=GREY, linestyle=":", label="a component's σ")
    left.set(xlabel="components at ± this", ylabel="|μ| of the best q", title="Where q sits")
    right.set(xlabel="components at ± this", ylabel="σ of the best q", title="How wide q is")
    left.legend(fontsize=9)
    right.legend(fontsize=9)
    _show(parting)


# --- Jensen–Shannon --------------------------------------------------------------------------------------


def plateau(shifts, blocks, distances, bells):
    """Draw Jensen–Shannon against the shift of two blocks, and beside KL for two bell curves."""
    _, (left, right) = plt.subplots(1, 2, figsize=(9.2, 3.6), layout="constrained", sharey=True)
    left.plot(shifts, blocks, "o-", color=GREEN, label="Jensen–Shannon", markersize=5)
    top = 1.32
    left.plot(0, 0, "^", color=BLUE, clip_on=False, zorder=5, label="KL: 0 at shift 0, then ∞")
    left.plot(shifts[1:], np.full(len(shifts) - 1, top), "^", color=BLUE, clip_on=False)
    left.annotate("KL = ∞ from the first step on", (1.5, top - 0.1), color=BLUE, fontsize=9)
    left.set(xlabel="shift of one block of 8 outcomes", ylabel="nats", title="Supports that part")
    right.plot(distances, bells, "o-", color=GREEN, markevery=4, markersize=5, label="Jensen–Shannon")
    right.plot(distances, distances**2 / 2, "s--", color=BLUE, markevery=2, markersize=5, label="KL = d²/2")
    right.set(xlabel="distance d of two bells with σ = 1", title="Supports that never quite part")
    for axes in (left, right):
        axes.axhline(LOG2, color=GREY, linestyle=":")
        axes.annotate("log 2", (1, LOG2), (-34, 4), ("axes fraction", "data"), "offset points", fontsize=9)
        axes.set_ylim(0, 1.4)
        axes.legend(fontsize=9, loc="lower right")
    _show(plateau)


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
