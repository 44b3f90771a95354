import { commitment, fromHex, sha256, verifySignature } from './signatures.ts';

/**
 * Checks an export of the record (docs/formats/audit-record-v1.md) without asking the server that
 * wrote it: the links between records and between chains, the signatures of ends and keys, the
 * contents that came with it, the last line. What it cannot know is whose key it is: that is
 * `preloop audit verify --trusted-key`, with a key noted elsewhere.
 */
export interface ExportReport {
  verdict: 'intact' | 'tampered' | 'incomplete';
  records: number;
  heads: number;
  chains: number;
  /** Contents compared with what their record commits to; those that are masked cannot be. */
  contents: number;
  masked: number;
  /** Who signed. */
  keys: string[];
  findings: string[];
}

interface Payload {
  kind?: string;
  content?: string;
  salt?: string;
  text?: string;
  hex?: string;
}

interface Key {
  id: string;
  public: string;
  endorsed_by?: string;
  endorsement?: string;
}

interface Link {
  chain: string;
  seq: number;
  hash: string;
}

interface Line extends Partial<Link> {
  type?: string;
  format?: string;
  v?: number;
  keys?: Key[];
  record?: { chain: string; seq: number; prev: string; kind: string; commitments?: Record<string, string>; details?: { predecessors?: Link[] } };
  payloads?: Payload[];
  purpose?: string;
  origin?: string;
  account?: string;
  at?: string;
  key?: string;
  signature?: string;
  lines?: number;
  sha256?: string;
}

const START = '{"type":"record","record":';
const NOTHING = '0'.repeat(64);
const MOST_FINDINGS = 20;
const encoder = new TextEncoder();

export async function verifyExport(text: string): Promise<ExportReport> {
  const check = new Check();
  const lines = text.split('\n');
  const isWhole = lines.pop() === '';
  for (const [place, line] of lines.entries()) await check.line(place, line, lines);
  if (!isWhole) check.find('incomplete', 'The last line is cut off.');
  return check.finish();
}

export function headText(head: Partial<Link> & { purpose?: string; origin?: string; account?: string; at?: string }): string {
  const { purpose, origin, account, chain, seq, hash, at } = head;
  return `preloop.audit.head.v1\n${[purpose, origin, account, chain, seq, hash, at].join('\n')}\n`;
}

class Check {
  readonly #report: ExportReport = { verdict: 'intact', records: 0, heads: 0, chains: 0, contents: 0, masked: 0, keys: [], findings: [] };
  /** The last record of each chain, or where its first one begins. */
  readonly #last = new Map<string, { seq: number; hash: string }>();
  readonly #begins = new Map<string, number>();
  readonly #withRecords = new Set<string>();
  readonly #known = new Map<string, string>();
  readonly #signed = new Map<string, number>();
  /** What heads and first records say of records; settled at the end. */
  readonly #promises: { link: Link; by: string }[] = [];
  #keys: Key[] = [];
  #hasEnd = false;

