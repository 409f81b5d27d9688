// The product with one simulated camera, and what its media plane costs.
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Program, costOf, treeOf } from '../system/processes.mjs'

const running = new Set()

export function start(command, args, settings) {
  const program = new Program(command, args, settings)
  running.add(program)
  return program
}

export async function stop(program, patienceMs, signal) {
  await program.stop(patienceMs, signal)
  running.delete(program)
}

export const stopAll = () => Promise.all([...running].map((program) => stop(program, 30_000)))

/** Asks again until there is an answer. */
export async function waitFor(what, seconds, programs, condition) {
  for (const deadline = Date.now() + seconds * 1000; Date.now() < deadline; await sleep(250)) {
    const answer = await condition()
    if (answer) return answer
    ;[programs].flat().forEach((program) => program.assertRunning())
  }

  throw new Error(`${what}: not there after ${seconds} s`)
}

/** One 1080p25 camera of 4 Mbit/s, a process of its own. */
export async function startCamera(binaries, work) {
  const simulator = start(join(binaries, 'camera-sim'), ['--footage', '1080p'], { log: join(work, 'camera.log') })
  // The first use of a piece of footage encodes it.
  return waitFor('the simulated camera', 360, simulator, () => /^listening (.+)$/m.exec(readFileSync(simulator.log, 'utf8'))?.[1])
}

/** `vms up` with nothing recorded; the media plane and the RTSP server listen on ports of their own. */
export class Product {
  static async start(binaries, work, cameraUrl, settings) {
    const product = new Product()
    const [data, password] = [join(work, 'data'), `bench-${Math.random().toString(36).slice(2)}`]
    product.run = mkdtempSync(join(tmpdir(), 'vms-bench-'))
    product.ring = join('/dev/shm', basename(product.run))
    mkdirSync(data, { recursive: true })
    const [port, media, rtsp] = [await freePort(), await freePort(), await freePort()]
    const env = {
      ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('VMS_'))),
      ...{ VMS_RUN_DIR: product.run, VMS_RING_DIR: product.ring, VMS_ADMIN_PASSWORD: password, VMS_PLAYBACK_PORT: '0', VMS_WEBRTC_PORT: '0' },
      ...{ VMS_MEDIA_PORT: String(media), VMS_RTSP_PORT: String(rtsp), ...settings },
    }
    product.vms = start(join(binaries, 'vms'), ['up', '--data', data, '--port', String(port)], { env, log: join(work, 'vms.log') })
    await waitFor('the product', 420, product.vms, () => /^ready http/m.test(readFileSync(product.vms.log, 'utf8')))
    product.api = await signIn(`http://127.0.0.1:${port}/api`, password)
    const camera = await product.api('POST', '/cameras', { name: 'Camera', mainUrl: cameraUrl, transport: 'tcp', recording: { mode: 'off' } })
    product.camera = camera.id
    product.media = treeOf(product.vms.pid).find(({ pid }) => readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === 'vms-media').pid
    return product
  }

  /** Fresh addresses to watch at: their ticket lasts a quarter of an hour. */
  live = () => this.api('POST', `/cameras/${this.camera}/live`, {})

  /** CPU-seconds so far, private memory and allocated bytes of the media plane. */
  async cost() {
    const cost = costOf(this.media, () => 'media').get('media')
    const metrics = await this.get('/metrics')
    return { cpu: cost.cpu, memory: cost.pss - cost.shared, allocated: Number(/^vms_process_allocated_bytes_total (\S+)/m.exec(metrics)?.[1] ?? NaN) }
  }

  viewers = async () => JSON.parse(await this.get('/live/sessions')).items

  /** From the plane's local socket. */
  get(path) {
    return new Promise((resolve, reject) => {
      request({ socketPath: join(this.run, 'planes', 'media.http.sock'), path }, (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (part) => (text += part))
        response.on('end', () => resolve(text))
      }).on('error', reject).end()
    })
  }

  async stop() {
    await stop(this.vms, 60_000)
    for (const folder of [this.run, this.ring]) rmSync(folder, { recursive: true, force: true })
  }
}

/** @returns a function that calls the API as the administrator. */
async function signIn(base, password) {
  let token = ''
  const call = async (method, path, body) => {
    const response = await fetch(base + path, {
      method,
      headers: { 'Content-Type': 'application/json', ...(token && { Authorization: `Bearer ${token}` }) },
      body: body && JSON.stringify(body),
    })
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`)
    return response.json()
  }
  token = (await call('POST', '/auth/login', { username: 'admin', password })).accessToken
  return call
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
  })
}
