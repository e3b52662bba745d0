-- A small story in the tables of Odoo 18, with the traps that their notes name. A works makes packs from cells and lamps from packs.
-- A line and its move have the same number. Times are UTC.
INSERT INTO res_company VALUES (1, 'Works'), (2, 'Annex');
INSERT INTO res_partner (id, commercial_partner_id, name, street, street2, zip, city, phone, email, ref) VALUES
  (1, 1, 'Nordcell', NULL, NULL, NULL, NULL, '', 'sales@nordcell.example', 'S1'),
  (2, 2, 'Harbour Shops', 'Quay 4', '', '5003', 'Bergen', '+47 5550', 'desk@harbour.example', 'C2'),
  (3, 2, 'East door', 'Quay 9', NULL, NULL, NULL, NULL, NULL, NULL),
  (4, 4, 'Ada Blom', NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO uom_uom (id, name, factor) VALUES (1, '{"en_US": "Units"}', 1), (12, '{"en_US": "kg"}', 1), (13, '{"en_US": "g"}', 1000);
INSERT INTO product_category VALUES (1, 'Parts');
INSERT INTO product_template (id, name, tracking, uom_id, categ_id, company_id, is_storable) VALUES
  (1, '{"en_US": "Cell"}', 'lot', 1, 1, 1, true),
  (2, '{"en_US": "Paste", "de_DE": "Masse"}', 'lot', 13, 1, NULL, true),
  (3, '{"en_US": "Screw"}', 'none', 1, 1, NULL, true),
  (4, '{"en_US": "Pack"}', 'serial', 1, 1, NULL, true),
  (5, '{"en_US": "Lamp"}', 'serial', 1, 1, NULL, true),
  (6, '{"en_US": "Offcut"}', 'none', 1, 1, NULL, true),
  (7, '{"en_US": "Ribbon"}', 'lot', 1, 1, NULL, true),
  (8, '{"en_US": "Cell"}', 'lot', 1, 1, 2, true);
INSERT INTO product_product (id, product_tmpl_id, default_code, barcode) VALUES
  (1, 1, 'CELL', '4006381333931'), (2, 2, 'PASTE', NULL), (3, 3, 'SCREW', 'no number'), (4, 4, 'PACK', NULL), (5, 5, 'LAMP', NULL),
  (6, 6, 'OFFCUT', NULL), (7, 7, 'RIBBON', NULL), (8, 8, 'CELL', NULL);
INSERT INTO stock_location (id, complete_name, usage, location_id, company_id) VALUES
  (4, 'Partners/Vendors', 'supplier', NULL, NULL), (5, 'Partners/Customers', 'customer', NULL, NULL),
  (6, 'Transit', 'transit', NULL, NULL), (7, 'WH', 'view', NULL, 1), (8, 'WH/Stock', 'internal', 7, 1),
  (9, 'WH/Stock/Shelf', 'internal', 8, 1), (14, 'Virtual/Adjustment', 'inventory', NULL, 1), (15, 'Virtual/Production', 'production',
    NULL, 1),
  (16, 'Virtual/Scrap', 'inventory', NULL, 1), (20, 'W2', 'view', NULL, 1), (21, 'W2/Stock', 'internal', 20, 1), (30, 'AX', 'view',
    NULL, 2),
  (31, 'AX/Stock', 'internal', 30, 2);
INSERT INTO stock_picking_type VALUES (1, 'incoming'), (2, 'outgoing'), (3, 'internal');
INSERT INTO stock_picking (id, name, partner_id, picking_type_id) VALUES
  (1, 'IN/1', 1, 1), (2, 'OUT/1', 3, 2), (3, 'IN/2', 3, 1), (4, 'OUT/2', 1, 2), (5, 'OUT/3', 4, 2), (6, 'DS/1', 1, 2), (7, 'INT/1',
    NULL, 3);
INSERT INTO purchase_order VALUES (1, 'P1', 1), (2, 'P2', 1);
INSERT INTO purchase_order_line VALUES (1, 1), (2, 2);
INSERT INTO sale_order VALUES (1, 'S1', 3), (2, 'S2', 3);
INSERT INTO sale_order_line VALUES (1, 1), (2, 2);
INSERT INTO mrp_production (id, name) VALUES (1, 'MO/1'), (2, 'MO/2'), (3, 'MO/3'), (4, 'MO/4'), (5, 'MO/5'), (6, 'MO/6');
INSERT INTO mrp_unbuild (id, name, mo_id) VALUES (1, 'UB/1', 5), (2, 'UB/2', 3);
INSERT INTO repair_order (id, name, partner_id, product_id, lot_id) VALUES (1, 'RO/1', 3, 5, 7);
INSERT INTO stock_scrap (id, name) VALUES (1, 'SP/1'), (2, 'SP/2');
INSERT INTO stock_quant_package (id, name) VALUES (1, 'PACK0000001'), (2, '340123450000000018'), (3, 'PACK0000003'), (4, 'PACK0000004');
INSERT INTO stock_lot (id, name, product_id, company_id, ref, expiration_date, use_date) VALUES
  (1, 'C-1', 1, NULL, NULL, NULL, NULL), (2, 'C-2', 1, NULL, NULL, NULL, NULL),
  (3, 'T-1', 2, NULL, 'our 77', '2027-01-31 12:00:00', '2026-12-31 12:00:00'), (4, 'P-1', 4, NULL, NULL, NULL, NULL),
  (5, 'P-2', 4, NULL, NULL, NULL, NULL), (6, 'P-3', 4, NULL, NULL, NULL, NULL), (7, 'L-1', 5, NULL, NULL, NULL, NULL),
  (8, 'L-2', 5, NULL, NULL, NULL, NULL), (9, 'R-1', 7, NULL, NULL, NULL, NULL), (10, 'R-2', 7, NULL, NULL, NULL, NULL),
  (11, 'C-1', 8, 2, NULL, NULL, NULL), (12, 'P-4', 4, NULL, NULL, NULL, NULL), (15, 'L-3', 5, NULL, NULL, NULL, NULL),
  (17, 'P-5', 4, NULL, NULL, NULL, NULL), (18, 'P-6', 4, NULL, NULL, NULL, NULL);

INSERT INTO stock_move_line (id, date, picking_id, product_id, lot_id, quantity, product_uom_id, quantity_product_uom,
  location_id, location_dest_id, package_id, result_package_id, state) VALUES
  -- Received: the paste is kept in g and bought in kg.
  (1, '2026-03-01 23:30:00', 1, 1, 1, 100, 1, 100, 4, 8, NULL, NULL, 'done'),
  (2, '2026-03-01 23:30:00', 1, 1, 2, 50, 1, 50, 4, 8, NULL, NULL, 'done'),
  (3, '2026-03-01 23:30:00', 1, 2, 3, 1, 12, 1000, 4, 8, NULL, NULL, 'done'),
  -- Reserved and cancelled, with lot and quantity; nothing of it happened. And a line of nothing.
  (4, '2026-03-02 08:00:00', NULL, 1, 1, 30, 1, 30, 8, 15, NULL, NULL, 'assigned'),
  (5, '2026-03-02 08:00:00', 2, 1, 1, 20, 1, 20, 8, 5, NULL, NULL, 'cancel'),
  (7, '2026-03-02 08:00:00', 2, 1, 1, 0, 1, 0, 8, 5, NULL, NULL, 'done'),
  (6, '2026-03-02 09:00:00', NULL, 3, NULL, 500, 1, 500, 14, 8, NULL, NULL, 'done'),
  -- MO/1: pack P-1 with a by-product; two of its cells are scrapped.
  (10, '2026-03-03 10:00:00', NULL, 1, 1, 10, 1, 10, 8, 15, NULL, NULL, 'done'),
  (11, '2026-03-03 10:00:00', NULL, 2, 3, 0.002, 12, 2, 8, 15, NULL, NULL, 'done'),
  (12, '2026-03-03 10:00:00', NULL, 3, NULL, 4, 1, 4, 8, 15, NULL, NULL, 'done'),
  (13, '2026-03-03 10:00:00', NULL, 4, 4, 1, 1, 1, 15, 8, NULL, NULL, 'done'),
  (14, '2026-03-03 10:00:00', NULL, 6, NULL, 1, 1, 1, 15, 8, NULL, NULL, 'done'),
  (15, '2026-03-03 10:05:00', NULL, 1, 1, 2, 1, 2, 8, 16, NULL, NULL, 'done'),
  -- MO/2: two packs in one order, told which cells went into which.
  (20, '2026-03-04 10:00:00', NULL, 1, 1, 10, 1, 10, 8, 15, NULL, NULL, 'done'),
  (21, '2026-03-04 10:00:00', NULL, 1, 2, 10, 1, 10, 8, 15, NULL, NULL, 'done'),
  (22, '2026-03-04 10:00:00', NULL, 4, 5, 1, 1, 1, 15, 8, NULL, NULL, 'done'),
  (23, '2026-03-04 10:00:00', NULL, 4, 6, 1, 1, 1, 15, 8, NULL, NULL, 'done'),
  -- MO/3: two lots in one order that share cells.
  (30, '2026-03-05 10:00:00', NULL, 1, 1, 5, 1, 5, 8, 15, NULL, NULL, 'done'),
  (31, '2026-03-05 10:00:00', NULL, 1, 2, 5, 1, 5, 8, 15, NULL, NULL, 'done'),
  (32, '2026-03-05 10:00:00', NULL, 7, 9, 1, 1, 1, 15, 8, NULL, NULL, 'done'),
  (33, '2026-03-05 10:00:00', NULL, 7, 10, 1, 1, 1, 15, 8, NULL, NULL, 'done'),
  -- MO/4 makes lamp L-1 from pack P-1, MO/5 lamp L-2 from P-2.
  (40, '2026-03-06 10:00:00', NULL, 4, 4, 1, 1, 1, 8, 15, NULL, NULL, 'done'),
  (41, '2026-03-06 10:00:00', NULL, 3, NULL, 6, 1, 6, 8, 15, NULL, NULL, 'done'),
  (42, '2026-03-06 10:00:00', NULL, 2, 3, 0.003, 12, 3, 8, 15, NULL, NULL, 'done'),
  (43, '2026-03-06 10:00:00', NULL, 5, 7, 1, 1, 1, 15, 8, NULL, NULL, 'done'),
  (50, '2026-03-06 11:00:00', NULL, 4, 5, 1, 1, 1, 8, 15, NULL, NULL, 'done'),
  (51, '2026-03-06 11:00:00', NULL, 5, 8, 1, 1, 1, 15, 8, NULL, NULL, 'done'),
  -- L-1 is packed for a delivery to a door of Harbour Shops, and comes back.
  (60, '2026-03-07 10:00:00', 2, 5, 7, 1, 1, 1, 8, 5, NULL, 1, 'done'),
  (61, '2026-03-08 10:00:00', 3, 5, 7, 1, 1, 1, 5, 8, 1, NULL, 'done'),
  -- RO/1: pack P-3 for P-1, a gram of paste kept.
  (70, '2026-03-09 10:00:00', NULL, 4, 6, 1, 1, 1, 8, 15, NULL, NULL, 'done'),
  (71, '2026-03-09 10:00:00', NULL, 4, 4, 1, 1, 1, 15, 16, NULL, NULL, 'done'),
  (72, '2026-03-09 10:00:00', NULL, 2, 3, 1, 13, 1, 15, 8, NULL, NULL, 'done'),
  (73, '2026-03-09 10:00:00', NULL, 5, 7, 1, 1, 1, 8, 8, NULL, NULL, 'done'),
  -- UB/1 takes L-2 apart, MO/6 uses its pack again. UB/2 takes ribbon R-1 apart, whose cells go back to their lot.
  (80, '2026-03-10 10:00:00', NULL, 5, 8, 1, 1, 1, 8, 15, NULL, NULL, 'done'),
  (81, '2026-03-10 10:00:00', NULL, 4, 5, 1, 1, 1, 15, 8, NULL, NULL, 'done'),
  (82, '2026-03-10 12:00:00', NULL, 4, 5, 1, 1, 1, 8, 15, NULL, NULL, 'done'),
  (83, '2026-03-10 12:00:00', NULL, 5, 15, 1, 1, 1, 15, 8, NULL, NULL, 'done'),
  (84, '2026-03-10 13:00:00', NULL, 7, 9, 1, 1, 1, 8, 15, NULL, NULL, 'done'),
  (85, '2026-03-10 13:00:00', NULL, 1, 1, 5, 1, 5, 15, 8, NULL, NULL, 'done'),
  -- Back to the supplier, to a shelf, to the other warehouse by way of transit, scrapped, counted short.
  (90, '2026-03-11 10:00:00', 4, 1, 2, 3, 1, 3, 8, 4, NULL, NULL, 'done'),
  (91, '2026-03-11 10:00:00', 7, 1, 1, 7, 1, 7, 8, 9, NULL, NULL, 'done'),
  (92, '2026-03-11 11:00:00', NULL, 1, 1, 4, 1, 4, 8, 6, NULL, NULL, 'done'),
  (93, '2026-03-11 12:00:00', NULL, 1, 1, 4, 1, 4, 6, 21, NULL, NULL, 'done'),
  (94, '2026-03-11 13:00:00', NULL, 1, 1, 1, 1, 1, 8, 16, NULL, NULL, 'done'),
  (95, '2026-03-11 14:00:00', NULL, 1, 1, 1, 1, 1, 8, 14, NULL, NULL, 'done'),
  -- Packed, moved whole, delivered; packed and unpacked again.
  (96, '2026-03-12 10:00:00', NULL, 1, 1, 10, 1, 10, 8, 8, NULL, 2, 'done'),
  (97, '2026-03-12 11:00:00', 7, 1, 1, 10, 1, 10, 8, 21, 2, 2, 'done'),
  (98, '2026-03-12 12:00:00', 5, 1, 1, 10, 1, 10, 21, 5, 2, 2, 'done'),
  (99, '2026-03-12 13:00:00', NULL, 1, 1, 6, 1, 6, 8, 8, NULL, 3, 'done'),
  (100, '2026-03-12 14:00:00', NULL, 1, 1, 6, 1, 6, 8, 8, 3, NULL, 'done'),
  -- Sold in a shop to nobody in particular; from the supplier straight to the customer; the other company's lot of the same number.
  (101, '2026-03-13 10:00:00', NULL, 1, 1, 1, 1, 1, 8, 5, NULL, NULL, 'done'),
  (102, '2026-03-13 11:00:00', 6, 4, 12, 1, 1, 1, 4, 5, NULL, NULL, 'done'),
  (103, '2026-03-13 12:00:00', NULL, 8, 11, 9, 1, 9, 4, 31, NULL, NULL, 'done'),
  -- Two serials in a package that is received, moved and delivered whole.
  (104, '2026-03-14 10:00:00', 1, 4, 17, 1, 1, 1, 4, 8, NULL, 4, 'done'),
  (105, '2026-03-14 10:00:00', 1, 4, 18, 1, 1, 1, 4, 8, NULL, 4, 'done'),
  (106, '2026-03-14 11:00:00', 7, 4, 17, 1, 1, 1, 8, 21, 4, 4, 'done'),
  (107, '2026-03-14 11:00:00', 7, 4, 18, 1, 1, 1, 8, 21, 4, 4, 'done'),
  (108, '2026-03-14 12:00:00', 5, 4, 17, 1, 1, 1, 21, 5, 4, 4, 'done'),
  (109, '2026-03-14 12:00:00', 5, 4, 18, 1, 1, 1, 21, 5, 4, 4, 'done');

INSERT INTO stock_move (id, state) SELECT id, state FROM stock_move_line;
UPDATE stock_move_line SET move_id = id, create_date = '2026-10-01', picked = state = 'done';
UPDATE stock_move SET purchase_line_id = 1 WHERE id IN (1, 2, 3, 90);
UPDATE stock_move SET sale_line_id = 1 WHERE id IN (60, 61);
UPDATE stock_move SET purchase_line_id = 2, sale_line_id = 2, partner_id = 3 WHERE id = 102;
UPDATE stock_move SET is_inventory = true WHERE id IN (6, 95);
UPDATE stock_move SET raw_material_production_id = 1 WHERE id IN (10, 11, 12, 15);
UPDATE stock_move SET production_id = 1 WHERE id IN (13, 14);
UPDATE stock_move SET scrapped = true, scrap_id = 1 WHERE id = 15;
UPDATE stock_move SET raw_material_production_id = 2 WHERE id IN (20, 21);
UPDATE stock_move SET production_id = 2 WHERE id IN (22, 23);
UPDATE stock_move SET raw_material_production_id = 3 WHERE id IN (30, 31);
UPDATE stock_move SET production_id = 3 WHERE id IN (32, 33);
UPDATE stock_move SET raw_material_production_id = 4 WHERE id IN (40, 41, 42);
UPDATE stock_move SET production_id = 4 WHERE id = 43;
UPDATE stock_move SET raw_material_production_id = 5 WHERE id = 50;
UPDATE stock_move SET production_id = 5 WHERE id = 51;
UPDATE stock_move SET repair_id = 1 WHERE id IN (70, 71, 72, 73);
UPDATE stock_move SET repair_line_type = 'add' WHERE id = 70;
UPDATE stock_move SET repair_line_type = 'remove', scrapped = true WHERE id = 71;
UPDATE stock_move SET repair_line_type = 'recycle' WHERE id = 72;
UPDATE stock_move SET unbuild_id = 1 WHERE id IN (80, 81);
UPDATE stock_move SET raw_material_production_id = 6 WHERE id = 82;
UPDATE stock_move SET production_id = 6 WHERE id = 83;
UPDATE stock_move SET unbuild_id = 2 WHERE id IN (84, 85);
UPDATE stock_move SET scrapped = true, scrap_id = 2 WHERE id = 94;
-- consume_line_id is the line that was produced, produce_line_id the one that was consumed.
INSERT INTO stock_move_line_consume_rel (consume_line_id, produce_line_id) VALUES
  (13, 10), (13, 11), (13, 12), (14, 10), (14, 11), (14, 12), (22, 20), (23, 21), (32, 30), (33, 30), (33, 31), (43, 40), (43, 41), (43,
    42),
  (51, 50), (73, 70), (73, 71), (73, 72), (83, 82);
