#!/usr/bin/env bash
# Run all tests in two concurrent halves, browser tests and others: both mostly wait and need little CPU.
set -u
cd "$(dirname "$0")/.."
log=.tools/test-e2e.log

TEST_PORTS=20000-26000 setpriv --pdeathsig TERM pytest --durations=25 tests/e2e >"$log" 2>&1 &
in_browser=$!
trap 'kill "$in_browser" 2>/dev/null; wait "$in_browser"; cat "$log"; exit 130' INT TERM

coverage erase
TEST_PORTS=26000-32000 coverage run -m pytest --durations=25 --ignore=tests/e2e
rest=$?
echo "Waiting for the tests in a browser ..."
wait "$in_browser"
browser=$?
cat "$log"

# The browser tests are not measured: the others alone must reach ``fail_under`` of pyproject.toml.
coverage combine --quiet
echo "Branch coverage of the backend (percent; \`coverage report -m\` shows what is missing):"
coverage report --format=total
covered=$?
exit $((rest ? rest : browser ? browser : covered))
