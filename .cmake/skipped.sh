#!/usr/bin/env bash
# Prints which tests were skipped and why, and their number, from the last CTest run of a build folder.
set -euo pipefail
log=$1/Testing/Temporary/LastTest.log
[ -e "$log" ] || exit 0
grep -aoE '(^|: )(Skipped|SKIP)[: ].*|^SKIP .*' "$log" | sort | uniq -c | sed 's/^ *\([0-9]*\) */\1 x /' || true
printf 'Skipped tests: %s\n' "$(grep -acE '\[  SKIPPED \] [A-Za-z_/0-9]+\.[A-Za-z_/0-9]+ \(' "$log" || true)"
