"""Which pictures in SVG a page keeps: plain shapes and text alone."""

from __future__ import annotations

import base64
import time

import pytest

from autograder.notebooks.plain_svg import PREFIX, is_plain_svg
from autograder.notebooks.sanitise import clean_html

XMLNS = 'xmlns="http://www.w3.org/2000/svg"'
SHAPES = '<rect x="1" fill="#a8c4de"/><path d="M0 0L1 1"/><text x="1">a &lt; b</text>'
PLAIN = f'<svg {XMLNS} viewBox="0 0 9 9">{SHAPES}</svg>'


def url(svg):
    return PREFIX + base64.b64encode(svg.encode()).decode()


def test_shapes_and_text_are_plain():
    assert is_plain_svg(url(PLAIN))
    image = f'<img src="{url(PLAIN)}" alt="a picture">'
    assert clean_html(image) == image


@pytest.mark.parametrize(
    "svg",
    [
        "<svg><rect/></svg>",
        f"<svg {XMLNS}><script>alert(1)</script></svg>",
        f'<svg {XMLNS} onload="alert(1)"></svg>',
        f'<svg {XMLNS}><rect onclick="alert(1)"/></svg>',
        f'<svg {XMLNS}><a href="javascript:alert(1)"><text>x</text></a></svg>',
        f'<svg {XMLNS}><image href="https://evil.example/p.png"/></svg>',
        f'<svg {XMLNS}><use href="#x"/></svg>',
        f"<svg {XMLNS}><style>@import url(https://evil.example)</style></svg>",
        f'<svg {XMLNS}><rect style="fill: url(https://evil.example/p.png)"/></svg>',
        f'<svg {XMLNS}><rect fill="url(https://evil.example/p.png)"/></svg>',
        f'<svg {XMLNS}><rect fill="&#117;rl(x)"/></svg>',
        f"<svg {XMLNS}><foreignObject><p>x</p></foreignObject></svg>",
        f"<svg {XMLNS}><text><tspan>x</tspan></text></svg>",
        f'<svg {XMLNS}><animate attributeName="href"/></svg>',
        f'<!DOCTYPE svg [<!ENTITY x "y">]><svg {XMLNS}></svg>',
        f'<?xml-stylesheet href="https://evil.example/s.css"?><svg {XMLNS}></svg>',
        f"<svg {XMLNS}></svg><script>alert(1)</script>",
        f'<svg {XMLNS} xmlns:x="http://www.w3.org/1999/xlink"></svg>',
        f"{PLAIN}\n",
        "",
    ],
)
def test_anything_else_is_not(svg):
    assert not is_plain_svg(url(svg))
    assert "src=" not in clean_html(f'<img src="{url(svg)}">')


@pytest.mark.parametrize(
    "address", ["", "picture.svg", "data:image/svg+xml,<svg/>", f"{PREFIX}!!!", f"{PREFIX}/w==", PREFIX.upper()]
)
def test_what_is_no_such_address_is_not(address):
    assert not is_plain_svg(address)


def test_it_takes_time_that_grows_with_the_length_alone():
    def seconds(times):
        hostile = url(f"<svg {XMLNS}>" + '<rect x="1" x="1" ' * times + "</svg>")
        started = time.process_time()
        assert not is_plain_svg(hostile)
        return time.process_time() - started

    assert seconds(100_000) < 50 * max(seconds(10_000), 1e-4)
