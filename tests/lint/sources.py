#!/usr/bin/env python3
"""Sources and documents: no file over 600 lines without a stated reason, no leftover work marks, nothing of the machine it was
written on, SQL nowhere but in its homes, a README in every module."""
import os
import re
import sys

LINES_MAX = 600
# file -> why it may be longer
LONG = {
    "plugins/sdk/include/stemma/plugin/sdk.hpp": "one header is all an author includes",
}
MARKS = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
MACHINE = re.compile(r"(?<![\w/.])/(work|root|home)/|https?://[\w.]*(mirror|registry|proxy)[\w.]*\.[a-z]+")
REGEX = re.compile(r"#include <regex>")
USING = re.compile(r"^\s*using namespace std\b", re.M)
NOLINT = re.compile(r"NOLINT(?!\w*\([\w\-.,]+\)\s*:?\s*\S|END)")
MODULES = ["core", "adapters", "plugins"]


def sources(root):
    """Every file below root but what is built: an unpacked archive has no git, and a machine may have none."""
    found = []
    for base, folders, names in os.walk(root):
        folders[:] = sorted(f for f in folders if f not in ("build", ".git", "__pycache__", "node_modules"))
        found += [os.path.relpath(os.path.join(base, name), root) for name in sorted(names)]
    return found


def check_file(path, text, problems):
    code = path.endswith((".cpp", ".hpp", ".h", ".c", ".py", ".sh", ".cmake", ".sql"))
    lines = text.count("\n")
    if code and lines > LINES_MAX and path not in LONG:
        problems.append(f"{path}: {lines} lines, more than {LINES_MAX} need a reason in tests/lint/sources.py")
    if not path.startswith("tests/lint/"):
        for pattern, what in ((MARKS, "a work mark"), (MACHINE, "a path or host of the machine it was written on"), (REGEX, "std::regex on input (use RE2)"),
                              (USING, "using namespace std"), (NOLINT, "a NOLINT without check and reason")):
            if not code and pattern is not MACHINE:
                continue
            for match in pattern.finditer(text):
                problems.append(f"{path}:{text.count(chr(10), 0, match.start()) + 1}: {what}: {match.group(0).strip()}")
    if path.endswith((".cpp", ".hpp")) and re.search(r'"\s*(SELECT|INSERT INTO|UPDATE|DELETE FROM) ', text) and not path.startswith(("adapters/", "tests/")):
        problems.append(f"{path}: SQL outside adapters/")


def check_modules(root, problems):
    for folder in MODULES:
        top = os.path.join(root, folder)
        for name in sorted(os.listdir(top)) if os.path.isdir(top) else []:
            module = os.path.join(top, name)
            if os.path.isdir(module) and os.path.exists(os.path.join(module, "CMakeLists.txt")) and not os.path.exists(os.path.join(module, "README.md")):
                problems.append(f"{folder}/{name}: has no README.md that says what lives there")


def main():
    root = sys.argv[1]
    problems = []
    for path in sources(root):
        full = os.path.join(root, path)
        if not os.path.isfile(full) or path.endswith((".gz", ".png", ".so")) or path == "LICENSE":
            continue
        try:
            text = open(full, encoding="utf-8").read()
        except UnicodeDecodeError:
            problems.append(f"{path}: is not UTF-8")
            continue
        check_file(path, text, problems)
    check_modules(root, problems)
    print("\n".join(problems))
    print(f"sources: {len(problems)} problem(s)")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
