// Runs the official suite against a URL and reads what it found.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const packageJson = createRequire(import.meta.url).resolve('@modelcontextprotocol/conformance/package.json');
const CLI = join(dirname(packageJson), 'dist/index.js');

/** The scenarios a revision requires of a server, as the suite's own frozen list names them. */
export async function requiredScenarios(revision) {
  const yaml = await readFile(join(dirname(packageJson), 'requirements', `${revision}.yaml`), 'utf8');
  const names = yaml.match(/^server:\n((?: {2}- .*\n)+)/m)[1].matchAll(/- (\S+)/g);
  return [...names].map(([, name]) => name);
}

/**
 * What the suite says of the server at `url`: {passed, failed: ["scenario:check: why"], scenarios}.
 * Without `scenario`: everything that the revision requires.
 */
export async function runSuite(url, revision, scenario) {
  const out = await mkdtemp(join(tmpdir(), 'preloop-conformance-'));
  try {
    const what = scenario ? ['--scenario', scenario, '--spec-version', revision] : ['--requirements', revision];
    const child = spawn(process.execPath, [CLI, 'server', '--url', url, '-o', out, ...what], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    child.stdout.on('data', (piece) => (said += piece));
    child.stderr.on('data', (piece) => (said += piece));
    await once(child, 'close');
    const counted = new Set(scenario ? [scenario] : await requiredScenarios(revision));
    const found = { passed: 0, failed: [], scenarios: {} };
    for (const folder of (await readdir(out)).sort()) {
      const name = folder.replace(/^server-/, '').replace(/-\d{4}-\d\d-\d\dT[\d-]+Z$/, '');
      if (!counted.has(name)) continue;
      const checks = JSON.parse(await readFile(join(out, folder, 'checks.json'), 'utf8'));
      const failures = checks.filter((check) => check.status === 'FAILURE');
      const passed = checks.filter((check) => check.status === 'SUCCESS').length;
      found.passed += passed;
      found.failed.push(...failures.map((check) => `${name}:${check.id}: ${check.errorMessage}`));
      found.scenarios[name] = { passed, failed: failures.length };
    }
    assert.deepEqual(new Set(Object.keys(found.scenarios)), counted, `not every scenario ran: ${said.slice(-2000)}`);
    return found;
  } finally {
    await rm(out, { recursive: true, force: true });
  }
}
