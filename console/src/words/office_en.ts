// Words of the operator's pages about people and cases, and of what all operator's pages share. English.
export const officeEn = {
  "table.more": "Show more",
  "filter.all": "All",
  "filter.clear": "Clear",
  "act.done": "Done. It is in force now.",
  "act.once": "Shown this once. Keep it now.",
  "act.close": "Close",
  "act.back": "Back",
  "act.key": "Sent once, under the key",
  "act.keyName": "Idempotency key",
  "act.audit": "In the audit log",
  "act.by": "By",
};
