using Vms.Codecs;

namespace Vms.Containers.Mp4;

/// <summary>The samples of one track of an <see cref="ExportedMovie"/>, as `stbl` wants them. Times are those of the file, in the track's timescale.</summary>
internal sealed class SampleTable(TrackInfo track)
{
    private readonly List<Sample> _samples = [];
    private readonly List<Chunk> _chunks = [];

    private readonly record struct Sample(long DecodeTime, int Bytes, int CompositionOffset, bool IsSync);

    private readonly record struct Chunk(long Position, int Samples);

    public TrackInfo Track => track;

    public int Count => _samples.Count;

    /// <summary>Decode time of the first sample: the media's own time 0.</summary>
    public long Start => _samples[0].DecodeTime;

    /// <summary>Where the last sample ends.</summary>
    public long End { get; private set; }

    /// <summary>Samples that follow lie behind one another from here on.</summary>
    public void BeginChunk(long position, int samples) => _chunks.Add(new Chunk(position, samples));

    /// <summary>Decode times must rise: where a segment's begin before the last one's end, they are moved and the presentation time stays.</summary>
    public void Add(long decodeTime, int duration, int bytes, int compositionOffset, bool isSync)
    {
        long presentation = decodeTime + compositionOffset;
        if (_samples.Count > 0) decodeTime = Math.Max(decodeTime, _samples[^1].DecodeTime + 1);
        _samples.Add(new Sample(decodeTime, bytes, (int)(presentation - decodeTime), isSync));
        End = decodeTime + Math.Max(1, duration);
    }

    /// <summary>ISO/IEC 14496-12 §8.5.</summary>
    public void Write(BoxWriter box)
    {
        int stbl = box.Begin("stbl"u8);
        int stsd = box.BeginFull("stsd"u8, 0, 0);
        box.U32(1);
        SampleEntry.Write(box, track);
        box.End(stsd);
        WriteRuns(box, "stts"u8, 0, i => i + 1 < Count ? (uint)(_samples[i + 1].DecodeTime - _samples[i].DecodeTime) : (uint)(End - _samples[i].DecodeTime));
        if (_samples.Exists(s => s.CompositionOffset != 0))
            WriteRuns(box, "ctts"u8, version: 1, i => (uint)_samples[i].CompositionOffset);
        if (_samples.Exists(s => !s.IsSync)) WriteSyncSamples(box);
        WriteSizes(box);
        WriteChunks(box);
        box.End(stbl);
    }

    /// <summary>Neighbours with the same value as one entry.</summary>
    private void WriteRuns(BoxWriter box, ReadOnlySpan<byte> type, byte version, Func<int, uint> value)
    {
        int table = box.BeginFull(type, version, 0);
        int countAt = box.Length;
        uint entries = 0;
        box.U32(0);
        for (int i = 0, next; i < Count; i = next, entries++)
        {
            uint first = value(i);
            for (next = i + 1; next < Count && value(next) == first;) next++;
            box.U32((uint)(next - i));
            box.U32(first);
        }

        box.PatchU32(countAt, entries);
        box.End(table);
    }

    private void WriteSyncSamples(BoxWriter box)
    {
        int stss = box.BeginFull("stss"u8, 0, 0);
        box.U32((uint)_samples.Count(s => s.IsSync));
        for (int i = 0; i < Count; i++)
        {
            if (_samples[i].IsSync) box.U32((uint)i + 1);
        }

        box.End(stss);
    }

    private void WriteSizes(BoxWriter box)
    {
        int stsz = box.BeginFull("stsz"u8, 0, 0);
        box.U32(0);                     // they differ
        box.U32((uint)Count);
        foreach (var sample in _samples) box.U32((uint)sample.Bytes);
        box.End(stsz);
    }

    private void WriteChunks(BoxWriter box)
    {
        int stsc = box.BeginFull("stsc"u8, 0, 0);
        int countAt = box.Length;
        uint entries = 0;
        box.U32(0);
        for (int i = 0; i < _chunks.Count; i++)
        {
            if (i > 0 && _chunks[i].Samples == _chunks[i - 1].Samples) continue;
            box.U32((uint)i + 1);       // first_chunk with so many samples
            box.U32((uint)_chunks[i].Samples);
            box.U32(1);                 // sample_description_index
            entries++;
        }

        box.PatchU32(countAt, entries);
        box.End(stsc);
        int co64 = box.BeginFull("co64"u8, 0, 0);
        box.U32((uint)_chunks.Count);
        foreach (var chunk in _chunks) box.U64((ulong)chunk.Position);
        box.End(co64);
    }
}
