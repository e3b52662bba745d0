#!/usr/bin/env python3
"""Holds the documents against what they describe: log ids, settings, the include table, the plugins, the table of contents."""
import glob
import importlib.util
import json
import os
import re
import sys
import unittest

ROOT = sys.argv.pop(1) if len(sys.argv) > 1 else os.getcwd()
PAGE_LINES_MAX = 150
# A page that lists what the sources have is as long as they make it.
LISTS = {"cli.md", "api.md", "problems.md", "plugin-messages.md", "messages.md"}


def text(*parts):
    with open(os.path.join(ROOT, *parts), encoding="utf-8") as file:
        return file.read()


def sources():
    for folder in ("core", "adapters"):
        for path in glob.glob(os.path.join(ROOT, folder, "**", "*.[ch]pp"), recursive=True):
            yield os.path.relpath(path, ROOT)


def headings(page):
    return set(re.findall(r"^### ([A-Z][A-Z0-9_]+)$", text("core", "docs", page), re.M))


def setting_paths(schema, prefix=""):
    for name, one in schema.get("properties", {}).items():
        path = prefix + name
        inner = one.get("items", one)
        if inner.get("properties"):
            yield from setting_paths(inner, path + ("[]." if "items" in one else "."))
        else:
            yield path


class Messages(unittest.TestCase):
    def test_every_logged_id_has_its_paragraph_and_no_other_has_one(self):
        logged = set()
        for path in sources():
            if path.startswith("core/base/log"):
                continue
            for call in re.findall(r"log::(?:debug|info|warn|error|write)\(([^;]*)", text(path)):
                ids = re.findall(r'"([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)"', call)
                # Ids that are named constants are the plugin host's; its own test holds them.
                self.assertTrue(ids or path.startswith("core/plugin_host/"), f"{path}: logs without a literal id: {call[:60]}")
                logged.update(ids)
        self.assertGreater(len(logged), 8)
        own, plugins = headings("messages.md"), headings("plugin-messages.md")
        self.assertEqual(logged - plugins, own)
        self.assertEqual(set(), own & plugins)


class Figures(unittest.TestCase):
    def test_every_figure_of_metrics_is_described_with_its_type_and_no_other_is(self):
        given = re.findall(r'out\.(gauge|counter)\(\s*"(\w+)"', text("adapters", "http", "api_metrics.cpp"))
        described = re.findall(r"^\| `(\w+)` \| (gauge|counter) \| \w+ \| .+ \|$", text("core", "docs", "metrics.md"), re.M)
        self.assertGreater(len(given), 20)
        self.assertEqual(sorted((name, kind) for kind, name in given), sorted(described))


class Settings(unittest.TestCase):
    def test_every_key_of_the_schema_is_described_and_no_other_is(self):
        known = set(setting_paths(json.loads(text("schemas", "config", "stemma.schema.json"))))
        described = set(re.findall(r"^\| `([a-z0-9_.\[\]]+)` \|", text("core", "docs", "configuration.md"), re.M))
        self.assertEqual(known, described)

    def test_every_default_of_a_plain_key_is_the_one_described(self):
        schema = json.loads(text("schemas", "config", "stemma.schema.json"))
        page = text("core", "docs", "configuration.md")
        for section, one in schema["properties"].items():
            for key, value in one["properties"].items():
                default = value.get("default")
                if isinstance(default, (bool, int, str)):
                    shown = '""' if default == "" else str(default).lower() if isinstance(default, bool) else str(default)
                    self.assertIn(f"| `{section}.{key}` | `{shown}` |", page)


class Design(unittest.TestCase):
    def test_the_include_table_is_the_one_that_is_enforced(self):
        spec = importlib.util.spec_from_file_location("includes", os.path.join(ROOT, "tests", "lint", "includes.py"))
        rules = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(rules)
        table = {}
        for module, allowed in re.findall(r"^\| `([a-z_/]+)` \| (.+) \|$", text("core", "DESIGN.md"), re.M):
            if module in rules.ALLOWED:
                table[module] = re.findall(r"`([^`]+)`", allowed)
        self.assertEqual(rules.ALLOWED, table)

    def test_decisions_are_numbered_without_a_gap(self):
        decisions = text("core", "DESIGN.md").split("## 6. Decisions")[1].split("\n## ")[0]
        numbers = [int(n) for n in re.findall(r"^(\d+)\. \*\*", decisions, re.M)]
        self.assertEqual(list(range(1, len(numbers) + 1)), numbers)


class Pages(unittest.TestCase):
    def pages(self):
        return sorted(os.path.basename(p) for p in glob.glob(os.path.join(ROOT, "core", "docs", "*.md")))

    def test_the_table_of_contents_names_every_page(self):
        contents = text("core", "docs", "index.md")
        for page in self.pages():
            if page != "index.md":
                self.assertIn(f"]({page})", contents)

    def test_every_page_is_short(self):
        for page in self.pages():
            if page not in LISTS:
                self.assertLessEqual(text("core", "docs", page).count("\n"), PAGE_LINES_MAX, page)
        self.assertLessEqual(text("README.md").count("\n"), PAGE_LINES_MAX)

    def test_every_bundled_plugin_has_its_place_in_the_manual(self):
        page = text("core", "docs", "plugins.md")
        for folder in glob.glob(os.path.join(ROOT, "plugins", "*", "plugin.cpp")):
            name = os.path.basename(os.path.dirname(folder))
            self.assertIn(f"](../../plugins/{name}/README.md)", page)


if __name__ == "__main__":
    unittest.main(verbosity=2)
