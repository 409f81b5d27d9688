using System.Globalization;

namespace Vms.Recorder.Exports;

/// <summary>Keeps exports from taking the room that recording needs: they have a ceiling of their own, and what is kept free for recordings stays free.
/// Retention makes the rest again. One export at a time.</summary>
internal sealed class ExportRoom(ExportFolder folder, RecorderOptions options)
{
    /// <summary>Free space is looked at again after so much.</summary>
    private const long CheckBytes = 64 << 20;

    /// <summary>Tables, manifest and page come on top of the recordings.</summary>
    private const long FixedOverhead = 1 << 20;
    private const int OverheadPercent = 1;

    private long _taken;

    /// <param name="bytes">Of recordings that are to be copied.</param>
    /// <exception cref="ExportFailedException">There is no room for them.</exception>
    public void Ensure(long bytes)
    {
        long needed = bytes + (bytes * OverheadPercent / 100) + FixedOverhead;
        long used = folder.UsedBytes();
        if (used + needed > options.ExportBytes)
            throw NoRoom($"It takes {Size(needed)}, and of the {Size(options.ExportBytes)} that exports may take {Size(used)} are used. Delete exports that are not needed any more, or raise VMS_EXPORT_BYTES.");
        long free = folder.FreeBytes() - options.MinFreeBytes;
        if (needed > free)
            throw NoRoom($"It takes {Size(needed)}, and {Size(Math.Max(0, free))} are free in {folder.Root} beside what recording needs. Choose less, or keep exports on another disk with VMS_EXPORT_DIR.");
        _taken = 0;
    }

    /// <summary>How long a file may become that nobody knows the length of.</summary>
    public long Left() => Math.Max(0, Math.Min(options.ExportBytes - folder.UsedBytes(), folder.FreeBytes() - options.MinFreeBytes));

    public static ExportFailedException Full(long bytes) =>
        NoRoom($"It became larger than the {Size(bytes)} that there were for it. Delete exports that are not needed any more, raise VMS_EXPORT_BYTES, or choose less.");

    /// <summary>So much was written.</summary>
    /// <exception cref="ExportFailedException">The disk fills up for other reasons: the export gives way.</exception>
    public void Took(long bytes)
    {
        _taken += bytes;
        if (_taken < CheckBytes) return;
        _taken = 0;
        if (folder.FreeBytes() < options.MinFreeBytes)
            throw NoRoom($"The disk of {folder.Root} filled up while it was made; recording comes first. Ask for it again when there is room.");
    }

    private static ExportFailedException NoRoom(string why) => new("noRoom", why);

    private static string Size(long bytes) => bytes >= 1_000_000_000
        ? (bytes / 1e9).ToString("0.0 'GB'", CultureInfo.InvariantCulture)
        : (bytes / 1e6).ToString("0.0 'MB'", CultureInfo.InvariantCulture);
}
