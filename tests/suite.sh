#!/bin/bash
# The whole suite: style, types and walls first, then the package, the notebooks and the pages.
set -eu -o pipefail
bin=$1
"$bin/ruff" format --check --quiet .
"$bin/ruff" check --quiet .
"$bin/mypy"
"$bin/lint-imports" --no-cache | tail -n 12
"$bin/python" -m pytest -n 2 --dist loadgroup -rs -p no:cacheprovider
