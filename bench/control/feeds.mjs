// Many listeners on /api/ws, each a TCP connection that walks over the frames without looking into most of them: two hundred browsers would cost
// more than what they measure. One listener of each account reads every message, and says how old it was. A process of its own.
import { randomBytes } from 'node:crypto'
import { connect } from 'node:net'

const eventMark = Buffer.from('{"type":"event"')
const text = 1
const close = 8
const ping = 9

let listeners = []

process.on('message', async (message) => {
  if (message.open) {
    listeners = await Promise.all(message.open.map((wanted) => Listener.open(message.port, wanted)))
    process.send({ open: listeners.length })
  } else if (message.count) {
    const { user, system } = process.cpuUsage()
    process.send({ counts: listeners.map((one) => one.counts()), cpu: (user + system) / 1e6 })
  }
})
process.on('disconnect', () => process.exit(0))
process.on('unhandledRejection', (error) => {
  process.send({ error: `the feeds: ${error.message}` })
  process.exit(1)
})

class Listener {
  #socket
  #pending = Buffer.alloc(0)
  #skip = 0 // bytes of a frame that was counted and is not here yet
  #events = 0
  #messages = 0
  #bytes = 0
  #ages = []
  #ended = null

  static open(port, { account, ticket, reads }) {
    const listener = new Listener()
    listener.account = account
    listener.reads = reads
    return new Promise((resolve, reject) => {
      const socket = (listener.#socket = connect(port, '127.0.0.1'))
      socket.setNoDelay(true)
      socket.write(`GET /api/ws?ticket=${ticket} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n\r\n`)
      let head = Buffer.alloc(0)
      const begin = (part) => {
        head = Buffer.concat([head, part])
        const end = head.indexOf('\r\n\r\n')
        if (end < 0) return
        if (!head.toString('latin1', 0, end).startsWith('HTTP/1.1 101')) return reject(new Error(head.toString('latin1', 0, end)))
        socket.off('data', begin)
        socket.on('data', (bytes) => listener.#take(bytes))
        listener.#take(head.subarray(end + 4))
        resolve(listener)
      }
      socket.on('data', begin)
      socket.on('error', (error) => (listener.#ended ??= error.message))
      socket.on('close', () => (listener.#ended ??= 'closed'))
    })
  }

  counts = () => ({ account: this.account, events: this.#events, messages: this.#messages, bytes: this.#bytes, ages: this.#ages, ended: this.#ended })

  #take(bytes) {
    this.#bytes += bytes.length
    if (this.#skip >= bytes.length) {
      this.#skip -= bytes.length
      return
    }
    let buffer = this.#skip > 0 ? bytes.subarray(this.#skip) : bytes
    this.#skip = 0
    if (this.#pending.length > 0) buffer = Buffer.concat([this.#pending, buffer])
    let at = 0
    while (buffer.length - at >= 2) {
      let header = 2
      let length = buffer[at + 1] & 0x7f
      if (length === 126) header = 4
      else if (length === 127) header = 10
      const kind = buffer[at] & 0x0f
      // As much as is looked at has to be here: the head, and of a text its mark, or all of it.
      if (buffer.length - at < header) break
      if (header === 4) length = buffer.readUInt16BE(at + 2)
      else if (header === 10) length = Number(buffer.readBigUInt64BE(at + 2))
      const wanted = kind !== text || this.reads ? length : Math.min(length, eventMark.length)
      if (buffer.length - at < header + wanted) break
      this.#frame(kind, buffer, at + header, length)
      at += header + length
    }
    this.#skip = Math.max(0, at - buffer.length)
    this.#pending = at < buffer.length ? Buffer.from(buffer.subarray(at)) : Buffer.alloc(0)
  }

  #frame(kind, buffer, start, length) {
    if (kind === ping) return void this.#socket.write(masked(0x8a, buffer.subarray(start, start + length)))
    if (kind === close) return void (this.#ended ??= `${buffer.readUInt16BE(start)} ${buffer.toString('utf8', start + 2, start + length)}`)
    if (kind !== text) return
    this.#messages++
    if (buffer.compare(eventMark, 0, eventMark.length, start, Math.min(start + eventMark.length, buffer.length)) !== 0) return
    this.#events++
    if (this.reads) this.#ages.push(Date.now() - Date.parse(JSON.parse(buffer.toString('utf8', start, start + length)).event.at))
  }
}

function masked(first, payload) {
  const mask = randomBytes(4)
  const body = Buffer.from(payload)
  for (let i = 0; i < body.length; i++) body[i] ^= mask[i % 4]
  return Buffer.concat([Buffer.from([first, 0x80 | body.length]), mask, body])
}
