// Everything that a revision requires of a server, with Preloop and its policy in between.
import { after, before, describe, test } from 'node:test';
import { REVISIONS, checkCell, throughPreloop } from './support/cells.mjs';

/** What no revision requires, and passes all the same. */
const MORE = {
  '2025-11-25': ['server-session-lifecycle', 'json-schema-2020-12'],
  '2026-07-28': ['http-header-validation', 'http-custom-header-server-validation', 'json-schema-2020-12'],
};

for (const kind of ['http', 'stdio']) {
  for (const decoy of [false, true]) {
    describe(`through Preloop, over ${kind}${decoy ? ', another server beside it' : ''}`, () => {
      let path;
      before(async () => (path = await throughPreloop(kind, { decoy })));
      after(() => path.close());
      for (const revision of REVISIONS) {
        test(revision, async () => {
          await checkCell(`through/${kind}${decoy ? '+decoy' : ''}/${revision}`, path.url, revision);
        });
        for (const scenario of decoy ? [] : MORE[revision]) {
          test(`${revision}: ${scenario}`, () => checkCell(`through/${kind}/${revision}`, path.url, revision, scenario));
        }
      }
    });
  }
}
