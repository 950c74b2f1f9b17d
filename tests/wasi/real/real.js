// SPDX-License-Identifier: Apache-2.0
export function greet(name) {
  console.log(`greeting ${name}`);
  console.error("to stderr");
  const facts = { clock: Date.now() > 0, random: Math.random() < 1, map: [...new Map([[1, 2]])] };
  return `Hello, ${name}! ${JSON.stringify(facts)}`;
}

export function total(values) {
  return values.reduce((sum, value) => sum + BigInt(value), 0n);
}

export function countLines(path) {
  throw `no files: ${path}`;
}
