using System.Buffers;
using Vms.Codecs;

namespace Vms.Containers.Mp4;

/// <summary>
/// Init segments of fragmented MP4: `ftyp` + `moov` with `mvex` and no samples (ISO/IEC 14496-12; brands iso6, mp41, cmfc). The same
/// tracks always give the same bytes: no creation times.
/// </summary>
public static class Fmp4Writer
{
    /// <summary>The track_ID of a track in files and parts: its position in the table, from 1.</summary>
    public static uint TrackIdAt(int index) => (uint)index + 1;

    /// <summary>Whether a track of this codec can be stored.</summary>
    public static bool CanCarry(CodecKind codec) => SampleEntry.CanWrite(codec);

    /// <exception cref="NotSupportedException">A track's codec is not <see cref="CanCarry"/>.</exception>
    public static void WriteInit(IBufferWriter<byte> destination, IReadOnlyList<TrackInfo> tracks)
    {
        var box = new BoxWriter();
        WriteFileType(box);
        int moov = box.Begin("moov"u8);
        WriteMovieHeader(box, nextTrackId: TrackIdAt(tracks.Count));
        for (int i = 0; i < tracks.Count; i++) WriteTrack(box, TrackIdAt(i), tracks[i]);
        WriteMovieExtends(box, tracks.Count);
        box.End(moov);
        destination.Write(box.Written);
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

    private static void WriteTrack(BoxWriter box, uint trackId, TrackInfo track)
    {
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

        int mdia = box.Begin("mdia"u8);
        int mdhd = box.BeginFull("mdhd"u8, 0, 0);
        box.U32(0);
        box.U32(0);
        box.U32((uint)track.Timescale);
        box.U32(0);                     // duration
        box.U16(0x55C4);                // language "und"
        box.U16(0);
        box.End(mdhd);

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

        int stbl = box.Begin("stbl"u8);
        int stsd = box.BeginFull("stsd"u8, 0, 0);
        box.U32(1);
        SampleEntry.Write(box, track);
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

    private static void WriteMovieExtends(BoxWriter box, int tracks)
    {
        int mvex = box.Begin("mvex"u8);
        for (int i = 0; i < tracks; i++)
        {
            int trex = box.BeginFull("trex"u8, 0, 0);
            box.U32(TrackIdAt(i));
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

    private static void WriteUnityMatrix(BoxWriter box)
    {
        box.U32(0x0001_0000);
        box.Zeros(12);
        box.U32(0x0001_0000);
        box.Zeros(12);
        box.U32(0x4000_0000);
    }

    private const uint MovieTimescale = 1000;
}
