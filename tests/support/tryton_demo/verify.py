"""Check that three independent answers agree: the planned story, Tryton's ORM, and SQL over demo.sql.

usage: verify.py FOLDER [POSTGRES_CONNECTION]
FOLDER holds demo.sql.gz, ground_truth.json.gz, story.json.  Without a connection the dump is loaded into SQLite
in memory; with one (a psql connection text) it is read from the database into which the dump was loaded.
"""
import collections
import csv
import gzip
import io
import json
import sqlite3
import subprocess
import sys

DONE = "state = 'done' AND quantity > 0 AND lot IS NOT NULL"
CLOSURE = '''
WITH RECURSIVE walk(start, lot) AS (
  SELECT id, id FROM stock_lot
  UNION
  SELECT walk.start, far.lot FROM walk
    JOIN stock_move near ON near.lot = walk.lot AND near.state = 'done' AND near.quantity > 0
    JOIN stock_move far ON far.%(far)s = near.%(near)s AND far.state = 'done' AND far.quantity > 0 AND far.lot IS NOT NULL
) SELECT start, lot FROM walk ORDER BY start, lot'''
FORWARD = CLOSURE % {'near': 'production_input', 'far': 'production_output'}
BACKWARD = CLOSURE % {'near': 'production_output', 'far': 'production_input'}
ON_HAND = '''
SELECT lot, place, SUM(q) FROM (
  SELECT lot, to_location AS place, internal_quantity AS q FROM stock_move WHERE state = 'done' AND lot IS NOT NULL
  UNION ALL
  SELECT lot, from_location, -internal_quantity FROM stock_move WHERE state = 'done' AND lot IS NOT NULL) x
  JOIN stock_location l ON l.id = place AND l.type = 'storage'
 GROUP BY lot, place HAVING ABS(SUM(q)) > 0.0000001'''
SHIPPED_FOOD_WITHOUT_EXPIRY = '''
SELECT DISTINCT l.number, p.code FROM stock_move m
  JOIN stock_location c ON c.id = m.to_location AND c.type = 'customer'
  JOIN stock_lot l ON l.id = m.lot JOIN product_product p ON p.id = m.product
  JOIN "product_template-product_category" tc ON tc.template = p.template
  JOIN product_category k ON k.id = tc.category AND k.name = 'Food'
 WHERE m.state = 'done' AND m.quantity > 0 AND l.expiration_date IS NULL'''
MOVES = "SELECT id, lot, quantity, effective_date FROM stock_move WHERE " + DONE
ORDERS = '''
SELECT pr.reference, CASE WHEN m.production_input IS NULL THEN 'out' ELSE 'in' END, p.code, COALESCE(l.number, ''), m.quantity
  FROM stock_move m JOIN production pr ON pr.id = COALESCE(m.production_input, m.production_output)
  JOIN product_product p ON p.id = m.product LEFT JOIN stock_lot l ON l.id = m.lot
 WHERE m.state = 'done' AND m.quantity > 0'''


class Sqlite:
    def __init__(self, dump):
        self.db = sqlite3.connect(':memory:')
        self.db.executescript(dump)

    def rows(self, sql):
        return [tuple(str(v) for v in row) for row in self.db.execute(sql)]


class Postgres:
    def __init__(self, connection):
        self.connection = connection

    def rows(self, sql):
        text = subprocess.run(['psql', '-X', '-q', '--csv', '-t', '-v', 'ON_ERROR_STOP=1', self.connection, '-c', sql],
                              check=True, capture_output=True, text=True).stdout
        return [tuple(row) for row in csv.reader(io.StringIO(text))]


class Checks:
    def __init__(self):
        self.bad = 0

    def equal(self, what, got, want):
        good = got == want
        self.bad += not good
        print('%-4s %s' % ('ok' if good else 'FAIL', what))
        if not good:
            print('     got  %.600s\n     want %.600s' % (got, want))


def sets(rows):
    found = collections.defaultdict(list)
    for start, lot in rows:
        found[int(start)].append(int(lot))
    return {start: sorted(lots) for start, lots in found.items()}


