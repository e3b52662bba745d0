-- A made-up ERP of a small tea packer, for the tutorial core/docs/map-your-erp.md. Plain SQL: sqlite3 and PostgreSQL take it as it is.
-- Leaf comes from two suppliers, is blended, filled into tins and delivered; one tin came back.
CREATE TABLE article (article_id INTEGER PRIMARY KEY, article_no VARCHAR(20) NOT NULL, description VARCHAR(60) NOT NULL,
  unit VARCHAR(10) NOT NULL, changed_at TIMESTAMP NOT NULL);
CREATE TABLE partner (partner_id INTEGER PRIMARY KEY, partner_no VARCHAR(20) NOT NULL, name VARCHAR(60) NOT NULL, email VARCHAR(60),
  changed_at TIMESTAMP NOT NULL);
CREATE TABLE storage_place (place_id INTEGER PRIMARY KEY, code VARCHAR(10) NOT NULL, name VARCHAR(60) NOT NULL, changed_at TIMESTAMP NOT NULL);
CREATE TABLE batch (batch_id INTEGER PRIMARY KEY, batch_no VARCHAR(30) NOT NULL, article_id INTEGER NOT NULL REFERENCES article,
  best_before DATE, changed_at TIMESTAMP NOT NULL);
CREATE TABLE goods_receipt (receipt_id INTEGER PRIMARY KEY, receipt_no VARCHAR(20) NOT NULL,
  partner_id INTEGER NOT NULL REFERENCES partner, received_on DATE NOT NULL, changed_at TIMESTAMP NOT NULL);
CREATE TABLE goods_receipt_line (line_id INTEGER PRIMARY KEY, receipt_id INTEGER NOT NULL REFERENCES goods_receipt,
  batch_id INTEGER NOT NULL REFERENCES batch, place_id INTEGER NOT NULL REFERENCES storage_place, quantity NUMERIC(12, 3) NOT NULL);
CREATE TABLE work_order (order_id INTEGER PRIMARY KEY, order_no VARCHAR(20) NOT NULL, status VARCHAR(10) NOT NULL, finished_on DATE,
  changed_at TIMESTAMP NOT NULL);
CREATE TABLE work_order_input (line_id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL REFERENCES work_order,
  batch_id INTEGER NOT NULL REFERENCES batch, place_id INTEGER NOT NULL REFERENCES storage_place, quantity NUMERIC(12, 3) NOT NULL);
CREATE TABLE work_order_output (line_id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL REFERENCES work_order,
  batch_id INTEGER NOT NULL REFERENCES batch, place_id INTEGER NOT NULL REFERENCES storage_place, quantity NUMERIC(12, 3) NOT NULL);
CREATE TABLE delivery (delivery_id INTEGER PRIMARY KEY, delivery_no VARCHAR(20) NOT NULL,
  partner_id INTEGER NOT NULL REFERENCES partner, delivered_on DATE NOT NULL, changed_at TIMESTAMP NOT NULL);
CREATE TABLE delivery_line (line_id INTEGER PRIMARY KEY, delivery_id INTEGER NOT NULL REFERENCES delivery,
  batch_id INTEGER NOT NULL REFERENCES batch, place_id INTEGER NOT NULL REFERENCES storage_place, quantity NUMERIC(12, 3) NOT NULL);
CREATE TABLE customer_return (return_id INTEGER PRIMARY KEY, return_no VARCHAR(20) NOT NULL,
  partner_id INTEGER NOT NULL REFERENCES partner, returned_on DATE NOT NULL, changed_at TIMESTAMP NOT NULL);
CREATE TABLE customer_return_line (line_id INTEGER PRIMARY KEY, return_id INTEGER NOT NULL REFERENCES customer_return,
  batch_id INTEGER NOT NULL REFERENCES batch, place_id INTEGER NOT NULL REFERENCES storage_place, quantity NUMERIC(12, 3) NOT NULL);
CREATE TABLE purchase_order_line (line_id INTEGER PRIMARY KEY, article_id INTEGER NOT NULL REFERENCES article, quantity NUMERIC(12, 3) NOT NULL,
  due_on DATE NOT NULL);

INSERT INTO article VALUES
  (1, 'LEAF-A', 'Assam leaf', 'kg', '2026-01-05 08:00:00'), (2, 'LEAF-C', 'Ceylon leaf', 'kg', '2026-01-05 08:00:00'),
  (3, 'BLEND-E', 'English blend', 'kg', '2026-01-05 08:00:00'), (4, 'TIN-E', 'English blend, tin of 250 g', 'tin', '2026-01-05 08:00:00');
INSERT INTO partner VALUES
  (1, 'S1', 'Upper Brahma Estate', 'lots@brahma.example', '2026-01-05 08:00:00'), (2, 'S2', 'Hill Garden', NULL, '2026-01-05 08:00:00'),
  (3, 'C1', 'Harbour Grocer', 'goods@harbour.example', '2026-01-05 08:00:00'), (4, 'C2', 'Station Cafe', NULL, '2026-01-05 08:00:00');
INSERT INTO storage_place VALUES (1, 'RAW', 'Leaf store', '2026-01-05 08:00:00'), (2, 'FIN', 'Finished goods', '2026-01-05 08:00:00');
INSERT INTO batch VALUES
  (1, 'A-11', 1, '2028-01-31', '2026-02-02 09:00:00'), (2, 'C-07', 2, '2028-02-28', '2026-02-03 09:00:00'),
  (3, 'B-501', 3, '2027-12-31', '2026-02-10 15:00:00'), (4, 'T-9001', 4, '2027-12-31', '2026-02-12 15:00:00'),
  (5, 'B-502', 3, '2027-12-31', '2026-02-16 15:00:00');
INSERT INTO goods_receipt VALUES (1, 'GR-101', 1, '2026-02-02', '2026-02-02 09:00:00'), (2, 'GR-102', 2, '2026-02-03', '2026-02-03 09:00:00');
INSERT INTO goods_receipt_line VALUES (1, 1, 1, 1, 60), (2, 2, 2, 1, 40);
INSERT INTO work_order VALUES
  (1, 'WO-1', 'done', '2026-02-10', '2026-02-10 15:00:00'), (2, 'WO-2', 'done', '2026-02-12', '2026-02-12 15:00:00'),
  (3, 'WO-3', 'cancelled', '2026-02-16', '2026-02-16 15:00:00'), (4, 'WO-4', 'planned', NULL, '2026-02-17 08:00:00');
INSERT INTO work_order_input VALUES (1, 1, 1, 1, 30), (2, 1, 2, 1, 20), (3, 2, 3, 2, 25), (4, 3, 1, 1, 10), (5, 4, 2, 1, 5);
INSERT INTO work_order_output VALUES (1, 1, 3, 2, 50), (2, 2, 4, 2, 100), (3, 3, 5, 2, 10);
INSERT INTO delivery VALUES (1, 'DN-1', 3, '2026-02-18', '2026-02-18 11:00:00'), (2, 'DN-2', 4, '2026-02-19', '2026-02-19 11:00:00');
INSERT INTO delivery_line VALUES (1, 1, 4, 2, 60), (2, 2, 4, 2, 15);
INSERT INTO customer_return VALUES (1, 'RT-1', 4, '2026-02-25', '2026-02-25 10:00:00');
INSERT INTO customer_return_line VALUES (1, 1, 4, 2, 1);
INSERT INTO purchase_order_line VALUES (1, 1, 50, '2026-03-15');
