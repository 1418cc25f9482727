#!/usr/bin/env bash
# Runs once, as root, when Gradescope builds the image: installs what grading needs, in the versions of the instructor.
set -euo pipefail

source="${AUTOGRADER_ROOT:-/autograder}/source"
venv="${AUTOGRADER_VENV:-/opt/autograder}"

chmod 700 "$source"
chmod 600 "$source/seed"

export DEBIAN_FRONTEND=noninteractive
apt-get update
for version in 3.13 3.12 3.11; do
  if apt-get install --yes --no-install-recommends "python$version" "python$version-venv"; then
    break
  fi
done
"python$version" -m venv "$venv"
"$venv/bin/python" -m pip install uv==0.13.9
"$venv/bin/uv" pip install --python "$venv/bin/python" --compile-bytecode --constraint "$source/constraints.txt" \
  "$source"/package/*.whl

# Submissions run as a user of their own, who can't enter these whatever else gives way.
site="$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')"
chmod 700 "$site/autograder" "$site/solutions"

"$venv/bin/autograder" doctor || echo "Submissions will be refused here until this is mended."
