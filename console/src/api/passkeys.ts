// Passkeys as the browser gives them: options and answers in the JSON forms that WebAuthn itself defines.

interface Forms {
  parseRequestOptionsFromJSON(json: unknown): PublicKeyCredentialRequestOptions;
  parseCreationOptionsFromJSON(json: unknown): PublicKeyCredentialCreationOptions;
}

function optionsOf(told: unknown): unknown {
  return typeof told === "object" && told !== null && "publicKey" in told ? told.publicKey : told;
}

export async function getPasskey(options: unknown): Promise<unknown> {
  const forms = PublicKeyCredential as unknown as Forms;
  const given = (await navigator.credentials.get({ publicKey: forms.parseRequestOptionsFromJSON(optionsOf(options)) })) as (PublicKeyCredential & { toJSON(): unknown }) | null;
  return given?.toJSON();
}

export async function makePasskey(options: unknown): Promise<unknown> {
  const forms = PublicKeyCredential as unknown as Forms;
  const made = (await navigator.credentials.create({ publicKey: forms.parseCreationOptionsFromJSON(optionsOf(options)) })) as (PublicKeyCredential & { toJSON(): unknown }) | null;
  return made?.toJSON();
}
