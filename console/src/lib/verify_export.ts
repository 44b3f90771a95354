/**
 * Checks an export of the record (docs/formats/audit-record-v1.md) without asking the server that
 * wrote it: the links between records, the signatures of heads, the end. `preloop audit verify`
 * checks more (commitments, how chains follow one another) and is the one to rely on.
 */
export interface ExportReport {
  verdict: 'intact' | 'tampered' | 'incomplete';
  records: number;
  heads: number;
  chains: number;
  /** Who signed. */
  keys: string[];
  findings: string[];
}

interface Line {
  type?: string;
  keys?: { id: string; public: string }[];
  record?: { chain: string; seq: number; prev: string };
  purpose?: string;
  origin?: string;
  account?: string;
  chain?: string;
  seq?: number;
  hash?: string;
  at?: string;
  key?: string;
  signature?: string;
  lines?: number;
  sha256?: string;
}

const START = '{"type":"record","record":';
const MOST_FINDINGS = 20;
const encoder = new TextEncoder();

export async function verifyExport(text: string): Promise<ExportReport> {
  const lines = text.split('\n');
  const isWhole = lines.pop() === '';
  const report: ExportReport = { verdict: 'intact', records: 0, heads: 0, chains: 0, keys: [], findings: [] };
  const find = (verdict: 'tampered' | 'incomplete', what: string) => {
    if (report.verdict !== 'tampered') report.verdict = verdict;
    if (report.findings.length < MOST_FINDINGS) report.findings.push(what);
  };
  const last = new Map<string, { seq: number; hash: string }>();
  const known = new Map<string, string>();
  const heads: Line[] = [];
  let publicKeys: { id: string; public: string }[] = [];
  let hasEnd = false;

  for (const [place, line] of lines.entries()) {
    const parsed = read(line);
    if (!parsed) {
      find('tampered', `Line ${place + 1} is not of this format.`);
    } else if (parsed.type === 'header') {
      publicKeys = parsed.keys ?? [];
      report.keys = publicKeys.map(({ id }) => id);
    } else if (parsed.type === 'record' && parsed.record) {
      const { chain, seq, prev } = parsed.record;
      const hash = await sha256(`preloop.audit.v1\n${rawRecord(line)}`);
      const before = last.get(chain);
      if (before && seq !== before.seq + 1) find(seq <= before.seq ? 'tampered' : 'incomplete', `Record ${seq} follows record ${before.seq}.`);
      else if (before && prev !== before.hash) find('tampered', `Record ${before.seq} is not the one that record ${seq} names.`);
      last.set(chain, { seq, hash });
      known.set(`${chain}/${seq}`, hash);
      report.records += 1;
    } else if (parsed.type === 'head') {
      heads.push(parsed);
    } else if (parsed.type === 'end') {
      hasEnd = true;
      const body = `${lines.slice(0, place).join('\n')}\n`;
      const isSigned = await verify(publicKeys, parsed, `preloop.audit.export.v1\n${parsed.lines}\n${parsed.sha256}\n`);
      if (parsed.lines !== place || parsed.sha256 !== (await sha256(body)) || !isSigned) find('tampered', 'The end does not fit the lines before it.');
      if (place !== lines.length - 1) find('tampered', 'Lines follow the end.');
    }
  }
  for (const head of heads) {
    if (!(await verify(publicKeys, head, headText(head)))) find('tampered', `The signature of the head at record ${head.seq} does not fit.`);
    const hash = known.get(`${head.chain}/${head.seq}`);
    if (hash !== undefined && hash !== head.hash) find('tampered', `Record ${head.seq} is not the one that was signed.`);
    if (hash === undefined && head.purpose === 'head') find('incomplete', `Record ${head.seq}, which was signed, is missing.`);
    report.heads += 1;
  }
  for (const [chain, { seq }] of last) {
    if (!heads.some((head) => head.chain === chain && (head.seq ?? 0) >= seq)) find('incomplete', `Records up to ${seq} follow the last signature of their chain.`);
  }
  if (!hasEnd || !isWhole) find('incomplete', 'The end is missing.');
  report.chains = last.size;
  return report;
}

/** The bytes that were hashed: never parsed and written anew. */
function rawRecord(line: string): string {
  const payloads = line.indexOf(',"payloads":[', START.length);
  // A record holds this text only inside a string, where its quotes are escaped.
  return line.slice(START.length, payloads < 0 ? -1 : payloads);
}

export function headText(head: { purpose?: string; origin?: string; account?: string; chain?: string; seq?: number; hash?: string; at?: string }): string {
  const { purpose, origin, account, chain, seq, hash, at } = head;
  return `preloop.audit.head.v1\n${[purpose, origin, account, chain, seq, hash, at].join('\n')}\n`;
}

function read(line: string): Line | undefined {
  try {
    return JSON.parse(line) as Line;
  } catch {
    return undefined;
  }
}

async function verify(keys: readonly { id: string; public: string }[], line: Line, text: string): Promise<boolean> {
  const key = keys.find(({ id }) => id === line.key);
  return key !== undefined && line.signature !== undefined && (await verifySignature(key.public, line.signature, text));
}

/** Ed25519, keys and signatures in hex. */
export async function verifySignature(publicKey: string, signature: string, text: string): Promise<boolean> {
  try {
    const key = await crypto.subtle.importKey('raw', fromHex(publicKey), { name: 'Ed25519' }, false, ['verify']);
    return await crypto.subtle.verify({ name: 'Ed25519' }, key, fromHex(signature), encoder.encode(text));
  } catch {
    return false;
  }
}

async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', encoder.encode(text));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

function fromHex(hex: string): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(hex.length / 2);
  for (let place = 0; place < out.length; ++place) out[place] = Number.parseInt(hex.slice(place * 2, place * 2 + 2), 16);
  return out;
}
