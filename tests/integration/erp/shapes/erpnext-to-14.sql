-- From the tables of ERPNext 15 to those of 14: serial numbers as lines of a text and one batch in the ledger's rows, no bundles. A bundle
-- of several batches becomes a row for each, as 14 asks for a line for each.
CREATE TABLE "lots" AS
  SELECT s.name AS row_name, e.batch_no, SUM(ABS(e.qty)) AS quantity,
    NULLIF(GROUP_CONCAT(e.serial_no ORDER BY e.serial_no SEPARATOR '\n'), '') AS serials
  FROM "tabStock Ledger Entry" s
  JOIN "tabSerial and Batch Bundle" b ON b.name = s.serial_and_batch_bundle
    OR s.is_cancelled = 1 AND b.is_cancelled = 1 AND b.voucher_detail_no = s.voucher_detail_no
  JOIN "tabSerial and Batch Entry" e ON e.parent = b.name
  GROUP BY s.name, e.batch_no;
INSERT INTO "tabStock Ledger Entry" (name, creation, modified, docstatus, item_code, warehouse, posting_date, posting_time, voucher_type,
    voucher_no, voucher_detail_no, actual_qty, stock_uom, company, is_cancelled, serial_no, batch_no)
  SELECT CONCAT(s.name, '/', COALESCE(l.batch_no, '')), s.creation, s.modified, s.docstatus, s.item_code, s.warehouse, s.posting_date,
    s.posting_time, s.voucher_type, s.voucher_no, s.voucher_detail_no, SIGN(s.actual_qty) * l.quantity, s.stock_uom, s.company,
    s.is_cancelled, l.serials, l.batch_no
  FROM "lots" l
  JOIN "tabStock Ledger Entry" s ON s.name = l.row_name;
DELETE FROM "tabStock Ledger Entry" WHERE name IN (SELECT row_name FROM "lots");
DROP TABLE "lots", "tabSerial and Batch Bundle", "tabSerial and Batch Entry";
ALTER TABLE "tabStock Ledger Entry" DROP COLUMN serial_and_batch_bundle, DROP COLUMN posting_datetime, DROP COLUMN has_batch_no,
  DROP COLUMN has_serial_no;
ALTER TABLE "tabSerial No" ADD COLUMN customer varchar(140);
