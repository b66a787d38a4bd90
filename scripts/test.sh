#!/usr/bin/env bash
# Run all tests in two concurrent halves that take about the same time: browser tests with those of the bus and
# of killed servers, and all others.
set -u
cd "$(dirname "$0")/.."
log=.tools/test-e2e.log
more=(tests/faults tests/contract/bus)

TEST_PORTS=20000-26000 setpriv --pdeathsig TERM pytest --durations=25 tests/e2e "${more[@]}" >"$log" 2>&1 &
first_half=$!
trap 'kill "$first_half" 2>/dev/null; wait "$first_half"; cat "$log"; exit 130' INT TERM

coverage erase
TEST_PORTS=26000-32000 coverage run -m pytest --durations=25 --ignore=tests/e2e "${more[@]/#/--ignore=}"
rest=$?
echo "Waiting for the other half of the tests ..."
wait "$first_half"
first=$?
cat "$log"

# The first half is not measured: the second one alone must reach ``fail_under`` of pyproject.toml.
coverage combine --quiet
echo "Branch coverage of the backend (percent; \`coverage report -m\` shows what is missing):"
coverage report --format=total
covered=$?
exit $((rest ? rest : first ? first : covered))
