-- From the shape of Odoo 15 to that of 14: counts are documents.
CREATE TABLE stock_inventory (id integer PRIMARY KEY, name varchar);
INSERT INTO stock_inventory VALUES (1, 'Count of March');
ALTER TABLE stock_move ADD COLUMN inventory_id integer;
UPDATE stock_move SET inventory_id = 1 WHERE is_inventory;
ALTER TABLE stock_move DROP COLUMN is_inventory;
ALTER TABLE product_template DROP COLUMN detailed_type;
