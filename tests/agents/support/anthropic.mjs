// Stands in for the model: Anthropic's Messages API as far as an agent needs it, with a script instead
// of a mind. `decide(body)` gives {tool, input} or {text}.
import { once } from 'node:events';
import http from 'node:http';

function* events(answer) {
  const usage = { input_tokens: 1, output_tokens: 1 };
  yield {
    type: 'message_start',
    message: { id: 'msg_1', type: 'message', role: 'assistant', model: 'stand-in', content: [], stop_reason: null, stop_sequence: null, usage },
  };
  if (answer.tool) {
    const block = { type: 'tool_use', id: `toolu_${Math.random().toString(36).slice(2)}`, name: answer.tool, input: {} };
    yield { type: 'content_block_start', index: 0, content_block: block };
    yield { type: 'content_block_delta', index: 0, delta: { type: 'input_json_delta', partial_json: JSON.stringify(answer.input) } };
  } else {
    yield { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } };
    yield { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: answer.text } };
  }
  yield { type: 'content_block_stop', index: 0 };
  yield { type: 'message_delta', delta: { stop_reason: answer.tool ? 'tool_use' : 'end_turn', stop_sequence: null }, usage };
  yield { type: 'message_stop' };
}

export async function startModel(decide) {
  const requests = [];
  const server = http.createServer(async (request, response) => {
    let text = '';
    for await (const piece of request.setEncoding('utf8')) text += piece;
    if (request.method !== 'POST' || !request.url.startsWith('/v1/messages')) return void response.writeHead(404).end();
    const body = JSON.parse(text);
    requests.push(body);
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    for (const event of events(decide(body))) response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
    response.end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    requests,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** The text of the last tool result in a request, or nothing. */
export function toolResult(body) {
  for (const message of body.messages.toReversed()) {
    for (const block of Array.isArray(message.content) ? message.content : []) {
      if (block.type !== 'tool_result') continue;
      return typeof block.content === 'string' ? block.content : block.content.map((one) => one.text ?? '').join('\n');
    }
  }
  return undefined;
}
