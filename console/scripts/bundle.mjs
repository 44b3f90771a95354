// Builds the console and writes OUT/console_bundle.{bin,cc}: every file, as it is and compressed, in
// one block, and the table that src/app/console_bundle.h declares. Run by the server's build, which
// learns from console_bundle.d what it was made of.
//   node scripts/bundle.mjs OUT
import { createHash } from 'node:crypto';
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { build } from 'vite';
import { consoleRoots } from '../src/app/roots.ts';

const FIRST_PAGE_KB = 250;
const TYPES = {
  css: 'text/css; charset=utf-8',
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
  woff2: 'font/woff2',
};

const out = resolve(process.argv[2]);
const dist = join(out, 'dist');
const root = fileURLToPath(new URL('..', import.meta.url));
await mkdir(out, { recursive: true });
await rm(dist, { recursive: true, force: true });
const { output } = await build({ root, logLevel: 'warn', build: { outDir: dist, emptyOutDir: true } });
checkBudget(output);

/** What the first page needs of JavaScript stays small: the entry, the overview, and their imports. */
function checkBudget(chunks) {
  const byName = new Map(chunks.map((chunk) => [chunk.fileName, chunk]));
  const needed = new Set();
  const add = (chunk) => {
    if (!chunk || needed.has(chunk)) return;
    needed.add(chunk);
    for (const name of chunk.imports) add(byName.get(name));
  };
  for (const chunk of chunks) {
    if (chunk.isEntry || chunk.facadeModuleId?.endsWith('/overview_page.tsx')) add(chunk);
  }
  const size = [...needed].reduce((sum, { code }) => sum + gzipSync(code, { level: 9 }).length, 0);
  console.log(`console: the first page has ${Math.round(size / 1024)} of ${FIRST_PAGE_KB} KB JavaScript, gzipped`);
  if (size > FIRST_PAGE_KB * 1024) throw new Error('console: the first page is too large');
}

const pieces = [];
let size = 0;
/** Adds bytes to the block; nothing when they are no smaller than `than`. */
function place(bytes, than = Infinity) {
  if (bytes.length >= than) return '{}';
  pieces.push(bytes);
  size += bytes.length;
  return `part(${size - bytes.length}, ${bytes.length})`;
}

const names = (await readdir(dist, { recursive: true, withFileTypes: true }))
  .filter((entry) => entry.isFile())
  .map((entry) => relative(dist, join(entry.parentPath, entry.name)))
  .sort();
const rows = [];
for (const name of names) {
  const type = TYPES[name.split('.').at(-1)];
  if (!type) throw new Error(`no media type for ${name}`);
  const plain = await readFile(join(dist, name));
  const hash = createHash('sha256').update(plain).digest('hex').slice(0, 32);
  // The document gets its nonce when it is sent, so it cannot be compressed before.
  const small = name === 'index.html' || name.endsWith('.woff2') ? 0 : plain.length;
  const brotli = brotliCompressSync(plain, {
    params: { [constants.BROTLI_PARAM_SIZE_HINT]: plain.length, [constants.BROTLI_PARAM_LGWIN]: 22 },
  });
  rows.push(
    `    {"/${name}", "${type}", "\\"${hash}\\"", ${name.startsWith('assets/')},\n     ` +
      [place(plain), place(gzipSync(plain, { level: 9 }), small), place(brotli, small)].join(', ') +
      '},',
  );
}

const block = Buffer.concat(pieces);
const bin = join(out, 'console_bundle.bin');
await writeFile(bin, block);
// The hash makes a compiler cache that does not look into #embed see a change.
await writeFile(
  join(out, 'console_bundle.cc'),
  `#include "app/console_bundle.h"

namespace preloop::app {
namespace {

// ${createHash('sha256').update(block).digest('hex')}
#pragma clang diagnostic ignored "-Wc23-extensions"
constexpr unsigned char k_block[] = {
#embed "${bin}"
};

std::string_view part(std::size_t offset, std::size_t size) {
  return {reinterpret_cast<const char*>(k_block) + offset, size};
}

const ConsoleFile k_files[] = {
${rows.join('\n')}
};

constexpr std::string_view k_roots[] = {
${consoleRoots.map((name) => `    "${name}",`).join('\n')}
};

}  // namespace

std::span<const ConsoleFile> console_files() { return k_files; }
std::span<const std::string_view> console_roots() { return k_roots; }

}  // namespace preloop::app
`,
);

/** Files, and the folders too: their times change when one is added. */
const inputs = ['index.html', 'vite.config.ts', 'tsconfig.json', 'package.json', 'src', 'public'];
for (const folder of ['src', 'public']) {
  for (const name of await readdir(join(root, folder), { recursive: true })) {
    if (!name.endsWith('.test.ts')) inputs.push(join(folder, name));
  }
}
await writeFile(
  join(out, 'console_bundle.d'),
  `${join(out, 'console_bundle.cc')}: ${inputs.map((name) => join(root, name).replaceAll(' ', '\\ ')).join(' \\\n  ')}\n`,
);
