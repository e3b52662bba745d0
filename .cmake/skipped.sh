#!/usr/bin/env bash
# Prints why tests were skipped, how often each reason, and how many in all, from the last CTest run of a build folder.
# A GoogleTest case says "file:line: Skipped" and its reason on the next line; a script says "SKIP reason".
set -euo pipefail
log=$1/Testing/Temporary/LastTest.log
[ -e "$log" ] || exit 0
reasons=$(awk '/: Skipped$/ { getline; print "SKIP " $0; next } /^SKIP / { print }' "$log")
[ -z "$reasons" ] || sort <<<"$reasons" | uniq -c | sed 's/^ *\([0-9]*\) /\1 x /'
printf 'Skipped tests: %s\n' "$([ -z "$reasons" ] && echo 0 || wc -l <<<"$reasons")"
