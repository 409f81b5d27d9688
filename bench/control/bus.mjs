// Publishes events on the bus at an even pace, as planes and sensors do, and counts what the event stream took. A process of its own:
// what the load costs must not delay what is measured. Speaks NATS by hand: CONNECT, HPUB with Nats-Msg-Id, acknowledgements on an inbox.
import { randomBytes } from 'node:crypto'
import { connect } from 'node:net'

const tickMs = 20
const types = ['motion', 'object.person', 'object.vehicle', 'door.opened']

process.on('message', ({ url, perSecond, seconds, cameras }) => publish(new URL(url), perSecond, seconds, cameras))
process.on('disconnect', () => process.exit(0))

function publish(url, perSecond, seconds, cameras) {
  const socket = connect(Number(url.port), url.hostname)
  socket.setNoDelay(true)
  let acknowledged = 0
  let refused = 0
  let published = 0
  let rest = ''
  socket.setEncoding('latin1').on('data', (part) => {
    const lines = (rest + part).split('\r\n')
    rest = lines.pop()
    for (const line of lines) {
      if (line === 'PING') socket.write('PONG\r\n')
      else if (line.startsWith('-ERR')) fail(line)
      else if (line.startsWith('{"stream"')) acknowledged++ // the payload of a MSG line
      else if (line.startsWith('{')) refused++
    }
  })
  socket.on('error', (error) => fail(error.message))
  socket.write(`CONNECT ${JSON.stringify({ verbose: false, pedantic: false, headers: true, user: url.username, pass: url.password })}\r\nSUB _INBOX.bench 1\r\n`)

  const perCamera = new Array(cameras.length).fill(0)
  const begun = performance.now()
  const timer = setInterval(() => {
    const due = Math.min(perSecond * seconds, Math.floor(((performance.now() - begun) / 1000) * perSecond))
    let text = ''
    for (; published < due; published++) {
      const number = published % cameras.length
      perCamera[number]++
      text += message(cameras[number], types[Math.floor(published / cameras.length) % types.length])
    }
    if (text) socket.write(text)
    if (published < perSecond * seconds) return
    clearInterval(timer)
    settle(50)
  }, tickMs)

  function settle(tries) {
    if (acknowledged + refused < published && tries > 0) return setTimeout(() => settle(tries - 1), 200)
    const { user, system } = process.cpuUsage()
    process.send({ published, acknowledged, refused, perCamera, tookMs: performance.now() - begun, cpu: (user + system) / 1e6 })
    socket.end()
  }
}

/** UUID version 7, as the product's own planes make them: what happens later stands further back in the index. */
function newId() {
  const bytes = randomBytes(16)
  bytes.writeUIntBE(Date.now(), 0, 6)
  bytes[6] = (bytes[6] & 0x0f) | 0x70
  bytes[8] = (bytes[8] & 0x3f) | 0x80
  const hex = bytes.toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

function message(camera, type) {
  const id = newId()
  const at = new Date().toISOString()
  const payload = JSON.stringify({ id, type, cameraId: camera.id, at, source: 'bench', data: { score: 0.87, zone: 'entrance', box: [0.1, 0.2, 0.3, 0.4] } })
  const headers = `NATS/1.0\r\nNats-Msg-Id: ${id}\r\n\r\n`
  return `HPUB vms.events.${camera.siteId}.${camera.id}.${type} _INBOX.bench ${headers.length} ${headers.length + payload.length}\r\n${headers}${payload}\r\n`
}

function fail(reason) {
  process.send({ error: `the bus: ${reason}` })
  process.exit(1)
}
