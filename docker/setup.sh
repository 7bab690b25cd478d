#!/bin/sh
# Installs the Debian packages of the given sections of packages.txt (build, test, fuzz, bench-..., run; default: build).
# Does nothing when all are there. Needs root, or sudo.
#
#   docker/setup.sh [SECTION...]
set -eu

list="$(dirname "$0")/packages.txt"
[ $# -gt 0 ] || set -- build

packages=""
for section in "$@"; do
    found=$(awk -v want="[$section]" '
        { sub(/#.*/, ""); gsub(/[ \t]/, "") }
        /^\[/ { inside = ($0 == want); next }
        inside && $0 != "" { print }' "$list")
    if [ -z "$found" ]; then
        echo "setup.sh: $list has no section [$section]" >&2
        exit 64
    fi
    packages="$packages $found"
done

missing=""
for package in $packages; do
    state=$(dpkg-query -W -f='${db:Status-Abbrev}' "$package" 2>/dev/null || true)
    case "$state" in
        ii*) ;;
        *) missing="$missing $package" ;;
    esac
done
[ -n "$missing" ] || exit 0

as_root=""
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
        echo "setup.sh: these packages are missing, and only root can install them:$missing" >&2
        exit 77
    fi
    as_root=sudo
fi
echo "setup.sh: installing$missing" >&2
$as_root apt-get update -q >&2
# shellcheck disable=SC2086  # a list of names
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing >&2
