// A full disk: what must be recorded is refused, what is there can be read, and nothing is lost.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { run } from './support/all.mjs';

const SCRIPT = fileURLToPath(new URL('./support/disk_full.mjs', import.meta.url));
const unshare = ['--mount', ...(process.getuid() === 0 ? [] : ['--user', '--map-root-user'])];

test('a full disk', async (t) => {
  const mount = await mkdtemp(join(tmpdir(), 'preloop-disk-'));
  try {
    const tmpfs = 'mount -t tmpfs -o size=24m,mode=755 preloop-e2e "$0"';
    const possible = await run('unshare', [...unshare, 'sh', '-c', tmpfs, mount]);
    if (possible.code !== 0) return t.skip(`a private mount is not possible here: ${possible.stderr}`);
    const { code, stdout, stderr } = await run(
      'unshare',
      [...unshare, 'sh', '-c', `${tmpfs} && TMPDIR="$0" exec "$1" "$2"`, mount, process.execPath, SCRIPT],
      { env: process.env, timeout: 120_000 },
    );
    assert.equal(code, 0, stdout + stderr);
    t.diagnostic(stdout.trim());
  } finally {
    await rm(mount, { recursive: true, force: true });
  }
});
