// Nobody answers: reminders, the next level, the end; as the documentation's own example has it, with
// seconds for minutes.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Cleanup, HttpUpstream, Preloop, connect, held, textOf } from './support/all.mjs';
import { Browser } from './support/browser.mjs';

const EXAMPLE = `tool: work
approvers: [sre_team]
timeout: 2
escalation:
  enabled: true
  escalate_to: [leads]
  escalation_delay: 2
`;
const TEAMS = (owner) => `version: 2
teams: {sre_team: [sam@example.com], leads: [${owner}]}
workflows: []
`;

describe('escalation', () => {
  const cleanup = new Cleanup();
  let server, upstream, client;
  before(async () => {
    server = cleanup.add(await Preloop.start(), (one) => one.dispose());
    upstream = cleanup.add(await HttpUpstream.start(), (one) => one.close());
    await server.addServer(upstream.config('up'));
    await server.applyPolicy(TEAMS(Preloop.OWNER));
    await server.rest.call('POST', '/policies/apply', { text: EXAMPLE, headers: { 'Content-Type': 'application/yaml' } });
    client = cleanup.add(await connect(server, await server.agentKey('bot')), (one) => one.close());
  });
  after(() => cleanup.run());

  test('the first people do not answer, the next are asked, decide, and the chain is in the record', async () => {
    const events = await server.rest.events();
    const { approval, result } = await held(server, client, 'up__work', { n: 1 });
    // Not asked yet: the owner may not decide, whatever their role.
    await server.rest.call('POST', `/approval-requests/${approval.id}/approve`, { expect: 403 });
    await events.find((one) => one.kind === 'approval.reminder' && one.ref === approval.id);
    await events.find((one) => one.kind === 'approval.escalated' && one.ref === approval.id);
    events.close();
    assert.equal((await server.approval(approval.id)).level, 1);
    await server.approve(approval.id);
    assert.equal((await result).isError ?? false, false);
    const mine = (await server.audit()).records.filter((one) => JSON.stringify(one).includes(approval.id));
    assert.ok(mine.some(({ kind, details }) => kind === 'approval.escalated' && details.asked.includes(Preloop.OWNER)), JSON.stringify(mine));
  });

  test('nobody answers at all: it expires after the last deadline, and nothing ran', async () => {
    const { approval, result } = await held(server, client, 'up__work', { n: 2 });
    assert.match(textOf(await result), /Nobody approved this call in time/);
    const ended = await server.approval(approval.id);
    assert.equal(ended.status, 'expired');
    assert.equal(Date.parse(ended.expires_at) - Date.parse(ended.created_at), 4_000);
    assert.deepEqual(ended.steps.map(({ kind }) => kind), ['asked', 'reminder', 'escalated', 'reminder', 'expires']);
  });

  test('simulate says who is asked when', async () => {
    const said = JSON.parse(await server.ok(['approvals', 'simulate', '--workflow', 'work', '--output', 'json'], { key: server.operator })).items;
    assert.deepEqual(said.map(({ kind, after }) => [kind, after]), [['asked', 0], ['reminder', 1], ['escalated', 2], ['reminder', 3], ['expires', 4]]);
    assert.deepEqual(said[0].people, []);
    assert.equal(said[0].reachable, false);
    assert.deepEqual(said[2].people, [Preloop.OWNER]);
    assert.equal(said[2].reachable, true);
  });

  test('mode async answers at once, and the same call made again runs when it was approved', async () => {
    await server.applyPolicy(`version: 2
workflows: [{name: later, mode: async}]
rules: [{tool: work, action: require_approval, workflow: later}]
`);
    const call = () => client.callTool({ name: 'up__work', arguments: { n: 3 } });
    assert.match(textOf(await call()), /waits for approval/);
    const [waiting] = await server.pending();
    await server.approve(waiting.id);
    assert.equal((await call()).isError ?? false, false);
    assert.equal((await server.approval(waiting.id)).status, 'succeeded');
  });

  test('the console makes a team and a workflow with a level, and shows who is asked when', async () => {
    const browser = cleanup.add(await Browser.start(), (one) => one.close());
    const owner = cleanup.add(await browser.person(server), (one) => one.close());
    const page = await owner.signIn('/settings?tab=workflows');
    await page.getByRole('button', { name: 'Add team' }).click();
    await page.getByLabel('Name').fill('night');
    await page.getByLabel('Members').fill(`li@example.com\n${Preloop.OWNER}`);
    await page.getByRole('dialog').getByRole('button', { name: 'Add team' }).click();
    await page.getByRole('table', { name: 'Teams' }).getByText('li@example.com').waitFor();
    await server.rest.call('PUT', '/approval-workflows/nightly', {
      body: { approvers: ['night'], quorum: 1, timeout: 600, decline: 'arithmetic', escalation: [{ after: 300, approvers: ['owner'], timeout: 600 }] },
      headers: { 'If-Match': '*' },
      expect: 200,
    });
    await page.getByRole('button', { name: 'Who is asked by nightly' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('asked, too').waitFor();
    await dialog.getByText('ends; nothing runs').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Change nightly' }).click();
    await page.getByRole('list', { name: 'Who is asked when' }).getByText('owner').waitFor();
  });
});
