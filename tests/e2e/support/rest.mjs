// REST, with every answer checked against the contract the server serves.
import assert from 'node:assert/strict';
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { Log } from './processes.mjs';

class Contract {
  #ajv = new Ajv2020({ strict: false, validateSchema: false, allErrors: true });
  #validators = new Map();

  constructor(document) {
    this.document = document;
    addFormats(this.#ajv);
    this.#ajv.addSchema(document, 'contract');
  }

  /** Fails unless the operation may answer so. */
  check(method, path, status, type, body) {
    const [plain] = path.split('?');
    const template = Object.keys(this.document.paths)
      .filter((one) => new RegExp(`^${one.replace(/\{[^}]+\}/g, '[^/]+')}$`).test(plain))
      .sort((a, b) => a.split('{').length - b.split('{').length)[0];
    const operation = template && this.document.paths[template][method.toLowerCase()];
    if (!operation) {
      assert.ok([404, 405].includes(status), `${method} ${path} is not in the contract, and answered ${status}`);
      return;
    }
    const response = operation.responses[status] ?? operation.responses.default;
    const direct = `#/paths/${escape(template)}/${method.toLowerCase()}/responses/${operation.responses[status] ? status : 'default'}`;
    const place = response.$ref ?? direct;
    const resolved = response.$ref ? this.document.components.responses[response.$ref.split('/').at(-1)] : response;
    const where = `${method} ${path} → ${status}`;
    if (!operation.responses[status]) assert.ok(status >= 400, `${where} is not in the contract`);
    if (!resolved.content) {
      assert.equal(body, '', `${where} has a body`);
      return;
    }
    const media = type.split(';')[0];
    assert.ok(resolved.content[media], `${where} is ${type}, not one of ${Object.keys(resolved.content)}`);
    if (!media.endsWith('json')) return;
    const schema = `contract${place}/content/${escape(media)}/schema`;
    let validate = this.#validators.get(schema);
    if (!validate) this.#validators.set(schema, (validate = this.#ajv.compile({ $ref: schema })));
    assert.ok(validate(JSON.parse(body)), `${where}: ${this.#ajv.errorsText(validate.errors)}: ${body.slice(0, 500)}`);
  }
}

function escape(text) {
  return encodeURIComponent(text.replaceAll('~', '~0').replaceAll('/', '~1'));
}

export class Rest {
  constructor(url, key) {
    this.url = url;
    this.key = key;
  }

  /** `expect` is the status, or any below 300. */
  async call(method, path, { body, text, headers = {}, key = this.key(), expect } = {}) {
    this.contract ??= new Contract(await (await fetch(`${this.url}/api/v1/openapi.json`)).json());
    const response = await fetch(`${this.url}/api/v1${path}`, {
      method,
      headers: {
        ...(key ? { Authorization: `Bearer ${key}` } : {}),
        ...(body !== undefined ? { 'Content-Type': 'application/json' } : {}),
        ...headers,
      },
      body: body !== undefined ? JSON.stringify(body) : text,
    });
    const answer = await response.text();
    const type = response.headers.get('content-type') ?? '';
    this.contract.check(method, path, response.status, type, answer);
    if (expect === undefined) assert.ok(response.status < 300, `${method} ${path}: ${response.status} ${answer}`);
    else assert.equal(response.status, expect, `${method} ${path}: ${answer}`);
    return {
      status: response.status,
      headers: response.headers,
      etag: response.headers.get('etag'),
      text: answer,
      body: type.includes('json') && !type.includes('ndjson') && answer ? JSON.parse(answer) : undefined,
    };
  }

  /** The live stream, open when this returns. */
  async events({ lastEventId } = {}) {
    const log = new Log();
    const abort = new AbortController();
    const response = await fetch(`${this.url}/api/v1/events`, {
      headers: {
        Authorization: `Bearer ${this.key()}`,
        ...(lastEventId === undefined ? {} : { 'Last-Event-ID': String(lastEventId) }),
      },
      signal: abort.signal,
    });
    assert.equal(response.status, 200);
    log.close = () => abort.abort();
    log.ended = (async () => {
      let text = '';
      const decoder = new TextDecoder();
      try {
        for await (const piece of response.body) {
          text += decoder.decode(piece, { stream: true });
          for (let end; (end = text.indexOf('\n\n')) >= 0; text = text.slice(end + 2)) {
            const fields = Object.fromEntries(
              text
                .slice(0, end)
                .split('\n')
                .filter((line) => line && !line.startsWith(':'))
                .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]),
            );
            if (fields.data) log.add({ id: fields.id, ...JSON.parse(fields.data) });
          }
        }
      } catch {
        // closed by us, or the server has gone: what came is in the log
      }
    })();
    return log;
  }
}