class Truth:
    """Ground truth with the names the story uses."""

    def __init__(self, data):
        self.data, self.lots = data, data['lots']
        self.trace = {t['lot']: t for t in data['traces']}
        self.party = {int(k): v['code'] for k, v in data['parties'].items()}
        self.id = {(v['product'], v['number']): int(k) for k, v in self.lots.items()}
        self.finished = {int(k): v['number'] for k, v in self.lots.items()
                         if v['product'] in ('HJ-M', 'HJ-L', 'HJP', 'HV')}

    def place(self, location):
        code = self.data['locations'][location]['code']
        if code is None:
            return self.data['locations'][location]['name']
        return 'WH' if code in ('IN', 'OUT', 'STO') else 'DC' if code.startswith('DC-') else code

    def fates(self, lots):
        """The same book as the story keeps, filled from Tryton's stock figures and deliveries."""
        book = {'on_hand': {}, 'in_transit': [], 'sold': {}, 'returned': []}
        for lot in sorted(lots, key=self.finished.get):
            for location in self.lots[str(lot)]['on_hand']:
                place = self.place(location)
                if place in ('Transit', 'RET'):
                    book['in_transit' if place == 'Transit' else 'returned'].append(self.finished[lot])
                else:
                    book['on_hand'].setdefault(place, []).append(self.finished[lot])
            for key in self.trace[lot]['forward']['still_with_customer']:
                owner, party = key.split(':')
                if int(owner) == lot:
                    book['sold'].setdefault(self.party[int(party)], []).append(self.finished[lot])
        for part in ('on_hand', 'sold'):
            book[part] = dict(sorted(book[part].items()))
        return book


def check_sql(check, db, truth):
    for direction, sql in (('forward', FORWARD), ('backward', BACKWARD)):
        check.equal('SQL %s closure equals the ORM for all %d lots' % (direction, len(truth.trace)), sets(db.rows(sql)),
                    {lot: t[direction]['lots'] for lot, t in truth.trace.items()})
    stock = collections.defaultdict(dict)
    for lot, place, quantity in db.rows(ON_HAND):
        stock[lot][place] = round(float(quantity), 6)
    check.equal('SQL stock on hand equals the ORM', dict(stock),
                {k: v['on_hand'] for k, v in truth.lots.items() if v['on_hand']})


def check_bad_lot(check, db, truth, story):
    bad = story['bad_lot']
    lot = truth.id[bad['product'], bad['number']]
    forward, backward = truth.trace[lot]['forward'], truth.trace[lot]['backward']
    moves = {int(r[0]): (int(r[1]), float(r[2]), r[3]) for r in db.rows(MOVES)}
    own = lambda ids: [moves[i][1] for i in ids if moves[i][0] == lot]     # noqa: E731
    check.equal('bad lot: receipts', [(moves[i][2], moves[i][1]) for i in backward['receipts']],
                [(r['day'], r['quantity']) for r in bad['receipts']])
    check.equal('bad lot: supplier', [truth.party[p] for p in backward['suppliers']], [bad['supplier']])
    check.equal('bad lot: returned to the supplier', sum(own(forward['supplier_returns'])), bad['returned_to_supplier'])
    check.equal('bad lot: written off', sum(own(forward['write_offs'])), bad['written_off'])
    check.equal('bad lot: on hand', {truth.place(k): v for k, v in truth.lots[str(lot)]['on_hand'].items()}, bad['on_hand'])
    used = {order: float(q) for order, side, p, number, q in db.rows(ORDERS)
            if side == 'in' and (p, number) == (bad['product'], bad['number'])}
    check.equal('bad lot: used by orders', used, {u['order']: u['quantity'] for u in bad['used']})
    left = sum(used.values()) + sum(bad['sold_as_spare'].values()) + bad['returned_to_supplier'] + bad['written_off']
    check.equal('bad lot: mass balance closes', sum(r['quantity'] for r in bad['receipts']), left + sum(bad['on_hand'].values()))
    return lot, forward


def check_affected(check, db, truth, story, lot, forward):
    affected = story['affected']
    reached = {n: truth.finished[n] for n in forward['lots'] if n in truth.finished}
    check.equal('affected serials', sorted(reached.values()), sorted(affected['certain'] + affected['possible']))
    fates = {k: v for k, v in affected['fates'].items() if k not in ('written_off', 'torn_down')}
    check.equal('affected serials: on hand, in transit, sold, returned', truth.fates(reached), fates)
    written = {r[1] for r in db.rows(MOVES) if int(r[0]) in forward['write_offs']} - {str(lot)}
    check.equal('affected serials: written off', [truth.lots[n]['number'] for n in sorted(written)], affected['fates']['written_off'])
    torn = [number for _, side, p, number, _ in db.rows(ORDERS) if side == 'in' and number in reached.values()]
    check.equal('affected serials: torn down', torn, affected['fates']['torn_down'])
    check.equal('customers ever reached', sorted(truth.party[p] for p in forward['customers']),
                sorted({*affected['delivered_to'], *story['bad_lot']['sold_as_spare']}))
    cells = {name: {truth.lots[str(n)]['number'] for n in truth.trace[i]['backward']['lots']
                    if truth.lots[str(n)]['product'] == 'CELL'} for i, name in reached.items()}
    check.equal('certain = cells of the bad lot only', sorted(n for n, c in cells.items() if len(c) == 1), affected['certain'])
    inferred = affected['inferred']
    check.equal('inferred serials are outside the recorded trace', [s for s in inferred['serials'] if s in reached.values()], [])
    through = {side: [(o, n) for o, s, p, n, _ in db.rows(ORDERS) if p == inferred['through'] and s == side] for side in ('in', 'out')}
    check.equal('inferred serials hang on one order without lot', through,
                {'in': [(inferred['used_by'], '')], 'out': [(inferred['made_by'], '')]})
    made = sorted(n for o, s, _, n, _ in db.rows(ORDERS) if s == 'out' and o == inferred['used_by'])
    check.equal('inferred serials', made, inferred['serials'])
    ids = [i for i, n in truth.finished.items() if n in made]
    check.equal('inferred serials: fates', truth.fates(ids),
                {k: v for k, v in inferred['fates'].items() if k not in ('written_off', 'torn_down')})


