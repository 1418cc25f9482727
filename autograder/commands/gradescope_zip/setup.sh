#!/usr/bin/env bash
# Runs once, as root, when Gradescope builds the image: installs what grading needs, in the versions of the instructor,
# under the instructor's version of Python.
set -euo pipefail

source="${AUTOGRADER_ROOT:-/autograder}/source"
venv="${AUTOGRADER_VENV:-/opt/autograder}"
version="$(cat "$source/python-version")"

chmod 700 "$source"
chmod 600 "$source/seed"

# uv takes the image's Python if it is of that version, and otherwise brings one.
export DEBIAN_FRONTEND=noninteractive
apt-get update
apt-get install --yes --no-install-recommends python3 python3-venv ca-certificates
python3 -m venv "$venv-uv"
"$venv-uv/bin/python" -m pip install uv==0.13.9
export UV_PYTHON_INSTALL_DIR="$venv-python"
"$venv-uv/bin/uv" venv --clear --python "$version" "$venv"
"$venv-uv/bin/uv" pip install --python "$venv/bin/python" --compile-bytecode --constraint "$source/constraints.txt" \
  "$source"/package/*.whl

# Submissions run as a user of their own, who can't enter this whatever else gives way.
chmod 700 "$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/autograder"

"$venv/bin/autograder" doctor || echo "No submission will be graded here until this is mended."
