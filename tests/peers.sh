#!/bin/bash
# Find or install what the tests need beyond Python. Whatever cannot be had is said here, and its tests skip by name.
has() { command -v "$1" >/dev/null 2>&1; }
browser() { has chromium || has chromium-browser || has google-chrome || [ -n "${SMF_CHROMIUM:-}" ]; }
postgres() { compgen -G "/usr/lib/postgresql/*/bin/initdb" >/dev/null || has initdb; }
missing=()
browser || missing+=(chromium)
postgres || missing+=(postgresql)
if [ ${#missing[@]} -gt 0 ] && [ "$(id -u)" = 0 ] && has apt-get; then
  echo "Installing for the tests: ${missing[*]} …"
  export DEBIAN_FRONTEND=noninteractive
  { apt-get -qq update && apt-get -qq install -y --no-install-recommends "${missing[@]}"; } >/dev/null 2>&1
fi
browser || echo "No Chromium: the browser tests are skipped. Get it with your system's package manager, or set SMF_CHROMIUM."
postgres || echo "No PostgreSQL server: its test is skipped. Get it with your system's package manager."
exit 0
