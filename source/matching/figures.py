"""Figures of the matching notebook. They draw what they are given: no solution is in here.

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

LOG_10 = np.log(10)
MARKERS = "osD^v"


def gallery(images, labels, columns=12):
    """Draw the first images in two rows, each with its label."""
    _, grid = plt.subplots(2, columns, figsize=(7.2, 1.7), layout="constrained")
    for axes, image, label in zip(grid.flat, images, labels, strict=False):
        axes.imshow(image, cmap="gray_r", vmin=0, vmax=16)
        axes.set_title(label, fontsize=9)
        axes.set_axis_off()
    _show(gallery)


def loss_curve(losses, held_out):
    """Draw the training loss against the step, with the baseline log 10 and the final loss on held-out data."""
    _, axes = plt.subplots(figsize=(6.4, 3.2), layout="constrained")
    axes.plot(losses, label="training loss", marker="o", markevery=20, markersize=4)
    axes.axhline(LOG_10, color="0.4", linestyle="--", label="log 10: knowing nothing")
    axes.plot(len(losses), held_out, "D", color="C1", label=f"held-out loss at the end, {held_out:.2f}")
    axes.set(xlabel="step", ylabel="loss in nats", ylim=(0, 2.5), title="From log 10 downwards")
    axes.legend()
    _show(loss_curve)


def templates(W):
    """Draw each class's weights as an image."""
    _, row = plt.subplots(1, W.shape[1], figsize=(7.2, 1.3), layout="constrained")
    size = np.max(np.abs(W))
    for digit, axes in enumerate(row):
        picture = axes.imshow(W[:, digit].reshape(8, 8), cmap="RdBu_r", vmin=-size, vmax=size)
        axes.set_title(digit, fontsize=9)
        axes.set_axis_off()
    plt.colorbar(picture, ax=row, shrink=0.8, label="weight")
    _show(templates)


def entropy_and_divergence(losses, floor):
    """Draw a loss as two layers: the entropy below, the divergence above it."""
    _, axes = plt.subplots(figsize=(6.4, 3.2), layout="constrained")
    steps = np.arange(len(losses))
    axes.fill_between(steps, 0, floor, facecolor="0.9", hatch="//", edgecolor="0.7", linewidth=0)
    axes.fill_between(steps, floor, losses, color="C0", alpha=0.35)
    axes.plot(steps, losses, marker="o", markevery=4, markersize=4)
    axes.annotate(f"H(Y|X) = {floor:.4f}: stays", (len(losses) * 0.4, floor / 2), backgroundcolor="white")
    axes.annotate(
        "KL: what training removes",
        (2, (floor + losses[2]) / 2),
        xytext=(len(losses) * 0.3, losses[0] - 0.03),
        arrowprops={"arrowstyle": "->"},
    )
    axes.set(xlabel="step", ylabel="loss in nats", ylim=(0, 0.75), title="Cross-entropy = entropy + KL")
    _show(entropy_and_divergence)


def label_sets(steps, curves, floors):
    """Draw training and held-out loss against the number of steps, a panel for each set of labels."""
    _, row = plt.subplots(1, len(curves), figsize=(7.4, 3.2), sharey=True, layout="constrained")
    for axes, (name, curve) in zip(row, curves.items(), strict=True):
        training, held_out = np.transpose(curve)
        axes.semilogx(steps, training, "o-", markersize=4, label="training")
        axes.semilogx(steps, held_out, "D--", markersize=4, label="validation")
        axes.axhline(floors[name], color="0.3", linestyle=":", label="floor")
        axes.set(xlabel="steps", title=f"{name}\nfloor {floors[name]:.2f}")
        axes.title.set_fontsize(10)
    row[0].set(ylabel="loss in nats", ylim=(-0.15, 4))
    row[0].legend(fontsize=8)
    _show(label_sets)


