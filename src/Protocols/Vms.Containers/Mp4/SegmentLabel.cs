using System.Globalization;
using System.Text;

namespace Vms.Containers.Mp4;

/// <summary>What a recorded file says about itself, for whoever finds it outside of its archive: iTunes-style metadata (`moov/udta/meta/ilst`), which
/// ffprobe, VLC and file managers show.</summary>
/// <param name="Title">The camera's name.</param>
/// <param name="CameraId">The system's id of it.</param>
/// <param name="Software">Name and version of the writer.</param>
public sealed record SegmentLabel(string Title, string CameraId, string Stream, string SiteId, Guid SegmentId, DateTimeOffset Start, string Software)
{
    /// <summary>Names are the operator's: longer ones are cut.</summary>
    private const int MaxCharacters = 200;

    internal void Write(BoxWriter box)
    {
        int udta = box.Begin("udta"u8);
        int meta = box.BeginFull("meta"u8, 0, 0);
        int hdlr = box.BeginFull("hdlr"u8, 0, 0);
        box.U32(0);
        box.Bytes("mdirappl"u8);
        box.Zeros(9);                   // reserved, and an empty name
        box.End(hdlr);
        int ilst = box.Begin("ilst"u8);
        Item(box, [0xA9, (byte)'n', (byte)'a', (byte)'m'], Title);
        Item(box, [0xA9, (byte)'d', (byte)'a', (byte)'y'], Start.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
        Item(box, [0xA9, (byte)'t', (byte)'o', (byte)'o'], Software);
        Own(box, "camera_id"u8, CameraId);
        Own(box, "stream"u8, Stream);
        Own(box, "site_id"u8, SiteId);
        Own(box, "segment_id"u8, SegmentId.ToString());
        box.End(ilst);
        box.End(meta);
        box.End(udta);
    }

    private static void Item(BoxWriter box, ReadOnlySpan<byte> type, string value)
    {
        if (value.Length == 0) return;
        int item = box.Begin(type);
        Data(box, value);
        box.End(item);
    }

    /// <summary>An item that iTunes has no type for: whose it is, its name, its value.</summary>
    private static void Own(BoxWriter box, ReadOnlySpan<byte> name, string value)
    {
        if (value.Length == 0) return;
        int item = box.Begin("----"u8);
        int mean = box.BeginFull("mean"u8, 0, 0);
        box.Bytes("vms"u8);
        box.End(mean);
        int title = box.BeginFull("name"u8, 0, 0);
        box.Bytes(name);
        box.End(title);
        Data(box, value);
        box.End(item);
    }

    private static void Data(BoxWriter box, string value)
    {
        int data = box.Begin("data"u8);
        box.U32(1);                     // UTF-8
        box.U32(0);                     // any country
        int length = value.Length <= MaxCharacters ? value.Length
            : MaxCharacters - (char.IsHighSurrogate(value[MaxCharacters - 1]) ? 1 : 0);
        box.Bytes(Encoding.UTF8.GetBytes(value[..length]));
        box.End(data);
    }
}
