"""Write the tables and columns named in tables.txt as one portable SQL text (SQLite 3.40, PostgreSQL 15).

usage: extract.py DATABASE_FILE TABLES_TXT OUT.sql.gz
Plain types, primary keys on id, no foreign keys, no sequences, rows in the order of their ids.
"""
import gzip
import re
import sqlite3
import sys

ROWS_PER_INSERT = 200
TYPES = (                               # declared type in Tryton's SQLite schema -> portable type
    (r'INT', 'integer'), (r'BOOL', 'boolean'), (r'FLOAT|DOUBLE|REAL', 'double precision'), (r'NUMERIC', 'numeric'),
    (r'TIMESTAMP|DATETIME', 'timestamp'), (r'DATE', 'date'), (r'CHAR|TEXT', 'varchar'))
RESERVED = {'left', 'right', 'order', 'user', 'from', 'to', 'end', 'references'}


def name(text):
    return text if re.fullmatch(r'[a-z_][a-z0-9_]*', text) and text not in RESERVED else '"%s"' % text


def portable(declared):
    for pattern, kind in TYPES:
        if re.search(pattern, declared.upper()):
            return kind
    raise SystemExit('no portable type for %r' % declared)


def literal(value, kind):
    if value is None:
        return 'NULL'
    if kind == 'boolean':
        return 'TRUE' if value else 'FALSE'
    if kind in ('integer', 'double precision'):
        return repr(value)
    if isinstance(value, bytes):
        value = value.decode()          # Tryton keeps decimals as text in a blob
    if kind == 'numeric':
        return value
    return "'%s'" % str(value).replace("'", "''")


def wanted(path):
    for line in open(path, encoding='utf-8'):
        if line.strip() and not line.startswith('#'):
            table, columns = line.split(':')
            yield table.strip(), [c.strip() for c in columns.split(',')]


def table_text(db, table, columns):
    declared = {row[1]: row[2] for row in db.execute('PRAGMA table_info("%s")' % table)}
    missing = [c for c in columns if c not in declared]
    if missing or not declared:
        raise SystemExit('%s: not in the database: %s' % (table, ', '.join(missing) or 'the table'))
    kinds = [portable(declared[c]) for c in columns]
    keys = ['%s %s%s' % (name(c), k, ' PRIMARY KEY' if c == 'id' else '') for c, k in zip(columns, kinds)]
    yield 'CREATE TABLE %s (\n  %s\n);\n' % (name(table), ',\n  '.join(keys))
    rows = db.execute('SELECT %s FROM "%s" ORDER BY id' % (', '.join('"%s"' % c for c in columns), table)).fetchall()
    for start in range(0, len(rows), ROWS_PER_INSERT):
        values = ',\n'.join('(%s)' % ','.join(map(literal, row, kinds)) for row in rows[start:start + ROWS_PER_INSERT])
        yield 'INSERT INTO %s (%s) VALUES\n%s;\n' % (name(table), ', '.join(map(name, columns)), values)
    print('%6d rows  %s' % (len(rows), table))


def main():
    source, tables, target = sys.argv[1:4]
    db = sqlite3.connect('file:%s?mode=ro' % source, uri=True)
    parts = ['-- Demo data made by running Tryton 6.0; all names are invented.  See README.md.\nBEGIN;\n']
    for table, columns in wanted(tables):
        parts.extend(table_text(db, table, columns))
    parts.append('COMMIT;\n')
    with open(target, 'wb') as raw, gzip.GzipFile('', 'wb', 9, raw, mtime=0) as out:
        out.write(''.join(parts).encode())


if __name__ == '__main__':
    main()
