"""Explorers for a page without a kernel: every picture is drawn beforehand, one slider at a time.

Run in a notebook's kernel, before its first cell. All sliders together would need their product of pictures.
"""

from __future__ import annotations

import io
import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator, Mapping
from html import escape
from pathlib import Path
from types import ModuleType
from typing import Any

import ipywidgets
import numpy as np
from IPython.display import HTML, display
from IPython.utils.capture import capture_output
from PIL import Image

POSITIONS = 21
"""The most positions of a slider."""
ALONE = (
    "On this page one slider moves at a time, in steps, and the others go back to where they began. "
    "In JupyterLab they move together."
)
SCRIPT = Path(__file__).with_name("explorers.js").read_text(encoding="utf-8").strip()
Draw = Callable[..., None]
Picture = dict[str, str]


def attach(figures: ModuleType) -> None:
    """Have a notebook's figures show explorers that need no kernel."""
    figures._explore = show  # type: ignore[attr-defined]  # noqa: SLF001  # what all its explorers call


def show(draw: Draw, make_controls: Callable[[ModuleType], Mapping[str, Any]]) -> None:
    """Show what a figure's controls draw, as ``_explore`` does in JupyterLab."""
    controls = make_controls(ipywidgets)
    start = {name: control.value for name, control in controls.items()}
    first = _drawn(draw, start)
    sliders = [_slider(draw, start, first, name, control) for name, control in controls.items()]
    display(HTML(as_html(sliders)))


def _slider(draw: Draw, start: dict[str, Any], first: Picture, name: str, control: Any) -> dict[str, Any]:
    shown = list(positions(control))
    at = [value for _, value in shown].index(start[name])
    pictures = [first if place == at else _drawn(draw, start | {name: v}) for place, (_, v) in enumerate(shown)]
    return {"label": control.description, "at": at, "texts": [text for text, _ in shown], "pictures": pictures}


def positions(control: Any) -> Iterator[tuple[str, Any]]:
    """Yield the text and the value of at most `POSITIONS` positions of a control, its own value among them."""
    if hasattr(control, "options"):
        options = control.options.items() if isinstance(control.options, dict) else control.options
        pairs = [option if isinstance(option, tuple) else (str(option), option) for option in options]
    elif isinstance(control, ipywidgets.FloatLogSlider):
        exponents = np.arange(control.min, control.max + control.step / 2, control.step)
        pairs = [(f"{v:.3g}", v) for v in (float(control.base**exponent) for exponent in exponents)]
    else:
        count = round((control.max - control.min) / control.step)
        values = [control.min + place * control.step for place in range(count + 1)]
        pairs = [(f"{v:.3g}", int(v) if isinstance(control.value, int) else float(v)) for v in values]
    own = min(range(len(pairs)), key=lambda place: _distance(pairs[place][1], control.value))
    kept = set(np.linspace(0, len(pairs) - 1, min(POSITIONS, len(pairs))).round().astype(int))
    if own not in kept:
        kept = kept - {min(kept, key=lambda place: abs(place - own))} | {own}
    for place in sorted(kept):
        yield pairs[place][0], control.value if place == own else pairs[place][1]


def _distance(value: Any, own: Any) -> float:
    return float(value != own) if isinstance(own, str) else abs(value - own)


def _drawn(draw: Draw, values: dict[str, Any]) -> Picture:
    """Return the picture for some values, as small as a browser takes it, and its text."""
    with capture_output() as captured:
        draw(**values)
    (output,) = captured.outputs
    small = io.BytesIO()
    Image.open(io.BytesIO(b64decode(output.data["image/png"]))).save(small, "WEBP", lossless=True, quality=100)
    text = output.metadata["image/png"]["alt"]
    return {"src": f"data:image/webp;base64,{b64encode(small.getvalue()).decode('ascii')}", "alt": text}


def as_html(sliders: list[dict[str, Any]]) -> str:
    """Return the explorer: sliders over a picture, all pictures as data, and the script that shows them."""
    first = sliders[0]["pictures"][sliders[0]["at"]]
    rows = "".join(
        f'<label><span>{escape(slider["label"])}</span> <input type="range" min="0" '
        f'max="{len(slider["texts"]) - 1}" value="{slider["at"]}" '
        f'aria-valuetext="{escape(slider["texts"][slider["at"]])}"> '
        f"<output>{escape(slider['texts'][slider['at']])}</output></label>"
        for slider in sliders
    )
    data = json.dumps(sliders).replace("<", "\\u003c")
    alone = f"<p>{ALONE}</p>" if len(sliders) > 1 else ""
    return (
        f'<div class="explorer">{rows}{alone}<img alt="{escape(first["alt"])}" src="{first["src"]}">'
        f'<script type="application/json">{data}</script></div><script>{SCRIPT}</script>'
    )
