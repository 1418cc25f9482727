"""A page as one HTML file that loads nothing."""

from __future__ import annotations

import base64
import hashlib

from autograder.reports.html import shown

ALLOWED = ["default-src 'none'", "style-src 'unsafe-inline'", "img-src data:"]
"""What a browser may load for a page, in case a student's text ever passes the escaping."""


def as_document(title: str, body: str, style: str, script: str = "") -> str:
    """Return a page that loads nothing, and runs nothing but the one script that is given.

    Parameters
    ----------
    title
        Text; it is the page's first heading, too.
    body, style, script
        HTML, CSS and JavaScript.
    """
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = "; ".join([*ALLOWED, f"script-src 'sha256-{digest}'"] if script else ALLOWED)
    end = f"<script>{script}</script>\n" if script else ""
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{shown(title)}</title>\n<style>\n{style}\n</style>\n</head>\n"
        f"<body>\n<main>\n<h1>{shown(title)}</h1>\n{body}\n</main>\n{end}</body>\n</html>\n"
    )
