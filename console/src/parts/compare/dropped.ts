// What was dropped or chosen, as files with their paths: folders are walked.
import type { Found } from "./distil";

const MOST = 20_000;

export function chosen(list: FileList | null): Found[] {
  return [...(list ?? [])].map((file) => ({ path: file.webkitRelativePath || file.name, file }));
}

export async function dropped(transfer: DataTransfer): Promise<Found[]> {
  // To be asked for before anything is waited for: afterwards the browser has forgotten them.
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry());
  const found: Found[] = [];
  for (const entry of entries) if (entry) await walk(entry, found);
  return found.length ? found : chosen(transfer.files);
}

async function walk(entry: FileSystemEntry, found: Found[]): Promise<void> {
  if (found.length >= MOST) return;
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
    found.push({ path: entry.fullPath.replace(/^\//, ""), file });
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  for (;;) {
    // A folder is told in pieces.
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) return;
    for (const each of some) await walk(each, found);
  }
}
