// Writes src/api/schema.ts from contracts/openapi.yaml; with --check, fails when it is stale.
import { readFile, writeFile } from 'node:fs/promises';
import openapi, { astToString } from 'openapi-typescript';

const contract = new URL('../../contracts/openapi.yaml', import.meta.url);
const target = new URL('../src/api/schema.ts', import.meta.url);

const ast = await openapi(contract, { alphabetize: false });
const text = `// Generated from contracts/openapi.yaml by scripts/generate_api.mjs; do not edit.\n${astToString(ast)}`;

if (process.argv.includes('--check')) {
  const current = await readFile(target, 'utf8').catch(() => '');
  if (current !== text) {
    console.error('console/src/api/schema.ts is stale: run npm --prefix console run generate');
    process.exit(1);
  }
} else {
  await writeFile(target, text);
}
