#!/bin/bash
# Make the demo ERP database from nothing: Tryton 6.0 fills it, its ORM answers the traces, a slim dump is written.
# usage: make.sh [FOLDER]     Debian 12, root or sudo; about three minutes; FOLDER (default: beside this script)
# receives demo.sql.gz, ground_truth.json.gz and story.json.  All else stays in a temporary folder and is removed.
# SKIP_INSTALL=1 leaves the packages alone; SKIP_POSTGRES=1 leaves out the load into a scratch PostgreSQL.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
out=$(mkdir -p "${1:-$here}" && cd "${1:-$here}" && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/tryton_demo.XXXXXX")
trap 'rm -rf "$work"' EXIT
umask 022

# Debian's own python: another python in PATH has no trytond.  A fixed hash seed keeps the order of sets, so that
# two runs give the same bytes.
export PYTHONHASHSEED=0 PYTHONDONTWRITEBYTECODE=1 LC_ALL=C.UTF-8 TZ=UTC
python() { /usr/bin/python3 -W ignore "$@"; }

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

install_packages() {
  local list
  mapfile -t list < "$here/packages.txt"
  as_root apt-get update -q
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${list[@]}"
}

create_database() {
  mkdir "$work/db"
  : > "$work/db/demo.sqlite"
  printf '[database]\nuri = sqlite://\npath = %s\n' "$work/db" > "$work/trytond.conf"
  (umask 077; head -c 18 /dev/urandom | base64 > "$work/password")
  TRYTONPASSFILE=$work/password python "$here/create_db.py" "$work/trytond.conf" demo tables
  TRYTONPASSFILE=$work/password python "$here/create_db.py" "$work/trytond.conf" demo modules
}

step() {
  local name=$1 begin=$SECONDS
  shift
  echo "== $name"
  "$@"
  echo "== $name: $((SECONDS - begin)) s"
}

[ -n "${SKIP_INSTALL:-}" ] || step 'install' install_packages
step 'create database' create_database
step 'populate' python "$here/populate.py" "$work/trytond.conf" demo "$work/story.json"
step 'ground truth' python "$here/ground_truth.py" "$work/trytond.conf" demo "$work/ground_truth.json.gz"
step 'extract' python "$here/extract.py" "$work/db/demo.sqlite" "$here/tables.txt" "$work/demo.sql.gz"
step 'verify in SQLite' python "$here/verify.py" "$work"
[ -n "${SKIP_POSTGRES:-}" ] || step 'verify in PostgreSQL' "$here/check_postgres.sh" "$work"
cp "$work/demo.sql.gz" "$work/ground_truth.json.gz" "$work/story.json" "$out/"
ls -l "$out/demo.sql.gz" "$out/ground_truth.json.gz" "$out/story.json"
