using Vms.Codecs;

namespace Vms.Containers.Mp4;

/// <summary>The boxes of an <see cref="ExportedMovie"/>'s `moov` around the sample tables (ISO/IEC 14496-12 §8). Times of 64 bit: 13 hours at 90 kHz do not fit 32.</summary>
internal static class ExportedMovieWriter
{
    private const int MovieTimescale = FragmentEntry.TicksPerSecond;

    public static void WriteMovieHeader(BoxWriter box, long durationTicks, uint nextTrackId)
    {
        int mvhd = box.BeginFull("mvhd"u8, 1, 0);
        box.Zeros(16);                  // creation and modification time: `date` says when it was recorded
        box.U32(MovieTimescale);
        box.U64((ulong)durationTicks);
        box.U32(0x0001_0000);           // rate 1.0
        box.U16(0x0100);                // volume 1.0
        box.Zeros(10);
        MovieHeaderWriter.WriteUnityMatrix(box);
        box.Zeros(24);                  // pre_defined
        box.U32(nextTrackId);
        box.End(mvhd);
    }

    public static void WriteTrack(BoxWriter box, uint trackId, SampleTable table, long shownFromTicks, long shownToTicks)
    {
        var track = table.Track;
        int trak = box.Begin("trak"u8);
        int tkhd = box.BeginFull("tkhd"u8, 1, 0x3);     // enabled, in movie
        box.Zeros(16);
        box.U32(trackId);
        box.U32(0);
        box.U64((ulong)(shownToTicks - shownFromTicks));
        box.Zeros(8);
        box.U16(0);                     // layer
        box.U16(0);                     // alternate_group
        box.U16(track.IsVideo ? (ushort)0 : (ushort)0x0100);
        box.U16(0);
        MovieHeaderWriter.WriteUnityMatrix(box);
        box.U32((uint)track.Width << 16);
        box.U32((uint)track.Height << 16);
        box.End(tkhd);

        WriteEditList(box, table, shownFromTicks, shownToTicks);
        int mdia = box.Begin("mdia"u8);
        int mdhd = box.BeginFull("mdhd"u8, 1, 0);
        box.Zeros(16);
        box.U32((uint)track.Timescale);
        box.U64((ulong)(table.End - table.Start));
        box.U16(0x55C4);                // language "und"
        box.U16(0);
        box.End(mdhd);
        int minf = MovieHeaderWriter.WriteMediaInformation(box, track);
        table.Write(box);
        box.End(minf);
        box.End(mdia);
        box.End(trak);
    }

    /// <summary>From exactly the asked time on: the pictures from the keyframe before it are decoded and not shown. A track that begins later waits.</summary>
    private static void WriteEditList(BoxWriter box, SampleTable table, long shownFromTicks, long shownToTicks)
    {
        int timescale = table.Track.Timescale;
        long from = MediaTime.Rescale(shownFromTicks, MovieTimescale, timescale) - table.Start;
        long waits = from < 0 ? MediaTime.Rescale(-from, timescale, MovieTimescale) : 0;
        long left = MediaTime.Rescale(table.End - table.Start - Math.Max(0, from), timescale, MovieTimescale);
        int edts = box.Begin("edts"u8);
        int elst = box.BeginFull("elst"u8, 1, 0);
        box.U32(waits > 0 ? 2u : 1);
        if (waits > 0) WriteEdit(box, waits, -1);
        WriteEdit(box, Math.Max(0, Math.Min(shownToTicks - shownFromTicks - waits, left)), Math.Max(0, from));
        box.End(elst);
        box.End(edts);
    }

    private static void WriteEdit(BoxWriter box, long durationTicks, long mediaTime)
    {
        box.U64((ulong)durationTicks);
        box.U64((ulong)mediaTime);
        box.U32(0x0001_0000);           // media_rate 1.0
    }
}
