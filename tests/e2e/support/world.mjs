// What a page about decisions needs around it.
import { connect } from './mcp.mjs';
import { Preloop } from './preloop.mjs';
import { HttpUpstream } from './upstream.mjs';
import { Browser } from './browser.mjs';

const POLICY = `version: 2
rules:
  - {tool: work, action: require_approval, message: "A person looks at this"}
`;

/** A server with one tool that asks, its owner's browser, and an agent. */
export async function world(cleanup) {
  const server = cleanup.add(await Preloop.start(), (one) => one.dispose());
  const upstream = cleanup.add(await HttpUpstream.start(), (one) => one.close());
  await server.addServer(upstream.config('up'));
  await server.applyPolicy(POLICY);
  const client = cleanup.add(await connect(server, await server.agentKey('claude')), (one) => one.close());
  const browser = cleanup.add(await Browser.start(), (one) => one.close());
  return { server, upstream, client, browser };
}
