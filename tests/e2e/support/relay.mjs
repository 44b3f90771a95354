// A stdio MCP server without a mind: what comes on stdin goes to the test that started the server,
// what the test says goes to stdout. So the test itself is the upstream, and survives its crashes.
import { spawn } from 'node:child_process';
import net from 'node:net';
import readline from 'node:readline';

const socket = net.connect(Number(process.env.CONTROL_PORT), '127.0.0.1');
const tell = (message) => socket.write(`${JSON.stringify(message)}\n`);
tell({ hello: process.pid, environment: process.env });
socket.on('close', () => process.exit(0));
socket.on('error', () => process.exit(0));
process.stdout.on('error', () => process.exit(0));

readline.createInterface({ input: process.stdin }).on('line', (line) => tell({ line }));
process.stdin.on('end', () => tell({ eof: true }));

readline.createInterface({ input: socket }).on('line', (line) => {
  const command = JSON.parse(line);
  if (command.out !== undefined) process.stdout.write(command.out);
  if (command.outBase64 !== undefined) process.stdout.write(Buffer.from(command.outBase64, 'base64'));
  if (command.err !== undefined) process.stderr.write(command.err);
  if (command.stay) process.on('SIGTERM', () => {});
  if (command.fork) {
    // A grandchild in a session of its own, that ignores being asked.
    const child = spawn(process.execPath, ['-e', "process.on('SIGTERM',()=>{});setInterval(()=>{},1e6)"], {
      detached: true,
      stdio: 'ignore',
    });
    child.unref();
    tell({ forked: child.pid });
  }
  if (command.crash) process.kill(process.pid, 'SIGKILL');
});