def weight_decay(strengths, training, held_out, floor):
    """Draw both losses against the strength of the penalty."""
    _, axes = plt.subplots(figsize=(6.4, 3.4), layout="constrained")
    axes.semilogx(strengths, training, "o-", label="training (20 % of the labels replaced)")
    axes.semilogx(strengths, held_out, "D--", label="validation")
    axes.axhline(floor, color="0.3", linestyle=":", label=f"floor {floor:.2f}")
    best = int(np.argmin(held_out))
    axes.annotate(
        f"best: λ = {strengths[best]:g}",
        (strengths[best], held_out[best]),
        xytext=(0, 9),
        textcoords="offset points",
        ha="center",
    )
    axes.set(xlabel="strength λ of the penalty", ylabel="cross-entropy in nats", ylim=(0, 2.45))
    axes.set_title("A prior trades memory for generalisation", pad=34)
    top = axes.secondary_xaxis("top", functions=(lambda x: x, lambda x: x))
    top.set_xticks(strengths, [f"{1 / np.sqrt(200 * strength):.2f}" for strength in strengths])
    top.minorticks_off()
    top.set_xlabel("prior deviation τ = 1/√(nλ)")
    axes.legend(fontsize=8, loc="lower right")
    _show(weight_decay)


def loss_against_temperature(mean_nll, logits, y, best):
    """Draw the NLL at temperatures from 0.5 to 20, and the best."""
    _, axes = plt.subplots(figsize=(6.4, 3.2), layout="constrained")
    temperatures = np.geomspace(0.5, 20, 60)
    axes.semilogx(temperatures, [mean_nll(logits / t, y) for t in temperatures])
    axes.plot(1, mean_nll(logits, y), "s", color="C3", label="T = 1: as trained")
    axes.plot(best, mean_nll(logits / best, y), "D", color="C1", label=f"T = {best:.2f}: your fit")
    axes.axhline(LOG_10, color="0.4", linestyle="--", label="log 10: T → ∞")
    axes.set(xlabel="temperature T", ylabel="NLL in nats (validation)", ylim=(1, 3.5), title="One number to fit")
    axes.set_xticks([0.5, 1, 2, 5, 10, 20], ["0.5", "1", "2", "5", "10", "20"])
    axes.minorticks_off()
    axes.legend()
    _show(loss_against_temperature)


def reliability(before, after, bins=10):
    """Draw accuracy against confidence in bins; each argument holds confidences and hits."""
    _, panels = plt.subplots(
        2,
        2,
        figsize=(7.2, 4.6),
        sharex=True,
        sharey="row",
        height_ratios=(3, 1),
        layout="constrained",
    )
    for column, (name, (confidence, hit)) in enumerate({"before": before, "after": after}.items()):
        upper, lower = panels[:, column]
        edges = np.linspace(0, 1, bins + 1)
        which = np.clip(np.digitize(confidence, edges) - 1, 0, bins - 1)
        full = [i for i in range(bins) if np.sum(which == i) >= 5]
        x = [np.mean(confidence[which == i]) for i in full]
        height = [np.mean(hit[which == i]) for i in full]
        upper.plot([0, 1], [0, 1], color="0.4", linestyle="--", label="calibrated")
        upper.plot(x, height, "o-", label="observed")
        upper.vlines(x, height, x, color="C3", linewidth=1.5, label="gap")
        upper.set(title=f"{name}: confidence {np.mean(confidence):.2f}, accuracy {np.mean(hit):.2f}")
        upper.title.set_fontsize(10)
        lower.hist(confidence, edges, color="0.7", edgecolor="white", hatch="//")
        lower.set(xlabel="confidence", xlim=(0, 1), xticks=(0.1, 0.3, 0.5, 0.7, 0.9))
    panels[0, 0].set(ylabel="accuracy", ylim=(0, 1))
    panels[0, 0].legend(fontsize=8)
    panels[1, 0].set(ylabel="images")
    _show(reliability)


