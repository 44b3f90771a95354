#!/usr/bin/env python3
"""scripts/check_docs must find what it says it finds, and nothing else."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

CHECK = pathlib.Path(__file__).resolve().parents[2] / "scripts/check_docs"

# Stands for the binary: nouns with verbs, their help, and a validator that wants "version: 2".
BINARY = """#!/bin/sh
case "$*" in
  --help) printf 'Options:\\n  --url TEXT\\nSubcommands:\\n  policy   Rules\\n  serve    Run\\n' ;;
  "policy --help") printf 'Options:\\n  --help\\nSubcommands:\\n  validate  Check\\n  apply     Put\\n' ;;
  "policy apply --help") printf 'Options:\\n  --comment TEXT\\n' ;;
  "serve --help") printf 'Options:\\n  --listen ADDR\\n' ;;
  "policy validate -") grep -q '^version: 2$' || { echo 'preloop: 1:1: wrong' >&2; exit 1; } ;;
esac
"""
FENCE = "```"
BOTH = "`preloop policy validate FILE` `preloop policy apply FILE` `preloop serve`\n"

# name -> ({file: text}, what must be said, or None when all is well)
CASES = {
    "a good link": ({"a.md": "[b](b.md) [out](https://example.com)\n", "b.md": "# B\n"}, None),
    "a dead link": ({"a.md": "x\n[b](b.md)\n"}, "a.md:2: no file b.md"),
    "a link in code is text": ({"a.md": "`[b](b.md)`\n"}, None),
    "a good heading": ({"a.md": "# One two\n[t](#one-two)\n"}, None),
    "a dead heading": ({"a.md": "[t](b.md#gone)\n", "b.md": "# B\n"}, "no heading #gone in b.md"),
    "a good path": ({"a.md": "`docs/b.md` `src/NAME.cc`\n", "docs/b.md": ""}, None),
    "a dead path": ({"a.md": "`src/gone.cc`\n"}, "a.md:1: no file src/gone.cc"),
    "a good command": ({"a.md": "`preloop policy apply FILE --comment x`\n"}, None),
    "an unknown verb": ({"a.md": "`preloop policy frob x`\n"}, "'preloop policy frob': there are apply, validate"),
    "an unknown noun in a block": (
        {"a.md": f"{FENCE}\nexport A=1 && preloop frob\n{FENCE}\n"}, "a.md:2: 'preloop frob'"),
    "an unknown flag": ({"a.md": "`preloop policy apply F --gone`\n"}, "has no --gone"),
    "a global flag": ({"a.md": "`preloop policy apply F --url x`\n"}, None),
    "prose is no command": ({"a.md": "The preloop frob is fine.\n"}, None),
    "a good policy": ({"a.md": f"{FENCE}yaml policy\nversion: 2\n{FENCE}\n"}, None),
    "a bad policy": ({"a.md": f"{FENCE}yaml policy\nversion: 3\n{FENCE}\n"}, "a.md:1: policy: preloop: 1:1"),
    "other YAML": ({"a.md": f"{FENCE}yaml\nversion: 3\n{FENCE}\n"}, None),
    "every command": ({"docs/guide/cli.md": BOTH}, None),
    "a command not in the guide": (
        {"docs/guide/cli.md": BOTH.replace("policy apply", "policy validate")},
        "'preloop policy apply' is missing"),
    "a flag not in the format": ({"docs/formats/config.md": "x\n"}, "'preloop serve --listen' is missing"),
}


class CheckDocs(unittest.TestCase):
    def run_check(self, files, with_binary=True):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            for name, text in files.items():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_text(text)
            binary = root / "preloop"
            if with_binary:
                binary.write_text(BINARY)
                binary.chmod(0o755)
            arguments = ["--binary", binary] if with_binary else []
            return subprocess.run([sys.executable, CHECK, "--root", root, *arguments],
                                  capture_output=True, text=True, check=False)

    def test_cases(self):
        for name, (files, said) in CASES.items():
            with self.subTest(name):
                done = self.run_check(files)
                self.assertEqual(done.stderr, "")
                if said is None:
                    self.assertEqual((done.returncode, done.stdout), (0, f"check_docs: {len(files)} files ok\n"))
                else:
                    self.assertEqual(done.returncode, 1)
                    self.assertIn(said, done.stdout)

    def test_without_a_binary_it_says_what_it_did_not_check(self):
        done = self.run_check({"a.md": "`preloop frob`\n"}, with_binary=False)
        self.assertEqual(done.returncode, 0)
        self.assertIn("NOT checked", done.stdout)


if __name__ == "__main__":
    unittest.main()
