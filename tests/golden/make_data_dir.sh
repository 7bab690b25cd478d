#!/bin/sh
# Makes data_dir_1.tar.gz with the batond of a build: what the first format looks like on disk. It was run once; a later
# format gets a file of its own beside it.
#
#   tests/golden/make_data_dir.sh build/release
set -eu

build=$1
here=$(dirname "$0")
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
BATON_GOLDEN_OUT="$out" "$build/bin/golden_data_dir" '[make]'
# RocksDB's own logs tell of the machine, and nothing reads them.
tar --create --gzip --file "$here/data_dir_1.tar.gz" --directory "$out" --sort=name --owner=0 --group=0 \
    --numeric-owner --exclude='LOG' --exclude='LOG.old.*' --exclude='LOCK' data facts.txt
ls -l "$here/data_dir_1.tar.gz"
