// Everything that a revision requires of a server, with Preloop and its policy in between.
import { after, before, describe, test } from 'node:test';
import { REVISIONS, checkCell, throughPreloop } from './support/cells.mjs';

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
      }
    });
  }
}
