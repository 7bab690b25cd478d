#!/usr/bin/env bash
# The whole suite from nothing on Debian 12: installs packages, builds, tests, and ends with ctest's summaries.
#
#   tests/run.sh          the release build with every test but those labelled `full`, then the sanitizer build (address
#                         and undefined behaviour) with the simulation
#   tests/run.sh --full   the same, and the slow rows of the release build
#
# The thread sanitizer is one command away: cmake --workflow --preset tsan.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"
full=
case "${1:-}" in
    '') ;;
    --full) full=yes ;;
    -h | --help) sed -n '2,9s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) echo "run.sh: unknown option '$1' (try --help)" >&2; exit 64 ;;
esac

docker/setup.sh build test

jobs=$(nproc)
summaries=$(mktemp)
log=$(mktemp)
trap 'rm -f "$summaries" "$log"' EXIT
failed=

# build PRESET [OPTION...]: configures and builds everything of it.
build() {
    local preset=$1
    shift
    printf '== %s: building\n' "$preset"
    cmake --preset "$preset" -DBATON_TESTS=ON "$@" >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
    cmake --build "build/$preset" --parallel "$jobs"
}

# suite PRESET WHAT [CTEST-OPTION...]: runs tests of a build; a failure is remembered, and the other builds still run.
suite() {
    local preset=$1 what=$2
    shift 2
    printf '== %s: %s\n' "$preset" "$what"
    if ! ctest --test-dir "build/$preset" --output-on-failure --no-tests=error "$@" 2>&1 | tee "$log"; then
        failed=yes
    fi
    printf '%s: %s\n' "$preset" "$what" >>"$summaries"
    sed -n '/tests passed/,$p' "$log" >>"$summaries"
}

build release
if [ -n "$full" ]; then
    suite release 'every test, the slow rows too'
else
    suite release 'every test but the slow rows' --label-exclude full
fi

# Simulated time makes these slow under a sanitizer, so fewer seeds run there; the release build has run them all.
printf '== asan: building the simulation\n'
cmake --preset asan -DBATON_SIM_SEEDS=200 >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
cmake --build build/asan --parallel "$jobs" --target baton_sim
suite asan 'the simulation under AddressSanitizer and UndefinedBehaviorSanitizer' --tests-regex '^simulation$'

printf '\nPresets run: release, asan. (tsan: cmake --workflow --preset tsan)\n\n'
cat "$summaries"
[ -z "$failed" ]
