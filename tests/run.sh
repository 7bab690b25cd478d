#!/usr/bin/env bash
# The whole suite from nothing on Debian 12: installs packages, builds, tests, and ends with ctest's summaries.
#
#   tests/run.sh          the release build with every test but those labelled `full`, then a part of the sanitizer build
#                         (address and undefined behaviour): the simulation, framing, storage, engine and sessions
#   tests/run.sh --full   the same, the slow rows of the release build, and the daemon under the sanitizers
#
# The rest is one command away: cmake --workflow --preset asan (everything under these sanitizers), and --preset tsan
# (everything under the thread sanitizer).
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"
full=
case "${1:-}" in
    '') ;;
    --full) full=yes ;;
    -h | --help) sed -n '2,11s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) echo "run.sh: unknown option '$1' (try --help)" >&2; exit 64 ;;
esac

docker/setup.sh build test

jobs=$(nproc)
# Everything is built once and from nothing here: large units are the least work.
batch=-DBATON_UNITY_BATCH=32
summaries=$(mktemp)
log=$(mktemp)
trap 'rm -f "$summaries" "$log"' EXIT
failed=

# build PRESET [OPTION...]: configures and builds everything of it.
build() {
    local preset=$1
    shift
    printf '== %s: building\n' "$preset"
    cmake --preset "$preset" -DBATON_TESTS=ON "$batch" "$@" >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
    cmake --build "build/$preset" --parallel "$jobs"
}

# suite PRESET WHAT [CTEST-OPTION...]: runs tests of a build; a failure is remembered, and the other builds still run.
suite() {
    local preset=$1 what=$2
    shift 2
    printf '== %s: %s\n' "$preset" "$what"
    if ! ctest --test-dir "build/$preset" --parallel "$jobs" --output-on-failure --no-tests=error "$@" 2>&1 | tee "$log"; then
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

# Under the sanitizers what touches memory by hand and by threads: framing, storage, engine, sessions. The core comes with
# the simulation, with fewer seeds, since simulated time is slow there. This is what fits into the time of one run; with
# --full the daemon over its socket comes too, and the whole suite under them is one command away.
# Without these checks it builds in half of the time; a null pointer that is used stops it all the same.
quick_to_build=(-DCMAKE_CXX_FLAGS_DEBUG="-Og -g1" -DBATON_SANITIZE_EXCEPT=null,alignment,vptr,object-size)
asan_tests="unit_proto unit_engine unit_session storage_test${full:+ integration_daemon}"
printf '== asan: building the simulation and the tests of what touches memory by hand\n'
cmake --preset asan "$batch" -DBATON_SIM_SEEDS=200 "${quick_to_build[@]}" >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
# shellcheck disable=SC2086  # a list of names
cmake --build build/asan --parallel "$jobs" --target baton_sim $asan_tests
suite asan 'framing, storage, engine, sessions and the simulation under AddressSanitizer and UndefinedBehaviorSanitizer' \
    --tests-regex "^(simulation_[0-9]+|$(printf '%s' "$asan_tests" | tr ' ' '|'))\$"

printf '\nPresets run: release (all), asan (part). One command away: cmake --workflow --preset asan, ... --preset tsan\n\n'
cat "$summaries"
[ -z "$failed" ]
