"""The right answers, asked of Tryton's own ORM (no SQL): forward and backward trace of each lot, stock on hand.

usage: ground_truth.py TRYTOND_CONF DATABASE OUT.json.gz
Tryton 6.0 has no lot trace.  The walk follows the definition of the lot trace that came with 6.4: what came out of
a production order is made from all that went into it; closed over lots; done moves only; no time filter.
"""
import collections
import datetime as dt
import gzip
import json
import sys
import warnings

import clock

AS_OF = dt.date(2026, 11, 21)
FORWARD_ENDS = ('deliveries', 'customer_returns', 'supplier_returns', 'write_offs', 'waste')
DEFINITION = (
    "lot-level reachability over done moves: made-from edge = (done move with lot, production_output=P) -> (done move "
    "with lot, production_input=P); forward is the reverse; the start lot is contained in 'lots'; deliveries etc. list "
    "stock_move.id of all lots of the closure; quantities are internal_quantity (default UoM); no time filter")


def kind_of(move):
    """What a move at the border of the house is, or None for a move inside it."""
    source, target = move.from_location.type, move.to_location.type
    if source == 'supplier':
        return 'receipts'
    if target == 'supplier':
        return 'supplier_returns'
    if target == 'customer':
        return 'deliveries'
    if source == 'customer':
        return 'customer_returns'
    if target == 'lost_found':
        return 'waste' if source == 'production' else 'write_offs'
    return 'gains' if source == 'lost_found' else None


def party_of(move):
    for field in ('supplier', 'customer'):
        if getattr(move.shipment, field, None):
            return getattr(move.shipment, field).id
    return None


class Tracer:
    def __init__(self, pool):
        self.Move = pool.get('stock.move')

    def done(self, *domain):
        return self.Move.search([('state', '=', 'done'), *domain], order=[('id', 'ASC')])

    def walk(self, lot, near, far):
        """near/far: ('production_output', 'inputs') goes backward, ('production_input', 'outputs') forward."""
        seen, todo, orders, edges, untracked = {lot}, [lot], set(), set(), set()
        while todo:
            current = todo.pop()
            for order in {getattr(m, near) for m in self.done(('lot', '=', current), (near, '!=', None))}:
                orders.add(order.id)
                for move in getattr(order, far):
                    if move.state == 'done' and move.lot:
                        edges.add((current, order.id, move.lot.id))
                        if move.lot.id not in seen:
                            seen.add(move.lot.id)
                            todo.append(move.lot.id)
                    elif move.state == 'done' and move.quantity:
                        untracked.add((order.number, move.product.code))
        return seen, orders, edges, untracked

    def ends(self, lots):
        found = collections.defaultdict(list)
        for move in self.done(('lot', 'in', sorted(lots))):
            kind = kind_of(move)
            if kind and move.internal_quantity:
                found[kind].append(move)
        return found

    def forward(self, lot):
        seen, orders, edges, _ = self.walk(lot, 'production_input', 'outputs')
        ends, net = self.ends(seen), collections.Counter()
        for kind, sign in (('deliveries', 1), ('customer_returns', -1)):
            for move in ends[kind]:
                net['%d:%s' % (move.lot.id, party_of(move))] += sign * move.internal_quantity
        return {'lots': sorted(seen), 'productions': sorted(orders),
                'customers': sorted({party_of(m) for m in ends['deliveries']} - {None}),
                **{kind: [m.id for m in ends[kind]] for kind in FORWARD_ENDS},
                'still_with_customer': {k: round(v, 6) for k, v in sorted(net.items()) if v > 1e-9},
                'edges': len(edges)}

    def backward(self, lot):
        seen, orders, edges, untracked = self.walk(lot, 'production_output', 'inputs')
        ends = self.ends(seen)
        return {'lots': sorted(seen), 'productions': sorted(orders),
                'suppliers': sorted({party_of(m) for m in ends['receipts']} - {None}),
                'receipts': [m.id for m in ends['receipts']], 'gains': [m.id for m in ends['gains']],
                'root_lots': sorted(seen - {e[0] for e in edges}),
                'untracked_inputs': sorted(map(list, untracked)), 'edges': len(edges)}


def on_hand(pool, company):
    """Tryton's own stock figures by lot and storage location."""
    from trytond.transaction import Transaction
    places = [p.id for p in pool.get('stock.location').search([('type', '=', 'storage')])]
    stock = collections.defaultdict(dict)
    with Transaction().set_context(company=company, stock_date_end=AS_OF, forecast=False, active_test=False):
        figures = pool.get('product.product').products_by_location(places, with_childs=False, grouping=('product', 'lot'))
    for (place, _, lot), quantity in sorted(figures.items(), key=str):
        if lot and abs(quantity) > 1e-9:
            stock[lot][place] = round(quantity, 6)
    return stock


def truth(pool, database, version):
    company, = pool.get('company.company').search([])
    tracer, lots, stock = Tracer(pool), pool.get('stock.lot').search([], order=[('id', 'ASC')]), on_hand(pool, company.id)
    traces = [{'lot': lot.id, 'forward': tracer.forward(lot.id), 'backward': tracer.backward(lot.id)} for lot in lots]
    parties = {p for t in traces for p in t['forward']['customers'] + t['backward']['suppliers']}
    return {
        'meta': {'tryton': version, 'database': database, 'lots_total': len(lots), 'lots_traced': len(traces),
                 'made': "Tryton's ORM (trytond.pool), ground_truth.py", 'as_of': str(AS_OF), 'definition': DEFINITION},
        'companies': {company.id: company.party.name},
        'parties': {p.id: {'code': p.code, 'name': p.name} for p in pool.get('party.party').browse(sorted(parties))},
        'locations': {p.id: {'code': p.code, 'name': p.name, 'type': p.type}
                      for p in pool.get('stock.location').search([], order=[('id', 'ASC')])},
        'lots': {lot.id: {'number': lot.number, 'product': lot.product.code,
                          'expiration': str(lot.expiration_date or '') or None,
                          'shelf_life': str(lot.shelf_life_expiration_date or '') or None,
                          'on_hand': dict(sorted(stock[lot.id].items()))} for lot in lots},
        'traces': traces}


def main():
    warnings.filterwarnings('ignore')
    conf, database, target = sys.argv[1:4]
    from trytond.config import config
    config.update_etc(conf)
    clock.install(AS_OF)
    from trytond import __version__
    from trytond.pool import Pool
    from trytond.transaction import Transaction
    Pool.start()
    pool = Pool(database)
    pool.init()
    with Transaction().start(database, 0, readonly=True, context={'active_test': False}):
        answer = truth(pool, database, __version__)
    text = json.dumps(answer, ensure_ascii=False, separators=(',', ':'))
    with open(target, 'wb') as raw, gzip.GzipFile('', 'wb', 9, raw, mtime=0) as out:
        out.write(text.encode())
    print('%d lots traced' % len(answer['traces']))


if __name__ == '__main__':
    main()