def shuffles(rows, count=8):
    """Draw the first images of several versions of the data, a row for each."""
    _, grid = plt.subplots(len(rows), count, figsize=(6.4, 0.85 * len(rows)), layout="constrained")
    for line, (name, data) in zip(grid, rows.items(), strict=True):
        for axes, image in zip(line, data, strict=False):
            axes.imshow(image.reshape(8, 8), cmap="gray_r", vmin=0, vmax=1)
            axes.set_xticks([])
            axes.set_yticks([])
        line[0].set_ylabel(name, rotation=0, ha="right", va="center")
    _show(shuffles)


def spectra(ratios):
    """Draw PCA spectra: share by share on the left, added up on the right."""
    _, (left, right) = plt.subplots(1, 2, figsize=(7.4, 3.4), layout="constrained")
    for (name, ratio), marker, line in zip(ratios.items(), MARKERS, ("-", "", "--"), strict=False):
        style = {"marker": marker, "markersize": 7 if not line else 4, "linestyle": line or "none", "label": name}
        if not line:
            style |= {"fillstyle": "none", "markevery": 3}
        number = np.arange(1, len(ratio) + 1)
        left.semilogy(number, np.maximum(ratio, 1e-6), **style)
        right.plot(number, np.cumsum(ratio), **style)
    left.set(xlabel="component", ylabel="share of the variance", ylim=(1e-5, 1), title="each")
    right.axhline(0.9, color="0.4", linestyle=":")
    right.annotate("90 %", (0, 0.91), ha="left", va="bottom", fontsize=9)
    right.set(xlabel="components kept", ylabel="share of the variance kept", ylim=(0, 1.05), title="added up")
    right.legend(loc="lower right", fontsize=8)
    _show(spectra)


def setups(found):
    """Draw the last training loss and the test loss of each setup."""
    _, axes = plt.subplots(figsize=(6.4, 3.2), layout="constrained")
    place = np.arange(len(found))
    training, test = ([row[key] for row in found.values()] for key in ("last", "test"))
    for shift, heights, name, hatch in ((-0.2, training, "training, last step", ""), (0.2, test, "test", "//")):
        bars = axes.bar(place + shift, heights, 0.4, label=name, hatch=hatch, edgecolor="white")
        paper = {"facecolor": "white", "edgecolor": "none", "pad": 0.8}
        low, high = ([f"{h:.2f}" if (h > 1) == tall else "" for h in heights] for tall in (False, True))
        axes.bar_label(bars, low, fontsize=8, padding=2)
        axes.bar_label(bars, high, fontsize=8, padding=-14, bbox=paper)  # clear of the dashed line
    axes.axhline(LOG_10, color="0.4", linestyle="--", zorder=0, label="log 10: knowing nothing")
    axes.set(ylabel="loss in nats", title="Same model, same loop, different data")
    axes.set_xticks(place, list(found))
    axes.margins(y=0.12)
    axes.legend()
    _show(setups)


# --- new digits ------------------------------------------------------------------------------------------


