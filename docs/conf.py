"""The documentation site: Sphinx reads this file. ``make docs`` builds the site, warnings being errors."""

from __future__ import annotations

import shutil
from importlib.metadata import version as version_of
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jupyter_server_mathjax

import autograder

if TYPE_CHECKING:
    from docutils.nodes import Element
    from sphinx.addnodes import pending_xref
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

project = "Logits & Likelihoods"
author = "The Logits & Likelihoods authors"
copyright = author  # noqa: A001  # Sphinx's name
version = release = version_of("logits-and-likelihoods")
language = "en-GB"

extensions = ["myst_nb", "numpydoc", "sphinx.ext.autodoc", "sphinx.ext.mathjax"]
exclude_patterns = ["**.ipynb_checkpoints"]

# --- pages -----------------------------------------------------------------------------------------------

myst_enable_extensions = ["amsmath", "dollarmath"]
myst_heading_anchors = 4
# render_notebooks.py has executed them: Sphinx must never run what it shows.
nb_execution_mode = "off"
nb_merge_streams = True

# --- API -------------------------------------------------------------------------------------------------

autodoc_default_options = {"members": True, "member-order": "bysource"}
autodoc_typehints = "signature"
numpydoc_show_class_members = False  # autodoc lists them
nitpicky = True
# There is no inventory of other projects' names: the build must work without a network.
nitpick_ignore_regex = [
    ("py:.*", r"(np|numpy|collections\.abc|typing|msgspec)\..*"),
    # What annotations and “Raises” name, but nobody imports; public_name has found the public names before.
    ("py:class", r"autograder\.judging\..*|Inputs|Judge|str \| tuple\[Hint"),
    ("py:.*", r"\w+Error"),
]


def public_name(app: Sphinx, _: BuildEnvironment, node: pending_xref, content: Element) -> Element | None:
    """Resolve a name by its public address: annotations name the module in which a class is written."""
    name = node.get("reftarget", "").rpartition(".")[2]
    if node.get("refdomain") != "py" or name not in autograder.__all__:
        return None
    domain = app.env.domains.python_domain
    return domain.resolve_xref(app.env, node["refdoc"], app.builder, "obj", f"autograder.{name}", node, content)


# --- HTML ------------------------------------------------------------------------------------------------

html_theme = "pydata_sphinx_theme"
html_title = project
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sourcelink = False
html_sidebars: dict[str, list[str]] = {"students": [], "ci": []}  # sections of one page
html_theme_options: dict[str, Any] = {
    "header_links_before_dropdown": 8,
    "navigation_depth": 2,
    "secondary_sidebar_items": ["page-toc"],
    "show_prev_next": True,
}

# MathJax comes from a package, so that formulas show without a network. It is MathJax 2, the newest that one has.
myst_update_mathjax = False
mathjax_path = "mathjax/MathJax.js"
mathjax_options = {"async": "async"}
mathjax2_config = {
    "config": ["TeX-AMS-MML_HTMLorMML-full.js"],
    "messageStyle": "none",
    "menuSettings": {"CHTMLpreview": False},
    "HTML-CSS": {
        "availableFonts": [],
        "preferredFont": None,
        "imageFont": None,
        "webFont": "STIX-Web",
        "scale": 95,
    },
    "tex2jax": {
        "inlineMath": [["\\(", "\\)"]],
        "displayMath": [["\\[", "\\]"]],
        "ignoreClass": "document",
        "processClass": "math",
    },
}


def copy_mathjax(app: Sphinx) -> None:
    """Put MathJax beside the pages. Sphinx would treat it as a static folder of ours and read its templates."""
    if app.builder.format == "html":
        source = Path(jupyter_server_mathjax.__file__).with_name("static")
        unused = shutil.ignore_patterns("localization", "a11y")
        shutil.copytree(source, app.outdir / "_static" / "mathjax", ignore=unused, dirs_exist_ok=True)


def setup(app: Sphinx) -> None:
    """Connect the functions above to Sphinx's events."""
    app.connect("missing-reference", public_name)
    app.connect("builder-inited", copy_mathjax)
