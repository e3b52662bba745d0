"""The food half of the story: oats to bars with rework, bought soup and tea, expiry dates of every kind.

Seen from 21 November 2026 some lots are expired, some close to it, some fresh.  One shipped tea lot has no
expiry date at all: a rule "shipped food needs a lot with an expiry date" must find exactly that lot.
"""
import datetime as dt

from plan import date, workday

LIFE = {'FOOD-OATS': 365, 'FOOD-NUTS': 240, 'FOOD-HONEY': 720, 'FOOD-SPICE': 500, 'FOOD-MIX': 60,
        'FOOD-CRUMB': 90, 'FOOD-BAR': 200}
BOUGHT = (              # day, supplier, note, product, [(lot, quantity)]
    ('01-15', 'S21', 'OW-1', 'FOOD-OATS', [('OAT-2601', 200)]),
    ('05-04', 'S21', 'OW-2', 'FOOD-OATS', [('OAT-2602', 190)]),
    ('01-15', 'S22', 'NT-4', 'FOOD-NUTS', [('NUT-11', 50)]),
    ('06-25', 'S22', 'NT-9', 'FOOD-NUTS', [('NUT-12', 50)]),
    ('01-19', 'S23', 'AN-2', 'FOOD-HONEY', [('HON-26A', 80)]),
    ('06-29', 'S23', 'AN-6', 'FOOD-HONEY', [('HON-26B', 80)]),
    ('01-20', 'S22', 'NT-5', 'FOOD-SPICE', [('SPC-1', 2)]),
)
SOUPS = (               # lot, day, quantity, best before, expires
    ('SOUP-0412', '02-12', 60, dt.date(2026, 10, 1), dt.date(2026, 10, 31)),
    ('SOUP-0427', '04-08', 60, dt.date(2026, 11, 20), dt.date(2026, 11, 30)),
    ('SOUP-0503', '08-20', 60, dt.date(2027, 5, 31), dt.date(2027, 6, 30)),
)
NO_EXPIRY_LOT = 'TEA-07'
BATCHES = ('02-05', '03-26', '05-14', '07-09', '09-03', '10-22')
SOLD = (                # day, customer, order, [(product, [(lot, quantity)])]
    ('02-23', 'C06', 'FO-01', [('FOOD-BAR', [('BAR-01', 30)])]),
    ('03-09', 'C12', 'FO-02', [('FOOD-BAR', [('BAR-01', 25)]), ('FOOD-SOUP', [('SOUP-0412', 20)])]),
    ('04-13', 'C06', 'FO-03', [('FOOD-BAR', [('BAR-01', 15), ('BAR-02', 20)])]),
    ('04-27', 'C19', 'FO-04', [('FOOD-BAR', [('BAR-02', 30)]), ('FOOD-SOUP', [('SOUP-0412', 25)])]),
    ('05-18', 'C12', 'FO-05', [('FOOD-TEA', [('TEA-07', 12)])]),
    ('06-15', 'C10', 'FO-06', [('FOOD-BAR', [('BAR-03', 35)]), ('FOOD-SOUP', [('SOUP-0427', 10)])]),
    ('07-06', 'C19', 'FO-07', [('FOOD-BAR', [('BAR-02', 10), ('BAR-03', 20)]), ('FOOD-TEA', [('TEA-07', 8)])]),
    ('08-10', 'C06', 'FO-08', [('FOOD-BAR', [('BAR-04', 40)])]),
    ('09-14', 'C04', 'FO-09', [('FOOD-SOUP', [('SOUP-0503', 15)]), ('FOOD-TEA', [('TEA-08', 10)])]),
    ('09-21', 'C12', 'FO-10', [('FOOD-BAR', [('BAR-04', 20), ('BAR-05', 25)])]),
    ('10-12', 'C17', 'FO-11', [('FOOD-BAR', [('BAR-05', 30)]), ('FOOD-SOUP', [('SOUP-0503', 10)])]),
    ('11-09', 'C10', 'FO-12', [('FOOD-BAR', [('BAR-06', 45)])]),
)


