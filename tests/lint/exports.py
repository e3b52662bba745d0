#!/usr/bin/env python3
"""Each plugin exports exactly one symbol, stm_plugin_entry_v1, and no unique (STB_GNU_UNIQUE) one: those pin a library for ever."""
import subprocess
import sys

ENTRY = "stm_plugin_entry_v1"


def main():
    problems = []
    for path in sys.argv[1:]:
        lines = subprocess.run(["nm", "-D", "--defined-only", path], capture_output=True, text=True, check=False).stdout.splitlines()
        symbols = [line.split()[-2:] for line in lines if line.split()]
        names = [name.split("@")[0] for kind, name in symbols if kind != "A"]
        for kind, name in symbols:
            if kind == "u":
                problems.append(f"{path}: unique symbol {name}")
        if names != [ENTRY]:
            problems.append(f"{path}: exports {', '.join(names) or 'nothing'} instead of {ENTRY} alone")
    print("\n".join(problems))
    print(f"exports: {len(sys.argv) - 1} plugin(s), {len(problems)} problem(s)")
    return 1 if problems or len(sys.argv) < 2 else 0


if __name__ == "__main__":
    sys.exit(main())
