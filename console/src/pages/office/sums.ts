// Exact decimals added for people to look at: by currency or unit, without the faults of binary fractions.

const DIGITS = 12;
const ONE = 10n ** BigInt(DIGITS);

function whole(exact: string): bigint {
  const [, sign = "", before = "0", after = ""] = /^(-?)(\d*)(?:\.(\d+))?$/.exec(exact) ?? [];
  const value = BigInt(before || "0") * ONE + BigInt((after + "0".repeat(DIGITS)).slice(0, DIGITS));
  return sign ? -value : value;
}

function text(value: bigint): string {
  const positive = value < 0n ? -value : value;
  const after = (positive % ONE).toString().padStart(DIGITS, "0").replace(/0+$/, "");
  return `${value < 0n ? "-" : ""}${positive / ONE}${after ? `.${after}` : ""}`;
}

export function added(...exact: string[]): string {
  return text(exact.reduce((sum, one) => sum + whole(one), 0n));
}

export function less(exact: string, other: string): string {
  return text(whole(exact) - whole(other));
}

/** Sums by name. */
export function sumsOf(rows: readonly (readonly [string, string])[]): Record<string, string> {
  const sums: Record<string, string> = {};
  for (const [name, exact] of rows) sums[name] = added(sums[name] ?? "0", exact);
  return sums;
}
