// An independent gRPC peer.
//   node peer.cjs server                serves echo.proto on a free port and prints {"port": N}
//   node peer.cjs client ADDRESS        runs every scenario against ADDRESS, one JSON line each
const path = require('node:path');
const grpc = require('@grpc/grpc-js');
const loader = require('@grpc/proto-loader');

const definition = loader.loadSync(path.join(__dirname, 'echo.proto'), { keepCase: true, defaults: true });
const Echo = grpc.loadPackageDefinition(definition).vms.rpc.tests.v1.Echo;
const print = (line) => process.stdout.write(JSON.stringify(line) + '\n');

function serve() {
  const server = new grpc.Server({ 'grpc.max_receive_message_length': -1, 'grpc.max_send_message_length': -1 });
  server.addService(Echo.service, {
    Say(call, done) {
      const { text, number, blob } = call.request;
      if (text === 'missing') {
        const trailers = new grpc.Metadata();
        trailers.set('generation', '7');
        trailers.set('raw-bin', Buffer.from([1, 2, 0xff]));
        done({ code: grpc.status.NOT_FOUND, details: 'no such caméra 100%', metadata: trailers });
      } else if (text === 'wait') {
        call.on('cancelled', () => print({ cancelled: number }));
      } else if (text === 'metadata') {
        const token = call.metadata.get('token-bin')[0];
        done(null, { text: `${call.metadata.get('tenant')[0]} ${token.toString('hex')} ${call.getDeadline() !== Infinity}` });
      } else if (text === 'large') {
        done(null, { blob: Buffer.alloc(number) });
      } else {
        done(null, { text, number, blob });
      }
    },
    Count(call) {
      for (let i = 0; i < call.request.number; i++) call.write({ number: i });
      if (call.request.text === 'wait') call.on('cancelled', () => print({ cancelled: call.request.number }));
      else if (call.request.text === 'fail') call.emit('error', { code: grpc.status.DATA_LOSS, details: 'lost' });
      else call.end();
    },
    Collect(call, done) {
      let number = 0;
      let bytes = 0;
      call.on('data', (request) => {
        number++;
        bytes += request.blob.length;
      });
      call.on('end', () => done(null, { number, text: String(bytes) }));
    },
    Chat(call) {
      call.on('data', (request) => call.write({ text: 're:' + request.text, number: request.number }));
      call.on('end', () => call.end());
    },
  });
  server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) => {
    if (error) throw error;
    print({ port });
  });
}

async function runScenarios(address) {
  const client = new Echo(address, grpc.credentials.createInsecure(), {
    'grpc.max_receive_message_length': -1,
    'grpc.max_send_message_length': -1,
  });
  const outcome = (error, reply) =>
    error
      ? { code: error.code, details: error.details, trailers: error.metadata?.getMap() }
      : { code: 0, text: reply.text, number: reply.number, bytes: reply.blob.length };
  const say = (request, options = {}, metadata = new grpc.Metadata()) =>
    new Promise((resolve) => client.Say(request, metadata, options, (error, reply) => resolve(outcome(error, reply))));
  const read = (stream) =>
    new Promise((resolve) => {
      const result = { messages: 0, texts: [] };
      stream.on('data', (reply) => {
        result.messages++;
        if (result.texts.length < 3) result.texts.push(reply.text);
      });
      stream.on('error', () => {}); // the status says it
      stream.on('status', (status) => resolve({ ...result, code: status.code, details: status.details }));
    });

  const scenarios = {
    unary: () => say({ text: 'hej', number: 7 }),
    status: () => say({ text: 'missing' }),
    trailers: () => say({ text: 'trailing' }),
    internal: () => say({ text: 'broken' }),
    deadline: () => say({ text: 'wait', number: 101 }, { deadline: Date.now() + 200 }),
    metadata: () => {
      const metadata = new grpc.Metadata();
      metadata.set('tenant', 'north');
      metadata.set('token-bin', Buffer.from([0xca, 0xfe]));
      return say({ text: 'metadata' }, { deadline: Date.now() + 20000 }, metadata);
    },
    large: () => say({ text: 'large', number: 8 << 20 }),
    tooLarge: () => say({ blob: Buffer.alloc((16 << 20) + 1) }),
    serverStream: () => read(client.Count({ number: 1000 })),
    emptyStream: () => read(client.Count({ number: 0 })),
    failingStream: () => read(client.Count({ text: 'fail', number: 10 })),
    cancel: () => {
      const stream = client.Count({ text: 'wait', number: 102 });
      stream.once('data', () => stream.cancel());
      return read(stream);
    },
    clientStream: () =>
      new Promise((resolve) => {
        const stream = client.Collect((error, reply) => resolve(outcome(error, reply)));
        for (let i = 0; i < 100; i++) stream.write({ number: i, blob: Buffer.alloc(10000) });
        stream.end();
      }),
    refusedClientStream: () =>
      new Promise((resolve) => {
        const stream = client.Collect((error, reply) => resolve(outcome(error, reply)));
        stream.on('error', () => {});
        stream.write({ text: 'refuse' }); // and never ends
      }),
    duplex: () => {
      const stream = client.Chat();
      const result = read(stream);
      let count = 0;
      stream.on('data', () => (++count < 20 ? stream.write({ text: 'm' + count }) : stream.end()));
      stream.write({ text: 'm0' });
      return result;
    },
    gzip: () => {
      const compressing = new Echo(address, grpc.credentials.createInsecure(), { 'grpc.default_compression_algorithm': 2 });
      return new Promise((resolve) =>
        compressing.Say({ text: 'x'.repeat(10000) }, (error, reply) => {
          compressing.close();
          resolve(outcome(error, reply));
        }));
    },
    unknownMethod: () =>
      new Promise((resolve) =>
        client.makeUnaryRequest('/vms.rpc.tests.v1.Echo/Nope', () => Buffer.alloc(0), (b) => b, {}, (error) => resolve(outcome(error)))),
    unknownService: () =>
      new Promise((resolve) =>
        client.makeUnaryRequest('/no.Such/Method', () => Buffer.alloc(0), (b) => b, {}, (error) => resolve(outcome(error)))),
  };
  for (const [scenario, run] of Object.entries(scenarios)) print({ scenario, ...(await run()) });
  client.close();
}

if (process.argv[2] === 'server') {
  process.stdin.on('end', () => process.exit(0)).resume(); // the test holds the other end
  serve();
} else {
  runScenarios(process.argv[3]);
}
