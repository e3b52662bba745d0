-- From the shape of Odoo 16 to that of 15: another name of the lots' table, names without translations beside them.
ALTER TABLE stock_lot RENAME TO stock_production_lot;
ALTER TABLE stock_move_line DROP COLUMN reserved_qty, ADD COLUMN product_uom_qty numeric DEFAULT 0,
  ADD COLUMN product_qty numeric DEFAULT 0;
ALTER TABLE product_template ALTER COLUMN name TYPE varchar USING name->>'en_US';
ALTER TABLE uom_uom ALTER COLUMN name TYPE varchar USING name->>'en_US';
