"""A JupyterLab server of the tests' own, and a page of it, driven as a person would."""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path

from playwright.sync_api import TimeoutError as PlaywrightTimeoutError
from playwright.sync_api import expect

ERRORS = '[data-mime-type="application/vnd.jupyter.stderr"]'
PATIENCE = 300_000
"""Milliseconds for whatever a page does: on a busy machine, a minute is not enough."""
expect.set_options(timeout=PATIENCE)
RUN = 2 * PATIENCE  # a whole notebook
SHORT = 10_000  # a click on what is there
ATTEMPTS = 10
SETTINGS = {
    # Every cell is in the page, not only those in sight.
    "@jupyterlab/notebook-extension/tracker": {"windowingMode": "none"},
    # Nothing is asked or fetched.
    "@jupyterlab/apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
}


def environment(home):
    """This environment's commands, with every folder that Jupyter keeps something in under ``home``."""
    for name, values in SETTINGS.items():
        path = home / "settings" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values))
    own = {
        "HOME": home,
        "IPYTHONDIR": home / "ipython",
        "JUPYTER_CONFIG_DIR": home / "config",
        "JUPYTER_DATA_DIR": home / "data",
        "JUPYTER_RUNTIME_DIR": home / "runtime",
        "JUPYTERLAB_SETTINGS_DIR": home / "settings",
        "JUPYTERLAB_WORKSPACES_DIR": home / "workspaces",
        "XDG_DATA_HOME": home / "data",
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }
    return os.environ | {name: str(value) for name, value in own.items()}


def _accept(dialogs):
    """Click a dialog's last button, unless it has gone by itself."""
    with suppress(PlaywrightTimeoutError):
        dialogs.locator(".jp-mod-accept").last.click(timeout=SHORT)


class Server:
    """A JupyterLab server: where it listens, and its token."""

    def __init__(self, url, token, root, environment):
        self.url, self.token, self.root, self.environment = url, token, root, environment

    def sign_in(self, page):
        """Let a page be the server's owner's."""
        page.context.request.get(f"{self.url}/lab?token={self.token}")


@contextmanager
def serve(root, started_in, home):
    """Run JupyterLab with ``root`` as the folder it shows, started in another one."""
    token, log = secrets.token_hex(16), home / "server.log"
    command = [
        *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"),
        *("--ServerApp.ip=127.0.0.1", "--ServerApp.port=0", f"--ServerApp.root_dir={root}"),
        f"--IdentityProvider.token={token}",
    ]
    around = environment(home)
    with log.open("w") as out:
        process = subprocess.Popen(command, cwd=started_in, env=around, stdout=out, stderr=subprocess.STDOUT)
    try:
        yield Server(_url(process, log), token, root, around)
    finally:
        process.terminate()
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _url(process, log):
    """Wait until the server says where it listens."""
    end = time.monotonic() + 600
    while time.monotonic() < end and process.poll() is None:
        found = re.search(r"http://127\.0\.0\.1:\d+(?=/lab)", log.read_text())
        if found:
            return found[0]
        time.sleep(0.05)
    raise AssertionError(f"JupyterLab did not start:\n{log.read_text()}")


def chromium_at(playwright):
    """The browser to drive: Playwright's own, or the system's; None where there is neither."""
    own = playwright.chromium.executable_path
    if Path(own).exists():
        return own
    names = ("chromium-headless-shell", "chromium", "google-chrome", "chromium-browser")
    return next((found for name in names if (found := shutil.which(name))), None)


class Lab:
    """One page of JupyterLab."""

    def __init__(self, page, server):
        self.page = page
        server.sign_in(page)
        page.goto(f"{server.url}/lab?reset")
        self._menu("File").wait_for()

    def _menu(self, name):
        return self.page.get_by_role("menuitem", name=name, exact=True)

    def choose(self, menu, entry):
        """Click an entry of a menu; accept what JupyterLab asks before, of a busy server perhaps."""
        asked = self.page.locator(".jp-Dialog")
        self.page.add_locator_handler(asked, _accept, no_wait_after=True)  # as one goes, the next may come
        self._menu(menu).click()
        self._menu(entry).click()
        self.page.remove_locator_handler(asked)

    def open(self, path):
        """Open a notebook by File → Open from Path…, and return its panel once its kernel is ready."""
        self.choose("File", "Open from Path…")
        self.page.get_by_placeholder("/path/relative/to/jlab/root").fill(path)
        self.page.keyboard.press("Enter")
        self.page.locator(f'.lm-TabBar-tab.lm-mod-current[title*="Path: {path}"]').wait_for()
        panel = self.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)")
        panel.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").wait_for()
        return Notebook(self, panel)


class Notebook:
    """An open notebook, in sight."""

    def __init__(self, lab, panel):
        self.lab, self.panel = lab, panel
        self.cells = panel.locator(".jp-Notebook .jp-Cell")
        self.errors = panel.locator(f".jp-Cell {ERRORS}")

    def run_all(self):
        """Run → Run All Cells, up to the end or the first error."""
        started = self.panel.locator(".jp-CodeCell .jp-InputPrompt", has_text=re.compile(r"\[(\*|\d+)\]")).first
        for _ in range(ATTEMPTS):
            self.lab.choose("Run", "Run All Cells")
            with suppress(AssertionError):  # now and then the menu closes, and nothing runs
                expect(started).to_be_visible(timeout=RUN / ATTEMPTS)
                break
        last = self.panel.locator(".jp-CodeCell .jp-InputPrompt").last
        expect(last.filter(has_text=re.compile(r"\[\d+\]")).or_(self.errors).first).to_be_visible(timeout=RUN)
        expect(self.panel.locator(".jp-InputPrompt", has_text="[*]")).to_have_count(0)
        expect(self.panel.locator(".jp-Notebook-ExecutionIndicator")).to_have_attribute("data-status", "idle")

    def explorers(self):
        """What has sliders among the outputs."""
        found = self.panel.locator(".jp-OutputArea-child:has(.widget-slider)")
        return [Explorer(explorer) for explorer in found.all()]


class Explorer:
    """Sliders with a picture, or text, that follows them."""

    # Pictures by their content: while a new one is awaited, there is none.
    DRAWN = """explorer => [...explorer.querySelectorAll('.jp-OutputArea')].map(
        area => [...area.querySelectorAll('img')].map(image => image.src).join() + area.innerText
    ).join()"""

    def __init__(self, area):
        self.area = area

    def sliders(self):
        return [Slider(slider) for slider in self.area.locator(".widget-slider").all()]

    def drawn(self):
        """What the sliders' picture and text are now."""
        return self.area.evaluate(self.DRAWN)

    def wait_for_other_than(self, before):
        """Wait until picture or text differ from what they were."""
        changed = f"([explorer, before]) => !['', before].includes(({self.DRAWN})(explorer))"
        self.area.page.wait_for_function(changed, arg=[self.area.element_handle(), before])


class Slider:
    """One slider, moved by keys."""

    def __init__(self, slider):
        self.handle, self.readout = slider.locator(".noUi-handle"), slider.locator(".widget-readout")
        self.label = slider.locator("label")

    def number(self):
        return self.readout.inner_text()

    def step(self):
        """One step to the right, or to the left where it stands at its right end."""
        now, largest = (self.handle.get_attribute(f"aria-{name}") for name in ("valuenow", "valuemax"))
        self.handle.press("ArrowLeft" if now == largest else "ArrowRight")
