// The product with one simulated camera that nobody records, and what its media plane costs.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { costOf, start, waitFor } from '../processes.mjs'
import { Product, freePort } from '../product.mjs'

/** One 1080p25 camera of 4 Mbit/s, a process of its own. */
export async function startCamera(binaries, work) {
  const simulator = start(join(binaries, 'camera-sim'), ['--footage', '1080p'], { log: join(work, 'camera.log') })
  // The first use of a piece of footage encodes it.
  return waitFor('the simulated camera', 360, simulator, () => /^listening (.+)$/m.exec(readFileSync(simulator.log, 'utf8'))?.[1])
}

export class WatchedCamera {
  /** The media plane and its RTSP server listen on ports of their own. */
  static async start(binaries, work, cameraUrl) {
    const watched = new WatchedCamera()
    const [media, rtsp] = [await freePort(), await freePort()]
    watched.product = await Product.start(binaries, work, {
      ...{ VMS_PLAYBACK_PORT: '0', VMS_WEBRTC_PORT: '0', VMS_MEDIA_PORT: String(media), VMS_RTSP_PORT: String(rtsp) },
    })
    const camera = { name: 'Camera', mainUrl: cameraUrl, transport: 'tcp', recording: { mode: 'off' } }
    watched.camera = (await watched.product.api('POST', '/cameras', camera)).id
    watched.media = watched.product.planes('media')[0]
    return watched
  }

  get vms() {
    return this.product.vms
  }

  /** Fresh addresses to watch at: their ticket lasts a quarter of an hour. */
  live = () => this.product.api('POST', `/cameras/${this.camera}/live`, {})

  /** CPU-seconds so far, private memory and allocated bytes of the media plane. */
  async cost() {
    const cost = costOf(this.media, () => 'media').get('media')
    return { cpu: cost.cpu, memory: cost.pss - cost.shared, allocated: (await this.product.runtime('media')).allocated }
  }

  viewers = async () => JSON.parse(await this.product.get('media', '/live/sessions')).items

  stop = () => this.product.stop()
}
