// The product as it is installed: `vms up` with a data directory and ports of its own.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { programOf, start, stop, treeOf, waitFor } from './processes.mjs'

export class Product {
  /** @param settings `VMS_…` variables; none of the caller's own get through. */
  static async start(binaries, work, settings) {
    const product = new Product()
    const password = `bench-${Math.random().toString(36).slice(2)}`
    product.data = join(work, 'data')
    product.run = mkdtempSync(join(tmpdir(), 'vms-bench-'))
    product.ring = join('/dev/shm', basename(product.run))
    mkdirSync(product.data, { recursive: true })
    const port = (product.port = await freePort())
    const env = {
      ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('VMS_'))),
      ...{ VMS_RUN_DIR: product.run, VMS_RING_DIR: product.ring, VMS_ADMIN_PASSWORD: password },
      // A benchmark adds its cameras in seconds, as no operator does.
      ...{ VMS_HTTPS_PORT: '0', VMS_RATE_WRITES: '0', VMS_RATE_STREAMS: '0', ...settings },
    }
    try {
      product.vms = start(join(binaries, 'vms'), ['up', '--data', product.data, '--port', String(port)], { env, log: join(work, 'vms.log') })
      // Media and recorder are there; on a busy machine the AI plane, which comes last, may wait for long.
      for (const plane of ['media', 'recorder'])
        await waitFor(`plane ${plane}`, 420, product.vms, () => product.get(plane, '/health/ready').then((text) => text.includes('"ready"'), () => false))
      product.api = await waitFor('the product', 420, product.vms, () => signIn(`http://127.0.0.1:${port}/api`, password).catch(() => undefined))
    } catch (error) {
      await product.stop()
      throw error
    }
    return product
  }

  /** Process ids of the planes with these names (`media`, `recorder`). */
  planes = (...names) => treeOf(this.vms.pid).map(({ pid }) => pid).filter((pid) => names.some((name) => programOf(pid) === `vms-${name}`))

  /** A page of a plane, from its local socket. */
  get(plane, path) {
    return new Promise((resolve, reject) => {
      request({ socketPath: join(this.run, 'planes', `${plane}.http.sock`), path }, (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (part) => (text += part))
        response.on('end', () => resolve(text))
      }).on('error', reject).end()
    })
  }

  /** What the runtime of a plane has done since it started: bytes allocated, and its collections by the length of their pause. */
  async runtime(plane) {
    const text = await this.get(plane, '/metrics')
    const pauses = [...text.matchAll(/^vms_process_gc_pause_seconds_bucket\{le="([^"]+)"\} (\S+)/gm)]
    return {
      allocated: Number(/^vms_process_allocated_bytes_total (\S+)/m.exec(text)?.[1] ?? NaN),
      pauses: pauses.map(([, bound, count]) => ({ seconds: bound === '+Inf' ? Infinity : Number(bound), count: Number(count) })),
    }
  }

  /** @returns how many of its processes had to be killed. */
  async stop() {
    const left = this.vms ? await stop(this.vms, 60_000) : 0
    for (const folder of [this.run, this.ring]) rmSync(folder, { recursive: true, force: true })
    return left
  }
}

export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
  })
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
