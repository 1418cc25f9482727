"""IPython's own shell, with its outputs recorded as a notebook's."""

from __future__ import annotations

import ast
import asyncio
import contextlib
import functools
import io
import sys
import warnings
from types import CodeType

from . import errors
from .display import name_of, shortened, text_of, texts
from .values import MAX_NAME

UNNAMED = "<cell>"
MODES = {ast.Module: "exec", ast.Interactive: "single"}
"""How a tree is compiled."""


class Stream(io.TextIOBase):
    """The notebook's ``sys.stdout`` or ``sys.stderr``."""

    encoding = "UTF-8"

    def __init__(self, name, worker):
        self.name, self.worker = name, worker

    def writable(self):
        return True

    def write(self, text):
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text)}")
        if text:
            self.worker.recorder.stream(self.name, text)
        return len(text)


@functools.cache
def shell_class():
    """Return the class of the shells. There is one: what Python learns about it while one runs helps the next."""
    from IPython.core.autocall import ExitAutocall
    from IPython.core.compilerop import CachingCompiler
    from IPython.core.displayhook import DisplayHook
    from IPython.core.displaypub import DisplayPublisher
    from IPython.core.history import HistoryManager
    from IPython.core.inputtransformer2 import TransformerManager
    from IPython.core.interactiveshell import InteractiveShell

    class Publisher(DisplayPublisher):
        def publish(self, data, metadata=None, *_, transient=None, update=False, **__):
            self._validate_data(data, metadata)
            self.shell.worker.recorder.display(data, transient, update=update)

        def clear_output(self, wait=False):
            if wait:
                self.shell.worker.recorder.clear_next = True
            else:
                self.shell.worker.recorder.clear()

    class Hook(DisplayHook):
        exec_result = None  # no trait: see History

        def start_displayhook(self):
            pass

        def write_output_prompt(self):
            pass

        def write_format_data(self, format_dict, *_):
            self.shell.worker.recorder.add(
                {
                    "output_type": "execute_result",
                    "execution_count": counted(self.prompt_count),
                    "data": texts(format_dict),
                }
            )

        def finish_displayhook(self):
            pass

    class Exit(ExitAutocall):
        def __call__(self, *_, **__):
            """Do nothing: ``exit`` must not end the process while a notebook is graded."""

    class Compiler(CachingCompiler):
        """Parses and compiles a cell once, where IPython does so three times. The outputs are the same."""

        parsed, shell = None, None

        def __init__(self):
            super().__init__()
            self.learned = {}
            self.compiled = (None, [])
            """The statements of a cell and their code, which is run in their order."""

        def learn(self, text):
            """Parse and compile a plain cell and keep the results; return whether that was possible."""
            if self.is_plain(text) and "__future__" not in text:  # it would affect all later cells
                (_, flags, tree), self.parsed = self.parsed, None
                statements, warned = catching_warnings(self.statements, tree.body, UNNAMED)
                if statements and not warned:
                    self.learned[text] = (flags, tree, statements)
            return text in self.learned

        def is_plain(self, text):
            """Whether a cell is Python without magics and awaits nothing. Keeps its syntax tree."""
            if text in self.learned and self.learned[text][0] == self.flags:
                self.parsed = (text, *self.learned[text][:2])
                return True
            if "await" in text or "async" in text:
                return False
            tree, warned = catching_warnings(super().ast_parse, text)
            plain = tree is not None and not warned
            self.parsed = (text, self.flags, tree) if plain else None
            return plain

        def ast_parse(self, source, filename="<unknown>", symbol="exec"):
            parsed, self.parsed, self.compiled = self.parsed, None, (None, [])
            if (
                not parsed
                or parsed[:2] != (source, self.flags)
                or self.shell.ast_transformers
                or "__future__" in source
            ):
                return self.ast_parse_anew(source, filename, symbol)
            tree = parsed[2]
            _, known, codes = self.learned.get(source, (None, None, ()))
            if tree is known:  # another flag gives another tree
                self.compiled = (tree.body, [named(code, filename) for code in codes])
                return tree
            statements, warned = catching_warnings(self.statements, tree.body, filename)
            if warned:  # IPython looks for an await twice, and warns each time
                for _ in range(2):
                    catching_errors(compile, source, "<>", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
            elif statements is not None:
                self.compiled = (tree.body, statements)
            return tree

        def ast_parse_anew(self, source, filename, symbol):
            """Parse as IPython does. What ends too early is a SyntaxError; 3.13 has a private name for it."""
            try:
                return super().ast_parse(source, filename, symbol)
            except SyntaxError as error:
                if name_of(type(error)) != "_IncompleteInputError":
                    raise
                raise SyntaxError(*error.args) from None

        def statements(self, body, filename):
            """Compile each statement as IPython does, so that the value of a last expression is shown."""
            last = body[-1] if body and isinstance(body[-1], ast.Expr) else None
            trees = [ast.Interactive([node]) if node is last else ast.Module([node], []) for node in body]
            with self.extra_flags(ast.PyCF_ALLOW_TOP_LEVEL_AWAIT):
                return [self(tree, filename, MODES[type(tree)]) for tree in trees]

    class History(HistoryManager):
        """Keeps the inputs as attributes that are not checked and that nobody observes."""

        _i00 = _i = _ii = _iii = ""

    class Transformer(TransformerManager):
        plain = None

        def __init__(self, compiler):
            super().__init__()
            self.compiler, self.learned, self.usual = compiler, {}, self.transforms()

        def transforms(self):
            return [*self.cleanup_transforms, *self.line_transforms, *self.token_transformers]

        def learn(self, cell):
            """Transform and compile a cell that many submissions run."""
            text = self.transform_cell(cell)
            if text == self.plain and self.compiler.learn(text):
                self.learned[cell] = text

        def transform_cell(self, cell):
            known = self.learned.get(cell)
            if known and self.transforms() == self.usual and self.compiler.is_plain(known):
                self.plain = known
                return known
            return super().transform_cell(cell)

        def do_token_transforms(self, lines):
            """Transform magics, but don't look for them token by token in a plain cell."""
            text = "".join(lines)
            if self.transforms() == self.usual and self.compiler.is_plain(text):
                self.plain = text
                return lines
            return super().do_token_transforms(lines)

    class ZMQInteractiveShell(InteractiveShell):  # libraries look for this name, a kernel's
        just_transformed, worker = None, None
        execution_count, last_execution_succeeded, last_execution_result = 1, True, None  # no traits: see History

        def __init__(self, **options):
            super().__init__(
                **options,
                compiler_class=Compiler,
                display_pub_class=Publisher,
                displayhook_class=Hook,
                exiter=Exit(),
            )
            self.compile.shell = self
            self.input_transformer_manager = Transformer(self.compile)

        def transform_cell(self, source):
            """Transform a cell once, not a second time to see whether it awaits something."""
            known, self.just_transformed = self.just_transformed, None
            return known[1] if known and known[0] == source else super().transform_cell(source)

        def should_run_async(self, source, *, transformed_cell, **known):
            """Don't compile a cell again to see whether it awaits something."""
            if transformed_cell == self.input_transformer_manager.plain:
                return False
            return super().should_run_async(source, transformed_cell=transformed_cell, **known)

        async def run_cell_in_loop(self, source):
            """Run a cell as a kernel does: in a running event loop, and in a task if it awaits something."""
            try:
                transformed, failure = self.transform_cell(source), None
            except Exception:  # noqa: BLE001  # run_cell reports it
                transformed, failure = source, sys.exc_info()
            known = {"transformed_cell": transformed, "preprocessing_exc_tuple": failure}
            if not self.should_run_async(source, **known):
                self.just_transformed = (source, transformed) if failure is None else None
                return self.run_cell(source, store_history=True)
            result = None
            try:
                result = await asyncio.ensure_future(self.run_cell_async(source, store_history=True, **known))
            finally:
                self.events.trigger("post_execute")
                self.events.trigger("post_run_cell", result)
            return result

        async def run_ast_nodes(
            self, nodelist, cell_name, interactivity="last_expr", compiler=compile, result=None
        ):
            """Run what was compiled already; leave the rest to IPython."""
            body, codes = self.compile.compiled
            if nodelist is not body or compiler is not self.compile or interactivity != "last_expr":
                return await super().run_ast_nodes(nodelist, cell_name, interactivity, compiler, result)
            self.compile.compiled = (None, [])
            for code in codes:
                if await self.run_code(code, result):
                    return True
            return False

        def init_history(self):
            self.history_manager = History(shell=self, parent=self)
            self.configurables.append(self.history_manager)

        def _tee(self, channel):  # noqa: ARG002
            """Keep no second copy of what a cell prints."""
            return contextlib.nullcontext()

        def init_hooks(self):
            super().init_hooks()
            self.set_hook("show_in_pager", lambda *_, **__: None, 0)  # `len?` opens a pane and has no output

        def _showtraceback(self, etype, evalue, stb):
            self.worker.recorder.add(
                {
                    "output_type": "error",
                    "ename": name_of(etype)[:MAX_NAME],
                    "evalue": text_of(evalue),
                    "traceback": shortened(stb),
                }
            )

        def enable_gui(self, gui=None):
            pass

    return ZMQInteractiveShell


def make_shell(worker):
    """Return IPython's own shell, with its outputs recorded as a notebook's."""
    from traitlets.config import Config

    config = Config()
    config.HistoryManager.enabled = False
    shell = shell_class().instance(config=config)
    shell.worker = worker
    errors.install(shell)
    return shell


def counted(number):
    """Return an execution count, or None for what can't be one."""
    return int(number) if isinstance(number, int) and 0 <= number < 1 << 31 else None


def named(code, filename):
    """Return a code object with another file name."""
    consts = code.co_consts
    if CodeType in map(type, consts):
        consts = tuple(named(c, filename) if type(c) is CodeType else c for c in consts)
    return code.replace(co_filename=filename, co_consts=consts)


def catching_errors(compiles, *args):
    """Return a compiler's result, or None if it fails."""
    try:
        return compiles(*args)
    except (SyntaxError, ValueError, OverflowError, MemoryError, RecursionError):
        return None


def catching_warnings(compiles, *args):
    """Return a compiler's result, or None if it fails, and whether it warned."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        return catching_errors(compiles, *args), bool(caught)


def no_input(*_):
    """Replace ``input``: nobody can answer while a notebook is graded."""
    raise RuntimeError("input() can't be used here: nobody is there to answer while a notebook is graded")
