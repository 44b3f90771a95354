// The conditions of language_cases.h in other engines, compiled once as in ours: peers.mjs [MS].
// Prints one line of JSON: engine → condition → nanoseconds (median of rounds).
import {celEnv, parse, plan} from "@bufbuild/cel";
import {Environment} from "@marcbachmann/cel-js";

const conditions = {
  E1: "args.amount > 1000",
  E2: "args.environment == 'production'",
  E3: "args.environment in ['production','staging'] && args.replicas <= 10 && !args.dry_run",
  E4: "args.path.startsWith('/etc/') || args.path.matches('^/home/[a-z]+/[.]ssh/')",
  E5: "args.recipients.exists(r, !r.endsWith('@example.com'))",
};
// BigInt is how both engines write a CEL int.
const args = {
  amount: 1500n, environment: "production", replicas: 3n, dry_run: false,
  path: "/home/max/.ssh/id_rsa",
  recipients: [..."abcdefghi"].map((c) => `${c}@example.com`).concat("z@evil.com"),
};
const rounds = 9;
const length = Number(process.argv[2] ?? 1000);

function measure(run) {
  if (run() !== true) throw new Error("the condition is not true");
  let batch = 1;
  const time = () => {
    const start = process.hrtime.bigint();
    for (let i = 0; i < batch; i++) run();
    return Number(process.hrtime.bigint() - start);
  };
  while (time() < 1e6) batch *= 2;
  for (let i = 0; i < 20; i++) time(); // warm for the compiler
  batch = Math.max(1, Math.round((batch * length * 1e6) / rounds / time()));
  const times = Array.from({length: rounds}, () => time() / batch).sort((a, b) => a - b);
  return times[Math.floor(rounds / 2)];
}

const celJs = new Environment().registerVariable("args", "map");
const bufbuild = celEnv();
const engines = {
  "@marcbachmann/cel-js": (source) => {
    const run = celJs.parse(source);
    return () => run({args});
  },
  "@bufbuild/cel": (source) => {
    const run = plan(bufbuild, parse(source));
    return () => run({args});
  },
};
const out = {};
for (const [engine, compile] of Object.entries(engines)) {
  out[engine] = {};
  for (const [name, source] of Object.entries(conditions)) out[engine][name] = measure(compile(source));
}
console.log(JSON.stringify(out));
