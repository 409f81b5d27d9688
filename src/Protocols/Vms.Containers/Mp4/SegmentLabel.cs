using System.Globalization;
using System.Text;

namespace Vms.Containers.Mp4;

/// <summary>What a recorded file says about itself, for whoever finds it outside of its archive: iTunes-style metadata (`moov/udta/meta/ilst`), which
/// ffprobe, VLC and file managers show.</summary>
/// <param name="Title">The camera's name.</param>
/// <param name="CameraId">The system's id of it.</param>
/// <param name="Software">Name and version of the writer.</param>
/// <param name="Class">Why it was recorded, in one word; empty for what is recorded all the time.</param>
public sealed record SegmentLabel(
    string Title, string CameraId, string Stream, string SiteId, Guid SegmentId, DateTimeOffset Start, string Software, string Class = "")
{
    /// <summary>Names are the operator's: longer ones are cut.</summary>
    private const int MaxCharacters = 200;

    /// <summary>Where the footage comes from, when it was not recorded from the camera's live stream: <see cref="FromDevice"/>; empty otherwise. It stands in the
    /// init segment, which every fragment's hash covers.</summary>
    public string Source { get; init; } = "";

    /// <summary>Host of the device that had recorded it.</summary>
    public string SourceAddress { get; init; } = "";

    /// <summary>When the fetch began that it came with: the same for all of its segments.</summary>
    public DateTimeOffset? FetchedAt { get; init; }

    /// <summary>Recorded by the device itself, and fetched from it.</summary>
    public const string FromDevice = "device";

    /// <summary>Which camera's stream a file is of, and which segment of it; false when it does not say.</summary>
    /// <param name="fileStart">The first bytes of the file, with all of its init segment.</param>
    public static bool TryRead(ReadOnlySpan<byte> fileStart, out string cameraId, out string stream, out Guid segmentId)
    {
        cameraId = OwnIn(fileStart, "camera_id"u8);
        stream = OwnIn(fileStart, "stream"u8);
        _ = Guid.TryParse(OwnIn(fileStart, "segment_id"u8), out segmentId);
        return cameraId.Length > 0 && stream.Length > 0 && segmentId != default;
    }

    /// <summary>Why a file was recorded; empty when it does not say.</summary>
    /// <param name="fileStart">As for <see cref="TryRead"/>.</param>
    public static string ClassIn(ReadOnlySpan<byte> fileStart) => OwnIn(fileStart, "class"u8);

    /// <summary>Where a file's footage comes from; empty when it was recorded from the camera's live stream.</summary>
    /// <param name="fileStart">As for <see cref="TryRead"/>.</param>
    public static string SourceIn(ReadOnlySpan<byte> fileStart) => OwnIn(fileStart, "source"u8);

    /// <summary>Which fetch from a device a file came with; empty when it was recorded from the camera's live stream.</summary>
    /// <param name="fileStart">As for <see cref="TryRead"/>.</param>
    internal static string FetchIn(ReadOnlySpan<byte> fileStart) => SourceIn(fileStart) == FromDevice ? OwnIn(fileStart, "fetched_at"u8) : "";

    private static string OwnIn(ReadOnlySpan<byte> fileStart, ReadOnlySpan<byte> wanted)
    {
        // `meta` is a full box: its boxes begin 4 bytes later.
        if (!BoxReader.TryFind(fileStart, "moovudtameta"u8, out var meta) || meta.Length < 4 || !BoxReader.TryFind(meta[4..], "ilst"u8, out var ilst)) return "";
        var items = new BoxReader(ilst);
        while (items.Next("----"u8))
        {
            if (!BoxReader.TryFind(items.Payload, "name"u8, out var name) || name.Length < 4 || !name[4..].SequenceEqual(wanted)) continue;
            if (BoxReader.TryFind(items.Payload, "data"u8, out var data) && data.Length >= 8) return Encoding.UTF8.GetString(data[8..]);
        }

        return "";
    }

    /// <summary>All that an init segment says; null when it says nothing of a camera.</summary>
    internal static SegmentLabel? Read(ReadOnlySpan<byte> init) =>
        TryRead(init, out string camera, out string stream, out var id)
        && DateTimeOffset.TryParse(ItemIn(init, [0xA9, (byte)'d', (byte)'a', (byte)'y']), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var start)
            ? new SegmentLabel(
                ItemIn(init, [0xA9, (byte)'n', (byte)'a', (byte)'m']), camera, stream, OwnIn(init, "site_id"u8), id, start, ItemIn(init, [0xA9, (byte)'t', (byte)'o', (byte)'o']), ClassIn(init))
            : null;

    internal static string Cut(string value) => value.Length <= MaxCharacters ? value
        : value[..(MaxCharacters - (char.IsHighSurrogate(value[MaxCharacters - 1]) ? 1 : 0))];

    internal static string TimeOf(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private static string ItemIn(ReadOnlySpan<byte> init, ReadOnlySpan<byte> type) =>
        BoxReader.TryFind(init, "moovudtameta"u8, out var meta) && meta.Length >= 4 && BoxReader.TryFind(meta[4..], "ilst"u8, out var ilst)
        && BoxReader.TryFind(ilst, type, out var item) && BoxReader.TryFind(item, "data"u8, out var data) && data.Length >= 8 ? Encoding.UTF8.GetString(data[8..]) : "";

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
        Item(box, [0xA9, (byte)'d', (byte)'a', (byte)'y'], TimeOf(Start));
        Item(box, [0xA9, (byte)'t', (byte)'o', (byte)'o'], Software);
        Own(box, "camera_id"u8, CameraId);
        Own(box, "stream"u8, Stream);
        Own(box, "site_id"u8, SiteId);
        Own(box, "segment_id"u8, SegmentId.ToString());
        Own(box, "class"u8, Class);
        Own(box, "source"u8, Source);
        Own(box, "source_address"u8, SourceAddress);
        Own(box, "fetched_at"u8, FetchedAt is { } fetched ? TimeOf(fetched) : "");
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
        box.Bytes(Encoding.UTF8.GetBytes(Cut(value)));
        box.End(data);
    }
}
