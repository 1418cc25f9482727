"""Figures of the softmax notebook. They draw what they are given: no solution is in here."""

import matplotlib.pyplot as plt
import numpy as np


def temperatures(softmax, logits, values=(0.25, 1.0, 4.0)):
    """Draw softmax(logits) as bars, a group for each temperature."""
    _, axes = plt.subplots(figsize=(6.4, 3.2), layout="constrained")
    classes = np.arange(len(logits))
    width = 0.8 / len(values)
    for number, (temperature, hatch) in enumerate(zip(values, ("", "//", ".."), strict=True)):
        heights = softmax(logits, temperature=temperature)
        bars = axes.bar(
            classes + (number - 1) * width,
            heights,
            width,
            label=f"T = {temperature:g}",
            hatch=hatch,
            edgecolor="white",
        )
        axes.bar_label(bars, fmt="%.2f", fontsize=8)
    axes.set(xlabel="class", ylabel="probability", ylim=(0, 1.1), title="Temperature sharpens or flattens")
    axes.set_xticks(classes, [f"z = {z:g}" for z in logits])
    axes.legend()
    plt.show()


def loss_curve():
    """Draw the loss -log p against the probability p of the true class."""
    _, axes = plt.subplots(figsize=(6.4, 3.2), layout="constrained")
    p = np.linspace(5e-4, 1, 2000)
    axes.plot(p, -np.log(p))
    for value in (0.99, 0.7, 0.5, 0.1, 0.01, 0.001):
        axes.plot(value, -np.log(value), "o", color="C1")
        axes.annotate(f"{-np.log(value):.2f}", (value, -np.log(value)), xytext=(6, 4), textcoords="offset points")
    axes.set(xlabel="probability of the true class", ylabel="loss in nats", title="Surprise: −log p")
    plt.show()


def error_against_step(numerical_gradient):
    """Draw the error of a numerical derivative of sin at 1 against the step."""
    _, axes = plt.subplots(figsize=(6.4, 3.2), layout="constrained")
    steps = np.logspace(-12, -1, 34)
    x = np.array([1.0])
    errors = [abs(numerical_gradient(lambda a: np.sin(a[0]), x, h=h)[0] - np.cos(1.0)) for h in steps]
    axes.loglog(steps, np.maximum(errors, 1e-17), "o-", markersize=4)
    axes.set(xlabel="step h", ylabel="error", title="Too large truncates, too small rounds")
    plt.show()
