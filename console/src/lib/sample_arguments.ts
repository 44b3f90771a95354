type Node = Record<string, unknown>;

const DEEPEST = 4;

/** Arguments that fit a schema, as something to begin with: what is required, and little more. */
export function sampleArguments(schema: unknown): string {
  return JSON.stringify(sample(asNode(schema), 0) ?? {}, null, 2);
}

function sample(node: Node, depth: number): unknown {
  if ('const' in node) return node.const;
  if (Array.isArray(node.enum) && node.enum.length > 0) return node.enum[0];
  if (Array.isArray(node.examples) && node.examples.length > 0) return node.examples[0];
  if ('default' in node) return node.default;
  const type = Array.isArray(node.type) ? node.type[0] : node.type;
  switch (type ?? (node.properties ? 'object' : undefined)) {
    case 'object':
      return fields(node, depth);
    case 'array':
      return depth < DEEPEST && number(node.minItems, 0) > 0 ? [sample(asNode(node.items), depth + 1)] : [];
    case 'integer':
    case 'number':
      return figure(node);
    case 'boolean':
      return false;
    case 'string':
      return text(node);
    default:
      return null;
  }
}

/** Those that are required; when none is, all that are not objects, so that there is something to see. */
function fields(node: Node, depth: number): Node {
  const known = Object.entries(asNode(node.properties));
  const required = Array.isArray(node.required) ? node.required : [];
  const isShown = (name: string, field: Node) => (required.length > 0 || depth > 0 ? required.includes(name) : field.type !== 'object');
  if (depth >= DEEPEST) return {};
  return Object.fromEntries(known.filter(([name, value]) => isShown(name, asNode(value))).map(([name, value]) => [name, sample(asNode(value), depth + 1)]));
}

function figure(node: Node): number {
  const least = number(node.minimum, number(node.exclusiveMinimum, 0) + ('exclusiveMinimum' in node ? 1 : 0));
  return Math.min(Math.max(least, 1), number(node.maximum, Infinity));
}

function text(node: Node): string {
  switch (node.format) {
    case 'date':
      return '2026-01-31';
    case 'date-time':
      return '2026-01-31T12:00:00Z';
    case 'email':
      return 'ana@example.com';
    case 'uri':
    case 'url':
      return 'https://example.com/';
    default:
      return 'text'.padEnd(Math.min(number(node.minLength, 0), 200), '.').slice(0, number(node.maxLength, Infinity));
  }
}

function number(value: unknown, fallback: number): number {
  return typeof value === 'number' ? value : fallback;
}

function asNode(value: unknown): Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Node) : {};
}
