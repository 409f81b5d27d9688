using System.Globalization;
using Vms.Native.Files;

namespace Vms.Hosting.Transcoding;

/// <summary>
/// How many videos a node converts at a time, over all its processes: a slot is a locked file in the data directory, so it comes
/// back however its holder ends. Any thread.
/// </summary>
public sealed class TranscodeSlots
{
    private readonly string _directory;

    public TranscodeSlots(PlaneOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _directory = Path.Combine(options.DataDirectory, "locks");
        Count = options.Transcodes;
    }

    /// <summary>VMS_TRANSCODES; 0: nothing is converted.</summary>
    public int Count { get; }

    /// <summary>The slot, which is given back by disposing of it; null when all are taken.</summary>
    public IDisposable? TryTake()
    {
        if (Count > 0)
            PrivateFiles.CreateDirectory(_directory);
        for (int i = 0; i < Count; i++)
        {
            string name = string.Create(CultureInfo.InvariantCulture, $"transcode-{i}.lock");
            if (FileLock.TryAcquire(Path.Combine(_directory, name), out var held))
                return held;
        }

        return null;
    }
}
