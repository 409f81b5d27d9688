using Vms.Hosting;

namespace Vms.Media.Ingest;

/// <summary>How cameras are pulled. The values are measured or follow from what cameras do (docs/design/ingest.md); tests shorten them.</summary>
internal sealed record IngestOptions
{
    /// <summary>Longest wait for a TCP connection.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Longest wait for the answer to one RTSP request.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The watchdog never bites earlier; it waits for twice the GOP where that is longer.</summary>
    public TimeSpan WatchdogMinimum { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Nor does it wait longer, however long the GOP is: between its keyframes pictures come, too.</summary>
    public TimeSpan WatchdogMaximum { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>An audio track that brings nothing for so long while pictures come is called silent.</summary>
    public TimeSpan AudioWatchdog { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>UDP: the camera plays, and the first packet is to come within this time.</summary>
    public TimeSpan FirstPacketTimeout { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>First wait of the back-off; it doubles up to <see cref="BackoffMaximum"/>.</summary>
    public TimeSpan BackoffMinimum { get; init; } = TimeSpan.FromMilliseconds(250);

    public TimeSpan BackoffMaximum { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>A session that played this long starts the back-off anew.</summary>
    public TimeSpan StableAfter { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Refused credentials are tried again no earlier: cameras lock accounts.</summary>
    public TimeSpan UnauthorizedPause { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Only somebody at the camera can change its codec.</summary>
    public TimeSpan UnsupportedPause { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>An on-demand stream goes on this long after the last demand left.</summary>
    public TimeSpan DemandLinger { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Sessions between DESCRIBE and PLAY at a time, for the whole node: a restart with hundreds of cameras must not
    /// become a storm on the network.</summary>
    public int MaxParallelPlays { get; init; } = 32;

    /// <summary>How long bytes may gather between two receive passes: fewer, larger reads against latency.</summary>
    public TimeSpan Nap { get; init; } = TimeSpan.FromMilliseconds(2);

    /// <summary>The same while nobody waits for every picture: the recorder comes by a few times a second, parts of HLS are 200 ms long, and TCP keeps the
    /// bytes meanwhile.</summary>
    public TimeSpan UnwatchedNap { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>The same once all sessions are older than <see cref="SettledAfter"/>: what their first arrivals set, the clocks among it, is
    /// set, and three frames of 25 fps are read at once.</summary>
    public TimeSpan SettledNap { get; init; } = TimeSpan.FromMilliseconds(120);

    public TimeSpan SettledAfter { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Which addresses may be cameras; null: all. Asked for each one that is connected to.</summary>
    public CameraAddresses? Addresses { get; init; }

    public int Threads { get; init; } = Math.Clamp(Environment.ProcessorCount / 2, 1, 4);

    /// <summary>Use the portable implementation on Linux, too.</summary>
    public bool Portable { get; init; }

    /// <summary>Longest wait for a missing UDP packet.</summary>
    public TimeSpan ReorderWait { get; init; } = TimeSpan.FromMilliseconds(100);
}
