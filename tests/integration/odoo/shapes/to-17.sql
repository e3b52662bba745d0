-- From the shape of Odoo 18 to that of 17.
ALTER TABLE product_template DROP COLUMN is_storable, ADD COLUMN detailed_type varchar DEFAULT 'product';
ALTER TABLE stock_move DROP COLUMN location_final_id;
