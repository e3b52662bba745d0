"""The garment half of the story: battery cells of six suppliers become packs, modules, jackets and vests.

One cell lot is bad.  Every order that touches it is planned here by hand with how it is reached, so the list of
affected serials is known before any database exists.  The other orders follow a plain pattern.
"""
import datetime as dt

from plan import BAD_LOT, BAD_SUPPLIER, date, workday

SUPPLIES = (            # day, supplier, delivery note, [(product, [(lot, quantity)])]
    ('01-12', 'S1', 'Q-1001', [('CELL', [('S1-L01', 30), ('S1-L02', 30)])]),
    ('01-13', 'S2', 'MB/26/07', [('CELL', [('S2-L05', 30), ('S2-L06', 40)])]),
    ('01-14', 'S3', 'TP-0009', [('CELL', [('S3-L07', 30), ('S3-L08', 30)])]),
    ('01-20', 'S4', 'GA-26-011', [('CELL', [('S4-L15', 30), ('S4-L16', 30)])]),
    ('01-21', 'S5', 'HB 5501', [('CELL', [('S5-L09', 30), ('S5-L10', 30)])]),
    ('01-22', 'S6', 'PS-88-1', [('CELL', [('S6-L19', 30)])]),
    ('03-12', 'S4', 'GA-26-017', [('CELL', [('S4-L17', 100)])]),
    ('04-07', 'S4', 'GA-26-023', [('CELL', [('S4-L17', 30)])]),         # the same lot, delivered again
    ('03-16', 'S5', 'HB 5540', [('CELL', [('S5-L11', 30)])]),
    ('04-14', 'S6', 'PS-88-4', [('CELL', [('S6-L20', 30), ('S6-L21', 30)])]),
    ('01-15', 'S11', 'WC-300', [('BMS', [('000173', 80), ('BMS-B2', 70)]), ('PASTE', [('PST-2601', 0.5)])]),
    ('03-18', 'S11', 'WC-322', [('BMS', [('BMS-B3', 90)]), ('PASTE', [('PST-2602', 0.5)])]),
    ('01-16', 'S12', 'TF 18', [('SHELL', [('B-100', 100), ('FAB-32', 100)]),
                               ('HFILM', [("Ø-ŁÓD/7 'ß'", 70), ('HF-08', 80)])]),
    ('03-17', 'S12', 'TF 31', [('SHELL', [('FAB-33', 130), ('FAB-34', 110)]), ('HFILM', [('HF-09', 70)]),
                               ('GLUE', [('GLU-1', 0.2)])]),
    ('01-16', 'S13', 'PF-77', [('SCREW', [(None, 1200)]), ('ZIP', [('173', 60), ('B-100', 60)])]),
    ('03-17', 'S13', 'PF-91', [('ZIP', [('ZIP-3', 70), ('ZIP-4', 60)])]),
)
# pack lot: (pieces, cells by lot); every pack needs two cells.  The rest of the packs follow in clean_cells()
BAD_PACKS = {11: (24, [(BAD_LOT, 48)]), 13: (16, [(BAD_LOT, 20), ('S2-L06', 12)])}
PACK_LOTS = 16
KEPT_CELLS = {'S2-L06': 12, 'S6-L19': 1, 'S3-L07': 1}       # for the mixed pack lot and for a try-out


def garments(plan):
    supplies(plan)
    packs(plan)
    modules(plan)
    good, bad = jackets(plan)
    inferred_vests(plan)
    bad_lot_leftovers(plan)
    must_not_count(plan)
    sales(plan, good, bad)
    after_sales(plan)
    write_facts(plan)


def supplies(plan):
    for day, supplier, note, lines in SUPPLIES:
        day = date(day)
        for product, parts in lines:
            days = {'PASTE': 300, 'GLUE': 540}.get(product)
            for number, _ in parts:
                if days:
                    plan.lot(product, number, expires=day + dt.timedelta(days=days))
        plan.at(day, 'receive', supplier=supplier, note=note, lines=lines)
    for number in range(1, 15):
        plan.lot('CTRL', 'CU-%04d' % number)
    plan.at('02-02', 'receive', supplier='S11', note='WC-311',
            lines=[('CTRL', [('CU-%04d' % n, 1) for n in range(1, 15)])])


