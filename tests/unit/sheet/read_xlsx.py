#!/usr/bin/env python3
"""Prints a workbook's cells, one a line: sheet, cell, type, content (a number as written; "date" where its format is one). Reads the file
as any other program would: by the names that ECMA-376 gives, with Python's own zip and XML readers."""
import re
import sys
import zipfile
from xml.etree import ElementTree

NS = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}


def main():
    with zipfile.ZipFile(sys.argv[1]) as book:
        assert book.testzip() is None
        strings = []
        if "xl/sharedStrings.xml" in book.namelist():
            for one in ElementTree.fromstring(book.read("xl/sharedStrings.xml")).findall("m:si", NS):
                strings.append("".join(t.text or "" for t in one.iter("{%s}t" % NS["m"])))
        styles = ElementTree.fromstring(book.read("xl/styles.xml"))
        codes = {f.get("numFmtId"): f.get("formatCode") for f in styles.findall("m:numFmts/m:numFmt", NS)}
        formats = [codes.get(x.get("numFmtId"), "") for x in styles.findall("m:cellXfs/m:xf", NS)]
        names = [s.get("name") for s in ElementTree.fromstring(book.read("xl/workbook.xml")).findall("m:sheets/m:sheet", NS)]
        for number, name in enumerate(names, 1):
            sheet = ElementTree.fromstring(book.read(f"xl/worksheets/sheet{number}.xml"))
            for cell in sheet.iter("{%s}c" % NS["m"]):
                kind = cell.get("t", "n")
                value = cell.find("m:v", NS)
                text = value.text if value is not None else ""
                if kind == "s":
                    kind, text = "text", strings[int(text)]
                elif kind == "inlineStr":
                    kind, text = "text", "".join(t.text or "" for t in cell.iter("{%s}t" % NS["m"]))
                elif kind == "n" and "yy" in formats[int(cell.get("s", "0"))]:
                    kind = formats[int(cell.get("s"))]
                if cell.find("m:f", NS) is not None:
                    kind = "FORMULA"
                print(name, cell.get("r"), kind, re.sub(r"\s", " ", text), sep="|")


if __name__ == "__main__":
    main()
