// Imports go one way: app → pages → components → api → lib, and no page of one slice knows another.
// Also: nothing but api/ may call the network, nothing may make markup out of text.
import { readFile, readdir } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../src', import.meta.url));
const MAY_USE = {
  app: ['app', 'pages', 'components', 'api', 'lib'],
  pages: ['pages', 'components', 'api', 'lib'],
  components: ['components', 'api', 'lib'],
  api: ['api', 'lib'],
  lib: ['lib'],
};
const FORBIDDEN = [
  [/dangerouslySetInnerHTML|\.innerHTML|insertAdjacentHTML|document\.write/, 'makes markup out of text'],
  [/\beval\(|new Function\(/, 'runs text'],
  [/setInterval\([^)]*(refetch|invalidate|fetch)/, 'polls'],
  [/refetchInterval/, 'polls'],
];

const problems = [];
const files = (await readdir(root, { recursive: true })).filter((name) => /\.tsx?$/.test(name));
for (const name of files) {
  const text = await readFile(join(root, name), 'utf8');
  const [layer, slice] = name.split('/');
  const lines = text.split('\n');
  lines.forEach((line, index) => {
    const where = `console/src/${name}:${index + 1}`;
    for (const [, specifier] of line.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)) {
      if (!/^[.#]/.test(specifier)) continue;
      const target = specifier.startsWith('#')
        ? specifier.slice(1)
        : relative(root, resolve(dirname(join(root, name)), specifier));
      const [other, otherSlice] = target.split('/');
      if (!MAY_USE[layer]?.includes(other)) problems.push(`${where}: ${layer} must not use ${other}`);
      else if (specifier.startsWith('.') && other !== layer) problems.push(`${where}: write #${target}`);
      else if (layer === 'pages' && other === 'pages' && slice !== otherSlice) {
        problems.push(`${where}: the slice ${slice} must not use ${otherSlice}`);
      }
    }
    for (const [pattern, what] of FORBIDDEN) if (pattern.test(line)) problems.push(`${where}: ${what}`);
    if (layer !== 'api' && /\bfetch\(/.test(line)) problems.push(`${where}: only api/ calls the server`);
  });
}
for (const problem of problems) console.error(problem);
process.exit(problems.length > 0 ? 1 : 0);
