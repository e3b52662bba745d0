#!/bin/bash
# Load demo.sql.gz into a scratch PostgreSQL and run verify.py against it.
# usage: check_postgres.sh FOLDER     (FOLDER holds demo.sql.gz, ground_truth.json.gz, story.json)
# The server lives in a temporary folder, listens on loopback on a free port, runs as an unprivileged user and is
# stopped by its own process id at the end.  As root the user is postgres (PG_USER to change it).
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
folder=$(cd "$1" && pwd)
bin=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -1)
[ -x "$bin/initdb" ] || { echo 'no PostgreSQL server here: install postgresql-15, or set SKIP_POSTGRES=1' >&2; exit 1; }
home=$(mktemp -d /tmp/tryton_demo_pg.XXXXXX)
server=

runner=()
if [ "$(id -u)" = 0 ]; then
  chown "${PG_USER:-postgres}" "$home"
  runner=(runuser -u "${PG_USER:-postgres}" --)
fi

stop() {
  if [ -n "$server" ] && kill -INT "$server" 2>/dev/null; then
    for _ in $(seq 100); do kill -0 "$server" 2>/dev/null || break; sleep 0.1; done
  fi
  rm -rf "$home"
}
trap stop EXIT

port=$(/usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
(umask 077; head -c 18 /dev/urandom | base64 > "$home/password")
[ "$(id -u)" != 0 ] || chown "${PG_USER:-postgres}" "$home/password"
cd "$home"
"${runner[@]}" "$bin/initdb" -D "$home/data" -U demo --encoding=UTF8 --locale=C.UTF-8 --auth=scram-sha-256 \
  --pwfile="$home/password" > /dev/null
"${runner[@]}" "$bin/pg_ctl" -D "$home/data" -w -t 60 -l "$home/log" \
  -o "-c listen_addresses=127.0.0.1 -c port=$port -c unix_socket_directories= -c fsync=off" start > /dev/null
server=$(head -1 "$home/data/postmaster.pid")

PGPASSWORD=$(cat "$home/password")
export PGPASSWORD
to="host=127.0.0.1 port=$port user=demo dbname=postgres"
zcat "$folder/demo.sql.gz" | psql -X -q -v ON_ERROR_STOP=1 "$to"
echo "loaded into PostgreSQL $(psql -X -A -t "$to" -c 'SHOW server_version')"
/usr/bin/python3 "$here/verify.py" "$folder" "$to"
