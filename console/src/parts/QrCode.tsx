// A text as a QR code. Dark on white in both themes, with its quiet border: not every camera reads it otherwise.
import { encode } from "uqr";

export function QrCode({ text, label }: { text: string; label: string }) {
  const { data, size } = encode(text, { ecc: "M", border: 4 });
  const dark = data.flatMap((row, y) => row.flatMap((on, x) => (on ? [`M${x} ${y}h1v1h-1z`] : []))).join("");
  return (
    <svg role="img" aria-label={label} data-testid="qr" viewBox={`0 0 ${size} ${size}`} width={232} height={232} shapeRendering="crispEdges" style={{ maxWidth: "100%" }}>
      <rect width={size} height={size} fill="#fff" />
      <path d={dark} fill="#000" />
    </svg>
  );
}
