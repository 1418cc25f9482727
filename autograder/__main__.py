"""The command ``autograder``, and ``python -m autograder``."""

import io
import sys

INTERRUPTED = 130


def main() -> None:
    """Run the command line; Ctrl-C ends it with a sentence, even while modules are imported."""
    try:
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(encoding="utf-8")  # that of an old locale lacks ✓
        from autograder.cli import main as run  # noqa: PLC0415

        run(prog_name="autograder")
    except (KeyboardInterrupt, RuntimeError) as error:
        if not isinstance(error.__cause__ or error, KeyboardInterrupt):  # how Python 3.11 hands it to a class
            raise
        print("\nStopped. Run the command again to finish.", file=sys.stderr)
        sys.exit(INTERRUPTED)


if __name__ == "__main__":
    main()
