#!/usr/bin/env python3
"""scripts/check_layers must refuse what it says it refuses, and nothing else."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

CHECK = pathlib.Path(__file__).resolve().parents[2] / "scripts/check_layers"
LAYERS = "core:\nnet:\nstore:\naudit: store\npolicy: audit store\n"


def source(module, *lines):
    return "\n".join([*lines, f"namespace preloop::{module} {{", "}", ""])


# file -> text, and what the check must say (a part of its line), or None when it must accept.
CASES = {
    "own module and core": ("audit/a.cc", source("audit", '#include "audit/b.h"', '#include "core/id.h"'), None),
    "a listed module": ("policy/a.cc", source("policy", '#include "audit/b.h"'), None),
    "an arrow that points up": ("store/a.cc", source("store", '#include "audit/b.h"'), "store may not include audit"),
    "a module not listed": ("audit/a.h", source("audit", '#include "net/b.h"'), "src/audit/a.h:1: audit may not include net"),
    "a test includes upward": ("store/a_test.cc", '#include "policy/b.h"\n', "store may not include policy"),
    "a module nobody knows": ("audit/a.cc", source("audit", '#include "gone/b.h"'), "no module 'gone'"),
    "a folder nobody knows": ("gone/a.cc", source("gone"), "its folder has no line"),
    "a relative include": ("audit/a.cc", source("audit", '#include "b.h"'), 'must be written "module/file.h"'),
    "a parent include": ("audit/a.cc", source("audit", '#include "../store/b.h"'), 'must be written'),
    "sqlite in its driver": ("store/sqlite/connection.cc", source("store::sqlite", "#include <sqlite3.h>"), None),
    "sqlite in a flat driver file": ("store/sqlite_statement.cc", source("store", "#include <sqlite3.h>"), None),
    "sqlite elsewhere": ("store/pool.cc", source("store", "#include <sqlite3.h>"), "<sqlite3.h> belongs to"),
    "libpq in its driver": ("store/postgres/pipeline.cc", source("store", "#include <libpq-fe.h>"), None),
    "libpq elsewhere": ("audit/a.cc", source("audit", "#  include <libpq-fe.h>"), "<libpq-fe.h> belongs to"),
    "beast in net": ("net/http1.cc", source("net", "#include <boost/beast/http/parser.hpp>"), None),
    "beast in a header of net": ("net/http1.h", source("net", "#include <boost/beast/http/parser.hpp>"), "belongs to"),
    "beast elsewhere": ("policy/a.cc", source("policy", "#include <boost/beast/http/parser.hpp>"), "belongs to"),
    "json library in the facade": ("core/json_parse.cc", source("core", "#include <boost/json/basic_parser_impl.hpp>"), None),
    "json library elsewhere": ("policy/a.cc", source("policy", "#include <boost/json/value.hpp>"), "belongs to"),
    "curl elsewhere": ("store/a.cc", source("store", "#include <curl/curl.h>"), "belongs to"),
    "doctest in the product": ("store/a.cc", source("store", "#include <doctest/doctest.h>"), "belongs to"),
    "regex": ("net/a.cc", source("net", "#include <regex>"), "<regex> is not used here"),
    "iostream": ("net/a_test.cc", "#include <iostream>\n", "<iostream> is not used here"),
    "all of asio": ("net/a.cc", source("net", "#include <boost/asio.hpp>"), "include the exact header"),
    "all of beast": ("net/a.cc", source("net", "#include <boost/beast.hpp>"), "include the exact header"),
    "filesystem in a source": ("store/a.cc", source("store", "#include <filesystem>"), None),
    "filesystem in a header": ("store/a.h", source("store", "#include <filesystem>"), "does not belong in a header"),
    "another folder's namespace": ("store/a.cc", source("audit"), "namespace preloop::audit in folder store"),
    "a declaration of a lower module": ("audit/a.h", source("audit", "namespace preloop::store { class Unit; }"), None),
    "a declaration of a higher module": ("store/a.h", source("store", "namespace preloop::audit { class Log; }"), "in folder store"),
    "no namespace": ("store/a.cc", "int a();\n", "no namespace preloop::store"),
    "no namespace needed": ("core/asio_impl.cc", "#include <boost/asio/impl/src.hpp>\n", None),
    "sql in a repository": ("audit/entry_repo.cc", source("audit", 'auto s = "SELECT id FROM entry";'), None),
    "sql elsewhere": ("audit/a.cc", source("audit", 'auto s = "DELETE FROM entry";'), "SQL belongs to"),
    "a comment is not an include": ("store/a.cc", source("store", '// #include "audit/b.h"'), None),
}


class CheckLayers(unittest.TestCase):
    def check(self, files, layers=LAYERS):
        with tempfile.TemporaryDirectory() as root:
            for name, text in {"cmake/layers.txt": layers, **files}.items():
                path = pathlib.Path(root, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
            run = subprocess.run([sys.executable, CHECK, "--root", root],
                                 capture_output=True, text=True, check=False)
            return run.returncode, run.stdout + run.stderr

    def test_cases(self):
        for name, (path, text, expected) in CASES.items():
            with self.subTest(name):
                status, output = self.check({f"src/{path}": text})
                if expected is None:
                    self.assertEqual((status, output), (0, "layers: 1 files, 0 violations\n"))
                else:
                    self.assertEqual(status, 1, output)
                    self.assertIn(expected, output)
                    self.assertIn("1 files, 1 violations", output)

    def test_layers_file_with_an_arrow_that_points_up(self):
        status, output = self.check({"src/core/a.cc": source("core")}, "core:\nstore: audit\naudit:\n")
        self.assertEqual(status, 1)
        self.assertIn("'store' names 'audit', which has no line above it", output)

    def test_an_empty_tree_is_not_a_pass(self):
        self.assertEqual(self.check({})[0], 1)


if __name__ == "__main__":
    unittest.main()
