// Counts the frames of simulated cameras in recorded files. Every frame carries an SEI with the text
// "VMSSIM c=00001 n=0000000042 t=…": camera and frame number (tests/Vms.Testing/Footage/FrameStamp.cs).
import { closeSync, openSync, readSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

const magic = Buffer.from('VMSSIM c=')
const stampBytes = 'VMSSIM c=00001 n=0000000042'.length
const chunkBytes = 8 << 20

/** Lost: numbers missing between the first and the last of each camera. */
export function countFrames(folder) {
  const cameras = new Map()
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) readStamps(join(entry.parentPath ?? entry.path, entry.name), cameras)
  }

  const count = { cameras: cameras.size, frames: 0, lost: 0, repeated: 0 }
  for (const numbers of cameras.values()) {
    numbers.sort((a, b) => a - b)
    const different = numbers.filter((number, index) => number !== numbers[index - 1]).length
    count.frames += different
    count.repeated += numbers.length - different
    count.lost += numbers.at(-1) - numbers[0] + 1 - different
  }

  return count
}

function readStamps(path, cameras) {
  const file = openSync(path, 'r')
  const buffer = Buffer.allocUnsafe(chunkBytes)
  let kept = 0 // bytes of the last chunk in which a stamp may have begun
  for (let read; (read = readSync(file, buffer, kept, chunkBytes - kept, null)) > 0; ) {
    const bytes = buffer.subarray(0, kept + read)
    let next = 0
    for (let at; (at = bytes.indexOf(magic, next)) >= 0 && at + stampBytes <= bytes.length; next = at + stampBytes) {
      const camera = Number(bytes.latin1Slice(at + 9, at + 14))
      const number = Number(bytes.latin1Slice(at + 17, at + 27))
      if (!cameras.has(camera)) cameras.set(camera, [])
      cameras.get(camera).push(number)
    }

    const from = Math.max(next, bytes.length - stampBytes + 1)
    bytes.copy(buffer, 0, from)
    kept = bytes.length - from
  }

  closeSync(file)
}
