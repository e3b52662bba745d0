#!/usr/bin/env bash
# The demo: loads the embedded ERP database, starts stemmad on it, and answers a recall. Called by ./run demo with the build folder.
# --once stops after the answer; else the API is served until Ctrl-C. Nothing outside build/demo is written.
set -euo pipefail
build=$(cd "$1" && pwd); shift
root=$(pwd)
once=no
for word in "$@"; do
  case "$word" in
    --once) once=yes ;;
    *) echo "demo: unknown option '$word' (there is --once)" >&2; exit 2 ;;
  esac
done

demo=$root/build/demo
bin=$build/bin
mkdir -p "$demo"
export STEMMA_CONFIG=$demo/stemma.yaml

# The settings, the mapping and the rule are laid out as an administrator would have them; the plugin files must not be writable by others.
if [ ! -e "$demo/stemma.yaml" ]; then
  cp "$root/config/examples/demo.yaml" "$demo/stemma.yaml"
  port=${STEMMA_DEMO_PORT:-7430}
  sed -i "s/^  port: 7430$/  port: $port/" "$demo/stemma.yaml"
fi
mkdir -p "$demo/plugins" "$demo/erp" "$demo/rules"
install -m 0644 "$build"/plugins/*.so "$demo/plugins/"
cp "$root"/config/erp/*.yaml "$demo/erp/"
cp "$root"/config/rules/*.yaml "$demo/rules/"
if [ ! -e "$demo/tryton.sqlite" ]; then
  gzip -dc "$root/tests/support/tryton_demo/demo.sql.gz" | sqlite3 "$demo/tryton.sqlite.new"
  mv "$demo/tryton.sqlite.new" "$demo/tryton.sqlite"
fi
before=$(sha256sum <"$demo/tryton.sqlite")

title() { printf '\n\033[1m== %s\033[0m\n' "$*"; }
shown() { printf '\033[2m$ stemma %s\033[0m\n' "$*"; "$bin/stemma" "$@"; }

title 'A new Stemma: settings, state folder, signing key'
shown init

title 'The doctor: what will be read, and that it fits'
shown doctor

title 'Sync: the ERP is read, never written'
shown erp sync tryton

"$bin/stemmad" 2>"$demo/stemmad.log" &
daemon=$!
stop() {
  if kill -0 "$daemon" 2>/dev/null; then kill "$daemon"; wait "$daemon" || true; fi
}
trap stop EXIT
for _ in $(seq 100); do
  grep -q DAEMON_READY "$demo/stemmad.log" && break
  kill -0 "$daemon" 2>/dev/null || { cat "$demo/stemmad.log" >&2; exit 1; }
  sleep 0.1
done

title 'A supplier writes: lot S4-L17 is bad. Who has it?'
shown recall simulate S4-L17

title 'A customer asks: where does jacket HJ26-00148 come from?'
shown trace back HJ26-00148

title 'The proof: every entry against the signed head'
shown ledger verify

[ "$before" = "$(sha256sum <"$demo/tryton.sqlite")" ] || { echo 'demo: the ERP database was changed' >&2; exit 1; }
printf '\nThe ERP database is byte for byte as it was.\n'
if [ "$once" = yes ]; then exit 0; fi
address=$(sed -n 's/.*DAEMON_READY \(http[^ ]*\).*/\1/p' "$demo/stemmad.log")
printf '\nStemma serves %s (try: curl %s/api/v1/status). Ctrl-C ends it.\n' "$address" "$address"
printf 'For more: STEMMA_CONFIG=%s %s --help\n' "$demo/stemma.yaml" "$bin/stemma"
wait "$daemon"
