/** Which rule: `position` from 1 in the list of the account, or of an agent or key by name. */
export interface RulePlace {
  scope: 'account' | 'agent' | 'key';
  name: string;
  position: number;
}

/** As part of an address: `account:3`, `agent:ci:1`. */
export function placeText({ scope, name, position }: RulePlace): string {
  return scope === 'account' ? `account:${position}` : `${scope}:${name}:${position}`;
}

export function readPlace(text: string): RulePlace | undefined {
  const found = /^(?:account|(agent|key):(.+)):(\d+)$/.exec(text);
  if (!found) return undefined;
  return { scope: (found[1] as 'agent' | 'key' | undefined) ?? 'account', name: found[2] ?? '', position: Number(found[3]) };
}

/**
 * The line, from 1, on which an exported document (src/policy/document_write.cc: one rule a line,
 * nested by two spaces) has a rule.
 */
export function ruleLine(document: string, { scope, name, position }: RulePlace): number | undefined {
  const path = scope === 'account' ? ['rules'] : ['scopes', `${scope}s`, name, 'rules'];
  const lines = document.split('\n');
  let depth = 0;
  let count = 0;
  for (const [at, line] of lines.entries()) {
    const indent = (line.length - line.trimStart().length) / 2;
    if (depth === path.length) {
      if (indent < depth) return undefined;
      if (line.trimStart().startsWith('- ') && ++count === position) return at + 1;
    } else if (indent < depth) {
      return undefined;
    } else if (indent === depth && keyOf(line) === path[depth]) {
      depth += 1;
    }
  }
  return undefined;
}

/** The key of a line `key:` or `"a key": …`. */
function keyOf(line: string): string | undefined {
  const found = /^\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^']|'')*)'|([^\s'"-][^:]*)):(?:\s|$)/.exec(line);
  if (!found) return undefined;
  if (found[1] !== undefined) return JSON.parse(`"${found[1]}"`) as string;
  return found[2]?.replaceAll("''", "'") ?? found[3];
}
