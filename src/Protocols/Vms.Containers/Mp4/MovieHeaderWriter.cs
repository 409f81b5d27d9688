using Vms.Codecs;

namespace Vms.Containers.Mp4;

/// <summary>What a movie's timeline shows of its media: from where, and for how long. 90 kHz; zero duration: until the end.</summary>
internal readonly record struct Presentation(long MediaStartTicks, long DurationTicks);

/// <summary>`ftyp` + `moov` with `mvex` and no samples (ISO/IEC 14496-12). The same tracks always give the same bytes: no creation times.</summary>
internal static class MovieHeaderWriter
{
    // Also the unit of the edit list and of `mehd`.
    private const uint MovieTimescale = FragmentEntry.TicksPerSecond;

    /// <param name="tracks">Per track the versions of its codec parameters: one sample entry each.</param>
    /// <param name="presentation">Null for an init segment: no edit list, no duration.</param>
    /// <param name="firstIndex">Position of the first track, see <see cref="Fmp4Writer.TrackIdAt"/>.</param>
    /// <param name="label">What the file says about itself; null for nothing.</param>
    public static void Write(
        BoxWriter box, IReadOnlyList<IReadOnlyList<TrackInfo>> tracks, Presentation? presentation, int firstIndex = 0, SegmentLabel? label = null)
    {
        WriteFileType(box);
        int moov = box.Begin("moov"u8);
        WriteMovieHeader(box, nextTrackId: Fmp4Writer.TrackIdAt(firstIndex + tracks.Count));
        for (int i = 0; i < tracks.Count; i++) WriteTrack(box, Fmp4Writer.TrackIdAt(firstIndex + i), tracks[i], presentation);
        WriteMovieExtends(box, firstIndex, tracks.Count, presentation);
        label?.Write(box);
        box.End(moov);
    }

    private static void WriteFileType(BoxWriter box)
    {
        int ftyp = box.Begin("ftyp"u8);
        box.Bytes("iso6"u8);            // major brand
        box.U32(0);                     // minor version
        box.Bytes("iso6mp41cmfc"u8);
        box.End(ftyp);
    }

    private static void WriteMovieHeader(BoxWriter box, uint nextTrackId)
    {
        int mvhd = box.BeginFull("mvhd"u8, 0, 0);
        box.U32(0);                     // creation_time
        box.U32(0);                     // modification_time
        box.U32(MovieTimescale);
        box.U32(0);                     // duration: in the fragments
        box.U32(0x0001_0000);           // rate 1.0
        box.U16(0x0100);                // volume 1.0
        box.Zeros(10);
        WriteUnityMatrix(box);
        box.Zeros(24);                  // pre_defined
        box.U32(nextTrackId);
        box.End(mvhd);
    }

    private static void WriteTrack(BoxWriter box, uint trackId, IReadOnlyList<TrackInfo> versions, Presentation? presentation)
    {
        var track = versions[0];
        int trak = box.Begin("trak"u8);
        int tkhd = box.BeginFull("tkhd"u8, 0, 0x3);     // enabled, in movie
        box.U32(0);                     // creation_time
        box.U32(0);                     // modification_time
        box.U32(trackId);
        box.U32(0);
        box.U32(0);                     // duration
        box.Zeros(8);
        box.U16(0);                     // layer
        box.U16(0);                     // alternate_group
        box.U16(track.IsVideo ? (ushort)0 : (ushort)0x0100);
        box.U16(0);
        WriteUnityMatrix(box);
        box.U32((uint)track.Width << 16);
        box.U32((uint)track.Height << 16);
        box.End(tkhd);

        if (presentation is { } shown) WriteEditList(box, shown, track.Timescale);
        int mdia = box.Begin("mdia"u8);
        int mdhd = box.BeginFull("mdhd"u8, 0, 0);
        box.U32(0);
        box.U32(0);
        box.U32((uint)track.Timescale);
        box.U32(0);                     // duration
        box.U16(0x55C4);                // language "und"
        box.U16(0);
        box.End(mdhd);

        int minf = WriteMediaInformation(box, track);
        int stbl = box.Begin("stbl"u8);
        int stsd = box.BeginFull("stsd"u8, 0, 0);
        box.U32((uint)versions.Count);
        foreach (var version in versions) SampleEntry.Write(box, version);
        box.End(stsd);
        WriteEmptyTable(box, "stts"u8);
        WriteEmptyTable(box, "stsc"u8);
        int stsz = box.BeginFull("stsz"u8, 0, 0);
        box.U32(0);                     // sample_size
        box.U32(0);                     // sample_count
        box.End(stsz);
        WriteEmptyTable(box, "stco"u8);
        box.End(stbl);
        box.End(minf);
        box.End(mdia);
        box.End(trak);
    }

    /// <summary>`hdlr`, and `minf` up to its sample table; the result goes to <see cref="BoxWriter.End"/>.</summary>
    internal static int WriteMediaInformation(BoxWriter box, TrackInfo track)
    {
        int hdlr = box.BeginFull("hdlr"u8, 0, 0);
        box.U32(0);
        box.Bytes(track.IsVideo ? "vide"u8 : "soun"u8);
        box.Zeros(12);
        box.Bytes(track.IsVideo ? "Video\0"u8 : "Audio\0"u8);
        box.End(hdlr);

        int minf = box.Begin("minf"u8);
        int header = track.IsVideo ? box.BeginFull("vmhd"u8, 0, 1) : box.BeginFull("smhd"u8, 0, 0);
        box.Zeros(track.IsVideo ? 8 : 4);
        box.End(header);
        int dinf = box.Begin("dinf"u8);
        int dref = box.BeginFull("dref"u8, 0, 0);
        box.U32(1);
        box.End(box.BeginFull("url "u8, 0, 1));         // data in this file
        box.End(dref);
        box.End(dinf);

        return minf;
    }

    private static void WriteEditList(BoxWriter box, in Presentation presentation, int timescale)
    {
        int edts = box.Begin("edts"u8);
        int elst = box.BeginFull("elst"u8, 1, 0);
        box.U32(1);
        box.U64((ulong)presentation.DurationTicks);
        box.U64((ulong)MediaTime.Rescale(presentation.MediaStartTicks, FragmentEntry.TicksPerSecond, timescale));
        box.U32(0x0001_0000);           // media_rate 1.0
        box.End(elst);
        box.End(edts);
    }

    private static void WriteMovieExtends(BoxWriter box, int firstIndex, int tracks, Presentation? presentation)
    {
        int mvex = box.Begin("mvex"u8);
        if (presentation is { } shown)
        {
            int mehd = box.BeginFull("mehd"u8, 1, 0);
            box.U64((ulong)shown.DurationTicks);
            box.End(mehd);
        }

        for (int i = 0; i < tracks; i++)
        {
            int trex = box.BeginFull("trex"u8, 0, 0);
            box.U32(Fmp4Writer.TrackIdAt(firstIndex + i));
            box.U32(1);                 // default_sample_description_index
            box.U32(0);                 // default duration, size and flags: every fragment writes its own
            box.U32(0);
            box.U32(0);
            box.End(trex);
        }

        box.End(mvex);
    }

    private static void WriteEmptyTable(BoxWriter box, ReadOnlySpan<byte> type)
    {
        int table = box.BeginFull(type, 0, 0);
        box.U32(0);
        box.End(table);
    }

    internal static void WriteUnityMatrix(BoxWriter box)
    {
        box.U32(0x0001_0000);
        box.Zeros(12);
        box.U32(0x0001_0000);
        box.Zeros(12);
        box.U32(0x4000_0000);
    }
}
