"""docker/packages.txt is the one list of packages: what the build looks for is in it, and what the built programs load
comes from its [run] section."""

import glob
import os
import re
import subprocess

from source_tree import run_rule

LIST = "docker/packages.txt"
SECTIONS = {"build", "test", "fuzz", "run",
            "bench-redis", "bench-rabbitmq", "bench-nats", "bench-beanstalkd", "bench-bullmq"}
# What CMake looks for, by the names that it uses.
PROVIDED_BY = {
    "Threads": None, "Protobuf": "libprotobuf-dev", "Boost": "libboost1.81-dev", "fmt": "libfmt-dev",
    "spdlog": "libspdlog-dev", "CLI11": "libcli11-dev", "prometheus-cpp": "prometheus-cpp-dev",
    "PkgConfig": "pkg-config", "Catch2": "catch2", "rocksdb": "librocksdb-dev", "xxhash": "libxxhash-dev",
    "tomlplusplus": "libtomlplusplus-dev", "Baton": None, "OpenSSL": "libssl-dev", "PNG": "libpng-dev", "jemalloc": "libjemalloc-dev",
    "date": "libhowardhinnant-date-dev",
}  # fmt: skip
PROGRAMS = ["bin/batond", "bin/baton"]


def sections(tree):
    found, current = {}, None
    for number, line in enumerate(tree.lines(LIST), 1):
        line = line.split("#")[0].strip()
        if not line:
            continue
        if line.startswith("["):
            current = line.strip("[]")
            found[current] = []
        elif current is None or not re.fullmatch(r"[a-z0-9][a-z0-9.+-]+", line):
            tree.find(f"{LIST}:{number}", f"'{line}' is no package name in a section")
        else:
            if line in (name for names in found.values() for name in names):
                tree.find(f"{LIST}:{number}", f"{line} is listed twice")
            found[current].append(line)
    return found


def check_build_needs(tree, build_packages):
    for path in tree.files("CMakeLists.txt"):
        text = tree.read(path)
        needs = re.findall(r"find_package\((\S+)", text) + re.findall(r"pkg_check_modules\((\w+)", text)
        for need in needs:
            if need not in PROVIDED_BY:
                tree.find(path, f"looks for {need}, and no package is known for it")
            elif PROVIDED_BY[need] and PROVIDED_BY[need] not in build_packages:
                tree.find(LIST, f"{PROVIDED_BY[need]} is missing, which {path} needs")


def files_of(package):
    """The names of the files that an installed package brought."""
    lists = glob.glob(f"/var/lib/dpkg/info/{package}.list") + glob.glob(f"/var/lib/dpkg/info/{package}:*.list")
    names = set()
    for path in lists:
        with open(path, encoding="utf-8") as file:
            names |= {os.path.basename(line.strip()) for line in file}
    return names


def check_programs(tree, run_packages):
    """Every library that a program names comes from a listed package, or from one that every Debian system has."""
    provided = set()
    # The last four are loaded by builds that are not shipped: under sanitizers, or without the linker's optimisation.
    for package in [*run_packages, "libc6", "libgcc-s1", "libasan8", "libubsan1", "libtsan2", "libboost-container1.81.0"]:
        provided |= files_of(package)
    for program in PROGRAMS:
        path = os.path.join(tree.build, program)
        if not os.path.exists(path):
            tree.find(program, "is not built")
            continue
        dynamic = subprocess.run(["readelf", "-d", path], check=True, capture_output=True, text=True).stdout
        for library in re.findall(r"\(NEEDED\).*\[(.+)\]", dynamic):
            if library not in provided:
                tree.find(LIST, f"{program} loads {library}, which no package of [run] brings")


def rule(tree):
    found = sections(tree)
    if set(found) != SECTIONS:
        tree.find(LIST, f"has the sections {sorted(found)}, not {sorted(SECTIONS)}")
        return
    check_build_needs(tree, found["build"])
    check_programs(tree, found["run"])
    for path in tree.files(".sh", "Dockerfile", ".yaml", "run"):
        if path != "docker/setup.sh" and re.search(r"apt(-get)? install", tree.read(path)):
            tree.find(path, "installs packages itself; docker/setup.sh does that")


run_rule(rule)
