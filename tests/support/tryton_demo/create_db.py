"""Make an empty Tryton database and activate the modules the story needs, under the story's clock.

usage: create_db.py TRYTOND_CONF DATABASE tables|modules     (TRYTONPASSFILE names a file with the admin password)
"""
import datetime as dt
import runpy
import shutil
import sys

import clock

MODULES = ('company currency country party product account account_product account_invoice account_invoice_stock '
           'stock stock_lot stock_lot_sled stock_lot_unit stock_package production purchase sale '
           'sale_complaint').split()
FIRST_DAY = dt.date(2026, 1, 2)


def admin(conf, *args):
    """Run trytond-admin inside this process, so that the clock holds for it too."""
    sys.argv = ['trytond-admin', '-c', conf, *args]
    try:
        runpy.run_path(shutil.which('trytond-admin', path='/usr/bin:/usr/local/bin'), run_name='__main__')
    except SystemExit as stop:
        if stop.code:
            raise


def main():
    conf, database, step = sys.argv[1:4]
    from trytond.config import config
    config.update_etc(conf)
    clock.install(FIRST_DAY if step == 'tables' else FIRST_DAY + dt.timedelta(days=1))
    if step == 'tables':
        admin(conf, '-d', database, '--all', '--email', 'admin@example.com')
    else:
        admin(conf, '-d', database, '-u', *MODULES, '--activate-dependencies')


main()
