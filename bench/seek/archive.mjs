// The archive's index, filled by hand: what a half year of recording would have left there.
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'

export class Index {
  #socket
  #rows = []

  /** @param socket Folder of the database's socket. */
  constructor(socket) {
    this.#socket = socket
  }

  /** Complete segments of a camera, as rows that {@link shifted} can move. */
  async closed(camera) {
    const lines = this.#ask(`
      select s.path, s.bytes, s.init_bytes, encode(s.tracks, 'hex'), extract(epoch from s.start_time) * 1000, extract(epoch from s.end_time) * 1000,
        encode(g.gops, 'hex'), s.version, s.last_sequence - s.first_sequence
      from recorder.segment s join recorder.segment_gops g on g.segment_id = s.id
      where s.camera_id = '${camera}' and s.closed and s.bytes > 3000000 order by s.id limit 1`)
    return lines.map((line) => {
      const [path, bytes, initBytes, tracks, start, end, gops, version, samples] = line.split('|')
      return { camera, path, bytes: Number(bytes), initBytes: Number(initBytes), tracks, start: Number(start), end: Number(end), gops: Buffer.from(gops, 'hex'), version: Number(version), samples: Number(samples) }
    })
  }

  add(row) {
    this.#rows.push(row)
  }

  /** Writes what was added. */
  flush() {
    for (let i = 0; i < this.#rows.length; i += 50) {
      const rows = this.#rows.slice(i, i + 50)
      const time = (ms) => `to_timestamp(${(ms / 1000).toFixed(6)})`
      this.#ask(`
        insert into recorder.segment (id, camera_id, stream, epoch, first_sequence, last_sequence, start_time, end_time, path, bytes, init_bytes, tracks, closed, version)
        values ${rows.map((r) => `('${r.id}', '${r.camera}', 'main', 1, 1, ${r.samples + 1}, ${time(r.start)}, ${time(r.end)}, '${r.path}', ${r.bytes}, ${r.initBytes}, decode('${r.tracks}', 'hex'), true, ${r.version})`).join(',\n')};
        insert into recorder.segment_gops (segment_id, gops)
        values ${rows.map((r) => `('${r.id}', decode('${r.gops.toString('hex')}', 'hex'))`).join(',\n')}`)
    }
    this.#rows = []
  }

  /** Rows of cameras that were never there, a segment after the other. */
  fill(cameras, days, seconds, like) {
    for (let first = 1; first <= cameras; first += 20) this.#generate(`select 'synthetic' || c from generate_series(${first}, ${Math.min(cameras, first + 19)}) c`, days, seconds, like)
  }

  /** The same for a camera that has rows: beside those. */
  fillAround(camera, days, seconds, like) {
    this.#generate(`select '${camera}'`, days, seconds, like, `
      and not exists (select from recorder.segment s where s.camera_id = c.camera and s.stream = 'main'
        and s.start_time < t + interval '${seconds} seconds' and s.end_time > t)`)
  }

  /** As it is after the database's own housekeeping. */
  settle = () => this.#ask('vacuum analyze recorder.segment').concat(this.#ask('vacuum analyze recorder.segment_gops'))

  describe(cameraDays) {
    const [line] = this.#ask(`select count(*), pg_total_relation_size('recorder.segment') from recorder.segment`)
    const [rows, bytes] = line.split('|').map(Number)
    return `${rows.toLocaleString('en')} segments in the index, ${Math.round(bytes / cameraDays).toLocaleString('en')} bytes a camera-day beside the fragment tables`
  }

  #generate(cameras, days, seconds, like, where = '') {
    this.#ask(`
      insert into recorder.segment (id, camera_id, stream, epoch, first_sequence, last_sequence, start_time, end_time, path, bytes, init_bytes, tracks, closed, version)
      select (lpad(to_hex((extract(epoch from t) * 1000)::bigint), 12, '0') || '7' || substr(md5(random()::text), 1, 3) || '8' || substr(md5(random()::text), 1, 15))::uuid,
        c.camera, 'main', 1, 1, ${seconds * 25}, t, t + interval '${seconds} seconds', c.camera || '/main/' || n, 300000000, ${like.initBytes}, decode('${like.tracks}', 'hex'), true, 1201
      from (${cameras}) c(camera), generate_series(1, ${days} * 86400 / ${seconds} - 12) n, lateral (select now() - n * interval '${seconds} seconds' - interval '1 hour' as t) at
      where true ${where}`)
  }

  #ask(sql) {
    const output = execFileSync('psql', ['-h', this.#socket, '-U', 'vms', '-d', 'vms', '-v', 'ON_ERROR_STOP=1', '-qAt', '-f', '-'], { input: sql, maxBuffer: 64 << 20 })
    return output.toString().split('\n').filter((line) => line.length > 0)
  }
}

/** A row as if it had been recorded at another time. */
export function shifted(row, id, at, path) {
  const by = at.getTime() - row.start
  return { ...row, id, path, start: at.getTime(), end: row.end + by, gops: shiftTable(row.gops, Math.round(by * 1000)) }
}

/** UUID version 7, as the recorder makes them. */
export function segmentId(at) {
  const bytes = randomBytes(16)
  bytes.writeUIntBE(at.getTime(), 0, 6)
  bytes[6] = (bytes[6] & 0x0f) | 0x70
  bytes[8] = (bytes[8] & 0x3f) | 0x80
  const hex = bytes.toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}

/** Only the first capture time is absolute: the sixth number of the table (docs/ref/segment-format.md). */
function shiftTable(table, microseconds) {
  let position = 1
  for (let i = 0; i < 5; i++) position = read(table, position).next
  const { value, next } = read(table, position)
  const capture = (value >> 1n) ^ -(value & 1n)
  const moved = capture + BigInt(microseconds)
  const zigzag = moved < 0n ? (-moved << 1n) - 1n : moved << 1n
  return Buffer.concat([table.subarray(0, position), write(zigzag), table.subarray(next)])
}

function read(table, position) {
  let value = 0n
  for (let shift = 0n; ; shift += 7n) {
    const byte = table[position++]
    value |= BigInt(byte & 0x7f) << shift
    if (byte < 0x80) return { value, next: position }
  }
}

function write(value) {
  const bytes = []
  for (; value >= 0x80n; value >>= 7n) bytes.push(Number(value & 0x7fn) | 0x80)
  return Buffer.from([...bytes, Number(value)])
}
