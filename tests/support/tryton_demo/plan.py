"""The planned story as plain data: steps in time, and the books kept beside them.  No Tryton here.

A step is (day, kind, arguments); populate.py carries the steps out in the order of their days.
The books (finished units with their fate, the bad lot's quantities) are written by the story alone, never by
asking a database.  They end up in story.json and are the second opinion against Tryton's own answers.
"""
import collections
import datetime as dt
import random

AS_OF = dt.date(2026, 11, 20)
BAD_LOT, BAD_SUPPLIER = 'S4-L17', 'S4'

Step = collections.namedtuple('Step', 'day kind args')


def date(text):
    """'03-12' -> 12 March 2026; a weekend moves to the Monday after it."""
    day = dt.date(2026, *map(int, text.split('-')))
    return workday(day)


def workday(day):
    return day + dt.timedelta(days=7 - day.weekday() if day.weekday() > 4 else 0)


class Unit:
    """One finished serial: where the plan has put it."""

    def __init__(self, product, serial, made, order, reach=None):
        self.product, self.serial, self.made, self.order = product, serial, made, order
        self.reach = reach              # None, 'certain', 'possible' or 'inferred': does the bad lot reach it?
        self.fate, self.customer = 'on_hand', None
        self.place = 'WH'
        self.buyers = []                # all customers it was ever delivered to


class Plan:
    def __init__(self, seed=20261120):
        self.random = random.Random(seed)
        self.steps, self.units, self.lots, self.sales = [], {}, {}, {}
        self.facts = {}                 # parts of story.json written by the story itself

    def at(self, day, kind, **args):
        day = date(day) if isinstance(day, str) else day
        assert day <= AS_OF, day
        self.steps.append(Step(day, kind, args))
        return day

    def in_order(self):
        return sorted(self.steps, key=lambda s: s.day)      # stable: within a day as planned

    def lot(self, product, number, best_before=None, expires=None):
        """Dates of a lot that has some; a lot without dates need not be told."""
        self.lots[product, number] = (best_before, expires)
        return number

    # ------------------------------------------------------------ finished units
    def make(self, day, product, serials, order, inputs, reach=None, bom=None):
        day = self.at(day, 'produce', product=product, order=order, bom=bom or product, quantity=len(serials),
                      inputs=inputs, outputs={product: [(s, 1) for s in serials]})
        for serial in serials:
            self.units[serial] = Unit(product, serial, day, order, reach)
        return [self.units[s] for s in serials]

    @staticmethod
    def by_product(units):
        lines = {}
        for unit in units:
            lines.setdefault(unit.product, []).append((unit.serial, 1))
        return sorted(lines.items())

    def deliver(self, day, customer, units, warehouse='WH', order=None, **more):
        assert order not in self.sales, order
        self.sales[order] = units
        for unit in units:
            assert unit.fate == 'on_hand' and unit.place == warehouse, (unit.serial, unit.fate, unit.place)
            unit.fate, unit.customer, unit.place = 'sold', customer, None
            unit.buyers.append(customer)
        self.at(day, 'sell', customer=customer, lines=self.by_product(units), warehouse=warehouse,
                order=order, **more)

    def transfer(self, day, units, note, arrives=True):
        for unit in units:
            assert unit.fate == 'on_hand' and unit.place == 'WH', unit.serial
            unit.place = 'DC' if arrives else None
            unit.fate = 'on_hand' if arrives else 'in_transit'
        self.to_centre(day, [(u.product, u.serial, 1) for u in units], note, arrives)

    def to_centre(self, day, parts, note, arrives=True):
        """The lorry to the distribution centre needs two days: goods are in transit meanwhile."""
        day = self.at(day, 'transfer', source='WH', target='DC', parts=parts, note=note, days=2)
        if arrives:
            self.at(workday(day + dt.timedelta(days=2)), 'arrive', note=note)

    def come_back(self, unit):
        unit.fate, unit.customer, unit.place = 'returned', None, 'RET'

    # ------------------------------------------------------------ the books
    def fates(self, units):
        """Serials by fate; on hand by place and sold by customer."""
        book = {'on_hand': {}, 'in_transit': [], 'sold': {}, 'returned': [], 'written_off': [], 'torn_down': []}
        for unit in sorted(units, key=lambda u: u.serial):
            if unit.fate == 'on_hand':
                book['on_hand'].setdefault(unit.place, []).append(unit.serial)
            elif unit.fate == 'sold':
                book['sold'].setdefault(unit.customer, []).append(unit.serial)
            else:
                book[unit.fate].append(unit.serial)
        book['on_hand'] = dict(sorted(book['on_hand'].items()))
        book['sold'] = dict(sorted(book['sold'].items()))
        return book

    def reached(self, *reach):
        return [u for u in self.units.values() if u.reach in reach]