  find(verdict: 'tampered' | 'incomplete', what: string): void {
    if (this.#report.verdict !== 'tampered') this.#report.verdict = verdict;
    if (this.#report.findings.length < MOST_FINDINGS) this.#report.findings.push(what);
  }

  async line(place: number, line: string, all: readonly string[]): Promise<void> {
    const parsed = read(line);
    if (this.#hasEnd) this.find('tampered', 'Lines follow the end.');
    else if (!parsed || (place === 0) !== (parsed.type === 'header')) this.find('tampered', `Line ${place + 1} is not of this format.`);
    else if (parsed.type === 'header') await this.#header(parsed);
    else if (parsed.type === 'record' && parsed.record) await this.#record(parsed, line);
    else if (parsed.type === 'head') await this.#head(parsed);
    else if (parsed.type === 'end') await this.#end(parsed, all.slice(0, place));
    else this.find('tampered', `Line ${place + 1} is not of this format.`);
  }

  async #header({ format, v, keys = [] }: Line): Promise<void> {
    if (format !== 'preloop.audit.export' || v !== 1) this.find('tampered', 'It does not begin as an export of version 1.');
    for (const key of keys) {
      const isItself = key.id === (await sha256(fromHex(key.public))).slice(0, 16);
      const isEndorsed = key.endorsed_by === undefined || (await this.#verify(key.endorsed_by, key.endorsement, `preloop.audit.key.v1\n${key.public}\n`));
      if (isItself && isEndorsed) this.#keys.push(key);
      else this.find('tampered', isItself ? `Key ${key.id} is not endorsed by key ${key.endorsed_by}.` : 'A key does not fit its name.');
    }
    this.#report.keys = this.#keys.map(({ id }) => id);
  }

  async #record({ record, payloads = [] }: Line, line: string): Promise<void> {
    if (!record) return;
    const { chain, seq, prev, kind, commitments = {}, details } = record;
    const hash = await sha256(`preloop.audit.v1\n${rawRecord(line)}`);
    const before = this.#last.get(chain) ?? { seq: 0, hash: NOTHING };
    if (seq !== before.seq + 1) this.find(seq <= before.seq ? 'tampered' : 'incomplete', before.seq === 0 ? `A chain begins with record ${seq}.` : `Record ${seq} follows record ${before.seq}.`);
    else if (prev !== before.hash) this.find('tampered', `Record ${before.seq} is not the one that record ${seq} names.`);
    if (seq === 1 && kind !== 'chain.opened') this.find('tampered', 'The first record of a chain does not open it.');
    this.#last.set(chain, { seq, hash });
    this.#withRecords.add(chain);
    this.#known.set(`${chain}/${seq}`, hash);
    this.#report.records += 1;
    for (const link of details?.predecessors ?? []) this.#promises.push({ link, by: 'the chain that follows it' });
    for (const payload of payloads) await this.#payload(payload, commitments, seq);
  }

  async #payload({ kind = '', content, salt, text, hex }: Payload, commitments: Record<string, string>, seq: number): Promise<void> {
    const promised = commitments[kind];
    if (promised === undefined) this.find('tampered', `Record ${seq} does not commit to its ${kind}.`);
    else if (content !== 'exact') this.#report.masked += 1;
    else if (salt === undefined || (await commitment(salt, text === undefined ? fromHex(hex ?? '') : encoder.encode(text))) !== promised) this.find('tampered', `The ${kind} of record ${seq} are not those it commits to.`);
    else this.#report.contents += 1;
  }

  async #head(head: Line): Promise<void> {
    const { chain = '', seq = 0, hash = '', purpose } = head;
    this.#report.heads += 1;
    if (!(await this.#verify(head.key, head.signature, headText(head)))) {
      this.find('tampered', `The signature of the head at record ${seq} does not fit.`);
    } else if (purpose === 'head') {
      this.#promises.push({ link: { chain, seq, hash }, by: 'a signature' });
      this.#signed.set(chain, Math.max(seq, this.#signed.get(chain) ?? 0));
    } else if (this.#withRecords.has(chain)) {
      this.find('tampered', 'The start of a chain stands behind its records.');
    } else {
      this.#last.set(chain, { seq, hash });
      this.#begins.set(chain, seq);
    }
  }

  async #end({ lines, sha256: digest, key, signature }: Line, before: readonly string[]): Promise<void> {
    this.#hasEnd = true;
    const isSigned = await this.#verify(key, signature, `preloop.audit.export.v1\n${lines}\n${digest}\n`);
    if (lines !== before.length || digest !== (await sha256(`${before.join('\n')}\n`)) || !isSigned) this.find('tampered', 'The end does not fit the lines before it.');
  }

  async #verify(id: string | undefined, signature: string | undefined, text: string): Promise<boolean> {
    const key = this.#keys.find((one) => one.id === id);
    return key !== undefined && signature !== undefined && (await verifySignature(key.public, signature, text));
  }

  finish(): ExportReport {
    for (const { link, by } of this.#promises) {
      const hash = this.#known.get(`${link.chain}/${link.seq}`);
      if (hash === undefined && link.seq > (this.#begins.get(link.chain) ?? 0)) this.find('incomplete', `Record ${link.seq}, which ${by} names, is missing.`);
      else if (hash !== undefined && hash !== link.hash) this.find('tampered', `Record ${link.seq} is not the one that ${by} names.`);
    }
    for (const chain of this.#withRecords) {
      const { seq } = this.#last.get(chain) ?? { seq: 0 };
      if ((this.#signed.get(chain) ?? 0) < seq) this.find('incomplete', `Records up to ${seq} follow the last signature of their chain.`);
    }
    if (!this.#hasEnd) this.find('incomplete', 'The end is missing.');
    this.#report.chains = this.#withRecords.size;
    return this.#report;
  }
}

/** The bytes that were hashed: never parsed and written anew. */
function rawRecord(line: string): string {
  const payloads = line.indexOf(',"payloads":[', START.length);
  // A record holds this text only inside a string, where its quotes are escaped.
  return line.slice(START.length, payloads < 0 ? -1 : payloads);
}

function read(line: string): Line | undefined {
  try {
    return JSON.parse(line) as Line;
  } catch {
    return undefined;
  }
}
