/** What could be written next in a condition: from the tool's schema and the server's registry. */
export interface Language {
  names: readonly { name: string; type: string }[];
  functions: readonly { name: string; library: string; style: 'global' | 'member' | 'either'; signatures: string; summary: string }[];
}

export interface Proposal {
  label: string;
  /** What is written; the label unless given. */
  apply?: string;
  detail: string;
  kind: 'argument' | 'name' | 'function' | 'macro' | 'value';
  info?: string;
}

export interface Completion {
  /** Where the word that is replaced begins. */
  from: number;
  options: Proposal[];
}

type Node = Record<string, unknown>;

/** They are syntax, not functions: the registry does not have them. */
const MACROS: readonly (Proposal & { isMember: boolean })[] = [
  { label: 'has', apply: 'has(', detail: 'has(args.field)', kind: 'macro', info: 'Whether the field is there', isMember: false },
  { label: 'exists', apply: 'exists(x, ', detail: 'list.exists(x, …)', kind: 'macro', info: 'Whether it is true for one of the elements', isMember: true },
  { label: 'all', apply: 'all(x, ', detail: 'list.all(x, …)', kind: 'macro', info: 'Whether it is true for every element', isMember: true },
  { label: 'existsOne', apply: 'existsOne(x, ', detail: 'list.existsOne(x, …)', kind: 'macro', info: 'Whether it is true for exactly one element', isMember: true },
  { label: 'filter', apply: 'filter(x, ', detail: 'list.filter(x, …)', kind: 'macro', info: 'The elements for which it is true', isMember: true },
  { label: 'map', apply: 'map(x, ', detail: 'list.map(x, …)', kind: 'macro', info: 'What each element becomes', isMember: true },
];

const TYPES: Record<string, string> = { string: 'string', integer: 'int', number: 'number', boolean: 'bool', array: 'list', object: 'map' };

export function complete(source: string, place: number, schema: unknown, language: Language): Completion | undefined {
  const before = source.slice(0, place);
  if (isInComment(before)) return undefined;
  return values(before, schema) ?? (isInString(before) ? undefined : (members(before, schema, language) ?? words(before, language)));
}

/** Behind `args.kind ==`: what the schema allows there. */
function values(before: string, schema: unknown): Completion | undefined {
  const found = /(args(?:\.\w+)+)\s*(?:[=!]=|in\s*\[(?:[^\]]*,)?)\s*((?:["'])?[^"'\s\]]*)$/.exec(before);
  if (!found) return undefined;
  const choices = fieldAt(schema, (found[1] ?? '').split('.').slice(1))?.enum;
  if (!Array.isArray(choices)) return undefined;
  const written = found[2] ?? '';
  const options = choices.slice(0, 50).map((one): Proposal => ({ label: literal(one), detail: 'one of the schema’s values', kind: 'value' }));
  return { from: before.length - written.length, options };
}

/** Behind a dot: fields of what is in front of it, and what can be called on it. */
function members(before: string, schema: unknown, language: Language): Completion | undefined {
  const found = /([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*|[)\]"'])\.(\w*)$/.exec(before);
  if (!found) return undefined;
  const path = (found[1] ?? '').split('.');
  const { fields, type } = path[0] === 'args' ? argumentFields(schema, path.slice(1)) : namedFields(path.join('.'), language);
  const options = [...fields, ...memberFunctions(type, language)];
  return { from: before.length - (found[2] ?? '').length, options };
}

function words(before: string, language: Language): Completion | undefined {
  const written = /[A-Za-z_]\w*$/.exec(before)?.[0] ?? '';
  const names = language.names.filter(({ name }) => !name.includes('.'));
  const options: Proposal[] = [
    { label: 'args', detail: 'the call’s arguments', kind: 'argument' },
    ...names.map(({ name, type }): Proposal => ({ label: name, detail: type === 'object' ? '' : type, kind: 'name' })),
    ...MACROS.filter(({ isMember }) => !isMember),
    ...callable(language, ({ style }) => style !== 'member'),
  ];
  return { from: before.length - written.length, options };
}

function argumentFields(schema: unknown, path: string[]): { fields: Proposal[]; type: string | undefined } {
  const node = fieldAt(schema, path);
  const required = Array.isArray(node?.required) ? node.required : [];
  const fields = Object.entries(asNode(node?.properties))
    .filter(([name]) => /^[A-Za-z_]\w*$/.test(name))
    .map(([name, value]): Proposal => {
      const field = asNode(value);
      const type = typeof field.type === 'string' ? field.type : 'value';
      return {
        label: name,
        detail: required.includes(name) ? type : `${type}, may be absent`,
        kind: 'argument',
        ...(typeof field.description === 'string' ? { info: field.description.slice(0, 300) } : {}),
      };
    });
  return { fields, type: typeof node?.type === 'string' ? TYPES[node.type] : undefined };
}

function namedFields(path: string, { names }: Language): { fields: Proposal[]; type: string | undefined } {
  const fields = names
    .filter(({ name }) => name.startsWith(`${path}.`) && !name.slice(path.length + 1).includes('.'))
    .map(({ name, type }): Proposal => ({ label: name.slice(path.length + 1), detail: type === 'object' ? '' : type, kind: 'name' }));
  return { fields, type: names.find(({ name }) => name === path)?.type };
}

function memberFunctions(type: string | undefined, language: Language): Proposal[] {
  const family = type?.replace(/\(.*/, '');
  if (family === 'object' || family === 'map') return [];
  const fits = (target: string) => family === undefined || target === '' || target.startsWith(family) || /^(dyn|[A-Z]$)/.test(target);
  return [
    ...MACROS.filter(({ isMember }) => isMember && (family === undefined || family === 'list')),
    ...callable(language, ({ style, signatures }) => style !== 'global' && signatures.split(';').some((one) => fits(targetOf(one)))),
  ];
}

function callable({ functions }: Language, isWanted: (one: Language['functions'][number]) => boolean): Proposal[] {
  return functions.filter(isWanted).map(({ name, signatures, summary }) => ({
    label: name,
    apply: `${name}(`,
    detail: (signatures.split(';')[0] ?? '').trim().replace('->', '→'),
    kind: 'function',
    info: summary,
  }));
}

/** "(string, int) -> bool": string. */
function targetOf(signature: string): string {
  return /^\s*\(([^,()]*(?:\([^)]*\))?)/.exec(signature)?.[1]?.trim() ?? '';
}

/** The schema of the field; of a list, of its elements when one goes on. */
function fieldAt(schema: unknown, path: readonly string[]): Node | undefined {
  let node = asNode(schema);
  for (const name of path) {
    const next = asNode(node.properties)[name];
    if (next === undefined) return undefined;
    node = asNode(next);
  }
  return node;
}

function literal(value: unknown): string {
  return typeof value === 'string' ? `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'` : JSON.stringify(value);
}

function isInString(before: string): boolean {
  let quote = '';
  for (let at = 0; at < before.length; ++at) {
    const one = before[at] as string;
    if (quote === '') quote = one === '"' || one === "'" ? one : one === '\n' ? '' : quote;
    else if (one === '\\') ++at;
    else if (one === quote || one === '\n') quote = '';
  }
  return quote !== '';
}

function isInComment(before: string): boolean {
  const line = before.slice(before.lastIndexOf('\n') + 1);
  const at = line.indexOf('//');
  return at >= 0 && !isInString(line.slice(0, at));
}

function asNode(value: unknown): Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Node) : {};
}
