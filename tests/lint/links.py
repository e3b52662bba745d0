#!/usr/bin/env python3
"""Every relative link of every document leads to a file, and every #anchor to a heading of it."""
import os
import re
import sys

LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)")


def anchors(path):
    found = set()
    fenced = False
    for line in open(path, encoding="utf-8"):
        if line.startswith("```"):
            fenced = not fenced
        if fenced or not line.startswith("#"):
            continue
        text = re.sub(r"[`*]", "", line.lstrip("#").strip()).lower()
        found.add(re.sub(r"[^\w\- ]", "", text).replace(" ", "-"))
    return found


def documents(root):
    for base, folders, names in os.walk(root):
        folders[:] = [f for f in folders if f not in ("build", ".git", "node_modules")]
        for name in names:
            if name.endswith(".md"):
                yield os.path.join(base, name)


def main():
    root = sys.argv[1]
    problems = []
    for path in documents(root):
        fenced = False
        for number, line in enumerate(open(path, encoding="utf-8"), 1):
            if line.startswith("```"):
                fenced = not fenced
            if fenced:
                continue
            for match in LINK.finditer(line):
                target = match.group(1) or match.group(2)
                if re.match(r"[a-z]+:", target):
                    continue
                file, _, anchor = target.partition("#")
                full = os.path.normpath(os.path.join(os.path.dirname(path), file)) if file else path
                place = f"{os.path.relpath(path, root)}:{number}"
                if not os.path.exists(full):
                    problems.append(f"{place}: leads nowhere: {target}")
                elif anchor and full.endswith(".md") and anchor not in anchors(full):
                    problems.append(f"{place}: no heading #{anchor} in {os.path.relpath(full, root)}")
    print("\n".join(problems))
    print(f"links: {len(problems)} problem(s)")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