def clean_cells():
    """Cells for the clean packs: 24 at a time out of the good lots, oldest first, so some packs mix two lots."""
    shelf = [[lot, quantity] for day, _, _, lines in sorted(SUPPLIES, key=lambda s: s[0])
             for product, parts in lines if product == 'CELL' for lot, quantity in parts if lot != BAD_LOT]
    for lot in shelf:
        lot[1] -= KEPT_CELLS.get(lot[0], 0)
    while True:
        need, parts = 24, []
        while need:
            take = min(need, shelf[0][1])
            if take:
                parts.append((shelf[0][0], take))
                shelf[0][1] -= take
                need -= take
            if not shelf[0][1]:
                shelf.pop(0)
        yield parts


def packs(plan):
    cells = clean_cells()
    for n in range(1, PACK_LOTS + 1):
        pieces, parts = BAD_PACKS.get(n) or (12, next(cells))
        day = workday(date('01-26') + dt.timedelta(days=7 * (n - 1)))
        board = '000173' if n <= 6 else 'BMS-B2' if n <= 10 else 'BMS-B3'
        plan.at(day, 'produce', product='PACK', bom='PACK', order='WO-PK-%02d' % n, quantity=pieces,
                inputs={'CELL': parts, 'BMS': [(board, pieces)],
                        'PASTE': [('PST-2601' if n <= 10 else 'PST-2602', 3 * pieces)]},
                outputs={'PACK': [('PK-26%02d' % n, pieces)]})
    # one try-out pack: 3 g of paste are 0.003 kg, and Tryton's rounded quantity in kg is 0.00
    plan.at('01-23', 'produce', product='PACK', bom='PACK', order='WO-PK-TRY', quantity=1,
            inputs={'CELL': [('S6-L19', 1), ('S3-L07', 1)], 'BMS': [('000173', 1)], 'PASTE': [('PST-2601', 3)]},
            outputs={'PACK': [('PK-TRY', 1)]})


def modules(plan):
    """One module lot of 12 per pack lot; pack lot 11 gives two, 13 gives one of 16, 16 is kept for vests."""
    lot = 0
    for n in range(1, PACK_LOTS):
        for pieces in {11: (12, 12), 13: (16,)}.get(n, (12,)):
            lot += 1
            film = "Ø-ŁÓD/7 'ß'" if lot <= 5 else 'HF-08' if lot <= 11 else 'HF-09'
            plan.at(workday(date('01-26') + dt.timedelta(days=7 * (n - 1) + 3)), 'produce', product='HM', bom='HM',
                    order='WO-HM-%02d' % lot, quantity=pieces,
                    inputs={'PACK': [('PK-26%02d' % n, pieces)], 'HFILM': [(film, pieces)]},
                    outputs={'HM': [('HM-03%02d' % lot, pieces)]})


