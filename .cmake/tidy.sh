#!/usr/bin/env bash
# clang-tidy-19 over the sources of core, adapters and plugins, from a compile database made for clang.
set -euo pipefail
jobs=$(( $(nproc) < 2 ? 1 : 2 ))
cmake --preset tidy >/dev/null
ninja -C build/tidy -t targets all | sed -n 's/^\(.*_embedded\.cpp\):.*/\1/p' | xargs -r ninja -C build/tidy >/dev/null
find core adapters plugins -name '*.cpp' | sort | xargs -P "$jobs" -n 4 clang-tidy-19 -p build/tidy --quiet --warnings-as-errors='*'
echo "tidy: clean"
