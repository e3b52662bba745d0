-- Tables of Odoo 18 with the columns that config/erp/odoo-18.yaml reads, and the few that the shapes of earlier versions are made of.
CREATE TABLE mrp_production (id integer PRIMARY KEY, name varchar, write_date timestamp DEFAULT '2026-10-01');
CREATE TABLE mrp_unbuild (id integer PRIMARY KEY, mo_id integer, name varchar, write_date timestamp DEFAULT '2026-10-01');
CREATE TABLE product_category (id integer PRIMARY KEY, name varchar);
CREATE TABLE product_product (id integer PRIMARY KEY, barcode varchar, default_code varchar, lot_properties_definition jsonb,
  product_tmpl_id integer, create_date timestamp, write_date timestamp DEFAULT '2026-10-01');
CREATE TABLE product_template (id integer PRIMARY KEY, categ_id integer, company_id integer, is_storable boolean, name jsonb,
  tracking varchar, uom_id integer, create_date timestamp, write_date timestamp DEFAULT '2026-10-01');
CREATE TABLE purchase_order (id integer PRIMARY KEY, name varchar, partner_id integer);
CREATE TABLE purchase_order_line (id integer PRIMARY KEY, order_id integer);
CREATE TABLE repair_order (id integer PRIMARY KEY, lot_id integer, name varchar, partner_id integer, product_id integer,
  write_date timestamp DEFAULT '2026-10-01');
CREATE TABLE res_company (id integer PRIMARY KEY, name varchar);
CREATE TABLE res_partner (id integer PRIMARY KEY, commercial_partner_id integer, email varchar, name varchar, phone varchar,
  street varchar, street2 varchar, zip varchar, city varchar,
  ref varchar, create_date timestamp, write_date timestamp DEFAULT '2026-10-01');
CREATE TABLE sale_order (id integer PRIMARY KEY, name varchar, partner_shipping_id integer);
CREATE TABLE sale_order_line (id integer PRIMARY KEY, order_id integer);
CREATE TABLE stock_location (id integer PRIMARY KEY, company_id integer, complete_name varchar, location_id integer, usage varchar,
  create_date timestamp, write_date timestamp DEFAULT '2026-10-01');
CREATE TABLE stock_lot (id integer PRIMARY KEY, company_id integer, lot_properties jsonb, name varchar, product_id integer,
  ref varchar, create_date timestamp, expiration_date timestamp, removal_date timestamp, use_date timestamp,
  write_date timestamp DEFAULT '2026-10-01');
CREATE TABLE stock_move (id integer PRIMARY KEY, consume_unbuild_id integer, is_inventory boolean, location_final_id integer,
  partner_id integer, production_id integer, purchase_line_id integer, raw_material_production_id integer, repair_id integer,
  repair_line_type varchar, sale_line_id integer, scrap_id integer, scrapped boolean, state varchar, unbuild_id integer,
  write_date timestamp DEFAULT '2026-10-01');
CREATE TABLE stock_move_line (id integer PRIMARY KEY, date timestamp, location_dest_id integer, location_id integer, lot_id integer,
  move_id integer, package_id integer, picked boolean, picking_id integer, product_id integer, product_uom_id integer,
  quantity numeric, quantity_product_uom numeric, result_package_id integer, state varchar, create_date timestamp,
  write_date timestamp DEFAULT '2026-10-01');
CREATE TABLE stock_move_line_consume_rel (consume_line_id integer, produce_line_id integer);
CREATE TABLE stock_picking (id integer PRIMARY KEY, name varchar, partner_id integer, picking_type_id integer,
  write_date timestamp DEFAULT '2026-10-01');
CREATE TABLE stock_picking_type (id integer PRIMARY KEY, code varchar);
CREATE TABLE stock_quant_package (id integer PRIMARY KEY, name varchar, create_date timestamp,
  write_date timestamp DEFAULT '2026-10-01');
CREATE TABLE stock_scrap (id integer PRIMARY KEY, name varchar);
CREATE TABLE uom_uom (id integer PRIMARY KEY, factor numeric, name jsonb);