def contact_sheet(written, sheet, apart):
    """Draw a column for each digit: one from the data, those drawn, and one of independent pixels."""
    rows = [written, *np.swapaxes(sheet, 0, 1), np.squeeze(apart, axis=1)]
    figure, grid = plt.subplots(len(rows), len(written), figsize=(7.2, 6.6))
    figure.subplots_adjust(left=0.12, right=0.99, top=0.99, bottom=0.01, wspace=0.08, hspace=0.08)
    for line, row in zip(grid, rows, strict=True):
        for axes, image in zip(line, row, strict=True):
            axes.imshow(image.reshape(8, 8), cmap="gray_r", vmin=0, vmax=1)
            axes.set_xticks([])
            axes.set_yticks([])
    for place, name in ((0, "data"), (len(rows) // 2, "drawn"), (len(rows) - 1, "drawn,\npixels\napart")):
        grid[place, 0].set_ylabel(name, rotation=0, ha="right", va="center", fontsize=10)
    for place in (0, len(rows) - 2):
        y = (grid[place, 0].get_position().y0 + grid[place + 1, 0].get_position().y1) / 2
        figure.add_artist(plt.Line2D([0.02, 0.99], [y, y], color="C1", linewidth=1.5))
    _show("Contact sheet: an image of each digit from the data, seven drawn ones, and one of independent pixels.")


def _drawing(axes, image, title=""):
    axes.imshow(np.reshape(image, (8, 8)), cmap="gray_r", vmin=0, vmax=1)
    axes.set_title(title, fontsize=10)
    axes.set_xticks([])
    axes.set_yticks([])


def _draw_number(number):
    return np.random.default_rng(number).normal(size=(1, 64))


def drawings(sample, means, covs, digits=(3, 5, 7), sizes=(0, 0.5, 1, 1.5, 2)):
    """Draw a digit a row, with one standard normal draw times several sizes."""
    _, grid = plt.subplots(len(digits), len(sizes), figsize=(6.4, 4), layout="constrained")
    for line, digit in zip(grid, digits, strict=True):
        for axes, size in zip(line, sizes, strict=True):
            _drawing(axes, sample(means[digit], covs[digit], size * _draw_number(3)), f"z times {size:g}")
        line[0].set_ylabel(f"digit {digit}")
    _show("Images of drawn digits 3, 5 and 7, with the same draw at five distances from the mean.")


def explore_drawing(sample, means, covs):
    """Show sliders for the digit, the draw and its distance from the mean over the image that comes out."""

    def draw(digit, size, number):
        _, (left, right) = plt.subplots(1, 2, figsize=(6.8, 3), width_ratios=(1, 1.5), layout="constrained")
        image = sample(means[digit], covs[digit], size * _draw_number(number))[0]
        _drawing(left, image, f"digit {digit}")
        place, values = np.arange(1, 65), np.sort(image)
        outside = (values < 0) | (values > 1)
        right.plot(place[~outside], values[~outside], "o", markersize=4, label="possible")
        right.plot(place[outside], values[outside], "x", color="C1", label=f"impossible: {np.sum(outside)} of 64")
        right.axhspan(0, 1, color="0.92")
        right.set(xlabel="pixels, sorted", ylabel="ink", ylim=(-1, 2))
        right.legend(fontsize=8, loc="upper left")
        _show(f"A drawn {digit}, its draw times {size:g}; {np.sum(outside)} of its 64 pixels are impossible.")

    def sliders(widgets):
        return {
            "digit": widgets.IntSlider(value=3, min=0, max=9, description="digit"),
            "size": widgets.FloatSlider(value=1, min=0, max=2, step=0.25, description="draw z times"),
            "number": widgets.IntSlider(value=3, min=1, max=20, description="number of the draw"),
        }

    _explore(draw, sliders)


def two_classifiers(ridges, swept, held_out):
    """Draw the NLL of the Gaussians against the ridge, and the test NLL of both classifiers."""
    _, axes = plt.subplots(figsize=(6.4, 3.6), layout="constrained")
    training, validation = swept.T
    axes.loglog(ridges, np.maximum(training, 1e-4), "o-", label="Gaussians, training")
    axes.loglog(ridges, validation, "s--", label="Gaussians, validation")
    best = ridges[int(np.argmin(validation))]
    for (name, value), marker, colour in zip(held_out.items(), "^D", ("C2", "C4"), strict=True):
        axes.plot(best, value, marker, color=colour, markersize=9, markeredgecolor="black", label=f"test: {name}")
    axes.set(xlabel="ridge on the diagonal", ylabel="NLL in nats", ylim=(6e-5, 300), title="Sure is not right")
    axes.annotate("≤ 0.0001", (ridges[0], 1e-4), xytext=(2, 6), textcoords="offset points", fontsize=8)
    axes.legend(fontsize=8, loc="upper right")
    _show("Line chart: the Gaussians' loss against the ridge, with the test loss of both classifiers.")


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