class Sewing:
    """Jacket orders: takes fabric, zips and control units as they come, and counts the serials."""

    def __init__(self, plan):
        self.plan, self.serial, self.pro, self.orders = plan, 0, 0, 0

    def cloth(self):
        k = min(3, self.orders // 11)
        return ('B-100', 'FAB-32', 'FAB-33', 'FAB-34')[k], ('173', 'B-100', 'ZIP-3', 'ZIP-4')[k]

    def five(self, day, modules, reach=None):
        pieces = sum(q for _, q in modules)
        cloth, zips = self.cloth()
        self.orders += 1
        serials = ['HJ26-%05d' % (self.serial + k) for k in range(1, pieces + 1)]
        self.serial += pieces
        return self.plan.make(day, ('HJ-M', 'HJ-L')[self.orders % 2], serials, 'WO-HJ-%02d' % self.orders,
                              {'HM': [('HM-03%02d' % lot, q) for lot, q in modules],
                               'SHELL': [(cloth, round(1.8 * pieces, 1))], 'ZIP': [(zips, pieces)]}, reach)

    def one(self, day, module, reach=None):
        self.pro += 1
        return self.plan.make(day, 'HJP', ['HP26-%04d' % self.pro], 'WO-HP-%02d' % self.pro,
                              {'HM': [('HM-03%02d' % module, 1)], 'CTRL': [('CU-%04d' % self.pro, 1)],
                               'SHELL': [('FAB-34', 2.0)], 'ZIP': [('ZIP-4', 2)], 'GLUE': [('GLU-1', 4)]}, reach)


def jackets(plan):
    """Orders of five from one module lot; what stays over of a lot goes into mixed orders and into Pro jackets."""
    sewing, good, bad, rests = Sewing(plan), [], [], []

    def day(lot, more):
        return workday(date('01-29') + dt.timedelta(days=7 * (lot - 1) + more))

    def from_rests(pieces):
        parts = []
        while pieces:
            take = min(pieces, rests[0][1])
            parts.append((rests[0][0], take))
            pieces -= take
            rests[0][1] -= take
            if not rests[0][1]:
                rests.pop(0)
        return parts

    for lot in range(1, 11):
        for more in (6, 8):
            good += sewing.five(day(lot, more), [(lot, 5)])
        rests.append([lot, 2])
        if lot in (3, 6, 9):                            # three rests make one order: three lots in, five serials out
            good += sewing.five(day(lot, 11), from_rests(5))
    # the bad lot, order by order
    for lot, more in ((11, 4), (11, 5), (12, 4), (12, 5)):
        bad += sewing.five(day(lot, more), [(lot, 5)], 'certain')
    bad += sewing.one(day(12, 6), 11, 'certain') + sewing.one(day(12, 7), 11, 'certain')
    good += sewing.five(day(13, 8), [(13, 5)])
    bad += sewing.five(day(13, 11), [(12, 2), (13, 3)], 'possible')     # two bad modules among five
    for more in (4, 5, 6):
        bad += sewing.five(day(14, more), [(14, 5)], 'possible')        # modules with packs of mixed cells
    rests.append([13, 4])
    for lot in (15, 16):
        good += sewing.five(day(lot, 4), [(lot, 5)]) + sewing.five(day(lot, 5), [(lot, 5)])
        rests.append([lot, 2])
    for k in range(10):
        (lot, _), = from_rests(1)
        good += sewing.one(day(16, 6 + k // 4), lot)
    assert rests == [[15, 1], [16, 2]], rests           # three modules stay on the shelf
    good += plan.make('05-22', 'HV', ['HV26-%03d' % n for n in range(5, 9)], 'WO-HV-02',
                      {'PACK': [('PK-2616', 4)], 'SHELL': [('FAB-34', 4.8)], 'ZIP': [('ZIP-4', 4)]}, bom='HV pack')
    return good, bad


def inferred_vests(plan):
    """Bare warming cores carry no lot.  One order makes them from the bad lot, one order sews them in."""
    plan.at('04-27', 'produce', product='CORE', bom='CORE', order='WO-CO-01', quantity=4,
            inputs={'CELL': [(BAD_LOT, 8)]}, outputs={'CORE': [(None, 4)]})
    vests = plan.make('05-06', 'HV', ['HV26-%03d' % n for n in range(1, 5)], 'WO-HV-01',
                      {'SHELL': [('FAB-33', 4.8)], 'ZIP': [('ZIP-3', 4)]}, 'inferred', bom='HV core')
    plan.deliver('06-08', 'C12', vests[:2], order='PO-C12-V')
    plan.deliver('07-15', 'C19', vests[2:3], order='PO-C19-V')


def bad_lot_leftovers(plan):
    plan.at('05-12', 'sell', customer='C20', lines=[('CELL', [(BAD_LOT, 4)])], warehouse='WH', order='PO-C20-SPARE')
    plan.at('06-15', 'transfer', source='WH', target='QUAR', parts=[('CELL', BAD_LOT, 45)], note='NCR-26-4')
    plan.at('06-22', 'send_back', supplier=BAD_SUPPLIER, place='QUAR', product='CELL', lot=BAD_LOT, quantity=36,
            note='RMA-GA-17')
    plan.at('06-24', 'count', place='QUAR', lines=[('CELL', BAD_LOT, 6)])        # 9 left, 6 counted: 3 written off
    plan.at('03-10', 'count', place='WH', lines=[('ZIP', 'ZIP-FOUND', 2)])       # found on a shelf, nobody bought it


def must_not_count(plan):
    """Documents that were planned, left open or called off: their moves carry lots, but nothing happened."""
    plan.at('04-28', 'receive', supplier='S4', note='GA-26-029', lines=[('CELL', [(BAD_LOT, 30)])], upto='cancelled')
    plan.at('11-17', 'receive', supplier='S2', note='MB/26/55', lines=[('CELL', [('S2-L31', 30)])], upto='draft')
    plan.at('11-19', 'receive', supplier='S6', note='PS-88-9', lines=[('CELL', [('S6-L32', 20)])], upto='received')
    for day, serial, module, upto in (('04-20', 'HJ26-90004', 'HM-0312', 'cancelled'),
                                      ('11-16', 'HJ26-90001', 'HM-0316', 'draft'),
                                      ('11-17', 'HJ26-90002', 'HM-0315', 'assigned'),
                                      ('11-18', 'HJ26-90003', 'HM-0314', 'running')):
        plan.at(day, 'produce', product='HJ-M', bom='HJ-M', order='WO-OPEN-%s' % serial[-2:], quantity=1, upto=upto,
                inputs={'HM': [(module, 1)], 'SHELL': [('FAB-33', 1.8)], 'ZIP': [('ZIP-3', 1)]},
                outputs={'HJ-M': [(serial, 1)]})


# delivered to the customer and still there, number of units: clean and reached by the bad lot
CLEAN_SOLD = dict(zip(('C%02d' % n for n in range(1, 21)),
                      (9, 3, 7, 2, 6, 4, 8, 5, 1, 10, 6, 3, 7, 2, 5, 4, 9, 12, 8, 3)))
BAD_SOLD = {'C01': 6, 'C02': 1, 'C03': 4, 'C05': 2, 'C08': 3, 'C11': 1, 'C13': 5}
BAD_RETURNED = {'C01': 1, 'C04': 1, 'C13': 1}           # came back and lie in the returns place
FROM_CENTRE = ('C11', 'C13', 'C16')                     # these are served by the distribution centre


def sales(plan, good, bad):
    torn_down = bad[0]
    pool = bad[1:]
    plan.random.shuffle(pool)
    take = lambda n: [pool.pop() for _ in range(n)]     # noqa: E731
    resold = take(1)[0]
    centre_bad = {c: take(BAD_SOLD[c] + BAD_RETURNED.get(c, 0)) for c in ('C11', 'C13')}
    centre_stay, transit, lost = take(5), take(3), take(1)[0]
    main_bad = {c: take(BAD_SOLD.get(c, 0) + BAD_RETURNED.get(c, 0)) for c in ('C01', 'C02', 'C03', 'C04', 'C05', 'C08')}
    plan.main_bad, plan.centre_bad, plan.stay = main_bad, centre_bad, sorted(pool, key=lambda u: u.serial)
    assert len(plan.stay) == 6

    stock = sorted(good, key=lambda u: (u.made, u.serial))
    def clean(n, day):
        got = [u for u in stock if u.made < day][:n]
        assert len(got) == n, (day, n, len(got))
        for unit in got:
            stock.remove(unit)
        return got

    wanted = []                                         # (day, customer, clean units, part)
    days = [workday(date('03-23') + dt.timedelta(days=3 * k)) for k in range(17)]
    late = [workday(date('06-29') + dt.timedelta(days=5 * k)) for k in range(20)]
    for k, (customer, n) in enumerate(CLEAN_SOLD.items()):
        if customer in FROM_CENTRE or n < 4:
            wanted.append((late[k], customer, n, 'B'))
        else:
            wanted += [(days[(7 * k) % 17], customer, n // 2, 'A'), (late[k], customer, n - n // 2, 'B')]
    to_centre = date('06-02')
    centre = clean(25, to_centre)
    plan.transfer(to_centre, centre[:15] + centre_bad['C11'] + centre_bad['C13'][:3], 'TR-1')
    plan.transfer('06-23', centre[15:] + centre_bad['C13'][3:] + centre_stay, 'TR-2')
    # one affected jacket is sold, returned because it does not fit, and sold again
    plan.deliver('06-10', 'C03', [resold], order='PO-C03-R')
    plan.deliver('06-11', 'C09', [torn_down], order='PO-C09-T')
    for customer in ('C07', 'C10', 'C18'):
        plan.deliver('06-17', customer, clean(1, date('06-17')), order='PO-%s-R' % customer)
    for day, customer, n, part in sorted(wanted):
        if customer in FROM_CENTRE:
            units = [centre.pop(0) for _ in range(n)] + centre_bad.get(customer, [])
            plan.deliver(day, customer, units, 'DC', order='PO-%s-%s' % (customer, part))
        else:
            units = clean(n, day) + (main_bad.get(customer, []) if part == 'B' else [])
            plan.deliver(day, customer, units, order='PO-%s-%s' % (customer, part), package=customer in ('C01', 'C14'),
                         invoice=customer == 'C15' and part == 'B')
    plan.transfer('11-18', transit + clean(2, date('11-18')), 'TR-3', arrives=False)
    # written off: the serial was counted and is not there
    lost.fate, lost.place = 'written_off', None
    plan.at('08-24', 'count', place='WH', lines=[(lost.product, lost.serial, 0)])
    # open deliveries: promised, still here
    for day, customer, unit, upto in (('11-16', 'C06', plan.stay[0], 'assigned'), ('11-12', 'C14', plan.stay[1], 'cancelled'),
                                      ('11-17', 'C17', stock[0], 'waiting'), ('11-18', 'C19', stock[1], 'picked')):
        plan.at(day, 'sell', customer=customer, lines=plan.by_product([unit]), warehouse='WH', upto=upto,
                order='PO-%s-OPEN' % customer)
    plan.torn_down, plan.resold = torn_down, resold
    plan.sold_clean = {c: plan.sales['PO-%s' % sale][0] for c, sale in (
        ('C07', 'C07-R'), ('C10', 'C10-R'), ('C18', 'C18-R'), ('C15', 'C15-B'))}


def after_sales(plan):
    def complain(day, customer, sale, text, unit=None, end='done', **more):
        plan.at(day, 'complain', customer=customer, sale=sale, product=unit and unit.product, text=text, end=end, **more)

    def back(unit, customer, sale, day, back_day, text):
        complain(day, customer, sale, '%s, serial %s' % (text, unit.serial), unit, action='sale_return', quantity=1)
        plan.at(back_day, 'take_back', sale=sale, parts={unit.product: [(unit.serial, 1)]}, place='RET')
        plan.come_back(unit)

    for unit, customer, sale, day, back_day, text in (
            (plan.torn_down, 'C09', 'PO-C09-T', '07-20', '07-24', 'Battery swollen'),
            (plan.resold, 'C03', 'PO-C03-R', '07-02', '07-07', 'Wrong size'),
            (plan.main_bad['C01'][0], 'C01', 'PO-C01-B', '09-07', '09-14', 'Battery swollen'),
            (plan.main_bad['C04'][0], 'C04', 'PO-C04-B', '10-05', '10-12', 'Back panel gets too hot'),
            (plan.centre_bad['C13'][0], 'C13', 'PO-C13-B', '11-02', '11-09', 'Smell of burning'),
            (plan.sold_clean['C07'], 'C07', 'PO-C07-R', '08-03', '08-10', 'Zip broken'),
            (plan.sold_clean['C10'], 'C10', 'PO-C10-R', '08-17', '08-21', 'Seam open')):
        back(unit, customer, sale, day, back_day, text)
    plan.at('08-26', 'take_back', customer='C18', place='RET',                  # sent back without a complaint
            parts={plan.sold_clean['C18'].product: [(plan.sold_clean['C18'].serial, 1)]})
    plan.come_back(plan.sold_clean['C18'])
    # sold again
    plan.at('07-09', 'transfer', source='RET', target='WH', parts=[(plan.resold.product, plan.resold.serial, 1)], note='RET-OK')
    plan.resold.fate, plan.resold.place = 'on_hand', 'WH'
    plan.deliver('07-13', 'C17', [plan.resold], order='PO-C17-R')
    # torn down: its heating module goes back to its old lot (a cycle) and into one more jacket.  The scrap gets a
    # lot of its own: under the zip's old lot it would join every garment with that zip to the bad lot.
    unit = plan.torn_down
    plan.at('08-04', 'tear_down', order='WO-TD-01', product=unit.product, lot=unit.serial, place='RET',
            outputs=[('HM', 'HM-0311', 1, 'WH')], waste=[('ZIP', 'ZIP-SCRAP-1', 1)])
    unit.fate = 'torn_down'
    rebuilt = plan.make('08-12', 'HJ-L', ['HJ26-R0001'], 'WO-RB-01',
                        {'HM': [('HM-0311', 1)], 'SHELL': [('FAB-33', 1.8)], 'ZIP': [('ZIP-3', 1)]}, 'certain')
    plan.deliver('10-19', 'C17', rebuilt, order='PO-C17-RB')
    # complaints without goods coming back
    complain('09-21', 'C05', 'PO-C05-B', 'Washed at 60 degrees, not covered', plan.main_bad['C05'][0], end='rejected')
    complain('11-13', 'C08', 'PO-C08-B', 'Module gets hot', plan.main_bad['C08'][0], end='waiting')
    complain('11-19', 'C02', 'PO-C02-B', 'Does not warm any more', plan.main_bad['C02'][0], end='draft')
    complain('11-10', 'C06', 'PO-C06-B', 'Entered twice', end='cancelled')
    complain('10-26', 'C15', 'PO-C15-B', 'Scratched badge, price reduction', plan.sold_clean['C15'], action='credit_note',
             quantity=1, on_invoice=True)


def write_facts(plan):
    received = [(str(date(day)), note, q) for day, _, note, lines in SUPPLIES for p, parts in lines
                for lot, q in parts if lot == BAD_LOT]
    used = [(s.args['order'], q) for s in plan.in_order() if s.kind == 'produce'
            for lot, q in s.args['inputs'].get('CELL', ()) if lot == BAD_LOT]
    plan.facts['bad_lot'] = {
        'number': BAD_LOT, 'product': 'CELL', 'supplier': BAD_SUPPLIER,
        'receipts': [dict(zip(('day', 'note', 'quantity'), r)) for r in received],
        'used': [dict(zip(('order', 'quantity'), u)) for u in used],
        'sold_as_spare': {'C20': 4}, 'returned_to_supplier': 36, 'written_off': 3, 'on_hand': {'QUAR': 6, 'WH': 5}}
    recorded = plan.reached('certain', 'possible')
    inferred = plan.reached('inferred')
    plan.facts['affected'] = {
        'certain': sorted(u.serial for u in plan.reached('certain')),
        'possible': sorted(u.serial for u in plan.reached('possible')),
        'fates': plan.fates(recorded),
        'delivered_to': sorted({c for u in recorded for c in u.buyers}),
        'packs': ['PK-2611', 'PK-2613'], 'modules': ['HM-0311', 'HM-0312', 'HM-0314'],
        'work_in_process': [{'order': 'WO-OPEN-03', 'module': 'HM-0314', 'serial': 'HJ26-90003'}],
        'inferred': {'serials': sorted(u.serial for u in inferred), 'fates': plan.fates(inferred),
                     'through': 'CORE', 'made_by': 'WO-CO-01', 'used_by': 'WO-HV-01'}}
    plan.facts['finished'] = {'total': len(plan.units), 'fates': {
        k: {p: len(s) for p, s in v.items()} if isinstance(v, dict) else len(v)
        for k, v in plan.fates(plan.units.values()).items()}}
    plan.facts['cycle'] = {'torn_down': plan.torn_down.serial, 'order': 'WO-TD-01', 'recovered': 'HM-0311',
                           'rebuilt': 'HJ26-R0001'}
    plan.facts['sold_twice'] = {'serial': plan.resold.serial, 'customers': plan.resold.buyers}
    plan.facts['untracked_inputs'] = ['SCREW', 'WRAP', 'CORE']
    plan.facts['odd_numbers'] = {'leading_zeros': ['000173', '173'], 'one_number_two_products': 'B-100',
                                 'not_ascii': "Ø-ŁÓD/7 'ß'", 'without_supplier': 'ZIP-FOUND'}
    plan.facts['must_not_count'] = ['HJ26-90001', 'HJ26-90002', 'HJ26-90003', 'HJ26-90004', 'S2-L31']
