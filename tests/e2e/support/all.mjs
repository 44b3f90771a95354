export * from './mcp.mjs';
export * from './preloop.mjs';
export * from './processes.mjs';
export * from './upstream.mjs';
