// Everything that a revision requires of a server, with Preloop and its policy in between.
import { after, before, describe, test } from 'node:test';
import { REVISIONS, checkCell, throughPreloop } from './support/cells.mjs';

/** What no revision requires, and passes all the same. */
const MORE = {
  '2025-11-25': ['server-session-lifecycle', 'json-schema-2020-12'],
  '2026-07-28': ['http-header-validation', 'http-custom-header-server-validation', 'json-schema-2020-12'],
};

const BEHIND = [
  { name: '', options: {} },
  { name: '+earlier', said: ', the server of an earlier revision', options: { earlier: true } },
  { name: '+decoy', said: ', another server beside it', options: { decoy: true } },
];

for (const kind of ['http', 'stdio']) {
  for (const { name, said = '', options } of BEHIND) {
    describe(`through Preloop, over ${kind}${said}`, () => {
      let path;
      before(async () => (path = await throughPreloop(kind, options)));
      after(() => path.close());
      for (const revision of REVISIONS) {
        const cell = `through/${kind}${name}/${revision}`;
        test(revision, async () => {
          await checkCell(cell, path.url, revision);
        });
        for (const scenario of options.decoy ? [] : MORE[revision]) {
          test(`${revision}: ${scenario}`, () => checkCell(cell, path.url, revision, scenario));
        }
      }
    });
  }
}
