// The fixture server: as a process of its own over HTTP, or as what Preloop starts over stdio.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Output, within } from '../../e2e/support/processes.mjs';

const file = (name) => fileURLToPath(new URL(`../fixture/${name}.mjs`, import.meta.url));

export class HttpFixture {
  static async start({ legacyOnly = false } = {}) {
    const fixture = new HttpFixture();
    fixture.child = spawn(process.execPath, [file('http'), ...(legacyOnly ? ['--legacy-only'] : [])], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const output = new Output(fixture.child.stdout);
    fixture.url = (await within(output.match(/(http:\/\/\S+)\n/), 60_000, 'the fixture to listen'))[1];
    return fixture;
  }
  config(name) {
    return { name, transport: 'streamable_http', url: this.url };
  }
  close() {
    this.child.kill('SIGKILL');
  }
}

/** Nothing runs until Preloop starts it. */
export class StdioFixture {
  static async start({ legacyOnly = false } = {}) {
    const fixture = new StdioFixture();
    fixture.args = [file('stdio'), ...(legacyOnly ? ['--legacy-only'] : [])];
    return fixture;
  }
  config(name) {
    return { name, transport: 'stdio', command: process.execPath, args: this.args };
  }
  close() {}
}
