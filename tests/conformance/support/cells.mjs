// The same suite through Preloop: each kind of server behind it, each revision before it.
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { Cleanup, Preloop } from '../../e2e/support/all.mjs';
import { AuthProxy } from './auth_proxy.mjs';
import { compare, expectedFailures } from './expected.mjs';
import { HttpFixture, StdioFixture } from './fixture.mjs';
import { runSuite } from './suite.mjs';

export const REVISIONS = ['2025-11-25', '2026-07-28'];
const RESULTS = new URL('../../../build/conformance/', import.meta.url);

/** Deciding is on: every call is judged by a rule, and let go. */
const POLICY = `
version: 2
rules:
  - {tool: "*", when: "has(args.never)", action: deny}
  - {tool: "*", action: allow}
`;

/**
 * A Preloop with the fixture behind it; `url` is where the suite goes. `earlier`: the fixture speaks
 * no 2026-07-28.
 */
export async function throughPreloop(kind, { earlier = false, decoy = false } = {}) {
  const cleanup = new Cleanup();
  try {
    const server = cleanup.add(await Preloop.start({ example: decoy }), (one) => one.dispose());
    const Fixture = kind === 'stdio' ? StdioFixture : HttpFixture;
    const fixture = cleanup.add(await Fixture.start({ legacyOnly: earlier }), (one) => one.close());
    await server.addServer(fixture.config('fixture'));
    await server.applyPolicy(POLICY);
    const key = await server.agentKey('conformance');
    const proxy = cleanup.add(await AuthProxy.start(`${server.url}/mcp/v1/servers/fixture`, key), (one) => one.close());
    return { url: proxy.url, close: () => cleanup.run() };
  } catch (error) {
    await cleanup.run();
    throw error;
  }
}

/** Runs one cell and compares it with what is expected of it. */
export async function checkCell(cell, url, revision, scenario) {
  const found = await runSuite(url, revision, scenario);
  if (!scenario) {
    await mkdir(RESULTS, { recursive: true });
    await writeFile(new URL(`${cell.replaceAll('/', '_')}.json`, RESULTS), `${JSON.stringify({ cell, revision, ...found }, null, 1)}\n`);
  }
  const { unexpected, mended } = compare(found, await expectedFailures(cell));
  assert.deepEqual(unexpected, [], 'failures that nobody expects');
  if (!scenario) assert.deepEqual(mended, [], 'no longer fails: take it out of expected_failures.txt');
  return found;
}
