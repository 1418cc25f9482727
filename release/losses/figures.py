"""Figures of the losses notebook. They draw what they are given: no solution is in here.

Importing them has JupyterLab show a failed check as one sentence.
"""

import numpy as np
from IPython import get_ipython

BLUE, ORANGE, GREEN, PINK, GREY = "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#666666"
"""Okabe and Ito's colours, which colour-blind readers can tell apart. Markers and lines tell them apart, too."""


class _Pyplot:
    """matplotlib.pyplot, imported when the first figure is drawn: it takes longer than all other cells."""

    def __getattr__(self, name):
        import matplotlib.pyplot as plt

        return getattr(plt, name)


plt = _Pyplot()


def recipe():
    """Draw the four steps as boxes with arrows between them, and four examples below."""
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
    plt.show()


# --- counts ----------------------------------------------------------------------------------------------


def counts_and_fits(x, y, poisson, squares, line, poisson_slopes, squares_slopes):
    """Draw counts with three fits, and the slopes that two of them give on many data sets."""
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
    plt.show()


# --- outliers --------------------------------------------------------------------------------------------


def two_centres(laplace_nll, readings):
    """Draw the Laplace loss and half the mean squared error against μ."""
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
    plt.show()


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
    plt.show()


# --- noise -----------------------------------------------------------------------------------------------


def price_of_doubt(heteroscedastic_nll):
    """Draw the loss of one target against log σ for three errors."""
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
    plt.show()


def _band(axes, x, y, mean, sigma, title, color, hatch):
    axes.plot(x, y, ".", color=GREY, markersize=4, alpha=0.7)
    order = np.argsort(x)
    low, high = (mean + side * 1.96 * sigma for side in (-1, 1))
    axes.fill_between(x[order], low[order], high[order], color=color, alpha=0.2, hatch=hatch, edgecolor=color)
    axes.plot(x[order], mean[order], color=color, linewidth=2)
    axes.set(xlabel="x", title=title)


def two_bands(x, y, line, sigma, w, v):
    """Draw data with the 95 % band of one σ, and with that of a predicted one."""
    _, panels = plt.subplots(1, 2, figsize=(9.2, 3.8), layout="constrained", sharey=True)
    _band(panels[0], x, y, line[0] + line[1] * x, np.full(len(x), sigma), "One σ", ORANGE, "//")
    _band(panels[1], x, y, w[0] + w[1] * x, np.exp(v[0] + v[1] * x), "Its own σ", BLUE, None)
    panels[0].set_ylabel("y, and the band that should hold 95 %")
    plt.show()


# --- the network -----------------------------------------------------------------------------------------


def gradient_check(names, numeric, gradient, broken):
    """Draw each entry of two gradients against differences."""
    _, panels = plt.subplots(1, 2, figsize=(9.2, 4.2), layout="constrained", sharex=True, sharey=True)
    looks = list(zip(names, "os^D", (BLUE, ORANGE, GREEN, PINK), strict=True))
    for axes, parts, title in zip(panels, (gradient, broken), ("Yours", "Without the slope of tanh"), strict=True):
        ends = 1.1 * np.max([np.max(np.abs(part)) for part in (*numeric, *broken)]) * np.array([-1, 1])
        axes.plot(ends, ends, color=GREY, linewidth=1)
        for (name, marker, color), right, found in zip(looks, numeric, parts, strict=True):
            axes.plot(
                np.ravel(right), np.ravel(found), marker, color=color, label=f"d{name}", markersize=6, alpha=0.8
            )
        axes.set(xlabel="by differences", title=title, aspect="equal")
    panels[0].set_ylabel("by formula")
    panels[0].legend(loc="upper left")
    plt.show()


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
    plt.show()


def race(losses):
    """Draw losses after each epoch, one line for each name."""
    _, axes = plt.subplots(figsize=(6.8, 3.5), layout="constrained")
    for (name, values), look, color in zip(losses.items(), ("--s", "-o"), (ORANGE, BLUE), strict=True):
        axes.plot(np.arange(1, len(values) + 1), values, look, color=color, markevery=6, markersize=6, label=name)
    axes.set(xlabel="epochs", ylabel="loss in nats", ylim=(0, 0.75), title="As many looks at the data, more steps")
    axes.legend()
    plt.show()


def clipped_bands(x, y, fits):
    """Draw the data and the band of each (w, v)."""
    _, panels = plt.subplots(1, len(fits), figsize=(9.2, 3.8), layout="constrained", sharey=True)
    looks = zip(panels, fits.items(), (ORANGE, BLUE), ("//", None), strict=True)
    for axes, (name, both), color, hatch in looks:
        _band(axes, x, y, both[0] + both[1] * x, np.exp(both[2] + both[3] * x), name.capitalize(), color, hatch)
        axes.set_ylim(-4.5, 9)
        wrong = f"the wrong target, at {y[np.argmin(x)]:.0f}"
        axes.annotate(wrong, (x.min(), 8.8), (0.1, 7.2), arrowprops={"arrowstyle": "->"}, va="center")
    panels[0].set_ylabel("y, and the band that should hold 95 %")
    plt.show()


def _grid_lines(low, high, step=0.25):
    """Return the lines of a grid, finely drawn: arrays of shape (m, 2)."""
    fine = [np.linspace(a, b, 200) for a, b in zip(low, high, strict=True)]
    across = [np.stack([fine[0], np.full(200, at)], axis=1) for at in np.arange(low[1], high[1] + 1e-9, step)]
    return across + [
        np.stack([np.full(200, at), fine[1]], axis=1) for at in np.arange(low[0], high[0] + 1e-9, step)
    ]


def untangled(points, side, weights):
    """Draw points and a grid before the hidden layer, and after it as seen along the plane of equal logits."""
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
    plt.show()


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
    plt.show()


# --- a failed check, as JupyterLab shows it --------------------------------------------------------------


def _show_assertion(shell, kind, error, trace, tb_offset=None):
    """Show an assertion of a cell's own as its line and sentence; any other keeps its traceback."""
    cell = trace.tb_next
    if str(error) and cell and cell.tb_next is None and error.__context__ is None:
        error._render_traceback_ = lambda: [f"✗ line {cell.tb_lineno}: {error}"]
    shell.showtraceback((kind, error, trace), tb_offset=tb_offset)


if hasattr(get_ipython(), "kernel") and not get_ipython().custom_exceptions:
    get_ipython().set_custom_exc((AssertionError,), _show_assertion)
