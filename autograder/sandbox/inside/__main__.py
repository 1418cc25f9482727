"""Start the fork server: ``python -m autograder_inside SETTINGS``."""

import json
import sys

from .serve import serve

settings = json.loads(sys.argv[1])
sys.argv = [""]
serve(settings)
