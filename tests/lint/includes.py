#!/usr/bin/env python3
"""Who may include whom (core/DESIGN.md). Own headers are checked by their #include lines, third-party ones over the compiler's
dependency files, so that a library that comes in through somebody's public header is seen too."""
import os
import re
import subprocess
import sys

# module -> own modules it may include. A module may always include itself.
ALLOWED = {
    "core/base": [],
    "core/domain": ["core/base"],
    "core/ports": ["core/domain", "core/base"],
    "core/ledger": ["core/ports", "core/domain", "core/base"],
    "core/lineage": ["core/ports", "core/domain", "core/base"],
    "core/config": ["core/base"],
    "core/engine": ["core/ledger", "core/lineage", "core/ports", "core/domain", "core/base"],
    "core/plugin_host": ["plugins/sdk", "core/config", "core/ports", "core/domain", "core/base"],
    "core/app": ["core", "adapters"],
    "core/daemon": ["core", "adapters"],
    "core/cli": ["core/app", "core/base", "adapters/http/http.hpp"],
    "adapters/sql": ["core/base"],
    "adapters/store": ["adapters/sql", "core/ports", "core/domain", "core/base"],
    "adapters/memory": ["core/ports", "core/domain", "core/base"],
    "adapters/erp": ["adapters/sql", "core/config", "core/ports", "core/domain", "core/base"],
    "adapters/sheet": ["core/domain", "core/base"],
    "adapters/http": ["adapters/sheet", "core/engine", "core/lineage", "core/ledger", "core/ports", "core/domain", "core/base"],
    "plugins/sdk": [],
    "plugins": ["plugins/sdk", "plugins/pattern"],
    "plugins/compliance": ["plugins/sdk"],
}
# third-party header path part -> modules whose translation units may see it
LIBRARIES = {
    "/soci/": ["adapters/sql"],
    "/mariadb/mysql.h": ["adapters/sql"],
    "/boost/beast/": ["adapters/http", "core/cli"],
    "/boost/dll/": ["core/plugin_host"],
    "/yaml-cpp/": ["core/config"],
    "/valijson/": ["core/config"],
    "/spdlog/": ["core/base"],
    "/sodium.h": ["core/base"],
    "/openssl/": ["core/base"],
    "/xxhash.h": ["core/lineage"],
    "/xlsxwriter.h": ["adapters/sheet"],
    "/re2/": ["plugins/compliance"],
    "/CLI/": ["core/cli", "core/daemon", "core/plugin_host"],
    "/boost/json": ["core/ledger", "core/config", "core/plugin_host", "adapters/http", "core/cli", "core/app"],
}


def module_of(path):
    found = [m for m in ALLOWED if path == m or path.startswith(m + "/")]
    return max(found, key=len) if found else None


def allowed(module, header):
    if module_of(header) == module or header.startswith((module + "/", "embedded/")):  # embedded/: files compiled in, made by the build
        return True
    return any(header == a or header.startswith(a + "/") for a in ALLOWED[module])


def own_includes(root, problems):
    pattern = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.M)
    for folder in ("core", "adapters", "plugins"):
        for base, _, names in os.walk(os.path.join(root, folder)):
            for name in names:
                if not name.endswith((".hpp", ".cpp", ".h", ".c")):
                    continue
                path = os.path.relpath(os.path.join(base, name), root)
                module = module_of(path)
                if module is None:
                    problems.append(f"{path}: belongs to no module of tests/lint/includes.py")
                    continue
                text = open(os.path.join(root, path), encoding="utf-8").read()
                for match in pattern.finditer(text):
                    header = match.group(1)
                    line = text.count("\n", 0, match.start(1)) + 1
                    local = os.path.join(os.path.dirname(path), header)
                    if header.startswith("stemma/plugin/"):
                        header = "plugins/sdk/include/" + header
                    elif not header.startswith(("core/", "adapters/", "plugins/", "tests/")) and os.path.exists(os.path.join(root, local)):
                        header = os.path.normpath(local)
                    if module.startswith("plugins") and header.startswith("plugins/") and module_of(header) == module:
                        continue
                    if not allowed(module, header):
                        problems.append(f"{path}:{line}: {module} may not include {header}")


def library_includes(root, build, problems):
    result = subprocess.run(["ninja", "-C", build, "-t", "deps"], capture_output=True, text=True, check=False)
    source = None
    for line in result.stdout.splitlines():
        if not line.startswith(" "):
            source = None
            continue
        header = line.strip()
        if source is None:
            source = os.path.relpath(os.path.join(build, header), root) if not os.path.isabs(header) else os.path.relpath(header, root)
            continue
        module = module_of(source)
        if module is None or not source.startswith(("core/", "adapters/", "plugins/")):
            continue
        for part, users in LIBRARIES.items():
            if part in header and not any(module == u or module.startswith(u + "/") for u in users):
                problems.append(f"{source}: sees {header}; only {', '.join(users)} may")
                break


def main():
    root, build = sys.argv[1], sys.argv[2]
    problems = []
    own_includes(root, problems)
    if os.path.exists(os.path.join(build, "build.ninja")):
        library_includes(root, build, problems)
    for problem in sorted(set(problems)):
        print(problem)
    print(f"includes: {len(set(problems))} problem(s)")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
