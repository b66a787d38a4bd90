#!/usr/bin/env bash
# Run the site in production mode until SIGINT or SIGTERM; SIGHUP starts the web process again with new code. The
# supervisor builds the pages if they have changed, starts everything and keeps it running.
set -eu
cd "$(dirname "$0")/.."
export PATH="$PWD/.venv/bin:$PATH" REFLEX_USE_NPM=1 REFLEX_TELEMETRY_ENABLED=false
unset PYTHONDONTWRITEBYTECODE # a start that compiles every module takes twice as long
exec python -m streaming_app.backend.supervisor
