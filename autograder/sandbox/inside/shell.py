"""IPython's own shell, with its outputs recorded as a notebook's."""

from __future__ import annotations

import io

from .outputs import shortened, text_of, texts


class Stream(io.TextIOBase):
    """sys.stdout or sys.stderr of the notebook."""

    encoding, errors = "utf-8", "strict"

    def __init__(self, name, worker):
        self.kind, self.worker = name, worker

    def writable(self):
        return True

    def write(self, text):
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        if text:
            self.worker.recorder.stream(self.kind, text)
        return len(text)


def make_shell(worker):
    """Give IPython's own shell, with its outputs recorded as a notebook's."""
    from IPython.core.displayhook import DisplayHook
    from IPython.core.displaypub import DisplayPublisher
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    class Publisher(DisplayPublisher):
        def publish(self, data, *_, transient=None, update=False, **__):
            worker.recorder.display(data, transient, update=update)

        def clear_output(self, wait=False):
            if wait:
                worker.recorder.clear_next = True
            else:
                worker.recorder.outputs.clear()

    class Hook(DisplayHook):
        def start_displayhook(self):
            pass

        def write_output_prompt(self):
            pass

        def write_format_data(self, format_dict, *_):
            worker.recorder.add(
                {
                    "output_type": "execute_result",
                    "execution_count": self.prompt_count,
                    "data": texts(format_dict),
                }
            )

        def finish_displayhook(self):
            pass

    class Shell(InteractiveShell):
        def _showtraceback(self, etype, evalue, stb):
            worker.recorder.add(
                {
                    "output_type": "error",
                    "ename": etype.__name__[:80],
                    "evalue": text_of(evalue),
                    "traceback": shortened(stb),
                }
            )

        def enable_gui(self, gui=None):
            pass

    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "linux"
    config.InteractiveShell.cache_size = 0
    return Shell.instance(config=config, display_pub_class=Publisher, displayhook_class=Hook)


def no_input(*_):
    """Stand in for input(): nobody sits at this notebook."""
    raise RuntimeError("input() can't be used here: nobody is there to answer while a notebook is graded")
