-- From the shape of Odoo 14 to that of 13: another name of the expiry.
ALTER TABLE stock_production_lot RENAME COLUMN expiration_date TO life_date;