def food(plan):
    for day, supplier, note, product, parts in BOUGHT:
        for lot, _ in parts:
            lot_dates(plan, product, lot, date(day) - dt.timedelta(days=10))
        plan.at(day, 'receive', supplier=supplier, note=note, lines=[(product, parts)])
    plan.at('01-20', 'receive', supplier='S13', note='PF-80', lines=[('WRAP', [(None, 1000)])])
    for lot, day, quantity, best_before, expires in SOUPS:
        plan.lot('FOOD-SOUP', lot, best_before, expires)
        plan.at(day, 'receive', supplier='S24', note='LK-%s' % lot[-4:], lines=[('FOOD-SOUP', [(lot, quantity)])])
    plan.at('05-05', 'receive', supplier='S23', note='AN-4', lines=[('FOOD-TEA', [(NO_EXPIRY_LOT, 40)])])
    plan.lot('FOOD-TEA', 'TEA-08', dt.date(2028, 3, 31), dt.date(2028, 5, 31))
    plan.at('09-01', 'receive', supplier='S23', note='AN-8', lines=[('FOOD-TEA', [('TEA-08', 40)])])
    kitchen(plan)
    plan.to_centre('05-20', [('FOOD-SOUP', 'SOUP-0427', 20)], 'TR-F1')
    for day, customer, order, lines in SOLD:
        plan.at(day, 'sell', customer=customer, lines=lines, warehouse='WH', order=order)
    plan.at('08-17', 'sell', customer='C16', lines=[('FOOD-SOUP', [('SOUP-0427', 8)])], warehouse='DC', order='FO-DC')
    # a complaint about food: ten boxes come back and are destroyed
    plan.at('05-11', 'complain', customer='C19', sale='FO-04', product='FOOD-BAR', action='sale_return', quantity=10,
            text='Taste of metal, lot BAR-02', end='done')
    plan.at('05-15', 'take_back', sale='FO-04', parts={'FOOD-BAR': [('BAR-02', 10)]}, place='RET')
    plan.at('05-22', 'count', place='RET', lines=[('FOOD-BAR', 'BAR-02', 0)])
    facts(plan)


def lot_dates(plan, product, lot, made):
    last = made + dt.timedelta(days=LIFE[product])
    plan.lot(product, lot, last, last)


def kitchen(plan):
    """Six batches of mix and bars; batch 2 of the bars takes two lots of mix; its crumbs go into mix 3 (rework)."""
    for k, text in enumerate(BATCHES, 1):
        day, baked = date(text), workday(date(text) + dt.timedelta(days=4))
        early = k <= 3
        mix, bar, crumb = 'MIX-%02d' % k, 'BAR-%02d' % k, 'CRUMB-%02d' % k
        inputs = {'FOOD-OATS': [('OAT-2601' if early else 'OAT-2602', 60)], 'FOOD-NUTS': [('NUT-11' if early else 'NUT-12', 15)],
                  'FOOD-HONEY': [('HON-26A' if early else 'HON-26B', 25000)], 'FOOD-SPICE': [('SPC-1', 250)]}
        lot_dates(plan, 'FOOD-MIX', mix, day)
        plan.at(day, 'produce', product='FOOD-MIX', bom='FOOD-MIX', order='WO-MX-%02d' % k, quantity=100, inputs=inputs,
                extra=[('FOOD-CRUMB', 'CRUMB-02', 1.0)] if k == 3 else [], outputs={'FOOD-MIX': [(mix, 100)]})
        lot_dates(plan, 'FOOD-BAR', bar, baked)
        lot_dates(plan, 'FOOD-CRUMB', crumb, baked)
        plan.at(baked, 'produce', product='FOOD-BAR', bom='FOOD-BAR', order='WO-BR-%02d' % k, quantity=80,
                inputs={'FOOD-MIX': [(mix, 60)] if k != 2 else [('MIX-01', 20), (mix, 40)]},
                outputs={'FOOD-BAR': [(bar, 80)], 'FOOD-CRUMB': [(crumb, 1.5)]})


def facts(plan):
    plan.facts['food'] = {
        'category': 'Food',             # the lists below: goods for sale, what is left of each lot
        'expired': {'BAR-01': 10, 'BAR-02': 20, 'SOUP-0412': 15},
        'close_to_expiring': {'BAR-03': 25, 'SOUP-0427': 42},
        'fresh': {'BAR-04': 20, 'BAR-05': 25, 'BAR-06': 35, 'SOUP-0503': 35, 'TEA-08': 30},
        'shipped_without_expiry': {'lot': NO_EXPIRY_LOT, 'product': 'FOOD-TEA', 'customers': ['C12', 'C19'],
                                   'orders': ['FO-05', 'FO-07'], 'quantity': 20, 'on_hand': 20},
        'rework': {'crumbs': 'CRUMB-02', 'into': 'MIX-03'},
        'complaint': {'customer': 'C19', 'lot': 'BAR-02', 'returned': 10, 'destroyed': 10}}
