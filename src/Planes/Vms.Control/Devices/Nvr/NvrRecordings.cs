namespace Vms.Control.Devices.Nvr;

/// <summary>What a search on a device found.</summary>
/// <param name="Items">Oldest first.</param>
/// <param name="IsComplete">False: there is more than is listed; ask again from the end of the last one.</param>
internal sealed record NvrRecordings(IReadOnlyList<NvrRecording> Items, bool IsComplete)
{
    /// <summary>Of one search. A day in files of a minute is 1440.</summary>
    public const int MaxItems = 10_000;
}

/// <summary>A stretch that a device has recorded.</summary>
/// <param name="Start">UTC. Devices write their own local time; it is translated by the zone they are set to.</param>
/// <param name="Url">rtsp, without credentials: plays this stretch.</param>
internal sealed record NvrRecording(int Channel, DateTimeOffset Start, DateTimeOffset End, string Url);
