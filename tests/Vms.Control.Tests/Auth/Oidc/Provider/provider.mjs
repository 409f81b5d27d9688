// A certified identity provider on a free port of this machine.
//   node provider.mjs      prints {"issuer": …}; then reads lines of JSON from standard input and prints {"ready": true} after each:
//   {"redirect": URI, "algorithm": "RS256" | "ES256" | "PS256", "authentication": "client_secret_basic" | …, "groupsInToken": bool}
// Each line makes it anew, with new keys. Its sign-in page has a link per user; a test adds ?user=NAME itself. Ends with its standard input.
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import { Provider } from 'oidc-provider';

const people = { anna: ['vms-admins', 'staff'], ben: ['guards'], cleo: ['kitchen'] };
const print = (line) => process.stdout.write(JSON.stringify(line) + '\n');
let provider;

const server = createServer(async (request, response) => {
  const url = new URL(request.url, issuer);
  if (url.pathname.startsWith('/interaction/')) return interact(url, request, response);
  provider.callback()(request, response);
});
await new Promise((done) => server.listen(0, '127.0.0.1', done));
const issuer = `http://127.0.0.1:${server.address().port}`;
print({ issuer });

async function interact(url, request, response) {
  const user = url.searchParams.get('user');
  if (!user) {
    response.setHeader('content-type', 'text/html');
    response.end(Object.keys(people).map((name) => `<p><a href="?user=${name}">${name}</a>`).join(''));
    return;
  }
  const { params, prompt } = await provider.interactionDetails(request, response);
  if (user === 'nobody') {
    await provider.interactionFinished(request, response, { error: 'access_denied', error_description: 'not today' });
    return;
  }
  const grant = new provider.Grant({ accountId: user, clientId: params.client_id });
  grant.addOIDCScope(params.scope);
  const result = { login: { accountId: user }, consent: { grantId: await grant.save() } };
  await provider.interactionFinished(request, response, prompt.name === 'login' ? result : { consent: result.consent }, { mergeWithLastSubmission: true });
}

function make({ redirect, algorithm = 'RS256', authentication = 'client_secret_basic', groupsInToken = false }) {
  const pair = algorithm === 'ES256' ? generateKeyPairSync('ec', { namedCurve: 'P-256' }) : generateKeyPairSync('rsa', { modulusLength: 2048 });
  const key = { ...pair.privateKey.export({ format: 'jwk' }), kid: randomBytes(6).toString('hex'), use: 'sig', alg: algorithm };
  provider = new Provider(issuer, {
    clients: [{
      client_id: 'vms',
      client_secret: 'a secret: with % and +',
      redirect_uris: [redirect],
      id_token_signed_response_alg: algorithm,
      token_endpoint_auth_method: authentication,
    }],
    clientAuthMethods: [authentication],
    enabledJWA: { idTokenSigningAlgValues: [algorithm] },
    jwks: { keys: [key] },
    cookies: { keys: [randomBytes(16).toString('hex')] },
    claims: { openid: ['sub'], profile: ['preferred_username', 'name'], email: ['email'], groups: ['groups'] },
    conformIdTokenClaims: !groupsInToken,
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
    pkce: { required: () => true },
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({ sub: id, preferred_username: id, name: id, email: `${id}@example.org`, groups: people[id] }),
    }),
  });
  print({ ready: true });
}

createInterface({ input: process.stdin }).on('line', (line) => make(JSON.parse(line))).on('close', () => process.exit(0));
