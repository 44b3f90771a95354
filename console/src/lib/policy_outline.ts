/** A section of a policy document: where it begins, and how many entries it has when it is a list or a map. */
export interface Section {
  name: string;
  /** From 1. */
  line: number;
  count: number | undefined;
}

/**
 * The top-level keys of a document in block style, for going to them. Entries are the lines that are
 * indented as far as the first one below; of a list only those that begin one.
 */
export function policyOutline(document: string): Section[] {
  const sections: Section[] = [];
  let indent: number | undefined;
  let isList = false;
  for (const [at, line] of document.split('\n').entries()) {
    const key = /^([a-z_]+):\s*(.*)$/.exec(line);
    if (key) {
      indent = undefined;
      sections.push({ name: key[1] ?? '', line: at + 1, count: undefined });
      continue;
    }
    const section = sections.at(-1);
    const text = line.trimStart();
    if (!section || text === '' || text.startsWith('#')) continue;
    const depth = line.length - text.length;
    if (indent === undefined) {
      indent = depth;
      isList = text.startsWith('-');
    }
    if (depth === indent && (!isList || text.startsWith('-'))) section.count = (section.count ?? 0) + 1;
  }
  return sections;
}
