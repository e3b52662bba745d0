#!/usr/bin/env bash
# clang-format over our C and C++ sources: "check" names the files that differ and fails, "write" formats them in place.
set -euo pipefail
mapfile -t files < <(find core adapters plugins tests -name build -prune -o \( -name '*.cpp' -o -name '*.hpp' -o -name '*.c' -o -name '*.h' \) -print | sort)
case "${1:-check}" in
  write) clang-format -i "${files[@]}" ;;
  check) clang-format --dry-run --Werror "${files[@]}" && echo "format: ${#files[@]} files in order" ;;
esac
