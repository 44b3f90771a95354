// A thousand requests that wait: the queue stays smooth.
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { Cleanup, openSession } from './support/all.mjs';
import { world } from './support/world.mjs';

describe('a full queue', () => {
  const cleanup = new Cleanup();
  after(() => cleanup.run());

  test('a thousand waiting requests stay smooth', async (t) => {
    const { server, browser } = await world(cleanup);
    // An agent may have 32 calls in flight.
    for (let n = 0; n < 40; ++n) {
      const key = await server.agentKey(`agent-${n}`);
      const session = await openSession(server, key);
      await Promise.all(Array.from({ length: 25 }, (_, m) => leaveWaiting(server, key, session, { n, m })));
    }
    const person = cleanup.add(await browser.person(server), (one) => one.close());
    const page = await person.signIn('/approvals');
    await page.getByText('Waiting (1000)').waitFor();
    await page.locator('[data-approval]').waitFor();
    const { slowest, touched } = await page.evaluate(async () => {
      const shown = () => document.querySelector('[data-approval]').dataset.approval;
      const drawn = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
      const rows = new Set();
      const list = document.querySelector('[aria-label="Waiting requests"]');
      new MutationObserver((changes) => {
        for (const { target } of changes) {
          const row = (target.nodeType === 1 ? target : target.parentElement)?.closest('[data-request]');
          // A countdown's text goes on by itself.
          if (row && target === row) rows.add(row.dataset.request);
        }
      }).observe(list, { subtree: true, childList: true, attributes: true });
      let worst = 0;
      for (let n = 0; n < 30; ++n) {
        const [before, from] = [shown(), performance.now()];
        document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'j', bubbles: true }));
        while (shown() === before) await drawn();
        worst = Math.max(worst, performance.now() - from);
      }
      return { slowest: Math.round(worst), touched: rows.size };
    });
    t.diagnostic(`the next of a thousand is there after ${slowest} ms at most`);
    // Smooth because each step touches the row it leaves and the one it comes to, not a thousand.
    assert.ok(touched >= 30 && touched <= 31, `${touched} rows`);
    const { id } = (await server.pending())[0];
    await server.decline(id, 'no');
    await page.getByText('Waiting (999)').waitFor();
  });
});

/** A call whose client goes as soon as it is held; the request stays. */
async function leaveWaiting(server, key, session, args) {
  const gone = new AbortController();
  const response = await fetch(`${server.url}/mcp/v1`, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      Accept: 'application/json, text/event-stream',
      Authorization: `Bearer ${key}`,
      'Mcp-Session-Id': session,
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: args.m + 1, method: 'tools/call', params: { name: 'up__work', arguments: args } }),
    signal: gone.signal,
  });
  assert.equal(response.headers.get('content-type'), 'text/event-stream');
  gone.abort();
}
