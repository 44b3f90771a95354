/** One argument of a tool as its input schema describes it. */
export interface SchemaRow {
  name: string;
  depth: number;
  type: string;
  isRequired: boolean;
  description: string;
  /** "one of a, b", "at least 1": what restricts it. */
  limits: string[];
}

const DEEPEST = 3;
const MOST = 200;

type Node = Record<string, unknown>;

/** A JSON Schema as lines that people read; what it cannot show is in the definition itself. */
export function schemaRows(schema: unknown): SchemaRow[] {
  const rows: SchemaRow[] = [];
  walk(asNode(schema), 0, rows);
  return rows;
}

function walk(schema: Node, depth: number, rows: SchemaRow[]): void {
  const required = Array.isArray(schema.required) ? schema.required : [];
  for (const [name, value] of Object.entries(asNode(schema.properties))) {
    if (rows.length >= MOST) return;
    const node = asNode(value);
    rows.push({
      name,
      depth,
      type: typeOf(node),
      isRequired: required.includes(name),
      description: typeof node.description === 'string' ? node.description : '',
      limits: limitsOf(node),
    });
    if (depth >= DEEPEST) continue;
    if (node.properties) walk(node, depth + 1, rows);
    else if (asNode(node.items).properties) walk(asNode(node.items), depth + 1, rows);
  }
}

function asNode(value: unknown): Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Node) : {};
}

function typeOf(node: Node): string {
  if (Array.isArray(node.enum) || 'const' in node) return typeof node.type === 'string' ? node.type : 'value';
  if (node.type === 'array') return `list of ${typeOf(asNode(node.items))}`;
  if (typeof node.type === 'string') return node.type;
  if (Array.isArray(node.type)) return node.type.join(' or ');
  const choices = node.anyOf ?? node.oneOf;
  if (Array.isArray(choices)) return choices.slice(0, 4).map((one) => typeOf(asNode(one))).join(' or ');
  return 'anything';
}

function limitsOf(node: Node): string[] {
  const out: string[] = [];
  const say = (key: string, words: string) => {
    const value = node[key];
    if (typeof value === 'number' || typeof value === 'string') out.push(`${words} ${value}`);
  };
  if (Array.isArray(node.enum)) out.push(`one of ${node.enum.slice(0, 20).map((one) => JSON.stringify(one)).join(', ')}`);
  if ('const' in node) out.push(`always ${JSON.stringify(node.const)}`);
  say('minimum', 'at least');
  say('exclusiveMinimum', 'more than');
  say('maximum', 'at most');
  say('exclusiveMaximum', 'less than');
  say('minLength', 'length at least');
  say('maxLength', 'length at most');
  say('minItems', 'items at least');
  say('maxItems', 'items at most');
  say('format', 'format');
  say('pattern', 'pattern');
  if ('default' in node) out.push(`default ${JSON.stringify(node.default)}`);
  return out;
}
