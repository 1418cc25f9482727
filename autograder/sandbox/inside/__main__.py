"""Start the zygote: ``python -m autograder_inside SETTINGS``."""

import json
import sys

from .forking import serve

settings = json.loads(sys.argv[1])
sys.argv = [""]
serve(settings)
