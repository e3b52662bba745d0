#!/usr/bin/env python3
"""Shows each lint script a small tree that breaks its rule, and one that keeps it."""
import os
import subprocess
import sys
import tempfile

HERE = sys.argv[1]


def write(root, files):
    for path, text in files.items():
        full = os.path.join(root, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "w", encoding="utf-8") as out:
            out.write(text)


def verdict(script, files):
    with tempfile.TemporaryDirectory() as root:
        write(root, files)
        done = subprocess.run([sys.executable, os.path.join(HERE, script), root, root], capture_output=True, text=True, check=False)
        return done.returncode, done.stdout


def plugin(source):
    with tempfile.TemporaryDirectory() as root:
        write(root, {"p.cpp": source})
        made = os.path.join(root, "p.so")
        subprocess.run(["g++", "-shared", "-fPIC", "-o", made, os.path.join(root, "p.cpp")], check=True)
        done = subprocess.run([sys.executable, os.path.join(HERE, "exports.py"), made], capture_output=True, text=True, check=False)
        return done.returncode, done.stdout


ENTRY = 'extern "C" const void *stm_plugin_entry_v1() { return nullptr; }\n'
CASES = [
    ("a clean include passes", verdict("includes.py", {"core/domain/a.hpp": '#include "core/base/b.hpp"\n'}), 0, ""),
    ("a forbidden include fails", verdict("includes.py", {"core/domain/a.hpp": '\n#include "core/engine/b.hpp"\n'}), 1, "core/domain/a.hpp:2"),
    ("a good link passes", verdict("links.py", {"a.md": "[b](b.md#the-end)\n", "b.md": "# The end\n"}), 0, ""),
    ("a dead link fails", verdict("links.py", {"a.md": "[b](c.md)\n"}), 1, "a.md:1"),
    ("a dead anchor fails", verdict("links.py", {"a.md": "[b](b.md#begin)\n", "b.md": "# The end\n"}), 1, "#begin"),
    ("a short file passes", verdict("sources.py", {"core/a.cpp": "int a;\n" * 600}), 0, ""),
    ("a long file fails", verdict("sources.py", {"core/a.cpp": "int a;\n" * 601}), 1, "601 lines"),
    ("a work mark fails", verdict("sources.py", {"core/a.cpp": "// TO" "DO later\n"}), 1, "core/a.cpp:1"),
    ("one exported symbol passes", plugin(ENTRY), 0, ""),
    ("a second exported symbol fails", plugin(ENTRY + 'extern "C" void more() {}\n'), 1, "more"),
    ("a unique symbol fails", plugin(ENTRY + "template <class T> struct S { static int v; };\ntemplate <class T> int S<T>::v = 1;\nint &use() { return S<int>::v; }\n"), 1, "unique"),
]


def main():
    wrong = 0
    for what, (code, output), wanted, part in CASES:
        good = code == wanted and part in output
        wrong += not good
        print(f"{'ok  ' if good else 'FAIL'} {what}" + ("" if good else f": exit {code}\n{output}"))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
