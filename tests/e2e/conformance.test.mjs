// A few scenarios of the official conformance suite, through Preloop; all of them: make conformance.
import { after, before, describe, test } from 'node:test';
import { checkCell, throughPreloop } from '../conformance/support/cells.mjs';

const SCENARIOS = {
  '2025-11-25': ['server-initialize', 'prompts-get-with-args', 'tools-call-elicitation', 'dns-rebinding-protection'],
  '2026-07-28': ['tools-call-mixed-content', 'resources-templates-read', 'http-custom-header-server-validation'],
};

describe('the official suite', () => {
  let path;
  before(async () => (path = await throughPreloop('http')));
  after(() => path.close());
  for (const [revision, scenarios] of Object.entries(SCENARIOS)) {
    for (const scenario of scenarios) {
      test(`${revision}: ${scenario}`, () => checkCell(`through/http/${revision}`, path.url, revision, scenario));
    }
  }
});
