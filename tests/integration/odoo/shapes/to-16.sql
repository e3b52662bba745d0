-- From the shape of Odoo 17 to that of 16: quantities in the line's own unit, repairs and scrap beside the moves, no properties.
ALTER TABLE stock_move_line RENAME COLUMN quantity TO qty_done;
ALTER TABLE stock_move_line DROP COLUMN quantity_product_uom, DROP COLUMN picked, ADD COLUMN reserved_qty numeric DEFAULT 0;
CREATE TABLE repair_line (id integer PRIMARY KEY, repair_id integer, move_id integer, type varchar);
INSERT INTO repair_line SELECT id, repair_id, id, CASE repair_line_type WHEN 'add' THEN 'add' ELSE 'remove' END
  FROM stock_move WHERE repair_line_type IS NOT NULL;
ALTER TABLE stock_scrap ADD COLUMN move_id integer;
UPDATE stock_scrap s SET move_id = m.id FROM stock_move m WHERE m.scrap_id = s.id;
ALTER TABLE stock_move DROP COLUMN repair_line_type, DROP COLUMN scrap_id;
ALTER TABLE stock_lot DROP COLUMN lot_properties;
ALTER TABLE product_product DROP COLUMN lot_properties_definition;
