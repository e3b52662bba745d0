"""A settable clock for Tryton on SQLite.

Tryton stamps each row with the time of its transaction and asks "what is today?" in many places.  Here both
come from a clock that stands on the day of the story.  So create_date and write_date tell a believable record
time, today's real date does not matter, and two runs give the same bytes.
It touches the clock only: no table, no model, no rule of Tryton.
"""
import datetime as dt


class StoryClock:
    """Goes forward only; each new transaction is `step` later than the one before."""

    step = dt.timedelta(seconds=41, microseconds=1375)

    def __init__(self, day):
        self._time = dt.datetime.combine(day, dt.time(7, 0))
        self._transaction = None

    def go_to(self, day):
        self._time = max(self._time, dt.datetime.combine(day, dt.time(7, 0)))

    def today(self):
        return self._time.date()

    def stamp(self, transaction):
        if transaction != self._transaction:        # one time for all rows of a transaction, as in Tryton
            self._transaction = transaction
            self._time += self.step
        return self._time.isoformat(' ', 'microseconds')


def install(day):
    """Put a story clock into Tryton.  Call it after the configuration is read and before a database opens."""
    from trytond.backend.sqlite import database
    from trytond.ir.date import Date
    from trytond.transaction import Transaction
    clock = StoryClock(day)
    database.now = lambda: clock.stamp(Transaction().started_at)
    Date.today = staticmethod(lambda timezone=None: clock.today())
    return clock
