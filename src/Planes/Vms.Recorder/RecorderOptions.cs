using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Vms.Hosting;
using Vms.Recorder.Writing;

namespace Vms.Recorder;

/// <summary>What the operator set for the recorder, bound once and validated. Immutable.</summary>
internal sealed record RecorderOptions
{
    /// <summary>VMS_RECORDER_MIN_FREE_BYTES: the pool's file system always keeps this much free. Below it the oldest video is
    /// deleted; when there is none, recording stops.</summary>
    public long MinFreeBytes { get; init; } = 2L << 30;

    /// <summary>VMS_RECORDER_HEADROOM_HOURS: besides, room for this many hours at the current bitrate is made by deleting the oldest video.</summary>
    public double HeadroomHours { get; init; } = 1;

    /// <summary>VMS_RECORDER_POOL_BYTES: ceiling on what all recordings may take together; 0 for the whole file system.</summary>
    public long PoolBytes { get; init; }

    /// <summary>VMS_RECORDER_DIRECT_IO: whether recordings are written past the page cache.</summary>
    public DirectIoMode DirectIo { get; init; } = DirectIoMode.Auto;

    /// <summary>VMS_RECORDER_ENCRYPT: whether new recordings are encrypted on the disk.</summary>
    public bool Encrypt { get; init; }

    /// <summary>VMS_ANCHOR_MINUTES: how often the heads of all recordings are put down as an anchor record, counted from midnight UTC.</summary>
    public TimeSpan AnchorInterval { get; init; } = TimeSpan.FromDays(1);

    /// <summary>VMS_ANCHOR_DIR: a folder, best one outside of this machine, that anchor records are copied to; null for none.</summary>
    public string? AnchorDirectory { get; init; }

    /// <summary>VMS_ANCHOR_URL: where anchor records are posted to; null for nowhere.</summary>
    public Uri? AnchorUrl { get; init; }

    /// <summary>VMS_EXPORT_DIR: exports are kept in a folder of their own inside it until they expire; null for one in the data directory.</summary>
    public string? ExportDirectory { get; init; }

    /// <summary>VMS_EXPORT_BYTES: ceiling on what all exports may take together.</summary>
    public long ExportBytes { get; init; } = 100L << 30;

    /// <summary>Space reserved behind a growing file at a time, where the file system is roomy.</summary>
    public long ReserveStep { get; init; } = 16L << 20;

    /// <summary>How often everything written is made durable.</summary>
    public TimeSpan CommitInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How often the stream logs are drained.</summary>
    public TimeSpan DrainInterval { get; init; } = TimeSpan.FromMilliseconds(400);

    /// <summary>How often retention looks.</summary>
    public TimeSpan SweepInterval { get; init; } = TimeSpan.FromSeconds(15);

    /// <exception cref="ValidationException">A value is not one of those expected; the message names the key.</exception>
    public static RecorderOptions From(IConfiguration configuration) => new()
    {
        MinFreeBytes = (long)Number(configuration, "VMS_RECORDER_MIN_FREE_BYTES", 2L << 30),
        HeadroomHours = Number(configuration, "VMS_RECORDER_HEADROOM_HOURS", 1),
        PoolBytes = (long)Number(configuration, "VMS_RECORDER_POOL_BYTES", 0),
        DirectIo = Direct(configuration, "VMS_RECORDER_DIRECT_IO"),
        Encrypt = Switch(configuration, "VMS_RECORDER_ENCRYPT"),
        AnchorInterval = Minutes(configuration, "VMS_ANCHOR_MINUTES", 24 * 60),
        AnchorDirectory = PlaneOptions.Setting(configuration, "VMS_ANCHOR_DIR"),
        AnchorUrl = Address(configuration, "VMS_ANCHOR_URL"),
        ExportDirectory = PlaneOptions.Setting(configuration, "VMS_EXPORT_DIR"),
        ExportBytes = (long)Number(configuration, "VMS_EXPORT_BYTES", 100L << 30),
    };

    private static TimeSpan Minutes(IConfiguration configuration, string key, int fallback) =>
        Number(configuration, key, fallback) is >= 1 and <= 24 * 60 and var minutes
            ? TimeSpan.FromMinutes((int)minutes) : throw new ValidationException($"{key} is {PlaneOptions.Setting(configuration, key)}; expected 1 to {24 * 60}");

    private static Uri? Address(IConfiguration configuration, string key) => PlaneOptions.Setting(configuration, key) switch
    {
        null => null,
        var text when Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.UserInfo.Length == 0 => url,
        _ => throw new ValidationException($"{key} is no http or https address without a user name"),
    };

    private static DirectIoMode Direct(IConfiguration configuration, string key) => PlaneOptions.Setting(configuration, key) switch
    {
        null or "auto" => DirectIoMode.Auto,
        "on" => DirectIoMode.On,
        "off" => DirectIoMode.Off,
        var text => throw new ValidationException($"{key} is '{text}'; expected auto, on or off"),
    };

    private static bool Switch(IConfiguration configuration, string key) => PlaneOptions.Setting(configuration, key) switch
    {
        null or "off" => false,
        "on" => true,
        var text => throw new ValidationException($"{key} is '{text}'; expected on or off"),
    };

    private static double Number(IConfiguration configuration, string key, double fallback)
    {
        if (PlaneOptions.Setting(configuration, key) is not { } text)
        {
            return fallback;
        }

        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && value is >= 0 and <= long.MaxValue
            ? value
            : throw new ValidationException($"{key} is '{text}'; expected a number of 0 or more");
    }
}
