"""Carries out the story's steps in Tryton through proteus: the same models, buttons and workflows a clerk uses.

One method per kind of step.  Knows Tryton's documents, not the story.
"""
import datetime as dt
from decimal import Decimal

from proteus import Model
from trytond.exceptions import UserWarning

from company import model


class Erp:
    def __init__(self, config, base, lot_dates):
        self.config, self.base, self.lot_dates = config, base, lot_dates
        self.lots, self.sales, self.transfers = {}, {}, {}

    # ------------------------------------------------------------ small tools
    def press(self, record, button):
        """Press a button; a warning is answered with yes, as a user would."""
        for _ in range(4):
            try:
                return record.click(button)
            except UserWarning as warning:
                model('res.user.warning', user=Model.get('res.user')(self.config.user), name=warning.name,
                      always=False).save()
        raise RuntimeError('%s: still warned' % button)

    def press_all(self, record, *buttons):
        for button in buttons:
            if self.press(record, button) is False:
                raise RuntimeError('%s refused for %s' % (button, record.rec_name))
        return type(record)(record.id)

    def lot(self, code, number):
        if number is None:
            return None
        if (code, number) not in self.lots:
            best_before, expires = self.lot_dates.get((code, number), (None, None))
            lot = model('stock.lot', product=self.base.product[code], number=number)
            lot.shelf_life_expiration_date, lot.expiration_date = best_before, expires
            lot.save()
            self.lots[code, number] = lot.id
        return Model.get('stock.lot')(self.lots[code, number])

    def share(self, move, code, parts):
        """Give a saved draft move its lots; one move per lot, as Tryton's wizard "Add lots" leaves them."""
        Move = Model.get('stock.move')
        move = Move(move.id)
        number, quantity = parts[0]
        if abs(move.quantity - quantity) > 1e-9:
            move.quantity = quantity
        move.lot = self.lot(code, number)
        move.save()
        for number, quantity in parts[1:]:
            Move.copy([move.id], {'quantity': quantity, 'lot': self.lot(code, number).id}, self.config.context)

    def add_move(self, moves, code, lot, quantity, source, target):
        move = moves.new()
        move.product, move.quantity = self.base.product[code], quantity
        move.from_location, move.to_location = source, target
        move.lot = self.lot(code, lot)
        move.unit_price, move.currency = Decimal('0'), self.base.currency
        return move

    # ------------------------------------------------------------ buying
    def receive(self, day, supplier, note, lines, upto='done'):
        base = self.base
        order = model('purchase.purchase', party=base.party[supplier], purchase_date=day, invoice_method='manual',
                      payment_term=base.term, warehouse=base.warehouse['WH'])
        for code, parts in lines:
            line = order.lines.new(product=base.product[code])
            line.quantity = sum(quantity for _, quantity in parts)
            line.unit_price = base.product[code].cost_price
        order = self.press_all(order, 'quote', 'confirm')
        if order.state == 'confirmed':
            order = self.press_all(order, 'process')
        shipment = model('stock.shipment.in', supplier=base.party[supplier], reference=note, warehouse=base.warehouse['WH'],
                         planned_date=day, effective_date=day)
        for line in order.lines:
            shipment.incoming_moves.extend(Model.get('stock.move')(m.id) for m in line.moves)
        shipment.save()
        for line, (code, parts) in zip(order.lines, lines):
            if parts != [(None, line.quantity)]:
                self.share(line.moves[0], code, parts)
        shipment = type(shipment)(shipment.id)
        self.press_all(shipment, *{'draft': (), 'cancelled': ('cancel',), 'received': ('receive',),
                                   'done': ('receive', 'done')}[upto])

    def send_back(self, day, supplier, place, product, lot, quantity, note):
        base = self.base
        shipment = model('stock.shipment.in.return', supplier=base.party[supplier], from_location=base.place[place],
                         to_location=base.suppliers, reference=note, planned_date=day, effective_date=day)
        self.add_move(shipment.moves, product, lot, quantity, base.place[place], base.suppliers)
        shipment.save()
        self.press_all(shipment, 'wait', 'assign_try', 'done')

    # ------------------------------------------------------------ making
    def produce(self, day, product, order, bom, quantity, inputs, outputs, extra=(), upto='done'):
        base = self.base
        work = model('production', warehouse=base.warehouse['WH'], product=base.product[product], bom=base.bom[bom])
        work.quantity, work.reference = quantity, order
        work.planned_date = work.planned_start_date = work.effective_start_date = work.effective_date = day
        for code, lot, amount in extra:                 # an input the bill of material does not know
            move = self.add_move(work.inputs, code, lot, amount, base.place['WH'], work.location)
            move.company = base.company
        work.save()
        work = type(work)(work.id)
        for moves, wanted in ((work.inputs, inputs), (work.outputs, outputs)):
            for move in list(moves):
                parts = wanted.get(move.product.code)
                if parts and parts[0][0]:
                    self.share(move, move.product.code, parts)
        work = type(work)(work.id)
        steps = {'draft': (), 'assigned': ('wait', 'assign_try'), 'cancelled': ('wait', 'assign_try', 'cancel'),
                 'running': ('wait', 'assign_try', 'run'), 'done': ('wait', 'assign_try', 'run', 'done')}
        self.press_all(work, *steps[upto])

    def tear_down(self, day, order, product, lot, place, outputs, waste):
        """One unit goes in; parts come out, under their old lots; the rest is scrap."""
        base = self.base
        work = model('production', warehouse=base.warehouse['WH'], product=base.product[product], reference=order)
        work.planned_date = work.planned_start_date = work.effective_start_date = work.effective_date = day
        rows = [(work.inputs, product, lot, 1, base.place[place], work.location)]
        rows += [(work.outputs, code, number, q, work.location, base.place[to]) for code, number, q, to in outputs]
        rows += [(work.outputs, code, number, q, work.location, base.place['SCRAP']) for code, number, q in waste]
        for row in rows:
            self.add_move(*row).company = base.company
        work.save()
        self.press_all(work, 'wait', 'assign_try', 'run', 'done')

    # ------------------------------------------------------------ selling
    def sell(self, day, customer, lines, warehouse, order, upto='done', package=False, invoice=False):
        base = self.base
        sale = model('sale.sale', party=base.party[customer], sale_date=day, reference=order, payment_term=base.term,
                     invoice_method='order' if invoice else 'manual', warehouse=base.warehouse[warehouse])
        for code, parts in lines:
            sale.lines.new(product=base.product[code]).quantity = sum(quantity for _, quantity in parts)
        sale = self.press_all(sale, 'quote', 'confirm')
        if sale.state == 'confirmed':
            sale = self.press_all(sale, 'process')
        self.sales[order] = sale.id
        shipment, = sale.shipments
        shipment = Model.get('stock.shipment.out')(shipment.id)
        shipment.planned_date = shipment.effective_date = day
        shipment.save()
        if upto != 'waiting':
            for move in list(shipment.inventory_moves):
                self.share(move, move.product.code, dict(lines)[move.product.code])
            shipment = type(shipment)(shipment.id)
            shipment = self.press_all(shipment, *{
                'assigned': ('assign_try',), 'cancelled': ('assign_try', 'cancel'), 'picked': ('assign_try', 'pick'),
                'done': ('assign_try', 'pick')}[upto])
        if upto == 'done':
            if package:
                self.pack(shipment)
            self.press_all(shipment, 'pack', 'done')
        if invoice:
            bill, = type(sale)(sale.id).invoices
            bill.invoice_date = day
            bill.save()
            self.press_all(bill, 'post')

    def pack(self, shipment):
        if not hasattr(self.base, 'carton'):
            self.base.carton = model('stock.package.type', name='Carton')
            self.base.carton.save()
        package = model('stock.package', type=self.base.carton, shipment=shipment)
        package.moves.extend(Model.get('stock.move')(m.id) for m in shipment.outgoing_moves if m.quantity)
        package.save()

    # ------------------------------------------------------------ after sales
    def complain(self, day, customer, sale, text, end, product=None, action=None, quantity=None, on_invoice=False):
        sale = Model.get('sale.sale')(self.sales[sale])
        origin = sale
        if product:
            rows = sale.invoices[0].lines if on_invoice else sale.lines
            origin = next(row for row in rows if row.product and row.product.code == product)
        kind = {'sale.sale': 'sale.sale', 'sale.line': 'sale.line'}.get(origin.__class__.__name__, 'account.invoice.line')
        complaint = model('sale.complaint', customer=self.base.party[customer], date=day, description=text,
                          reference='T-' + sale.reference)
        complaint.type = self.base.complaint_type[kind]
        complaint.origin = origin
        if action:
            wanted = complaint.actions.new(action=action)
            wanted.quantity = float(quantity)
        complaint.save()
        self.press_all(complaint, *{'draft': (), 'waiting': ('wait',), 'rejected': ('wait', 'reject'),
                                    'cancelled': ('cancel',), 'done': ('wait', 'approve')}[end])

    def take_back(self, day, parts, place, sale=None, customer=None):
        """Goods come back: by the return order a complaint has made, or without any order."""
        base = self.base
        if sale:
            order, = Model.get('sale.sale').find([
                ('origin.reference', '=', 'T-' + Model.get('sale.sale')(self.sales[sale]).reference, 'sale.complaint'),
                ('state', '=', 'draft')])
            order.invoice_method, order.sale_date = 'manual', day
            order.save()
            order = self.press_all(order, 'quote', 'confirm')
            if order.state == 'confirmed':
                order = self.press_all(order, 'process')
            shipment, = order.shipment_returns
            shipment = Model.get('stock.shipment.out.return')(shipment.id)
            shipment.planned_date = shipment.effective_date = day
            shipment.save()
            for move in list(shipment.incoming_moves):
                self.share(move, move.product.code, parts[move.product.code])
        else:
            shipment = model('stock.shipment.out.return', customer=base.party[customer], warehouse=base.warehouse['WH'],
                             planned_date=day, effective_date=day)
            for code, rows in parts.items():
                for number, quantity in rows:
                    self.add_move(shipment.incoming_moves, code, number, quantity, base.customers,
                                  base.warehouse['WH'].input_location)
            shipment.save()
        shipment = self.press_all(type(shipment)(shipment.id), 'receive')
        for move in shipment.inventory_moves:
            move.to_location = base.place[place]
            move.save()
        self.press_all(type(shipment)(shipment.id), 'done')

    # ------------------------------------------------------------ inside the house
    def transfer(self, day, source, target, parts, note, days=0):
        """Within a warehouse at once; with days on the road the goods wait in Tryton's transit location."""
        base = self.base
        shipment = model('stock.shipment.internal', reference=note, from_location=base.place[source],
                         to_location=base.place[target])
        shipment.planned_date = day + dt.timedelta(days=days)
        shipment.planned_start_date = shipment.effective_start_date = day
        if not days:
            shipment.effective_date = day
        for code, number, quantity in parts:
            move = shipment.moves.new()
            move.product, move.quantity = base.product[code], quantity
            move.from_location, move.to_location = base.place[source], base.place[target]
            move.lot = self.lot(code, number)
        shipment.save()
        self.transfers[note] = self.press_all(shipment, 'wait', 'assign_try', 'ship' if days else 'done').id

    def arrive(self, day, note):
        shipment = Model.get('stock.shipment.internal')(self.transfers[note])
        shipment.effective_date = day
        shipment.save()
        self.press_all(shipment, 'done')

    def count(self, day, place, lines):
        """A stock count; Tryton moves the difference to or from lost and found."""
        count = model('stock.inventory', location=self.base.place[place], date=day, empty_quantity='keep')
        for code, number, quantity in lines:
            line = count.lines.new(product=self.base.product[code])
            line.lot = self.lot(code, number)
            line.quantity = quantity
        count.save()
        self.press_all(count, 'confirm')