def check_rest(check, db, truth, story):
    made = {n for _, s, p, n, _ in db.rows(ORDERS) if s == 'out'} & set(truth.finished.values())
    check.equal('finished serials made', len(made), story['finished']['total'])
    book, want = truth.fates([i for i, n in truth.finished.items() if n in made]), story['finished']['fates']
    count = lambda v: {k: len(s) for k, s in v.items()} if isinstance(v, dict) else len(v)      # noqa: E731
    check.equal('finished serials by fate', {k: count(v) for k, v in book.items()}, {k: want[k] for k in book})
    cycle = story['cycle']
    module = truth.trace[truth.id['HM', cycle['recovered']]]
    unit = truth.id[next(v['product'] for v in truth.lots.values() if v['number'] == cycle['torn_down']), cycle['torn_down']]
    check.equal('teardown makes a cycle', (unit in module['forward']['lots'], unit in module['backward']['lots']), (True, True))
    planned = {n for n in story['must_not_count'] for t in truth.trace.values() if truth.lots[str(t['lot'])]['number'] == n
               and (len(t['forward']['lots']) > 1 or len(t['backward']['lots']) > 1 or truth.lots[str(t['lot'])]['on_hand'])}
    check.equal('planned, cancelled and unfinished documents do not count', planned, set())
    food = story['food']
    check.equal('shipped food without expiry date', db.rows(SHIPPED_FOOD_WITHOUT_EXPIRY),
                [(food['shipped_without_expiry']['lot'], food['shipped_without_expiry']['product'])])
    sellable = {v['number']: v for v in truth.lots.values() if v['product'] in ('FOOD-BAR', 'FOOD-SOUP', 'FOOD-TEA')}
    groups = collections.defaultdict(dict)
    for number, lot in sellable.items():
        day = lot['expiration']
        group = None if not day else 'expired' if day < '2026-11-21' else 'close_to_expiring' if day <= '2026-12-05' else 'fresh'
        groups[group][number] = sum(lot['on_hand'].values())
    for group in ('expired', 'close_to_expiring', 'fresh'):
        check.equal('food %s' % group, groups[group], food[group])
    states = collections.Counter(r[0] for r in db.rows('SELECT state FROM sale_complaint'))
    check.equal('complaints by state', dict(sorted(states.items())), story['complaints_by_state'])
    numbers = collections.Counter(v['number'] for v in truth.lots.values())
    check.equal('one number, two products', [n for n, k in numbers.items() if k > 1], [story['odd_numbers']['one_number_two_products']])
    pairs = db.rows("SELECT name FROM product_category WHERE name = 'Food'")
    check.equal('one category named Food', pairs, [(food['category'],)])


def main():
    folder = sys.argv[1]
    dump = gzip.open(folder + '/demo.sql.gz', 'rt', encoding='utf-8').read()
    truth = Truth(json.load(gzip.open(folder + '/ground_truth.json.gz', 'rt', encoding='utf-8')))
    story = json.load(open(folder + '/story.json', encoding='utf-8'))
    db = Postgres(sys.argv[2]) if len(sys.argv) > 2 else Sqlite(dump)
    check = Checks()
    check_sql(check, db, truth)
    lot, forward = check_bad_lot(check, db, truth, story)
    check_affected(check, db, truth, story, lot, forward)
    check_rest(check, db, truth, story)
    print('all agree' if not check.bad else '%d checks failed' % check.bad)
    sys.exit(bool(check.bad))


if __name__ == '__main__':
    main()
